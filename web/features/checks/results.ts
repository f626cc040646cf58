/** The last results of a check, one beat each. Pure. */
import type { HistorySeries } from "../../../server/contract/history.ts";
import { bridge } from "../../state/series.ts";

export const RESULTS = 40;

export interface Result {
  at: number;
  state: "up" | "partly" | "down" | "unknown";
}

/** The newest results, oldest first. A step that stayed empty by chance is none; a longer silence is seen. */
export function resultsOf(series: HistorySeries | undefined): Result[] {
  if (!series) return [];
  const first = series.avg.findIndex((value) => value !== null);
  if (first < 0) return [];
  const results: Result[] = [];
  for (const [index, value] of bridge(series.avg).entries()) {
    if (index < first || value === undefined) continue;
    const isLast = index === series.avg.length - 1;
    // The newest step may just not have had its turn.
    if (value === null && isLast) continue;
    results.push({ at: series.times[index] ?? 0, state: stateOf(value, series.min[index]) });
  }
  return results.slice(-RESULTS);
}

function stateOf(up: number | null, least: number | null | undefined): Result["state"] {
  if (up === null) return "unknown";
  if (up <= 0) return "down";
  return (least ?? up) < 1 ? "partly" : "up";
}
