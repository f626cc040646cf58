import { type Accessor, createMemo } from "solid-js";
import type { Resource } from "../../../server/contract/resource.ts";
import { type History, seriesKey } from "./history-answers.ts";

/** Zero nearly everywhere, so not worth a line where it has never been anything else. */
const SILENT_METRICS: Record<string, number> = { cpu_steal_percent: 0.05 };

/**
 * Every metric a machine and its parts have had a value of, in the history on show or in any report of this visit. It
 * only grows: what is missing from one report has not ceased to exist.
 */
export function createSeenMetrics(
  resources: Accessor<readonly Resource[]>,
  history: Accessor<History>,
): Accessor<ReadonlySet<string>> {
  return createMemo<ReadonlySet<string>>((before) => {
    const seen = new Set(before);
    const note = (resourceId: string, metric: string, values: () => readonly (number | null)[]) => {
      const key = seriesKey(resourceId, metric);
      if (seen.has(key)) return;
      const least = SILENT_METRICS[metric] ?? Number.NEGATIVE_INFINITY;
      if (values().some((value) => value !== null && value >= least)) seen.add(key);
    };
    for (const { id, metrics } of resources())
      for (const metric of Object.keys(metrics)) note(id, metric, () => [metrics[metric] ?? null]);
    for (const [key, series] of history())
      note(key.slice(0, key.indexOf(" ")), series.metric, () => series.max);
    return before && seen.size === before.size ? before : seen;
  });
}
