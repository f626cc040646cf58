/** Which series there are to be exported, in the order in which people look for them. */
import { EXPORT_LIMITS, type ExportInput } from "../../contract/export.ts";
import type { ResourceId } from "../../contract/ids.ts";
import type { Resource } from "../../contract/resource.ts";
import { DomainError } from "../../lib/domain-error.ts";
import type { Layout } from "../layouts.ts";
import { getResource, requireOpen, type WithHistory } from "../range.ts";

export interface WithParts extends WithHistory {
  inventory: WithHistory["inventory"] & { all(): Iterable<Resource> };
}

/** A resource, what was measured of it in that time, and the machine it belongs to. */
export interface Measured {
  resource: Resource;
  machine: string;
  metrics: string[];
}

/** A part of a part of a part: deeper is no machine any more. */
const MAX_DEPTH = 8;

/** `within`: nothing above it may be told of. */
export async function measured(
  org: WithParts,
  input: Pick<ExportInput, "resourceId" | "parts" | "metrics" | "from" | "to">,
  within?: ResourceId,
): Promise<Measured[]> {
  const root = getResource(org, input.resourceId);
  const resources = input.parts ? [root, ...partsOf(org, root.id)] : [root];
  const layouts = new Map<string, Set<Layout>>();
  const found: Measured[] = [];
  let count = 0;
  for (const resource of resources) {
    const known = new Set(Object.keys(resource.metrics));
    for (const { id, source } of org.inventory.viewsOf(resource.id)) {
      let held = layouts.get(source);
      if (!held) {
        held = org.history.layoutsOf(source, input.from, input.to);
        layouts.set(source, held);
        await new Promise(setImmediate);
        requireOpen(org);
      }
      for (const layout of held) for (const metric of layout.metricsOf(id)) known.add(metric);
    }
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

/** Everything below it, by kind and name. */
function partsOf({ inventory }: WithParts, root: ResourceId): Resource[] {
  const parts: Resource[] = [];
  for (const resource of inventory.all()) {
    let parentId = resource.parentId;
    for (let depth = 0; parentId !== undefined && depth < MAX_DEPTH; depth++) {
      if (parentId === root) {
        parts.push(resource);
        break;
      }
      parentId = inventory.get(parentId)?.parentId;
    }
  }
  return parts.sort(byKindAndName);
}

export function machineOf(
  { inventory }: Pick<WithParts, "inventory">,
  resource: Resource,
  within: ResourceId | undefined,
): Resource {
  let machine = resource;
  for (let depth = 0; depth < MAX_DEPTH && machine.id !== within && machine.parentId; depth++) {
    const parent = inventory.get(machine.parentId);
    if (!parent) break;
    machine = parent;
  }
  return machine;
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
