/**
 * The least, the greatest, the mean or the newest of every window over points in the order of time. Windows overlap when
 * they are longer than the step between them: sums are carried along, and of the least and the greatest only those
 * that can still become it are kept, so that every point is touched twice whatever the windows are.
 */
import type { OverTime } from "../../contract/prometheus.ts";

/** Samples, or steps they were summarised to, each at the time it begins. */
export interface Points {
  times: number[];
  mean: number[];
  least: number[];
  greatest: number[];
  /** Undefined: each is one sample, which is its own least and greatest. */
  count: number[] | undefined;
}

/** Samples need a fifth of the room of steps. */
export function newPoints(of: "samples" | "steps"): Points {
  const mean: number[] = [];
  if (of === "samples") return { times: [], mean, least: mean, greatest: mean, count: undefined };
  return { times: [], mean, least: [], greatest: [], count: [] };
}

export interface Grid {
  startAt: number;
  stepMs: number;
  count: number;
  windowMs: number;
  /** Steps belong to the window they begin in, samples to the one they are the end of. */
  closed: "left" | "right";
}

export function overWindows(points: Points, over: OverTime, grid: Grid): Float64Array {
  const values = new Float64Array(grid.count).fill(Number.NaN);
  const window = new Window(points, over);
  for (let index = 0; index < grid.count; index++) {
    const at = grid.startAt + index * grid.stepMs;
    const [from, until] =
      grid.closed === "right" ? [at - grid.windowMs + 1, at + 1] : [at - grid.windowMs, at];
    window.moveTo(from, until);
    values[index] = window.value();
  }
  return values;
}

class Window {
  readonly #points: Points;
  readonly #over: OverTime;
  /** The window is `[first, end)` of the points. */
  #first = 0;
  #end = 0;
  #sum = 0;
  #weight = 0;
  /** Points of which none that came later is less, or greater: the first of them is the extreme. */
  readonly #candidates: number[] = [];
  #passed = 0;

  constructor(points: Points, over: OverTime) {
    this.#points = points;
    this.#over = over;
  }

  moveTo(from: number, until: number): void {
    const { times } = this.#points;
    while (this.#end < times.length && (times[this.#end] as number) < until) this.#add(this.#end++);
    while (this.#first < this.#end && (times[this.#first] as number) < from) this.#drop(this.#first++);
  }

  value(): number {
    if (this.#first === this.#end) return Number.NaN;
    const { mean, least, greatest } = this.#points;
    switch (this.#over) {
      case "last":
        return mean[this.#end - 1] as number;
      case "avg":
        return this.#sum / this.#weight;
      case "min":
        return least[this.#candidates[this.#passed] as number] as number;
      case "max":
        return greatest[this.#candidates[this.#passed] as number] as number;
    }
  }

  #add(index: number): void {
    const { mean, count } = this.#points;
    if (this.#over === "avg") {
      const weight = count?.[index] ?? 1;
      this.#sum += (mean[index] as number) * weight;
      this.#weight += weight;
    } else if (this.#over !== "last") {
      while (
        this.#candidates.length > this.#passed &&
        this.#isBeaten(this.#candidates.at(-1) as number, index)
      )
        this.#candidates.pop();
      this.#candidates.push(index);
    }
  }

  #isBeaten(old: number, index: number): boolean {
    const { least, greatest } = this.#points;
    if (this.#over === "min") return (least[old] as number) >= (least[index] as number);
    return (greatest[old] as number) <= (greatest[index] as number);
  }

  #drop(index: number): void {
    const { mean, count } = this.#points;
    if (this.#over === "avg") {
      const weight = count?.[index] ?? 1;
      this.#sum -= (mean[index] as number) * weight;
      this.#weight -= weight;
      /* What rounding leaves behind does not outlive the window. */
      if (this.#weight === 0) this.#sum = 0;
    } else if (this.#candidates[this.#passed] === index) this.#passed++;
  }
}
