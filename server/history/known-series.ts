/** What there is history of: which resources, which metrics of each, and the machine it belongs to. */
import type { ResourceId } from "../contract/ids.ts";
import type { Resource } from "../contract/resource.ts";
import type { Layout } from "./layouts.ts";
import { requireOpen, type WithHistory } from "./range.ts";

export interface WithParts extends WithHistory {
  inventory: WithHistory["inventory"] & { all(): Iterable<Resource> };
}

/** A part of a part of a part: deeper is no machine any more. */
const MAX_DEPTH = 8;

/** Asked resource by resource; what is read of each source is read once. */
export function knownMetrics(
  org: WithHistory,
  { from, to }: { from: number; to: number },
): (resource: Resource) => Promise<Set<string>> {
  const layouts = new Map<string, Set<Layout>>();
  return async (resource) => {
    const metrics = new Set(Object.keys(resource.metrics));
    for (const { id, source } of org.inventory.viewsOf(resource.id)) {
      let held = layouts.get(source);
      if (!held) {
        held = org.history.layoutsOf(source, from, to);
        layouts.set(source, held);
        await new Promise(setImmediate);
        requireOpen(org);
      }
      for (const layout of held) for (const metric of layout.metricsOf(id)) metrics.add(metric);
    }
    return metrics;
  };
}

/** Everything below it. */
export function partsOf({ inventory }: WithParts, root: ResourceId): Resource[] {
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
  return parts;
}

/** `within`: nothing above it may be told of. */
export function machineOf(
  { inventory }: Pick<WithHistory, "inventory">,
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
