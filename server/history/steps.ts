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

/** Collects the samples of one metric, given in the order of time, into steps. */
export class StepSeries {
  readonly #first: number;
  readonly #step: number;
  readonly #intervalMs: number;
  readonly #sum: Float64Array;
  readonly #count: Uint32Array;
  readonly #min: Float64Array;
  readonly #max: Float64Array;

  constructor(from: number, to: number, step: number, intervalMs: number) {
    this.#first = Math.floor(from / step) * step;
    this.#step = step;
    this.#intervalMs = intervalMs;
    const length = Math.ceil((to - this.#first) / step);
    this.#sum = new Float64Array(length);
    this.#count = new Uint32Array(length);
    this.#min = new Float64Array(length);
    this.#max = new Float64Array(length);
  }

  /** Samples in the order of time. */
  addAll(times: Float64Array, values: Float64Array): void {
    for (let row = 0; row < times.length; row++) this.add(times[row] as number, values[row] as number);
  }

  add(at: number, value: number): void {
    const index = Math.floor((at - this.#first) / this.#step);
    if (index < 0 || index >= this.#sum.length || Number.isNaN(value)) return;
    this.#put(index, value, value, value, 1);
    /*
     * Reports drift. When one comes a little late it falls into the next step and leaves its own empty
     * although nothing is missing: a sample in the first half of a step speaks for the one before too. A step
     * of two intervals is not left empty by that.
     */
    if (this.#step >= this.#intervalMs * 2) return;
    const before = index - 1;
    const isLate = at - (this.#first + index * this.#step) < this.#intervalMs / 2;
    const isFirstHere = this.#count[index] === 1;
    if (!isLate || !isFirstHere || before < 1) return;
    if (this.#count[before] === 0 && this.#count[before - 1] !== 0) {
      this.#put(before, value, value, value, 1);
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

  /** Where no step has more than one sample all three are the same list. */
  points(): { avg: (number | null)[]; min: (number | null)[]; max: (number | null)[] } {
    const min: (number | null)[] = [];
    const isPlain = this.#count.every((count) => count <= 1);
    const avg: (number | null)[] = isPlain ? min : [];
    const max: (number | null)[] = isPlain ? min : [];
    for (let index = 0; index < this.#sum.length; index++) {
      const count = this.#count[index] as number;
      const least = count === 0 ? null : tidy(this.#min[index] as number);
      min.push(least);
      if (isPlain) continue;
      /* Of one value all three are the same. */
      max.push(count > 1 ? tidy(this.#max[index] as number) : least);
      avg.push(count > 1 ? tidy((this.#sum[index] as number) / count) : least);
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
