/**
 * What is usual for something at this hour of the week: the middle of the peaks that this hour, the one before and the one
 * after had in the last four weeks, and how far peaks lie apart (the median of their distances from the middle, made
 * comparable to a standard deviation: Hampel's identifier). Pure.
 *
 * It knows hours of the week and nothing else: no holidays, no month's end, no growth over the year. What has gone on for
 * two weeks is usual. Hours are those of UTC, so on the days after the clocks are set people's habits are an hour
 * off, which is what the neighbouring hours are for.
 */
import { unitOf } from "../contract/metrics.ts";

const HOUR = 3_600_000;
const WEEK = 7 * 24 * HOUR;

export const USUAL_OVER_MS = 4 * WEEK;
/** How long what was worked out is good for. */
export const USUAL_FOR_MS = HOUR;
const LEAST_WEEKS = 2;
const NEIGHBOURS = [-1, 0, 1];
const TO_DEVIATION = 1.4826;
/** Where it is nearly always the same, the least change is not unusual: this share of it, and for what is out of a hundred this much. */
const LEAST_SHARE = 0.1;
const LEAST_POINTS = 3;

export interface Usual {
  middle: number;
  spread: number;
}

/** `peaks`: the greatest of each hour, by when it began. Undefined: less than two weeks are known of this hour. */
export function usualOf(peaks: ReadonlyMap<number, number>, metric: string, now: number): Usual | undefined {
  const thisHour = Math.floor(now / HOUR) * HOUR;
  const values: number[] = [];
  let weeks = 0;
  for (let ago = WEEK; ago <= USUAL_OVER_MS; ago += WEEK) {
    const known = NEIGHBOURS.flatMap((hours) => peaks.get(thisHour - ago + hours * HOUR) ?? []);
    if (known.length > 0) weeks++;
    values.push(...known);
  }
  if (weeks < LEAST_WEEKS) return undefined;
  const middle = medianOf(values);
  const deviation = medianOf(values.map((value) => Math.abs(value - middle))) * TO_DEVIATION;
  const least = unitOf(metric) === "percent" ? LEAST_POINTS : 0;
  return { middle, spread: Math.max(deviation, Math.abs(middle) * LEAST_SHARE, least) };
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const upper = sorted[Math.floor(half)] ?? 0;
  return Number.isInteger(half) ? ((sorted[half - 1] ?? upper) + upper) / 2 : upper;
}
