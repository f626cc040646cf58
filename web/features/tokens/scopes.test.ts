import { expect, test } from "bun:test";
import { isIncluded, toggled, withoutIncluded } from "./scopes.ts";

test("a wider scope brings the narrower ones, and reports stand apart", () => {
  expect(isIncluded(["write"], "read")).toBe(true);
  expect(isIncluded(["admin"], "write")).toBe(true);
  expect(isIncluded(["admin"], "report")).toBe(false);
  expect(isIncluded(["read"], "read")).toBe(false);
});

test("what is sent along does not say the same thing twice", () => {
  expect(withoutIncluded(["read", "admin", "report"])).toEqual(["admin", "report"]);
});

test("a click adds a scope, another takes it away", () => {
  expect(toggled(["read"], "report")).toEqual(["read", "report"]);
  expect(toggled(["read", "report"], "read")).toEqual(["report"]);
});
