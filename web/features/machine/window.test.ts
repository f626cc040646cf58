import { expect, test } from "bun:test";
import { comparisonOf, moved, pointsFor, toBounds, windowOf, within, zoomed } from "./window.ts";

const HOUR = 3_600_000;
const NOW = 1_800_000_000_000;

test("a range ends now", () => {
  expect(windowOf({ range: "6h" })).toEqual({ range: "6h", spanMs: 21_600_000 });
  expect(windowOf({ range: "2y" })).toEqual({ range: "2y", spanMs: 730 * 24 * HOUR });
});

test("nonsense in the address is the standard hour", () => {
  const hour = { range: "1h" as const, spanMs: 3_600_000 };
  expect(windowOf({})).toEqual(hour);
  expect(windowOf({ range: "3y" })).toEqual(hour);
  expect(windowOf({ range: ["6h", "7d"] })).toEqual(hour);
  expect(windowOf({ from: "1700000000000", to: "1600000000000" })).toEqual(hour);
  expect(windowOf({ from: "-5", to: "x" })).toEqual(hour);
  expect(windowOf({ from: "1500000000000", to: "1700000000000" })).toEqual(hour);
});

test("an address that says nothing leads to a page's own time where it has one", () => {
  const home = { from: 1_700_000_000_000, to: 1_700_000_600_000 };
  expect(windowOf({}, home)).toEqual({ range: "1h", spanMs: 600_000, fixed: home });
  expect(windowOf({ range: "1h" }, home)).toEqual({ range: "1h", spanMs: HOUR });
});

test("a zoom keeps the range one came from", () => {
  expect(windowOf({ range: "24h", from: "1700000000000", to: "1700000600000" })).toEqual({
    range: "24h",
    spanMs: 600_000,
    fixed: { from: 1_700_000_000_000, to: 1_700_000_600_000 },
  });
});

test("a window is never shorter than a minute, and widens around its middle; it never ends after now", () => {
  expect(within({ from: 1_000_000, to: 1_020_000 }, NOW)).toEqual({ from: 980_000, to: 1_040_000 });
  expect(within({ from: NOW - HOUR, to: NOW + HOUR }, NOW)).toEqual({ from: NOW - 2 * HOUR, to: NOW });
  expect(within({ from: 0, to: NOW }, NOW)).toEqual({ from: NOW - 800 * 24 * HOUR, to: NOW });
});

test("a zoom leaves the time it is about where it is", () => {
  const bounds = { from: NOW - 4 * HOUR, to: NOW - 2 * HOUR };
  expect(zoomed(bounds, NOW - 3.5 * HOUR, 0.5, NOW)).toEqual({
    from: NOW - 3.75 * HOUR,
    to: NOW - 2.75 * HOUR,
  });
  expect(zoomed(bounds, NOW - 3 * HOUR, 2, NOW)).toEqual({ from: NOW - 5 * HOUR, to: NOW - HOUR });
  expect(zoomed(bounds, NOW - 3 * HOUR, 6, NOW)).toEqual({ from: NOW - 12 * HOUR, to: NOW });
});

test("whoever moves on reaches now, and there the window moves on by itself again", () => {
  const hour = { from: NOW - HOUR, to: NOW };
  const earlier = moved(hour, -0.5, NOW);
  expect(earlier).toEqual({ from: NOW - 1.5 * HOUR, to: NOW - 0.5 * HOUR });
  expect(toBounds(earlier, "1h", NOW)).toEqual({
    range: undefined,
    from: String(earlier.from),
    to: String(earlier.to),
  });
  expect(toBounds(moved(earlier, 0.5, NOW + 9_000), "1h", NOW + 9_000)).toEqual({
    range: undefined,
    from: undefined,
    to: undefined,
  });
  const odd = { from: NOW - 2 * HOUR, to: NOW };
  expect(toBounds(odd, "24h", NOW)).toEqual({
    range: "24h",
    from: String(odd.from),
    to: String(odd.to),
  });
});

test("what to compare with stands in the address", () => {
  expect(comparisonOf({ compare: "1w" })?.ms).toBe(7 * 24 * HOUR);
  expect(comparisonOf({ compare: "3w" })).toBeUndefined();
});

test("no more points than reports, than the plot is wide, than can be told apart", () => {
  expect(pointsFor(900_000, 10_000, 700)).toBe(90);
  expect(pointsFor(86_400_000, 10_000, 700)).toBe(700);
  expect(pointsFor(86_400_000, 10_000, 3_000)).toBe(1_000);
  expect(pointsFor(86_400_000, 10_000, 20)).toBe(200);
});
