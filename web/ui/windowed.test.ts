import { expect, test } from "bun:test";
import { spanOf } from "./windowed.ts";

test("of a long list only what is on the screen is drawn, and a little beyond", () => {
  const { from, to } = spanOf(-36 * 1_000, 800, 36, 2_000);
  expect(from).toBeLessThan(1_000);
  expect(to).toBeGreaterThan(1_022);
  expect(to - from).toBeLessThan(60);
});

test("a short list is drawn whole, an empty one not at all", () => {
  expect(spanOf(120, 800, 36, 7)).toEqual({ from: 0, to: 7 });
  expect(spanOf(120, 800, 36, 0)).toEqual({ from: 0, to: 0 });
});

test("a list that became shorter than where one had scrolled to shows its end", () => {
  expect(spanOf(-36 * 1_000, 800, 36, 50)).toEqual({ from: 49, to: 50 });
});
