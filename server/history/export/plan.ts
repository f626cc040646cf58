/**
 * What an export consists of, decided once when it begins: a CSV of one part with a column for each series, an
 * OpenMetrics text of a part for each series, because that format wants everything of one name together and each
 * series in the order of time. What is written before, between and after the lines is made here, so that whoever
 * streams them knows nothing of either format.
 */
import { EXPORT_STATS, type ExportInput, type ExportPart, type ExportPlan } from "../../contract/export.ts";
import { RANGE_LIMITS } from "../../contract/history.ts";
import type { ResourceId } from "../../contract/ids.ts";
import type { WithParts } from "../known-series.ts";
import { getResource, keptStepMs } from "../range.ts";
import { stepFor } from "../steps.ts";
import { headLine } from "./csv.ts";
import { familyHead, seriesPrefix, THE_END } from "./openmetrics.ts";
import { type Measured, measured } from "./series-of.ts";

/** `within`: what is asked for is seen through a door, and nothing above it may be told of. */
export async function exportPlan(
  org: WithParts,
  input: ExportInput,
  within?: ResourceId,
): Promise<ExportPlan> {
  const found = await measured(org, input, within);
  const step = stepOf(org, input);
  const { name } = getResource(org, input.resourceId);
  if (input.format === "csv") return { name, step, parts: [csvPart(found, step)], tail: "" };
  return { name, step, parts: openMetricsParts(found, step), tail: THE_END };
}

function stepOf(org: WithParts, { step, resourceId, from, to }: ExportInput): number | undefined {
  if (step !== "auto") return step === "raw" ? undefined : step;
  const finest = org.inventory
    .viewsOf(resourceId)
    .map(({ source }) => Math.max(org.intervalOf(source), keptStepMs(org.history, source, from)));
  return stepFor(to - from, RANGE_LIMITS.defaultPoints, Math.min(...finest));
}

function csvPart(found: readonly Measured[], step: number | undefined): ExportPart {
  const columns = found.flatMap(({ resource, metrics }) =>
    metrics.flatMap((metric) =>
      (step === undefined ? [undefined] : EXPORT_STATS).map((stat) => ({ resource, metric, stat })),
    ),
  );
  return {
    head: headLine(columns, found.length > 1),
    series: columns.map(({ resource: { id }, metric, stat }) => ({ id, metric, ...(stat && { stat }) })),
  };
}

function openMetricsParts(found: readonly Measured[], step: number | undefined): ExportPart[] {
  const parts: ExportPart[] = [];
  for (const metric of [...new Set(found.flatMap(({ metrics }) => metrics))].sort()) {
    let head = familyHead(metric);
    for (const { resource, machine, metrics } of found) {
      if (!metrics.includes(metric)) continue;
      for (const stat of step === undefined ? [undefined] : EXPORT_STATS) {
        const labels = { resource: resource.id, name: resource.name, kind: resource.kind, machine };
        parts.push({
          head,
          series: [{ id: resource.id, metric, ...(stat && { stat }) }],
          prefix: seriesPrefix(metric, { ...labels, ...(stat && { stat }) }),
        });
        head = "";
      }
    }
  }
  return parts;
}
