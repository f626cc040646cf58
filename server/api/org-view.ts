/**
 * What other orgs show to this one, joined with its own. Each share is asked for through the door of
 * its source, by what the directory says about it and by nothing the caller sent.
 */
import { sharedFrom, visibleShares } from "../access/visible-shares.ts";
import type { Watcher } from "../agents/watching.ts";
import type { DoorGrant } from "../contract/doors.ts";
import type {
  HistoryLatest,
  HistoryLatestInput,
  HistoryRange,
  HistoryRangeInput,
} from "../contract/history.ts";
import type { OrgId, ShareId } from "../contract/ids.ts";
import type { ReadyJson } from "../contract/ready-json.ts";
import {
  RESOURCES_PER_PAGE,
  type Resource,
  type ResourceList,
  type ResourceListInput,
} from "../contract/resource.ts";
import type { Role } from "../contract/roles.ts";
import type { ShareEntry } from "../contract/shares.ts";
import type { Watch, WatchInput } from "../contract/watching.ts";
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
  const all = unique([own, ...stillSeen(view, shown)].flatMap(({ resources }) => resources));
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

/** It ends when whoever asked has left, in whichever org it is read. */
export function historyRange(
  view: View,
  input: HistoryRangeInput,
  signal: AbortSignal | undefined,
): Promise<ReadyJson<HistoryRange>> {
  return ownOrShared(
    view,
    (org) => org.history.range(input, signal),
    (source, grant) => source.door.historyRange({ grant, input }, signal),
  );
}

export function historyLatest(view: View, input: HistoryLatestInput): Promise<HistoryLatest> {
  return ownOrShared(
    view,
    (org) => org.history.latest(input),
    (source, grant) => source.door.historyLatest({ grant, input }),
  );
}

/** What is another org's is theirs to look at closely: who only sees it makes their machine do nothing. */
export function watch(view: View, input: WatchInput, watcher: Watcher): Promise<Watch> {
  return ownOrShared(
    view,
    (org) => org.watching.watch({ ...input, watcher }),
    async (source, grant) => {
      await source.door.get({ ...grant, id: input.id });
      return { why: "shared" } as const;
    },
  );
}

export function unwatch(view: View, input: WatchInput, watcher: Watcher): Promise<{ released: true }> {
  return ownOrShared(
    view,
    (org) => org.watching.unwatch({ ...input, watcher }),
    async (source, grant) => {
      await source.door.get({ ...grant, id: input.id });
      return { released: true } as const;
    },
  );
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
  const shown = unique((await throughDoors(edge, shares, {})).flatMap(({ resources }) => resources));
  const data = JSON.parse(own.json) as { resources: Resource[] };
  return { at: own.at, json: JSON.stringify({ ...data, resources: [...data.resources, ...shown] }) };
}

/** A source that cannot answer now hides nothing else: what it shows is missing until it can. */
async function throughDoors(
  edge: Edge,
  shares: readonly ShareEntry[],
  input: ResourceListInput,
): Promise<Shown[]> {
  return Promise.all(
    shares.map(async (share): Promise<Shown> => {
      try {
        const source = edge.shards.org(share.sourceOrgId);
        return { share, ...(await source.door.list({ grant: grantOf(edge, share), input })) };
      } catch (error) {
        if (isUnavailable(error)) return { share, resources: [] };
        throw error;
      }
    }),
  );
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
function unique(resources: Resource[]): Resource[] {
  return [...new Map(resources.map((resource) => [resource.id, resource])).values()];
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
