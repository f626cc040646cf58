/** Which series there are to be exported, in the order in which people look for them. */
import { EXPORT_LIMITS, type ExportInput } from "../../contract/export.ts";
import type { ResourceId } from "../../contract/ids.ts";
import type { Resource } from "../../contract/resource.ts";
import { DomainError } from "../../lib/domain-error.ts";
import { knownMetrics, machineOf, partsOf, type WithParts } from "../known-series.ts";
import { getResource } from "../range.ts";

/** A resource, what was measured of it in that time, and the machine it belongs to. */
export interface Measured {
  resource: Resource;
  machine: string;
  metrics: string[];
}

/** `within`: nothing above it may be told of. */
export async function measured(
  org: WithParts,
  input: Pick<ExportInput, "resourceId" | "parts" | "metrics" | "from" | "to">,
  within?: ResourceId,
): Promise<Measured[]> {
  const root = getResource(org, input.resourceId);
  const resources = input.parts ? [root, ...partsOf(org, root.id).sort(byKindAndName)] : [root];
  const metricsOf = knownMetrics(org, input);
  const found: Measured[] = [];
  let count = 0;
  for (const resource of resources) {
    const known = await metricsOf(resource);
    /* What was named is there with or without values, where only one thing was asked about. */
    const metrics = input.metrics.length === 0 ? [...known].sort() : [...new Set(input.metrics)];
    const told = input.parts ? metrics.filter((metric) => known.has(metric)) : metrics;
    count += told.length;
    if (count > EXPORT_LIMITS.series) throw tooMany();
    if (told.length > 0)
      found.push({ resource, machine: machineOf(org, resource, within).name, metrics: told });
  }
  return found;
}

function byKindAndName(a: Resource, b: Resource): number {
  const keys = [a, b].map(({ kind, name, id }) => [kind, name, id]) as [string[], string[]];
  for (const [index, key] of keys[0].entries()) {
    const other = keys[1][index] ?? "";
    if (key !== other) return key < other ? -1 : 1;
  }
  return 0;
}

function tooMany(): DomainError {
  return new DomainError(
    "too_large",
    `An export has at most ${EXPORT_LIMITS.series} series: name the metrics.`,
  );
}
