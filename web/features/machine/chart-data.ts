import type { HistorySeries } from "../../../server/contract/history.ts";
import { align, bridge, reachOf } from "../../state/series.ts";
import type { ChartLine } from "./charts.ts";

export type Column = (number | null | undefined)[];

export interface ChartData {
  times: number[];
  /** One per line. */
  values: Column[];
  /** Lowest and highest within each step, for lines of one source; absent where steps are single reports. */
  band?: { min: Column[]; max: Column[] };
  /** Length of a step. */
  step: number;
}

/** What a chart draws of the history: every line on one list of times. */
export function chartData(
  lines: readonly ChartLine[],
  find: (resourceId: string, metric: string) => HistorySeries | undefined,
  reportEveryMs: number,
): ChartData {
  const sources = lines.flatMap((line) =>
    line.sources.map((source) => find(source.resourceId, source.metric)),
  );
  const steps = sources.flatMap((series) => series?.step ?? []);
  const step = steps.length > 0 ? Math.max(...steps) : reportEveryMs;
  const coarse = step >= reportEveryMs * 2;
  const column = (pick: "avg" | "min" | "max") => {
    const { times, columns } = align(sources, pick);
    let next = 0;
    const summed = lines.map((line) => {
      const mine = columns.slice(next, next + line.sources.length);
      next += line.sources.length;
      const total = mine.length === 1 ? (mine[0] ?? []) : sum(mine, times.length);
      return bridge(total, coarse);
    });
    return { times, summed };
  };
  const { times, summed } = column("avg");
  const data: ChartData = { times, values: summed, step };
  if (coarse && lines.every((line) => line.sources.length === 1)) {
    data.band = { min: column("min").summed, max: column("max").summed };
  }
  return data;
}

/** Where one part is unknown the others are still the best that is known; where all are, nothing is. */
export function sum(columns: readonly Column[], length: number): (number | null)[] {
  return Array.from({ length }, (_, index) => {
    let total: number | null = null;
    for (const column of columns) {
      const value = column[index];
      if (value !== null && value !== undefined) total = (total ?? 0) + value;
    }
    return total;
  });
}

/** Each line on top of those before it. Where the first is unknown there is no ground to stand on. */
export function stacked(values: readonly Column[]): Column[] {
  const result: Column[] = [];
  for (const column of values) {
    const below = result.at(-1);
    result.push(
      column.map((value, index) => {
        if (!below) return value;
        const base = below[index];
        return base === null || base === undefined ? base : base + (value ?? 0);
      }),
    );
  }
  return result;
}

/** Steps without a report after which a value is no longer "now". */
const STALE_AFTER = 4;

/** The newest value that is known, not further back than a few reports: an old value is not "now". */
export function newest(column: Column): number | undefined {
  return lastKnown(column, column.length - 1, STALE_AFTER * reachOf(column));
}

/** The value at a step; between two reports of what reports seldom, that of the one before. */
export function valueAt(column: Column, index: number): number | undefined {
  const value = column[index];
  return value === undefined ? lastKnown(column, index, 2 * reachOf(column)) : (value ?? undefined);
}

function lastKnown(column: Column, from: number, steps: number): number | undefined {
  for (let index = from; index >= Math.max(0, from + 1 - steps); index -= 1) {
    const value = column[index];
    if (value !== null && value !== undefined) return value;
  }
  return undefined;
}
