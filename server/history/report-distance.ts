/**
 * How fast a source reported in a range, where that was faster than it usually does: while somebody looked at it. A few
 * reports close to each other say nothing (every start makes two); it takes several in a row.
 */
import { FASTER_THAN_USUAL, weightOf } from "./steps.ts";
import type { HistoryStore } from "./store.ts";
import type { Turns } from "./turns.ts";

/** Distances in a row that make a pace. */
const IN_A_ROW = 5;

/** A silence that is longer is no interval. */
const LONGEST_INTERVAL_MS = 60_000;

/** The longest distance of the fastest reports in a row; the usual one where there are none. */
export async function fastestDistanceMs(
  store: HistoryStore,
  source: string,
  { from, to, usualMs }: { from: number; to: number; usualMs: number },
  turns: Turns,
): Promise<number> {
  const times: number[] = [];
  for (const tier of ["day", "hour"] as const) {
    for (let next = from; next < to; ) {
      const chunk = store.chunks.next(source, tier, next, to);
      if (!chunk) break;
      for (const at of chunk.head.times) if (at >= from && at < to) times.push(at);
      next = chunk.endAt;
      if (turns.isOver) await turns.next();
    }
  }
  for (let next = from; next < to; ) {
    const { rows, endAt } = store.rows(source, next, to);
    for (const { at } of rows) times.push(at);
    next = endAt;
    if (turns.isOver) await turns.next();
  }
  return fastestOf(
    times.sort((a, b) => a - b),
    usualMs,
  );
}

/** Pure; times in their order. */
export function fastestOf(times: readonly number[], usualMs: number): number {
  let fastest = usualMs * FASTER_THAN_USUAL;
  let isFaster = false;
  for (let last = IN_A_ROW; last < times.length; last++) {
    let longest = 0;
    for (let index = last; index > last - IN_A_ROW; index--)
      longest = Math.max(longest, (times[index] as number) - (times[index - 1] as number));
    if (longest >= fastest) continue;
    fastest = longest;
    isFaster = true;
  }
  return isFaster ? fastest : usualMs;
}

/**
 * What each sample weighs among the others of a day; undefined where all weigh the same, as on most days. The interval
 * is the distance that most of the day was reported at: most of the time, not most of the samples.
 */
export function weightsOf(times: Float64Array): Float64Array | undefined {
  const distances = times.subarray(1).map((at, index) => at - (times[index] as number));
  const sorted = distances.toSorted();
  let left = sorted.reduce((sum, distance) => sum + Math.min(distance, LONGEST_INTERVAL_MS), 0) / 2;
  const intervalMs = sorted.find((distance) => {
    left -= Math.min(distance, LONGEST_INTERVAL_MS);
    return left <= 0;
  });
  if (intervalMs === undefined) return undefined;
  const weights = times.map((_, index) =>
    index === 0 ? 1 : weightOf(distances[index - 1] as number, intervalMs),
  );
  return weights.every((weight) => weight === 1) ? undefined : weights;
}
