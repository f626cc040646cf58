/**
 * The one narrow way in which an org is seen from outside: a door, read-only, onto one resource and
 * its parts. It stands in the actor of the org that shares, so that nothing else ever leaves it; the
 * edge decides whose door it is and whether it is open, and asks again for every answer and event.
 */
import type { DoorGrant, DoorWatch } from "../contract/doors.ts";
import type {
  HistoryLatest,
  HistoryLatestInput,
  HistoryRange,
  HistoryRangeInput,
} from "../contract/history.ts";
import type { OrgId, ResourceId, ShareId } from "../contract/ids.ts";
import type { ResourcesChanged } from "../contract/live.ts";
import type { ReadyJson } from "../contract/ready-json.ts";
import {
  RESOURCES_PER_SHARE,
  type Resource,
  type ResourceChange,
  type ResourceList,
  type ResourceListInput,
} from "../contract/resource.ts";
import * as range from "../history/range.ts";
import type { Inventory } from "../inventory/inventory.ts";
import * as resources from "../inventory/resources.ts";
import { DomainError } from "../lib/domain-error.ts";
import type { OrgRuntime } from "./org-runtime.ts";
import { Outbox } from "./outbox.ts";

/** A part of a part of a part: deeper is no machine any more. */
const MAX_DEPTH = 8;

/** What is seen through a door, a page at a time; without a limit as much as a share shows at all. */
export function list(
  org: OrgRuntime,
  { grant, input }: { grant: DoorGrant; input: ResourceListInput },
): ResourceList {
  const { inventory } = org;
  const behind = function* () {
    for (const resource of inventory.all()) if (isBehind(inventory, grant, resource.id)) yield resource;
  };
  const limit = input.limit ?? RESOURCES_PER_SHARE;
  const page = resources.list({ inventory: { all: behind } }, { ...input, limit });
  return { ...page, resources: page.resources.map((resource) => seen(resource, grant)) };
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

export function historyLatest(
  org: OrgRuntime,
  { grant, input }: { grant: DoorGrant; input: HistoryLatestInput },
): HistoryLatest | Promise<HistoryLatest> {
  if (!isBehind(org.inventory, grant, input.resourceId)) throw notThere();
  return range.latest(org, input);
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
  let current: ResourceId | undefined = id;
  for (let depth = 0; current !== undefined && depth < MAX_DEPTH; depth++) {
    if (current === resourceId) return inventory.get(id) !== undefined;
    current = inventory.get(current)?.parentId;
  }
  return false;
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
