/**
 * What other orgs show to this one, joined with its own. Each share is asked for through the door of
 * its source, by what the directory says about it and by nothing the caller sent.
 */
import { sharedFrom, visibleShares } from "../access/visible-shares.ts";
import type { Alert, AlertList } from "../contract/alerts.ts";
import type { DoorGrant } from "../contract/doors.ts";
import type {
  HistoryLatest,
  HistoryLatestInput,
  HistoryRange,
  HistoryRangeInput,
} from "../contract/history.ts";
import type { OrgId, ShareId } from "../contract/ids.ts";
import {
  RESOURCES_PER_PAGE,
  type Resource,
  type ResourceList,
  type ResourceListInput,
} from "../contract/resource.ts";
import type { Role } from "../contract/roles.ts";
import type { ShareEntry } from "../contract/shares.ts";
import { DomainError } from "../lib/domain-error.ts";
import type { Calls } from "../runtime/calls.ts";
import type { OrgVerbs } from "../runtime/org-verbs.ts";
import type { Edge } from "./edge.ts";

/** One org as a member of it sees it: its own, and what is shown to it. */
export interface View {
  edge: Edge;
  orgId: OrgId;
  role: Role;
  org: Calls<OrgVerbs>;
}

/** Its own and what is shown to it, in one order of ids: a page of the whole is within the pages of its parts. */
export async function listResources(view: View, input: ResourceListInput): Promise<ResourceList> {
  const shares = visibleShares(view.edge, view.orgId, view.role);
  const own = await view.org.resources.list(input);
  if (shares.length === 0) return own;
  const limit = input.limit ?? RESOURCES_PER_PAGE;
  const shown = await throughDoors(view.edge, shares, { ...input, limit });
  const all = uniqueById([own, ...stillSeen(view, shown)].flatMap(({ resources }) => resources));
  all.sort((a, b) => (a.id < b.id ? -1 : 1));
  const resources = all.slice(0, limit);
  const more = all.length > limit || [own, ...shown].some(({ nextCursor }) => nextCursor !== undefined);
  const last = resources.at(-1);
  return { resources, ...(more && last && { nextCursor: last.id }) };
}

export function getResource(view: View, id: Resource["id"]): Promise<{ resource: Resource }> {
  return ownOrShared(
    view,
    (org) => org.resources.get({ id }),
    (source, grant) => source.door.get({ ...grant, id }),
  );
}

export function historyRange(view: View, input: HistoryRangeInput): Promise<HistoryRange> {
  return ownOrShared(
    view,
    (org) => org.history.range(input),
    (source, grant) => source.door.historyRange({ grant, input }),
  );
}

export function historyLatest(view: View, input: HistoryLatestInput): Promise<HistoryLatest> {
  return ownOrShared(
    view,
    (org) => org.history.latest(input),
    (source, grant) => source.door.historyLatest({ grant, input }),
  );
}

/** Its own first; each part in its order. */
export async function activeAlerts(view: View): Promise<AlertList> {
  const shares = visibleShares(view.edge, view.orgId, view.role);
  const own = await view.org.alerts.active();
  if (shares.length === 0) return own;
  const shown = await alertsThroughDoors(view.edge, shares);
  const now = new Set(visibleShares(view.edge, view.orgId, view.role).map(({ id }) => id));
  const stillShown = shown.filter(({ sharedFrom }) => sharedFrom && now.has(sharedFrom.shareId));
  return { alerts: uniqueById([...own.alerts, ...stillShown]) };
}

async function alertsThroughDoors(edge: Edge, shares: readonly ShareEntry[]): Promise<Alert[]> {
  const shown = await Promise.all(
    shares.map((share) =>
      unlessUnavailable(async () => {
        const source = edge.shards.org(share.sourceOrgId);
        return (await source.door.alerts({ grant: grantOf(edge, share) })).alerts;
      }, []),
    ),
  );
  return shown.flat();
}

/** The data of a `snapshot` event, with what is shown through these shares. */
export async function liveSnapshot(
  edge: Edge,
  orgId: OrgId,
  shareIds: readonly ShareId[],
): Promise<{ at: number; json: string }> {
  const own = await edge.shards.org(orgId).live.snapshot();
  if (shareIds.length === 0) return own;
  const shares = shareIds.flatMap((id) => edge.directory.share(id) ?? []);
  const [doors, shownAlerts] = await Promise.all([
    throughDoors(edge, shares, {}),
    alertsThroughDoors(edge, shares),
  ]);
  const shown = uniqueById(doors.flatMap(({ resources }) => resources));
  const data = JSON.parse(own.json) as { resources: Resource[]; alerts: Alert[] };
  const resources = [...data.resources, ...shown];
  const alerts = uniqueById([...data.alerts, ...shownAlerts]);
  return { at: own.at, json: JSON.stringify({ ...data, resources, alerts }) };
}

/** A source that cannot answer now hides nothing else: what it shows is missing until it can. */
async function throughDoors(
  edge: Edge,
  shares: readonly ShareEntry[],
  input: ResourceListInput,
): Promise<Shown[]> {
  return Promise.all(
    shares.map((share) =>
      unlessUnavailable<Shown>(
        async () => {
          const source = edge.shards.org(share.sourceOrgId);
          return { share, ...(await source.door.list({ grant: grantOf(edge, share), input })) };
        },
        { share, resources: [] },
      ),
    ),
  );
}

async function unlessUnavailable<T>(ask: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (isUnavailable(error)) return otherwise;
    throw error;
  }
}

interface Shown extends ResourceList {
  share: ShareEntry;
}

/** What was withdrawn while it was being read is not told any more. */
function stillSeen({ edge, orgId, role }: View, shown: Shown[]): Shown[] {
  const now = new Set(visibleShares(edge, orgId, role).map(({ id }) => id));
  return shown.filter(({ share }) => now.has(share.id));
}

/** A machine and a part of it may both be shared: it is shown once. */
function uniqueById<Thing extends { id: string }>(things: Thing[]): Thing[] {
  return [...new Map(things.map((thing) => [thing.id, thing])).values()];
}

/** Its own first; what is not there may be shown by another org. Not found anywhere is not found. */
async function ownOrShared<T>(
  view: View,
  own: (org: Calls<OrgVerbs>) => Promise<T>,
  shared: (source: Calls<OrgVerbs>, grant: DoorGrant) => Promise<T>,
): Promise<T> {
  const { edge, orgId, role } = view;
  let missing: unknown;
  try {
    return await own(view.org);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    missing = error;
  }
  for (const share of visibleShares(edge, orgId, role)) {
    try {
      const answer = await shared(edge.shards.org(share.sourceOrgId), grantOf(edge, share));
      if (visibleShares(edge, orgId, role).some(({ id }) => id === share.id)) return answer;
    } catch (error) {
      /* What a source that cannot answer shows is as missing as what it does not. */
      if (!isNotFound(error) && !isUnavailable(error)) throw error;
    }
  }
  throw missing;
}

function grantOf({ directory }: Edge, share: ShareEntry): DoorGrant {
  return { resourceId: share.resourceId, sharedFrom: sharedFrom(directory, share) };
}

function isNotFound(error: unknown): boolean {
  return error instanceof DomainError && error.reason === "not_found";
}

function isUnavailable(error: unknown): boolean {
  return error instanceof DomainError && error.httpStatus === 503;
}
