import { expect, test } from "bun:test";
import { clockWords, isOlder } from "./words.ts";

test("an agent is older than its server by its version's numbers, not by its letters", () => {
  expect(isOlder("0.9.3", "0.10.0")).toBe(true);
  expect(isOlder("1.0.0", "0.10.0")).toBe(false);
  expect(isOlder("0.10.0", "0.10.0")).toBe(false);
});

test("of a version nobody knows nothing is said", () => {
  expect(isOlder(undefined, "0.10.0")).toBe(false);
  expect(isOlder("checkout", "0.10.0")).toBe(false);
});

test("a clock is said to be ahead or behind, and nothing while it is right", () => {
  expect(clockWords({ clockOffsetMs: 95_000 })).toBe("1\u00a0min ahead");
  expect(clockWords({ clockOffsetMs: -42_000 })).toBe("42\u00a0s behind");
  expect(clockWords({ clockOffsetMs: 300 })).toBe("");
  expect(clockWords({})).toBe("");
});
