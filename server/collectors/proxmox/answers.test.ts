import { expect, test } from "bun:test";
import { z } from "zod";
import { figure, flag, isAllowed, listOf, text } from "./answers.ts";

test.each([
  [5, 5],
  ["0.15", 0.15],
  ["", undefined],
  [" ", undefined],
  ["N/A", undefined],
  [null, undefined],
  [Number.NaN, undefined],
  [[1], undefined],
  [true, undefined],
])("the figure %p is %p, and what is none is not zero", (given, expected) => {
  expect(figure.parse(given)).toBe(expected);
});

test.each([
  [1, true],
  ["1", true],
  [true, true],
  [0, false],
  ["", false],
  [null, undefined],
  ["yes", undefined],
])("the flag %p is %p", (given, expected) => {
  expect(flag.parse(given)).toBe(expected);
});

test("a field that is missing or of another kind takes no other with it", () => {
  const Entry = z.object({ id: z.string(), size: figure, note: text });
  expect(
    listOf(Entry, 2).parse([null, { id: 5 }, { id: "a", size: {}, note: 7 }, { id: "b" }, { id: "c" }]),
  ).toEqual([{ id: "a", size: undefined, note: "7" }, { id: "b" }]);
});

test.each([
  ["/", "A", true],
  ["/vms", "A", true],
  ["/vms/100", "A", false],
  ["/vms/100", "B", true],
  ["/vms/101", "A", true],
  ["/storage", "A", true],
  ["/storage/nas", "A", false],
  ["/storage/nas/deeper", "C", false],
] as const)("on %s the privilege %s is had: %p", (path, privilege, expected) => {
  const permissions = {
    "/": { A: 1 },
    "/vms": { A: 1 },
    "/vms/100": { B: 1 },
    "/storage": { A: 0, C: 0 },
  };
  expect(isAllowed(permissions, path, privilege)).toBe(expected);
});
