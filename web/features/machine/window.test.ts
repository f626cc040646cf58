import { expect, test } from "bun:test";
import { pointsFor, windowOf, zoomTo } from "./window.ts";

test("a range ends now", () => {
  expect(windowOf({ range: "6h" })).toEqual({ range: "6h", spanMs: 21_600_000 });
});

test("nonsense in the address is the standard hour", () => {
  const hour = { range: "1h" as const, spanMs: 3_600_000 };
  expect(windowOf({})).toEqual(hour);
  expect(windowOf({ range: "3y" })).toEqual(hour);
  expect(windowOf({ range: ["6h", "7d"] })).toEqual(hour);
  expect(windowOf({ from: "1700000000000", to: "1600000000000" })).toEqual(hour);
  expect(windowOf({ from: "-5", to: "x" })).toEqual(hour);
});

test("a zoom keeps the range one came from", () => {
  expect(windowOf({ range: "24h", from: "1700000000000", to: "1700000600000" })).toEqual({
    range: "24h",
    spanMs: 600_000,
    fixed: { from: 1_700_000_000_000, to: 1_700_000_600_000 },
  });
});

test("a zoom is never shorter than a minute, and widens around its middle", () => {
  expect(zoomTo(1_000_000, 1_020_000)).toEqual({ from: "980000", to: "1040000" });
  expect(zoomTo(1_000_000, 1_200_000)).toEqual({ from: "1000000", to: "1200000" });
  expect(zoomTo(5, 5)).toBeUndefined();
});

test("no more points than reports, no more than can be seen", () => {
  expect(pointsFor(900_000, 10_000)).toBe(90);
  expect(pointsFor(86_400_000, 10_000)).toBe(400);
});
