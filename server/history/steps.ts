/** Turning samples into the points of a chart. Pure. */
import type { Summary } from "./codec/chunk.ts";
import type { Rollup } from "./codec/rollup.ts";
import { tidy } from "./sample-codec.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Steps people can name, so that two charts of like ranges have like steps. */
const STEPS_MS = [
  ...[1, 2, 5, 10, 15, 20, 30].map((n) => n * SECOND),
  ...[1, 2, 3, 5, 10, 15, 20, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 4, 6, 8, 12].map((n) => n * HOUR),
  ...[1, 2, 5, 7, 14, 30].map((n) => n * DAY),
];

/** The shortest step that keeps to `maxPoints` and is not shorter than the reporting interval. */
export function stepFor(spanMs: number, maxPoints: number, intervalMs: number): number {
  const least = Math.max(intervalMs, spanMs / maxPoints);
  return STEPS_MS.find((step) => step >= least) ?? Math.ceil(least / DAY) * DAY;
}

/** When the steps of a range begin. */
export function timesOf({ from, to, step }: { from: number; to: number; step: number }): number[] {
  const times: number[] = [];
  for (let at = Math.floor(from / step) * step; at < to; at += step) times.push(at);
  return times;
}

/** The step for reports that come this far apart, a little jitter left aside; never less than a second. */
export function stepOfDistance(distanceMs: number): number {
  const most = distanceMs * (1 + JITTER);
  return STEPS_MS.findLast((step) => step <= most) ?? SECOND;
}

const JITTER = 0.25;
/** Reports whose distance is a longer part of the usual one are only jitter of that. */
export const FASTER_THAN_USUAL = 0.75;
/** A sample speaks for the time since the one before it, as long as no report is missing in between. */
const SPEAKS_FOR_INTERVALS = 1.5;

/**
 * Collects the samples of one metric, given in the order of time, into steps.
 *
 * A source reports faster for a while when somebody looks at it. In a step, each sample weighs as much as the time it
 * speaks for, so that a minute of sixty samples is no more in a mean than one of six; and in steps shorter than the
 * interval, a sample fills those since the one before it.
 */
export class StepSeries {
  readonly #first: number;
  readonly #step: number;
  readonly #intervalMs: number;
  readonly #sum: Float64Array;
  /** In samples of the usual interval. */
  readonly #count: Float64Array;
  readonly #min: Float64Array;
  readonly #max: Float64Array;
  #lastAt = Number.NEGATIVE_INFINITY;

  constructor(from: number, to: number, step: number, intervalMs: number) {
    this.#first = Math.floor(from / step) * step;
    this.#step = step;
    this.#intervalMs = intervalMs;
    const length = Math.ceil((to - this.#first) / step);
    this.#sum = new Float64Array(length);
    this.#count = new Float64Array(length);
    this.#min = new Float64Array(length);
    this.#max = new Float64Array(length);
  }

  /** Samples in the order of time. */
  addAll(times: Float64Array, values: Float64Array): void {
    for (let row = 0; row < times.length; row++) this.add(times[row] as number, values[row] as number);
  }

  add(at: number, value: number): void {
    if (Number.isNaN(value)) return;
    const index = Math.floor((at - this.#first) / this.#step);
    const sinceMs = at - this.#lastAt;
    const lastIndex = Math.floor((this.#lastAt - this.#first) / this.#step);
    this.#lastAt = at;
    if (index < 0 || index >= this.#sum.length) return;
    const weight = weightOf(sinceMs, this.#intervalMs);
    const isFirstHere = this.#count[index] === 0;
    this.#put(index, value, value, value, weight);
    if (this.#step < this.#intervalMs) {
      if (sinceMs <= 0 || sinceMs > this.#intervalMs * SPEAKS_FOR_INTERVALS) return;
      for (let between = Math.max(0, lastIndex + 1); between < index; between++)
        if (this.#count[between] === 0) this.#put(between, value, value, value, weight);
      return;
    }
    /*
     * Reports drift. When one comes a little late it falls into the next step and leaves its own empty
     * although nothing is missing: a sample in the first half of a step speaks for the one before too. A step
     * of two intervals is not left empty by that.
     */
    if (this.#step >= this.#intervalMs * 2) return;
    const before = index - 1;
    const isLate = at - (this.#first + index * this.#step) < this.#intervalMs / 2;
    if (!isLate || !isFirstHere || before < 1) return;
    if (this.#count[before] === 0 && this.#count[before - 1] !== 0) {
      this.#put(before, value, value, value, weight);
    }
  }

  /** Takes what is known of a part of a step, in whatever order the parts come. */
  addSummary(at: number, { least, greatest, mean, count }: Summary): void {
    const index = Math.floor((at - this.#first) / this.#step);
    if (index >= 0 && index < this.#sum.length && count > 0) this.#put(index, least, greatest, mean, count);
  }

  addSummaries(times: Float64Array, { least, greatest, mean, count }: Rollup): void {
    for (let row = 0; row < times.length; row++) {
      this.addSummary(times[row] as number, {
        least: least[row] as number,
        greatest: greatest[row] as number,
        mean: mean[row] as number,
        count: count[row] as number,
      });
    }
  }

  /** Takes over the steps that are empty here. Both are of the same range. */
  fillFrom(other: StepSeries): void {
    for (let index = 0; index < this.#count.length; index++) {
      if (this.#count[index] !== 0 || other.#count[index] === 0) continue;
      this.#sum[index] = other.#sum[index] as number;
      this.#count[index] = other.#count[index] as number;
      this.#min[index] = other.#min[index] as number;
      this.#max[index] = other.#max[index] as number;
    }
  }

  /** Where every step has one value, all three are the same list. */
  points(): { avg: (number | null)[]; min: (number | null)[]; max: (number | null)[] } {
    const min: (number | null)[] = [];
    const isPlain = this.#min.every((least, index) => least === this.#max[index]);
    const avg: (number | null)[] = isPlain ? min : [];
    const max: (number | null)[] = isPlain ? min : [];
    for (let index = 0; index < this.#sum.length; index++) {
      const count = this.#count[index] as number;
      const least = count === 0 ? null : tidy(this.#min[index] as number);
      min.push(least);
      if (isPlain) continue;
      const isOne = count === 0 || this.#min[index] === this.#max[index];
      max.push(isOne ? least : tidy(this.#max[index] as number));
      avg.push(isOne ? least : tidy((this.#sum[index] as number) / count));
    }
    return { avg, min, max };
  }

  #put(index: number, least: number, greatest: number, mean: number, count: number): void {
    const first = this.#count[index] === 0;
    this.#sum[index] = (this.#sum[index] as number) + mean * count;
    this.#count[index] = (this.#count[index] as number) + count;
    this.#min[index] = first ? least : Math.min(this.#min[index] as number, least);
    this.#max[index] = first ? greatest : Math.max(this.#max[index] as number, greatest);
  }
}

/** How much of a sample at the usual interval one is that comes this long after the one before it. */
export function weightOf(sinceMs: number, intervalMs: number): number {
  return sinceMs > 0 && sinceMs < intervalMs * FASTER_THAN_USUAL ? sinceMs / intervalMs : 1;
}
