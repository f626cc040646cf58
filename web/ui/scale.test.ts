import { expect, test } from "bun:test";
import { roundTop, roundTopBytes, roundTopPercent } from "./scale.ts";

test("a scale ends at a round number", () => {
  expect([0, 0.03, 0.9, 1, 1.2, 2.3, 4, 7, 63, 1_200].map((high) => roundTop(high, 0))).toEqual([
    1, 0.05, 1, 1, 2, 2.5, 5, 10, 100, 2_000,
  ]);
  expect(roundTop(0.1, 1)).toBe(1);
});

test("a scale of bytes ends at a binary one", () => {
  expect(roundTopBytes(1_000, 0)).toBe(1_024);
  expect(roundTopBytes(1_025, 0)).toBe(1_536);
  expect(roundTopBytes(3 * 1024 ** 2 + 1, 0)).toBe(4 * 1024 ** 2);
  expect(roundTopBytes(5, 1_024)).toBe(1_024);
});

test("a scale of shares has few ends", () => {
  expect([0, 3, 10, 26, 80, 100].map((high) => roundTopPercent(high, 5))).toEqual([5, 5, 10, 50, 100, 100]);
});
