/**
 * What other orgs show to this one, joined with its own. Each share is asked for through the door of
 * its source, by what the directory says about it and by nothing the caller sent.
 */
import { sharedFrom, visibleShares } from "../access/visible-shares.ts";
import type { Watcher } from "../agents/watching.ts";
import type { Alert, AlertList } from "../contract/alerts.ts";
import type { DoorGrant } from "../contract/doors.ts";
import type { ExportInput, ExportPage, ExportPageInput, ExportPlan } from "../contract/export.ts";
import type {
  HistoryLatest,
  HistoryLatestInput,
  HistoryRange,
  HistoryRangeInput,
  HistoryTop,
  HistoryTopInput,
} from "../contract/history.ts";
import type { OrgId, ShareId } from "../contract/ids.ts";
import {
  type ListSeriesInput,
  NAME_LABEL,
  type SelectedSeries,
  type SelectInput,
  type SeriesList,
} from "../contract/prometheus.ts";
import type { ReadyJson } from "../contract/ready-json.ts";
import {
  RESOURCES_PER_PAGE,
  type Resource,
  type ResourceList,
  type ResourceListInput,
} from "../contract/resource.ts";
import { type Role, roleCovers } from "../contract/roles.ts";
import type { ShareEntry } from "../contract/shares.ts";
import type { Watch, WatchInput } from "../contract/watching.ts";
import { DomainError } from "../lib/domain-error.ts";
import type { Calls } from "../runtime/calls.ts";
import type { OrgVerbs } from "../runtime/org-verbs.ts";
import type { Edge } from "./edge.ts";
import { joinedTops } from "./joined-tops.ts";

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

/** What an export is read from, a page at a time. */
export interface ExportSource {
  plan: ExportPlan;
  page(input: ExportPageInput): Promise<ExportPage>;
}

/** `roleNow`: a role may change while pages are read, and with it what is shown. */
export function exportSource(
  view: View,
  input: ExportInput,
  roleNow: () => Role | undefined,
): Promise<ExportSource> {
  return ownOrShared<ExportSource>(
    view,
    async (org) => ({
      plan: await org.history.exportPlan(input),
      page: (asked) => org.history.exportPage(asked),
    }),
    async (source, grant) => ({
      plan: await source.door.exportPlan({ grant, input }),
      async page(asked) {
        const page = await source.door.exportPage({ grant, input: asked });
        const role = roleNow();
        const shares = role ? visibleShares(view.edge, view.orgId, role) : [];
        if (shares.some(({ id }) => id === grant.sharedFrom.shareId)) return page;
        throw new DomainError("not_found", "There is no such resource.");
      },
    }),
  );
}

/** Its own and what is shown to it. */
export async function selectSeries(view: View, input: SelectInput): Promise<SelectedSeries[]> {
  const own = await view.org.history.select(input);
  const shown = await shownThrough(view, (source, grant) => source.door.select({ grant, input }));
  const all = [...own, ...shown.flat()];
  return [...new Map(all.map((one) => [`${one.labels.resource} ${one.labels[NAME_LABEL]}`, one])).values()];
}

export async function seriesList(view: View, input: ListSeriesInput): Promise<SeriesList[]> {
  const own = await view.org.history.listSeries(input);
  return [own, ...(await shownThrough(view, (source, grant) => source.door.listSeries({ grant, input })))];
}

/** A source that cannot answer now hides nothing else; what was withdrawn meanwhile is not told any more. */
async function shownThrough<T>(
  { edge, orgId, role }: View,
  ask: (source: Calls<OrgVerbs>, grant: DoorGrant) => Promise<T>,
): Promise<T[]> {
  const found: { id: ShareId; answer: T }[] = [];
  for (const share of visibleShares(edge, orgId, role)) {
    try {
      const answer = await ask(edge.shards.org(share.sourceOrgId), grantOf(edge, share));
      found.push({ id: share.id, answer });
    } catch (error) {
      if (!isUnavailable(error)) throw error;
    }
  }
  const now = new Set(visibleShares(edge, orgId, role).map(({ id }) => id));
  return found.filter(({ id }) => now.has(id)).map(({ answer }) => answer);
}

/**
 * Its own and what is shown to it in one ranking: the first of the whole are among the first of its parts. Inside one
 * resource there is one org's only.
 */
export async function historyTop(
  view: View,
  input: HistoryTopInput,
  signal: AbortSignal | undefined,
): Promise<HistoryTop> {
  if (input.within)
    return ownOrShared(
      view,
      (org) => org.history.top(input, signal),
      (source, grant) => source.door.historyTop({ grant, input }, signal),
    );
  const { edge, orgId, role } = view;
  const own = await view.org.history.top(input, signal);
  const shown = await Promise.all(
    visibleShares(edge, orgId, role).map(async (share) => {
      try {
        const source = edge.shards.org(share.sourceOrgId);
        const grant = grantOf(edge, share);
        return { share, ...(await source.door.historyTop({ grant, input }, signal)) };
      } catch (error) {
        if (isUnavailable(error)) return undefined;
        throw error;
      }
    }),
  );
  const seen = stillSeen(
    view,
    shown.filter((one) => one !== undefined),
  );
  return seen.length === 0 ? own : joinedTops([own, ...seen], input);
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

/** What was done, and through which share when it was done in another org. */
export interface Taken {
  alert: Alert;
  via?: ShareEntry;
}

/** An alert of this org, or of what another shows to its editors. It cannot be undone by looking again. */
export async function takeAlert(
  view: View,
  own: (org: Calls<OrgVerbs>) => Promise<{ alert: Alert }>,
  shared: (source: Calls<OrgVerbs>, grant: DoorGrant) => Promise<{ alert: Alert }>,
): Promise<Taken> {
  const { edge, orgId, role } = view;
  let missing: unknown;
  try {
    return await own(view.org);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    missing = error;
  }
  for (const share of visibleShares(edge, orgId, role)) {
    if (!roleCovers(share.role, "editor")) continue;
    try {
      return { ...(await shared(edge.shards.org(share.sourceOrgId), grantOf(edge, share))), via: share };
    } catch (error) {
      if (!isNotFound(error) && !isUnavailable(error)) throw error;
    }
  }
  throw missing;
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
function stillSeen<T extends { share: ShareEntry }>({ edge, orgId, role }: View, shown: T[]): T[] {
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
