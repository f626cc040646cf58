import { expect, test } from "bun:test";
import type { Resource } from "../../../server/contract/resource.ts";
import { figuresOf, fullestFilesystem } from "./figures.ts";
import { matching, ordered, type Row } from "./order.ts";

function row(name: string, cpu?: number): Row {
  const machine = {
    id: name,
    kind: "host",
    name,
    status: "up",
    sources: [],
    lastSeenAt: 0,
    attributes: {},
    metrics: cpu === undefined ? {} : { cpu_percent: cpu },
  } as unknown as Resource;
  return { machine, figures: () => figuresOf(machine, []) };
}
const names = (rows: Row[]) => rows.map(({ machine }) => machine.name);
const rows = [row("a", 5), row("b"), row("c", 80), row("d", 5)];

test("figures fall, the unknown is last either way, equals keep their order", () => {
  expect(names(ordered(rows, "cpu", false))).toEqual(["c", "a", "d", "b"]);
  expect(names(ordered(rows, "cpu", true))).toEqual(["a", "d", "c", "b"]);
});

test("names rise", () => {
  expect(names(ordered(rows, "name", false))).toEqual(["a", "b", "c", "d"]);
  expect(names(ordered(rows, "name", true))).toEqual(["d", "c", "b", "a"]);
});

test("a filter finds every word anywhere in the name", () => {
  expect(names(matching([row("web-eu-1"), row("db-eu-1")], "EU web"))).toEqual(["web-eu-1"]);
});

test("the fullest filesystem is one that can be written to and is known", () => {
  const part = (name: string, used?: number, readOnly = false) =>
    ({
      kind: "filesystem",
      name,
      attributes: { read_only: readOnly },
      metrics: used === undefined ? {} : { filesystem_used_percent: used },
    }) as unknown as Resource;
  expect(
    fullestFilesystem([part("/", 40), part("/snap", 100, true), part("/var", 70), part("/x")])?.name,
  ).toBe("/var");
  expect(fullestFilesystem([])).toBeUndefined();
});
