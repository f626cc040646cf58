/**
 * The one narrow way in which an org is seen from outside: a door onto one resource and its parts. It
 * stands in the actor of the org that shares, so that nothing else ever leaves it; the edge decides
 * whose door it is and whether it is open, and asks again for every answer and event. One thing may be
 * done through a door to editors: to say that somebody takes care of an alert, or does not after all.
 */
import type { AlertEventType } from "../alerts/alert-book.ts";
import * as incidents from "../alerts/incidents.ts";
import type { AcknowledgeInput, Alert, AlertList, Author, NamedAlertInput } from "../contract/alerts.ts";
import type { DoorGrant, DoorWatch } from "../contract/doors.ts";
import type { ExportInput, ExportPage, ExportPageInput, ExportPlan } from "../contract/export.ts";
import type {
  HistoryLatest,
  HistoryLatestInput,
  HistoryRange,
  HistoryRangeInput,
  HistoryTop,
  HistoryTopInput,
} from "../contract/history.ts";
import type { AlertId, OrgId, ResourceId, ShareId } from "../contract/ids.ts";
import type { ResourcesChanged } from "../contract/live.ts";
import type { ListSeriesInput, SelectedSeries, SelectInput, SeriesList } from "../contract/prometheus.ts";
import type { ReadyJson } from "../contract/ready-json.ts";
import {
  RESOURCES_PER_SHARE,
  type Resource,
  type ResourceChange,
  type ResourceList,
  type ResourceListInput,
} from "../contract/resource.ts";
import { roleCovers } from "../contract/roles.ts";
import { exportPage } from "../history/export/page.ts";
import { exportPlan } from "../history/export/plan.ts";
import * as range from "../history/range.ts";
import { type Behind, listSeries } from "../history/select/matching.ts";
import { select } from "../history/select/values.ts";
import { top } from "../history/top.ts";
import type { Inventory } from "../inventory/inventory.ts";
import * as resources from "../inventory/resources.ts";
import { DomainError } from "../lib/domain-error.ts";
import type { OrgRuntime } from "./org-runtime.ts";
import { Outbox } from "./outbox.ts";

/** What is seen through a door, a page at a time; without a limit as much as a share shows at all. */
export function list(
  org: OrgRuntime,
  { grant, input }: { grant: DoorGrant; input: ResourceListInput },
): ResourceList {
  const limit = input.limit ?? RESOURCES_PER_SHARE;
  return resources.list({ inventory: { all: () => allBehind(org, grant) } }, { ...input, limit });
}

/** As they are seen from outside. */
function* allBehind({ inventory }: OrgRuntime, grant: DoorGrant): Generator<Resource> {
  for (const resource of inventory.all())
    if (isBehind(inventory, grant, resource.id)) yield seen(resource, grant);
}

export function get(org: OrgRuntime, input: DoorGrant & { id: ResourceId }): { resource: Resource } {
  const resource = org.inventory.get(input.id);
  if (!resource || !isBehind(org.inventory, input, input.id)) throw notThere();
  return { resource: seen(resource, input) };
}

export function historyRange(
  org: OrgRuntime,
  { grant, input }: { grant: DoorGrant; input: HistoryRangeInput },
  signal?: AbortSignal,
): Promise<ReadyJson<HistoryRange>> {
  if (!isBehind(org.inventory, grant, input.resourceId)) throw notThere();
  /* Not among the reads of the org's own people: whoever looks in from outside waits for their like only. */
  return range.range(org, input, { signal, reads: org.doorReads });
}

export function historyTop(
  org: OrgRuntime,
  { grant, input }: { grant: DoorGrant; input: HistoryTopInput },
  signal?: AbortSignal,
): Promise<HistoryTop> {
  if (input.within && !isBehind(org.inventory, grant, input.within)) throw notThere();
  return top(org, input, { signal, seen: () => allBehind(org, grant), reads: org.doorReads });
}

export function historyLatest(
  org: OrgRuntime,
  { grant, input }: { grant: DoorGrant; input: HistoryLatestInput },
): HistoryLatest | Promise<HistoryLatest> {
  if (!isBehind(org.inventory, grant, input.resourceId)) throw notThere();
  return range.latest(org, input);
}

export async function exportPlanThrough(
  org: OrgRuntime,
  { grant, input }: { grant: DoorGrant; input: ExportInput },
): Promise<ExportPlan> {
  if (!isBehind(org.inventory, grant, input.resourceId)) throw notThere();
  return exportPlan(org, input, grant.resourceId);
}

/** What has moved away from behind the door since the export began ends it. */
export async function exportPageThrough(
  org: OrgRuntime,
  { grant, input }: { grant: DoorGrant; input: ExportPageInput },
): Promise<ExportPage> {
  for (const { id } of input.series) if (!isBehind(org.inventory, grant, id)) throw notThere();
  return exportPage(org, input, org.doorExportReads);
}

export function selectThrough(
  org: OrgRuntime,
  { grant, input }: { grant: DoorGrant; input: SelectInput },
): Promise<SelectedSeries[]> {
  return select(org, input, behind(grant), org.doorReads);
}

export function listSeriesThrough(
  org: OrgRuntime,
  { grant, input }: { grant: DoorGrant; input: ListSeriesInput },
): Promise<SeriesList> {
  return listSeries(org, input, behind(grant));
}

function behind({ resourceId, sharedFrom }: DoorGrant): Behind {
  return { resourceId, sharedFrom: sharedFrom.org.name };
}

/** What is wrong now with what is behind the door. */
export function alerts(org: OrgRuntime, { grant }: { grant: DoorGrant }): AlertList {
  const { inventory } = org;
  const behind = org.alerts.open().filter(({ resource }) => isBehind(inventory, grant, resource.id));
  return { alerts: behind.map((alert) => seenAlert(inventory, alert, grant)) };
}

interface DeedThrough<Input> {
  grant: DoorGrant;
  input: Input;
  /** Somebody of the org that sees it. */
  by: Author;
}

export async function acknowledge(
  org: OrgRuntime,
  { grant, input, by }: DeedThrough<AcknowledgeInput>,
): Promise<{ alert: Alert }> {
  requireInReach(org, grant, input);
  return takenThrough(org, grant, await incidents.acknowledge(org, { input, by }));
}

export async function unacknowledge(
  org: OrgRuntime,
  { grant, input, by }: DeedThrough<NamedAlertInput>,
): Promise<{ alert: Alert }> {
  requireInReach(org, grant, input);
  return takenThrough(org, grant, await incidents.unacknowledge(org, { input, by }));
}

/** Open, behind the door, and the door one to editors. */
function requireInReach({ alerts, inventory }: OrgRuntime, grant: DoorGrant, { id }: NamedAlertInput): void {
  const alert = alerts.find(id);
  if (!alert || alert.resolvedAt !== undefined) throw notThere("alert");
  if (!isBehind(inventory, grant, alert.resource.id)) throw notThere("alert");
  if (!roleCovers(grant.sharedFrom.role, "editor")) throw notThere("alert");
}

function takenThrough(
  { inventory }: OrgRuntime,
  grant: DoorGrant,
  { alert }: { alert: Alert },
): { alert: Alert } {
  return { alert: seenAlert(inventory, alert, grant) };
}

interface BehindDoors {
  inventory: Inventory;
  alerts: { open(): Alert[] };
}

interface Publish {
  resources(targetOrgId: OrgId, via: ShareId, data: ResourcesChanged): void;
  alert(targetOrgId: OrgId, via: ShareId, type: AlertEventType, alert: Alert): void;
}

/** Hands changes on to the open pages of those an org shares with. */
export class Doors {
  readonly #org: BehindDoors;
  readonly #publish: Publish;
  #doors: OpenDoor[] = [];

  constructor(org: BehindDoors, publish: Publish) {
    this.#org = org;
    this.#publish = publish;
  }

  /** These and no others. */
  set(watches: DoorWatch[]): void {
    const before = new Map(this.#doors.map((door) => [door.key, door]));
    this.#doors = watches.map((watch) => {
      const key = JSON.stringify(watch);
      /* One that stays as it is keeps what is on its way. */
      const same = before.get(key);
      before.delete(key);
      return same ?? this.#open(key, watch);
    });
    for (const door of before.values()) door.outbox.stop();
  }

  #open(key: string, watch: DoorWatch): OpenDoor {
    const { targetOrgId, sharedFrom } = watch;
    const outbox = new Outbox((data) => this.#publish.resources(targetOrgId, sharedFrom.shareId, data));
    const tell: OpenDoor["tell"] = (type, alert) =>
      this.#publish.alert(targetOrgId, sharedFrom.shareId, type, alert);
    return new OpenDoor(this.#org, { key, grant: watch, outbox, tell });
  }

  pass(change: ResourcesChanged): void {
    for (const door of this.#doors) door.pass(change);
  }

  passAlert(type: AlertEventType, alert: Alert): void {
    for (const door of this.#doors) door.passAlert(type, alert);
  }

  stop(): void {
    for (const door of this.#doors) door.outbox.stop();
    this.#doors = [];
  }
}

class OpenDoor {
  readonly #inventory: Inventory;
  readonly #grant: DoorGrant;
  readonly key: string;
  readonly outbox: Outbox;
  readonly tell: (type: AlertEventType, alert: Alert) => void;
  /** What is known to be behind it: for what is removed there is nobody left to ask. */
  readonly #behind = new Set<ResourceId>();
  /** And which open alerts, for the same reason. */
  readonly #alerts = new Set<AlertId>();

  constructor(
    { inventory, alerts }: BehindDoors,
    {
      key,
      grant,
      outbox,
      tell,
    }: { key: string; grant: DoorGrant; outbox: Outbox; tell: (type: AlertEventType, alert: Alert) => void },
  ) {
    this.#inventory = inventory;
    this.key = key;
    this.#grant = grant;
    this.outbox = outbox;
    this.tell = tell;
    for (const { id } of inventory.all()) if (isBehind(inventory, grant, id)) this.#behind.add(id);
    for (const { id, resource } of alerts.open()) if (this.#behind.has(resource.id)) this.#alerts.add(id);
  }

  passAlert(type: AlertEventType, alert: Alert): void {
    const isShown = isBehind(this.#inventory, this.#grant, alert.resource.id);
    if (!isShown && !this.#alerts.has(alert.id)) return;
    const isOver = alert.resolvedAt !== undefined;
    if (isShown && !isOver) this.#alerts.add(alert.id);
    else this.#alerts.delete(alert.id);
    /* What was moved out from behind the door is over, as far as is seen through it. */
    const seenOf = seenAlert(this.#inventory, alert, this.#grant);
    if (isShown || isOver) this.tell(type, seenOf);
    else this.tell("alert.resolved", { ...seenOf, resolvedAt: alert.changedAt, end: "gone" });
  }

  pass({ changed, removed }: ResourcesChanged): void {
    const shown: ResourceChange[] = [];
    const gone: ResourceId[] = removed.filter((id) => this.#behind.delete(id));
    for (const change of changed) {
      if (isBehind(this.#inventory, this.#grant, change.id)) {
        const seenOf = this.#seenChange(change);
        if (Object.keys(seenOf).length > 1) shown.push(seenOf);
      } else if (this.#behind.delete(change.id)) gone.push(change.id);
    }
    /* What moves takes its parts along, whether they are named or not. */
    if (changed.some((change) => "parentId" in change)) {
      for (const id of this.#behind) {
        if (isBehind(this.#inventory, this.#grant, id)) continue;
        this.#behind.delete(id);
        gone.push(id);
      }
    }
    if (shown.length > 0 || gone.length > 0) this.outbox.put({ changed: shown, removed: gone });
  }

  /** Of what is new behind the door everything is told, not only what changed. */
  #seenChange(change: ResourceChange): ResourceChange {
    const resource = this.#inventory.get(change.id);
    if (resource && !this.#behind.has(change.id)) {
      this.#behind.add(change.id);
      return seen(resource, this.#grant);
    }
    const { sources: _, own: __, ...rest } = change;
    if (change.id === this.#grant.resourceId) delete rest.parentId;
    return rest;
  }
}

function isBehind(inventory: Inventory, { resourceId }: DoorGrant, id: ResourceId): boolean {
  return inventory.isWithin(id, resourceId);
}

/** As it is seen from outside: marked, without who reports it, what it is a part of, and what was said about it. */
function seen(resource: Resource, { resourceId, sharedFrom }: DoorGrant): Resource {
  const { parentId, own: _, ...rest } = resource;
  return {
    ...rest,
    ...(parentId && resource.id !== resourceId && { parentId }),
    sources: [],
    sharedFrom,
  };
}

/** Without who did what about it, and without what stands beside the door. */
function seenAlert(inventory: Inventory, alert: Alert, grant: DoorGrant): Alert {
  const { acknowledged, silencedBy: _, on, behind, subject, ...rest } = alert;
  const isSeen = (id: ResourceId) => isBehind(inventory, grant, id);
  return {
    ...rest,
    subject: isSeen(subject.id) ? subject : alert.resource,
    ...(on && isSeen(on.id) && { on }),
    ...(behind && isSeen(behind) && { behind }),
    ...(acknowledged && { acknowledged: { at: acknowledged.at } }),
    sharedFrom: grant.sharedFrom,
  };
}

function notThere(what = "resource"): DomainError {
  return new DomainError("not_found", `There is no such ${what}.`);
}
