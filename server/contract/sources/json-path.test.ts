import { describe, expect, test } from "bun:test";
import { findJsonSteps, findJsonValue } from "./json-path.ts";

const document = { status: "ok", a: { b: [{ c: 1 }, null], "x-y": false }, list: [[1, 2], [3]], length: 7 };

describe("a path finds", () => {
  const found: [path: string, value: unknown][] = [
    ["status", "ok"],
    ["a.b[0].c", 1],
    ["a.b[1]", null],
    ["a.x-y", false],
    ["list[0][1]", 2],
    ["a.b[0]", { c: 1 }],
    ["length", 7],
    ["a.b[2]", undefined],
    ["a.b[1].c", undefined],
    ["status.length", undefined],
    ["a.toString", undefined],
    ["__proto__", undefined],
    ["list.length", 2],
  ];
  for (const [path, value] of found) test(path, () => expect(findJsonValue(document, path)).toEqual(value));

  test("in a list at the top", () => expect(findJsonValue([{ a: 1 }], "[0].a")).toBe(1));
});

describe("is no path:", () => {
  const odd = [
    "",
    ".",
    "a.",
    ".a",
    "a..b",
    "a[",
    "a[]",
    "a[-1]",
    "a[b]",
    "a[0]b",
    "a b",
    "a[*]",
    "$..a",
    "a[?(@.b)]",
    "a".repeat(200),
  ];
  for (const path of [...odd, Array(21).fill("a").join(".")]) {
    test(path || "(nothing)", () => expect(findJsonSteps(path)).toBeUndefined());
  }
});
