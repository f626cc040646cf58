/**
 * What other orgs show to this one, joined with its own. Each share is asked for through the door of
 * its source, by what the directory says about it and by nothing the caller sent.
 */
import { sharedFrom, visibleShares } from "../access/visible-shares.ts";
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

export async function listResources(view: View, input: ResourceListInput): Promise<ResourceList> {
  const own = await view.org.resources.list(input);
  const shares = visibleShares(view.edge, view.orgId, view.role);
  if (shares.length === 0) return own;
  const shown = (await sharedResources(view.edge, shares)).filter((resource) => matches(resource, input));
  const all = [...own.resources, ...shown].sort((a, b) => (a.id < b.id ? -1 : 1));
  const limit = input.limit ?? RESOURCES_PER_PAGE;
  /* Past the end of the own page nothing may come yet: there may be more of its own before it. */
  const end = own.nextCursor;
  const page = (end ? all.filter(({ id }) => id <= end) : all).slice(0, limit);
  const last = page.at(-1);
  const more = end !== undefined || all.length > page.length;
  return { resources: page, ...(more && last && { nextCursor: last.id }) };
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

/** The data of a `snapshot` event, with what is shown through these shares. */
export async function liveSnapshot(
  edge: Edge,
  orgId: OrgId,
  shareIds: readonly ShareId[],
): Promise<{ at: number; json: string }> {
  const own = await edge.shards.org(orgId).live.snapshot();
  if (shareIds.length === 0) return own;
  const shares = shareIds.flatMap((id) => edge.directory.share(id) ?? []);
  const shown = await sharedResources(edge, shares);
  const data = JSON.parse(own.json) as { resources: Resource[] };
  return { at: own.at, json: JSON.stringify({ ...data, resources: [...data.resources, ...shown] }) };
}

/** A source that cannot answer now hides nothing else: what it shows is missing until it can. */
async function sharedResources(edge: Edge, shares: readonly ShareEntry[]): Promise<Resource[]> {
  const lists = await Promise.all(
    shares.map(async (share) => {
      try {
        return (await edge.shards.org(share.sourceOrgId).door.list(grantOf(edge, share))).resources;
      } catch (error) {
        if (isUnavailable(error)) return [];
        throw error;
      }
    }),
  );
  /* A machine and a part of it may both be shared: it is shown once. */
  return [...new Map(lists.flat().map((resource) => [resource.id, resource])).values()];
}

/** Its own first; what is not there may be shown by another org. Not found anywhere is not found. */
async function ownOrShared<T>(
  view: View,
  own: (org: Calls<OrgVerbs>) => Promise<T>,
  shared: (source: Calls<OrgVerbs>, grant: DoorGrant) => Promise<T>,
): Promise<T> {
  const { edge, orgId, role } = view;
  let missing: unknown;
  let unanswered: unknown;
  try {
    return await own(view.org);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    missing = error;
  }
  for (const share of visibleShares(edge, orgId, role)) {
    try {
      return await shared(edge.shards.org(share.sourceOrgId), grantOf(edge, share));
    } catch (error) {
      if (isUnavailable(error)) unanswered = error;
      else if (!isNotFound(error)) throw error;
    }
  }
  throw unanswered ?? missing;
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

function matches(resource: Resource, { kind, status, text, cursor }: ResourceListInput): boolean {
  const words = text?.trim().toLowerCase();
  return (
    (!kind || resource.kind === kind) &&
    (!status || resource.status === status) &&
    (!words || resource.name.toLowerCase().includes(words)) &&
    (!cursor || resource.id > cursor)
  );
}
