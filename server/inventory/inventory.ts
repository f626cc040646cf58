/**
 * The current picture of one org: every resource with its newest values, in memory, and what is kept
 * about each on disk. Only `runtime/pipeline` changes it.
 */
import { eq } from "drizzle-orm";
import type { Database } from "../../db/driver.ts";
import { resource as resourceTable } from "../../db/org/inventory.ts";
import { ResourceId } from "../contract/ids.ts";
import type { Report } from "../contract/report.ts";
import {
  type Metrics,
  type Resource,
  type ResourceChange,
  ResourceKind,
  ResourceStatus,
} from "../contract/resource.ts";
import { mintId } from "../lib/random-id.ts";
import { statusInSilence } from "./freshness.ts";
import { changeBetween, lastingAttributes, mergeResource } from "./merge.ts";

export interface PictureChange {
  changed: ResourceChange[];
  removed: ResourceId[];
}

/** Where a resource comes from: unique together. */
interface Origin {
  source: string;
  key: string;
  parentKey: string | undefined;
}

export class Inventory {
  readonly #db: Database;
  readonly #picture = new Map<ResourceId, Resource>();
  readonly #origins = new Map<ResourceId, Origin>();
  readonly #idByOrigin = new Map<string, ResourceId>();
  readonly #toWrite = new Set<ResourceId>();
  readonly #toDelete = new Set<ResourceId>();

  constructor(db: Database) {
    this.#db = db;
    this.#load();
  }

  get(id: ResourceId): Resource | undefined {
    return this.#picture.get(id);
  }

  all(): IterableIterator<Resource> {
    return this.#picture.values();
  }

  get size(): number {
    return this.#picture.size;
  }

  /** Takes a report into the picture. What it changes on disk waits for `write`. */
  merge(source: string, report: Report): PictureChange {
    const changed: ResourceChange[] = [];
    for (const reported of report.resources) this.#idFor(source, reported.key);
    for (const reported of report.resources) {
      const id = this.#idFor(source, reported.key);
      const parentId =
        reported.parent === undefined ? undefined : this.#idByOrigin.get(originKey(source, reported.parent));
      const merged = mergeResource(this.#picture.get(id), reported, { id, parentId, source }, report.at);
      this.#picture.set(id, merged.resource);
      this.#origins.set(id, { source, key: reported.key, parentKey: reported.parent });
      if (merged.described) this.#toWrite.add(id);
      changed.push(merged.change);
    }
    return { changed, removed: [] };
  }

  /** Draws the consequences of silence; `intervalOf` says how often a source reports. */
  judgeSilence(intervalOf: (source: string) => number, now: number, listeningSince: number): PictureChange {
    const change: PictureChange = { changed: [], removed: [] };
    for (const [id, resource] of this.#picture) {
      const status = statusInSilence(resource, intervalOf(resource.sources[0] ?? ""), now, listeningSince);
      if (status === resource.status) continue;
      if (status === "forgotten") {
        this.#forget(id);
        change.removed.push(id);
        continue;
      }
      const next = { ...resource, status };
      this.#picture.set(id, next);
      this.#toWrite.add(id);
      change.changed.push(changeBetween(resource, next));
    }
    return change;
  }

  /** Whether silence has nothing more to say: every machine is down, of every part it is unknown how it is. */
  get isSilent(): boolean {
    for (const { status, parentId } of this.#picture.values()) {
      if (status !== (parentId ? "unknown" : "down")) return false;
    }
    return true;
  }

  /** Puts back the values of the newest sample after a restart. */
  restoreValues(source: string, at: number, values: Map<ResourceId, Metrics>): void {
    for (const [id, metrics] of values) {
      const resource = this.#picture.get(id);
      if (resource?.sources.includes(source)) {
        this.#picture.set(id, { ...resource, metrics, lastSeenAt: Math.max(at, resource.lastSeenAt) });
      }
    }
  }

  get hasUnwritten(): boolean {
    return this.#toWrite.size > 0 || this.#toDelete.size > 0;
  }

  /** Writes what changed; inside the caller's transaction. Call `written` once that is committed. */
  write(): void {
    for (const id of this.#toDelete) this.#db.orm.delete(resourceTable).where(eq(resourceTable.id, id)).run();
    for (const id of this.#toWrite) {
      const resource = this.#picture.get(id);
      const origin = this.#origins.get(id);
      if (!resource || !origin) continue;
      const row = {
        ...origin,
        parentKey: origin.parentKey ?? null,
        kind: resource.kind,
        name: resource.name,
        status: resource.status,
        attributes: lastingAttributes(resource.attributes),
        lastSeenAt: resource.lastSeenAt,
      };
      this.#db.orm
        .insert(resourceTable)
        .values({ id, createdAt: resource.lastSeenAt, ...row })
        .onConflictDoUpdate({ target: resourceTable.id, set: row })
        .run();
    }
  }

  written(): void {
    this.#toWrite.clear();
    this.#toDelete.clear();
  }

  #idFor(source: string, key: string): ResourceId {
    const origin = originKey(source, key);
    let id = this.#idByOrigin.get(origin);
    if (!id) {
      id = ResourceId.parse(mintId("r"));
      this.#idByOrigin.set(origin, id);
    }
    return id;
  }

  #forget(id: ResourceId): void {
    const origin = this.#origins.get(id);
    if (origin) this.#idByOrigin.delete(originKey(origin.source, origin.key));
    this.#picture.delete(id);
    this.#origins.delete(id);
    this.#toWrite.delete(id);
    this.#toDelete.add(id);
  }

  #load(): void {
    const rows = this.#db.orm.select().from(resourceTable).all();
    for (const row of rows) {
      const id = ResourceId.parse(row.id);
      this.#idByOrigin.set(originKey(row.source, row.key), id);
      this.#origins.set(id, { source: row.source, key: row.key, parentKey: row.parentKey ?? undefined });
    }
    for (const row of rows) {
      const id = ResourceId.parse(row.id);
      const parentId =
        row.parentKey === null ? undefined : this.#idByOrigin.get(originKey(row.source, row.parentKey));
      this.#picture.set(id, {
        id,
        kind: ResourceKind.parse(row.kind),
        name: row.name,
        status: ResourceStatus.parse(row.status),
        ...(parentId && { parentId }),
        sources: [row.source],
        lastSeenAt: row.lastSeenAt,
        attributes: row.attributes,
        metrics: {},
      });
    }
  }
}

function originKey(source: string, key: string): string {
  return JSON.stringify([source, key]);
}
