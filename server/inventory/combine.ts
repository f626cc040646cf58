/**
 * The picture of a thing from what its sources see of it. Pure. Who is closest to it is believed
 * first: the agent on the machine, then the server about its own machine, then what is asked over
 * the network. What kind of thing it is and what it is a part of, whoever holds the guest knows best.
 */
import type { ResourceId } from "../contract/ids.ts";
import type { OwnFacts, Resource, ResourceStatus } from "../contract/resource.ts";

/** What one source sees. `parentId` is the id of a view. */
export interface View {
  resource: Resource;
  /** Not heard of for some time: its status is what silence says. */
  isSilent: boolean;
}

/** Who was heard of so close to each other fell silent at the same time. */
const TOGETHER_MS = 10 * 60_000;

const WORST_FIRST: readonly ResourceStatus[] = ["down", "degraded", "unknown", "up"];

export function combine(
  id: ResourceId,
  views: readonly View[],
  parentId: ResourceId | undefined,
  own: OwnFacts | undefined,
): Resource {
  const ordered = byCloseness(views);
  const closest = ordered[0]?.resource as Resource;
  const heard = heardOf(ordered);
  const current = heard.toReversed().map(({ resource }) => resource);
  const guest = ordered.find(({ resource }) => isGuest(resource))?.resource;
  return {
    id,
    kind: (guest ?? closest).kind,
    name: own?.name ?? closest.name,
    status: statusOf(heard),
    ...(parentId && { parentId }),
    sources: [...new Set(ordered.flatMap(({ resource }) => resource.sources))],
    lastSeenAt: Math.max(...ordered.map(({ resource }) => resource.lastSeenAt)),
    attributes: Object.assign({}, ...ordered.toReversed().map(({ resource }) => resource.attributes)),
    metrics: Object.assign({}, ...current.map(({ metrics }) => metrics)),
    ...(own && { own }),
  };
}

/** The parent, among those the views name: the hypervisor's word before anybody else's. */
export function parentAmong(views: readonly View[]): ResourceId | undefined {
  const ordered = byCloseness(views);
  const guest = ordered.find(({ resource }) => isGuest(resource));
  return guest?.resource.parentId ?? ordered.find(({ resource }) => resource.parentId)?.resource.parentId;
}

/** Closest first. */
export function byCloseness(views: readonly View[]): View[] {
  return views.toSorted((a, b) => distanceOf(a.resource) - distanceOf(b.resource));
}

export function distanceOf({ sources }: Resource): number {
  const source = sources[0] ?? "";
  return source.startsWith("agent:") ? 0 : source === "local" ? 1 : 2;
}

/** Those whose word counts now; where all are silent, those that were heard of last. */
function heardOf(views: readonly View[]): readonly View[] {
  const heard = views.filter(({ isSilent }) => !isSilent);
  if (heard.length > 0) return heard;
  const newest = Math.max(...views.map(({ resource }) => resource.lastSeenAt));
  return views.filter(({ resource }) => resource.lastSeenAt >= newest - TOGETHER_MS);
}

function isGuest({ kind }: Resource): boolean {
  return kind === "vm" || kind === "lxc";
}

function statusOf(views: readonly View[]): ResourceStatus {
  const all = new Set(views.map(({ resource }) => resource.status));
  return WORST_FIRST.find((status) => all.has(status)) ?? "unknown";
}
