/** The stretch of time all charts of a page show. It stands in the address, so that it can be sent on. */
export const RANGES = [
  { id: "live", label: "Live", ms: 120_000 },
  { id: "15m", label: "15 min", ms: 900_000 },
  { id: "1h", label: "1 h", ms: 3_600_000 },
  { id: "6h", label: "6 h", ms: 6 * 3_600_000 },
  { id: "24h", label: "24 h", ms: 86_400_000 },
  { id: "7d", label: "7 d", ms: 7 * 86_400_000 },
] as const;
export type RangeId = (typeof RANGES)[number]["id"];

export const STANDARD_RANGE: RangeId = "1h";

/** `fixed` after a zoom; otherwise the window ends now and moves on. */
export interface TimeWindow {
  range: RangeId;
  spanMs: number;
  fixed?: { from: number; to: number };
  /** How often reports come, where that is not as often as usual. */
  everyMs?: number;
}

const SHORTEST_MS = 60_000;

type Query = Record<string, string | string[] | undefined>;

/** A window from an address; whatever does not make sense in it is as if it were not there. */
export function windowOf(query: Query): TimeWindow {
  const range =
    RANGES.find(({ id }) => id === query["range"]) ?? RANGES.find(({ id }) => id === STANDARD_RANGE);
  const { id, ms } = range ?? RANGES[2];
  const from = epoch(query["from"]);
  const to = epoch(query["to"]);
  if (from === undefined || to === undefined || to - from < SHORTEST_MS) return { range: id, spanMs: ms };
  return { range: id, spanMs: to - from, fixed: { from, to } };
}

/** The zoom someone dragged out, or nothing when it is too small to mean anything. */
export function zoomTo(from: number, to: number): { from: string; to: string } | undefined {
  if (!(to - from > 0)) return undefined;
  const missing = Math.max(0, SHORTEST_MS - (to - from)) / 2;
  return { from: String(Math.floor(from - missing)), to: String(Math.ceil(to + missing)) };
}

/** As many points as a chart can show, but no more than there are reports. */
export function pointsFor(spanMs: number, reportEveryMs: number): number {
  return Math.max(1, Math.min(400, Math.ceil(spanMs / reportEveryMs)));
}

function epoch(value: string | string[] | undefined): number | undefined {
  if (typeof value !== "string" || !/^\d{9,15}$/.test(value)) return undefined;
  return Number(value);
}
