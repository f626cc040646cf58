import { expect, test } from "bun:test";
import { usualOf } from "./baseline.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
const NOW = Math.floor(1_795_461_200_000 / HOUR) * HOUR + 20 * 60_000;

/** Peaks of each hour of the last days. */
function peaks(days: number, at: (hours: number) => number | undefined): Map<number, number> {
  const known = new Map<number, number>();
  const now = Math.floor(NOW / HOUR) * HOUR;
  for (let ago = 0; ago < days * 24; ago++) {
    const value = at(ago);
    if (value !== undefined) known.set(now - ago * HOUR, value);
  }
  return known;
}

test("the same hour of other weeks is what counts, not this week, not other hours", () => {
  const busyNow = peaks(28, (ago) =>
    ago < 24 ? 99 : Math.abs((ago % 168) - 0) <= 1 || ago % 168 === 167 ? 80 : 10,
  );
  expect(usualOf(busyNow, "cpu_percent", NOW)).toEqual({ middle: 80, spread: 8 });
});

test("one week in which it was otherwise changes little", () => {
  const odd = peaks(30, (ago) => (Math.round(ago / 168) === 2 ? 95 : 20 + (ago % 3)));
  const usual = usualOf(odd, "cpu_percent", NOW);
  expect(usual?.middle).toBeLessThan(23);
  expect(usual?.spread).toBeLessThan(5);
});

test("what is nearly always the same has a least spread, and what varies its own", () => {
  expect(
    usualOf(
      peaks(30, () => 2),
      "memory_used_percent",
      NOW,
    ),
  ).toEqual({ middle: 2, spread: 3 });
  expect(
    usualOf(
      peaks(30, () => 0.05),
      "latency_seconds",
      NOW,
    )?.spread,
  ).toBeCloseTo(0.005);
  const wide = usualOf(
    peaks(30, (ago) => [10, 40, 70, 25, 55][ago % 5]),
    "cpu_percent",
    NOW,
  );
  expect(wide?.spread).toBeGreaterThan(15);
});

test("less than two weeks of this hour are too little to say", () => {
  expect(
    usualOf(
      peaks(13, () => 20),
      "cpu_percent",
      NOW,
    ),
  ).toBeUndefined();
  expect(
    usualOf(
      peaks(15, () => 20),
      "cpu_percent",
      NOW,
    ),
  ).toBeDefined();
  const oneWeek = peaks(28, (ago) => (ago * HOUR > WEEK + DAY ? undefined : 20));
  expect(usualOf(oneWeek, "cpu_percent", NOW)).toBeUndefined();
});
