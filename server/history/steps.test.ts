import { describe, expect, test } from "bun:test";
import { StepSeries, stepFor, stepOfDistance, timesOf } from "./steps.ts";

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function series(from: number, to: number, step: number, intervalMs: number, samples: [number, number][]) {
  const steps = new StepSeries(from, to, step, intervalMs);
  for (const [at, value] of samples) steps.add(at, value);
  return { times: timesOf({ from, to, step }), ...steps.points() };
}

describe("the step of a chart", () => {
  test.each([
    [HOUR, 500, 10 * SECOND, 10 * SECOND],
    [HOUR, 60, 10 * SECOND, MINUTE],
    [DAY, 500, 10 * SECOND, 3 * MINUTE],
    [7 * DAY, 500, 10 * SECOND, 30 * MINUTE],
    [31 * DAY, 500, 10 * SECOND, 2 * HOUR],
    [800 * DAY, 500, 10 * SECOND, 2 * DAY],
    [800 * DAY, 1, 10 * SECOND, 800 * DAY],
    [HOUR, 2_000, 7 * SECOND, 10 * SECOND],
    [MINUTE, 2_000, HOUR, HOUR],
    [1, 1, SECOND, SECOND],
  ])("of %p ms in %p points of reports every %p ms is %p ms", (span, points, interval, expected) => {
    expect(stepFor(span, points, interval)).toBe(expected);
  });

  test("is never shorter than the interval, and never makes more than maxPoints + 1 points", () => {
    for (const span of [1, SECOND, 59_999, HOUR, HOUR + 1, 3 * DAY, 29 * DAY, 800 * DAY]) {
      for (const maxPoints of [1, 2, 3, 60, 500, 2_000]) {
        for (const interval of [1_000, 7_777, 10_000, 60_000, 3_600_000]) {
          const step = stepFor(span, maxPoints, interval);
          expect(step).toBeGreaterThanOrEqual(interval);
          for (const from of [0, 1, 999, 1_795_461_200_093]) {
            const points = timesOf({ from, to: from + span, step }).length;
            expect(new StepSeries(from, from + span, step, interval).points().avg).toHaveLength(points);
            expect(points).toBeGreaterThanOrEqual(1);
            expect(points).toBeLessThanOrEqual(maxPoints + 1);
          }
        }
      }
    }
  });
});

test("steps are whole multiples since the epoch and cover the whole range", () => {
  const { times } = series(25, 61, 10, 10, []);
  expect(times).toEqual([20, 30, 40, 50, 60]);
  expect(series(20, 60, 10, 10, []).times).toEqual([20, 30, 40, 50]);
});

test("a step has the mean, least and greatest of its samples", () => {
  const { avg, min, max } = series(0, 60, 30, 10, [
    [5, 1],
    [15, 2],
    [25, 6],
    [30, -4],
  ]);
  expect({ avg, min, max }).toEqual({ avg: [3, -4], min: [1, -4], max: [6, -4] });
});

test("a step without a sample is a gap in all three, and so is a sample without a value", () => {
  const { avg, min, max } = series(0, 50, 10, 10, [
    [5, 1],
    [15, Number.NaN],
    [45, 2],
  ]);
  const expected = [1, null, null, null, 2];
  expect({ avg, min, max }).toEqual({ avg: expected, min: expected, max: expected });
});

test("what lies outside the range is left out", () => {
  expect(
    series(20, 40, 10, 10, [
      [5, 1],
      [19, 1],
      [40, 1],
      [99, 1],
    ]).avg,
  ).toEqual([null, null]);
});

describe("reports that drift over the edge of a step", () => {
  test("leave no gap", () => {
    expect(
      series(0, 50, 10, 10, [
        [5, 1],
        [15, 2],
        [29, 3],
        [39.5, 4],
        [50, 5],
      ]).avg,
    ).toEqual([1, 2, 3, 4, null]);
    expect(
      series(0, 40, 10, 10, [
        [9, 1],
        [20, 2],
        [30, 3],
      ]).avg,
    ).toEqual([1, 2, 2, 3]);
  });

  test("do not hide a silence of two intervals", () => {
    expect(
      series(0, 50, 10, 10, [
        [9, 1],
        [31, 3],
        [41, 4],
      ]).avg,
    ).toEqual([1, null, null, 3, 4]);
    expect(
      series(0, 50, 10, 10, [
        [5, 1],
        [35, 3],
      ]).avg,
    ).toEqual([1, null, null, 3, null]);
  });

  test("do not hide one lost report", () => {
    expect(
      series(0, 50, 10, 10, [
        [5, 1],
        [15, 2],
        [25, 3],
        [45, 5],
      ]).avg,
    ).toEqual([1, 2, 3, null, 5]);
  });

  test("do not invent a beginning", () => {
    expect(
      series(0, 30, 10, 10, [
        [10, 1],
        [20, 2],
      ]).avg,
    ).toEqual([null, 1, 2]);
  });
});

describe("a source that reports faster for a while", () => {
  /** Every 10 s, then each second for 20 s, then every 10 s again; each value is its own time. */
  const samples: [number, number][] = [
    ...[5, 15, 25].map((s): [number, number] => [s * SECOND, s]),
    ...Array.from({ length: 20 }, (_, n): [number, number] => [(26 + n) * SECOND + 250, 26 + n]),
    ...[55, 65].map((s): [number, number] => [s * SECOND, s]),
  ];

  test("has no gaps in short steps: a sample speaks for the time since the one before it", () => {
    const { avg } = series(10 * SECOND, 66 * SECOND, SECOND, 10 * SECOND, samples);
    expect(avg).toEqual([
      ...Array(6).fill(15),
      ...Array(10).fill(25),
      ...Array.from({ length: 20 }, (_, n) => 26 + n),
      ...Array(10).fill(55),
      ...Array(10).fill(65),
    ]);
  });

  test("has a gap where reports are missing", () => {
    const lost = samples.filter(([, value]) => value !== 55);
    const { avg } = series(40 * SECOND, 66 * SECOND, SECOND, 10 * SECOND, lost);
    expect(avg).toEqual([40, 41, 42, 43, 44, 45, ...Array(19).fill(null), 65]);
  });

  test("has the mean of the time in long steps, not of the samples", () => {
    const minute = (everyMs: number, from: number, value: number): [number, number][] =>
      Array.from({ length: MINUTE / everyMs }, (_, n) => [from + n * everyMs + everyMs / 2, value]);
    const { avg, min, max } = series(0, 2 * MINUTE, 2 * MINUTE, 10 * SECOND, [
      ...minute(10 * SECOND, 0, 10),
      ...minute(SECOND, MINUTE, 90),
    ]);
    /* What the first fast one speaks for began before its minute. */
    expect(avg[0]).toBeGreaterThan(50);
    expect(avg[0]).toBeLessThan(52);
    expect([min, max]).toEqual([[10], [90]]);
  });

  test.each([
    [1_000, 1_000],
    [1_020, 1_000],
    [960, 1_000],
    [1_700, 2_000],
    [2_600, 2_000],
    [400, 1_000],
  ])("%d ms apart is drawn in steps of %d ms", (distance, step) => {
    expect(stepOfDistance(distance)).toBe(step);
  });
});
