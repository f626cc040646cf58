/** What happens at a machine on ordinary days, and is no fault: when what begins, and for how long. */
import type { Seeded } from "../../support/seeded.ts";

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export interface Span {
  from: number;
  to: number;
}

/** Spans in the order of time that do not overlap, asked about by a time that only goes forward. */
export class Spans {
  readonly #spans: readonly Span[];
  #next = 0;

  constructor(spans: readonly Span[]) {
    this.#spans = [...spans].sort((a, b) => a.from - b.from);
  }

  /** The one that holds this time. */
  at(now: number): Span | undefined {
    while ((this.#spans[this.#next]?.to ?? Number.POSITIVE_INFINITY) <= now) this.#next++;
    const span = this.#spans[this.#next];
    return span && span.from <= now ? span : undefined;
  }

  /** The last one that is over. */
  before(now: number): Span | undefined {
    this.at(now);
    return this.#spans[this.#next - 1];
  }
}

export interface Often {
  /** How many in a day, on average. */
  daily: number;
  lasts: readonly [leastMs: number, mostMs: number];
}

/** At any time of the day. */
export function byChance(random: Seeded, { from, to }: Span, { daily, lasts }: Often): Span[] {
  const count = Math.round(((to - from) / DAY) * daily);
  const spans: Span[] = [];
  for (let nth = 0; nth < count; nth++) {
    const at = from + random.next() * (to - from);
    const span = { from: at, to: at + between(random, lasts) };
    if (spans.every((other) => other.to < span.from || other.from > span.to)) spans.push(span);
  }
  return spans;
}

/** On these days of the week (0 is Sunday), or every day, around the same time. */
export function byClock(
  random: Seeded,
  { from, to }: Span,
  {
    hour,
    days,
    lasts,
    jitterMs = 0,
  }: { hour: number; days?: number[]; lasts: Often["lasts"]; jitterMs?: number },
): Span[] {
  const spans: Span[] = [];
  for (let day = Math.floor(from / DAY) * DAY; day < to; day += DAY) {
    if (days && !days.includes(new Date(day).getUTCDay())) continue;
    const at = day + hour * HOUR + random.next() * jitterMs;
    if (at >= from) spans.push({ from: at, to: at + between(random, lasts) });
  }
  return spans;
}

export function between(random: Seeded, [least, most]: readonly [number, number]): number {
  return least + random.next() * (most - least);
}

/** From 0 in the night to 1 in the evening; weekends are quieter at work and busier at home. */
export function activity(at: number, isHome: boolean): number {
  const hour = (at % DAY) / HOUR;
  const day = new Date(at).getUTCDay();
  const daily = 0.5 - 0.5 * Math.cos(((hour - (isHome ? 8 : 2)) / 24) * 2 * Math.PI);
  const isWeekend = day === 0 || day === 6;
  return daily * (isWeekend === isHome ? 1 : 0.6);
}
