/**
 * The one narrow way in which an org is seen from outside: a door, read-only, onto one resource and
 * its parts. It stands in the actor of the org that shares, so that nothing else ever leaves it; the
 * edge decides whose door it is and whether it is open, and asks again for every answer and event.
 */
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
import type { OrgId, ResourceId, ShareId } from "../contract/ids.ts";
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

/** Hands changes on to the open pages of those an org shares with. */
export class Doors {
  readonly #inventory: Inventory;
  readonly #publish: (targetOrgId: OrgId, via: ShareId, data: ResourcesChanged) => void;
  #doors: OpenDoor[] = [];

  constructor(
    inventory: Inventory,
    publish: (targetOrgId: OrgId, via: ShareId, data: ResourcesChanged) => void,
  ) {
    this.#inventory = inventory;
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
    const outbox = new Outbox((data) => this.#publish(watch.targetOrgId, watch.sharedFrom.shareId, data));
    return new OpenDoor(this.#inventory, { key, grant: watch, outbox });
  }

  pass(change: ResourcesChanged): void {
    for (const door of this.#doors) door.pass(change);
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
  /** What is known to be behind it: for what is removed there is nobody left to ask. */
  readonly #behind = new Set<ResourceId>();

  constructor(
    inventory: Inventory,
    { key, grant, outbox }: { key: string; grant: DoorGrant; outbox: Outbox },
  ) {
    this.#inventory = inventory;
    this.key = key;
    this.#grant = grant;
    this.outbox = outbox;
    for (const { id } of inventory.all()) if (isBehind(inventory, grant, id)) this.#behind.add(id);
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

function notThere(): DomainError {
  return new DomainError("not_found", "There is no such resource.");
}
