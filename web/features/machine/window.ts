/** The stretch of time all charts of a page show. It stands in the address, so that it can be sent on. */
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

export const RANGES = [
  { id: "live", label: "Live", ms: 120_000 },
  { id: "15m", label: "15 min", ms: HOUR / 4 },
  { id: "1h", label: "1 h", ms: HOUR },
  { id: "6h", label: "6 h", ms: 6 * HOUR },
  { id: "24h", label: "24 h", ms: DAY },
  { id: "7d", label: "7 d", ms: 7 * DAY },
  { id: "30d", label: "30 d", ms: 30 * DAY },
  { id: "90d", label: "90 d", ms: 90 * DAY },
  { id: "1y", label: "1 y", ms: 365 * DAY },
  { id: "2y", label: "2 y", ms: 730 * DAY },
] as const;
export type RangeId = (typeof RANGES)[number]["id"];

export const STANDARD_RANGE: RangeId = "1h";

export interface Bounds {
  from: number;
  to: number;
}

/** `fixed` after a zoom; otherwise the window ends now and moves on. */
export interface TimeWindow {
  range: RangeId;
  spanMs: number;
  fixed?: Bounds;
  /** How often reports come, where that is not as often as usual. */
  everyMs?: number;
}

const SHORTEST_MS = 60_000;
/** As long as one question for history may be. */
export const LONGEST_MS = 800 * DAY;
/** What ends this near to now, as a share of its length, ends now. */
const NOW_WITHIN = 0.01;

/** The same time before, to compare with. A year of whole weeks: a Monday beside a Monday. */
export const COMPARISONS = [
  { id: "1d", label: "yesterday", words: "a day before", ms: DAY },
  { id: "1w", label: "last week", words: "a week before", ms: 7 * DAY },
  { id: "1y", label: "last year", words: "364 days before", ms: 364 * DAY },
] as const;
export type ComparisonId = (typeof COMPARISONS)[number]["id"];
export type Comparison = (typeof COMPARISONS)[number];

export type Query = Record<string, string | string[] | undefined>;
/** What changes in an address; undefined: it goes. */
export type Change = Record<"range" | "from" | "to", string | undefined>;

/**
 * A window from an address; whatever does not make sense in it is as if it were not there. `home` is where an address
 * leads that says nothing.
 */
export function windowOf(query: Query, home?: Bounds): TimeWindow {
  const range =
    RANGES.find(({ id }) => id === query["range"]) ?? RANGES.find(({ id }) => id === STANDARD_RANGE);
  const { id, ms } = range ?? RANGES[2];
  const from = epoch(query["from"]);
  const to = epoch(query["to"]);
  if (from === undefined || to === undefined || to - from < SHORTEST_MS || to - from > LONGEST_MS)
    return home && query["range"] === undefined
      ? { range: id, spanMs: home.to - home.from, fixed: home }
      : { range: id, spanMs: ms };
  return { range: id, spanMs: to - from, fixed: { from, to } };
}

/** What an address says to compare with. */
export function comparisonOf(query: Query): Comparison | undefined {
  return COMPARISONS.find(({ id }) => id === query["compare"]);
}

/** The address of a range that ends now. */
export function toRange(range: RangeId): Change {
  return { range: range === STANDARD_RANGE ? undefined : range, from: undefined, to: undefined };
}

/** The address of some bounds. Those that end now and are as long as a range are that range, which moves on. */
export function toBounds(bounds: Bounds, range: RangeId, now: number): Change {
  const { from, to } = within(bounds, now);
  const span = to - from;
  const near = span * NOW_WITHIN;
  const same = RANGES.find(({ ms }) => Math.abs(ms - span) <= near);
  if (same && now - to <= near) return toRange(same.id);
  return { ...toRange(range), from: String(Math.floor(from)), to: String(Math.ceil(to)) };
}

/** Shorter or longer by a factor, so that the time `at` stays where it is. */
export function zoomed({ from, to }: Bounds, at: number, factor: number, now: number): Bounds {
  const span = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, (to - from) * factor));
  const share = Math.min(1, Math.max(0, (at - from) / (to - from)));
  return within({ from: at - share * span, to: at + (1 - share) * span }, now);
}

/** Later by a share of its length, or earlier. */
export function moved({ from, to }: Bounds, share: number, now: number): Bounds {
  const by = (to - from) * share;
  return within({ from: from + by, to: to + by }, now);
}

/** Of the length it has, where that is possible, and not beyond now. */
export function within({ from, to }: Bounds, now: number): Bounds {
  const missing = Math.max(0, SHORTEST_MS - (to - from)) / 2;
  const span = Math.min(LONGEST_MS, to - from + 2 * missing);
  const end = Math.min(now, to + missing);
  return { from: Math.max(0, end - span), to: end };
}

/** As many points as a plot is wide, but no more than anybody can tell apart, nor than there are reports. */
export function pointsFor(spanMs: number, reportEveryMs: number, width: number): number {
  const most = Math.min(POINTS_MAX, Math.max(POINTS_LEAST, Math.round(width)));
  return Math.max(1, Math.min(most, Math.ceil(spanMs / reportEveryMs)));
}

const POINTS_MAX = 1_000;
const POINTS_LEAST = 200;

function epoch(value: string | string[] | undefined): number | undefined {
  if (typeof value !== "string" || !/^\d{9,15}$/.test(value)) return undefined;
  return Number(value);
}
