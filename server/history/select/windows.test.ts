import { expect, test } from "bun:test";
import { SEED, Seeded } from "../../../tests/support/seeded.ts";
import type { OverTime } from "../../contract/prometheus.ts";
import { type Grid, newPoints, overWindows, type Points } from "./windows.ts";

/** Told apart from a number that is wrong. */
const NOTHING = 1e9;

function plainly(points: Points, over: OverTime, grid: Grid, index: number): number {
  const at = grid.startAt + index * grid.stepMs;
  const isIn = (time: number) =>
    grid.closed === "right"
      ? time > at - grid.windowMs && time <= at
      : time >= at - grid.windowMs && time < at;
  const rows = points.times.flatMap((time, row) => (isIn(time) ? [row] : []));
  const of = (column: readonly number[]) => rows.map((row) => column[row] as number);
  if (rows.length === 0) return NOTHING;
  if (over === "last") return of(points.mean).at(-1) as number;
  if (over === "min") return Math.min(...of(points.least));
  if (over === "max") return Math.max(...of(points.greatest));
  const weights = rows.map((row) => points.count?.[row] ?? 1);
  const sum = of(points.mean).reduce((total, mean, n) => total + mean * (weights[n] as number), 0);
  return sum / weights.reduce((total, weight) => total + weight, 0);
}

test(`every window has what a plain look at its points finds, also where windows overlap (seed ${SEED})`, () => {
  const random = new Seeded(SEED);
  for (let turn = 0; turn < 400; turn++) {
    const points = newPoints(random.chance(0.5) ? "steps" : "samples");
    for (let at = 0; at < 300; at += 1 + random.below(12)) {
      const value = random.below(20) - 10;
      points.times.push(at);
      points.mean.push(value);
      if (!points.count) continue;
      points.least.push(value - random.below(3));
      points.greatest.push(value + random.below(3));
      points.count.push(1 + random.below(5));
    }
    const grid: Grid = {
      startAt: random.below(100) - 20,
      stepMs: 1 + random.below(20),
      count: 1 + random.below(30),
      windowMs: 1 + random.below(60),
      closed: random.pick(["left", "right"]),
    };
    for (const over of ["last", "avg", "min", "max"] as const)
      for (const [index, value] of overWindows(points, over, grid).entries())
        expect(
          Math.abs((Number.isNaN(value) ? NOTHING : value) - plainly(points, over, grid, index)),
        ).toBeLessThan(1e-9);
  }
});
