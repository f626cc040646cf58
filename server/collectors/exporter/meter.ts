import { increase, type Figure as Known } from "../host/figures.ts";
import type { Figure } from "./figures.ts";

interface Seen {
  value: number;
  count?: number | undefined;
  /** On the exporter's clock where it names one, else on ours. */
  atMs: number;
  /** What came of it, for an exporter that shows the same counter twice. */
  result: Known;
}

/** Digits of a computed figure that mean something. */
const DIGITS = 6;

/**
 * What figures are worth, from this look and the one before. A counter that went back was started anew,
 * and how far it came in between nobody knows: so the figure is unknown once. What is not asked for in a
 * round is forgotten with it, so no more is kept than one page of figures.
 */
export class Meter {
  private before = new Map<string, Seen>();
  private now = new Map<string, Seen>();

  /** One round: `measure` is asked once for each figure. */
  round<T>(read: (measure: (id: string, figure: Figure, nowMs: number) => Known) => T): T {
    this.now = new Map();
    const result = read((id, figure, nowMs) => this.measure(id, figure, nowMs));
    this.before = this.now;
    return result;
  }

  private measure(id: string, figure: Figure, nowMs: number): Known {
    if (figure.how === "gauge") return Number.isFinite(figure.value) ? figure.value : undefined;
    const before = this.before.get(id);
    const { value, count } = figure;
    const atMs = figure.timestampMs ?? nowMs;
    // cAdvisor and others name the time they counted at, which may be the same in two pages.
    const isSame = figure.timestampMs !== undefined && before?.atMs === atMs;
    const result = isSame ? before?.result : significant(figure.how === "rate" ? rate() : mean());
    this.now.set(id, { value, count, atMs, result });
    return result;

    function rate(): Known {
      const gained = increase(before?.value, value);
      const seconds = before === undefined ? 0 : (atMs - before.atMs) / 1000;
      return gained === undefined || seconds <= 0 ? undefined : gained / seconds;
    }
    function mean(): Known {
      const observed = increase(before?.count, count);
      // Without an observation there is nothing to take the mean of, which is not a mean of zero.
      return before === undefined || !observed ? undefined : (value - before.value) / observed;
    }
  }
}

function significant(value: Known): Known {
  return value === undefined || !Number.isFinite(value) ? undefined : Number(value.toPrecision(DIGITS));
}
