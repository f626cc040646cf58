import { describe, expect, test } from "bun:test";
import { DomainError } from "./domain-error.ts";
import { requireShallow } from "./shallow-json.ts";

/** As many arrays and objects in each other are taken. */
const DEPTH = 64;

const bytes = (text: string) => new TextEncoder().encode(text);

function isTooDeep(json: string): boolean {
  try {
    requireShallow(bytes(json));
    return false;
  } catch (error) {
    if (error instanceof DomainError && error.reason === "invalid_request") return true;
    throw error;
  }
}

describe("depth is counted", () => {
  const nested = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth);
  const rows: [what: string, json: string, tooDeep: boolean][] = [
    ["to the limit and no further", nested(DEPTH, "[", "]"), false],
    ["past the limit", nested(DEPTH + 1, "[", "]"), true],
    ["for objects", '{"a":'.repeat(DEPTH + 1), true],
    ["for both together", '[{"a":'.repeat(DEPTH / 2 + 1), true],
    ["also when nothing is ever closed", "[".repeat(DEPTH + 1), true],
    ["not for what stands side by side", `[${"[],".repeat(1_000)}[]]`, false],
    ["not in a string", JSON.stringify("[".repeat(1_000)), false],
    ["not in a name", JSON.stringify({ ["{".repeat(1_000)]: 1 }), false],
    ["after a string with an escaped quote", `["\\"${"[".repeat(100)}"]`, false],
    ["after a string that ends in a backslash", `["\\\\"${",[".repeat(DEPTH)}`, true],
    ["in a string that never ends as in any", `"${"[".repeat(1_000)}`, false],
    ["in letters of many bytes", `["\u{1f4a9}\u00e9",${"[".repeat(DEPTH)}`, true],
    ["in nothing", "", false],
  ];
  for (const [what, json, tooDeep] of rows) {
    test(what, () => {
      expect(isTooDeep(json)).toBe(tooDeep);
    });
  }

  test("in time that grows with the length alone", () => {
    const startedAt = performance.now();
    requireShallow(bytes('"\\'.repeat(500_000)));
    requireShallow(bytes("[]".repeat(500_000)));
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});
