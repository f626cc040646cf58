/** The inventory's rows: what is read at the start, and how what changed is written. */
import { eq, or, sql } from "drizzle-orm";
import type { Database } from "../../db/driver.ts";
import { merge, ownFacts, resource as resourceTable, separation } from "../../db/org/inventory.ts";
import { preparedOn } from "../../db/prepared.ts";
import { MergeId, ResourceId } from "../contract/ids.ts";
import { type OwnFacts, type Resource, ResourceKind, ResourceStatus } from "../contract/resource.ts";
import type { Join } from "./joins.ts";
import { lastingAttributes } from "./merge.ts";

/** Where a view comes from: unique together. */
export interface Origin {
  source: string;
  key: string;
  parentKey: string | undefined;
}

export interface StoredView {
  origin: Origin;
  /** Without a parent: the keys say what is a part of what. */
  resource: Resource;
}

export function readViews(db: Database): StoredView[] {
  const rows = db.orm.select().from(resourceTable).all();
  return rows.map((row) => ({
    origin: { source: row.source, key: row.key, parentKey: row.parentKey ?? undefined },
    resource: {
      id: ResourceId.parse(row.id),
      kind: ResourceKind.parse(row.kind),
      name: row.name,
      status: ResourceStatus.parse(row.status),
      sources: [row.source],
      lastSeenAt: row.lastSeenAt,
      attributes: row.attributes,
      metrics: {},
    },
  }));
}

export function writeView(db: Database, { origin, resource }: StoredView): void {
  const { id, kind, name, status, attributes, lastSeenAt } = resource;
  const { source, key, parentKey } = origin;
  upsertView(db).run({
    id,
    source,
    key,
    parentKey: parentKey ?? null,
    kind,
    name,
    status,
    attributes: lastingAttributes(attributes),
    lastSeenAt,
  });
}

const upsertView = preparedOn((db) => {
  const { placeholder } = sql;
  const row = {
    source: placeholder("source"),
    key: placeholder("key"),
    parentKey: placeholder("parentKey"),
    kind: placeholder("kind"),
    name: placeholder("name"),
    status: placeholder("status"),
    attributes: placeholder("attributes"),
    lastSeenAt: placeholder("lastSeenAt"),
  };
  return db.orm
    .insert(resourceTable)
    .values({ id: placeholder("id"), createdAt: placeholder("lastSeenAt"), ...row })
    .onConflictDoUpdate({
      target: resourceTable.id,
      set: {
        parentKey: sql`excluded.parent_key`,
        kind: sql`excluded.kind`,
        name: sql`excluded.name`,
        status: sql`excluded.status`,
        attributes: sql`excluded.attributes`,
        lastSeenAt: sql`excluded.last_seen_at`,
      },
    })
    .prepare();
});

/** And what people said about it. */
export function deleteView(db: Database, id: ResourceId): void {
  db.orm.delete(resourceTable).where(eq(resourceTable.id, id)).run();
  db.orm.delete(ownFacts).where(eq(ownFacts.resourceId, id)).run();
  db.orm
    .delete(merge)
    .where(or(eq(merge.absorbed, id), eq(merge.into, id)))
    .run();
  db.orm
    .delete(separation)
    .where(or(eq(separation.first, id), eq(separation.second, id)))
    .run();
}

export function readOwnFacts(db: Database): [ResourceId, OwnFacts][] {
  return db.orm
    .select()
    .from(ownFacts)
    .all()
    .map((row) => [
      ResourceId.parse(row.resourceId),
      {
        ...(row.name !== null && { name: row.name }),
        ...(row.notes !== null && { notes: row.notes }),
        ...(row.tags !== null && { tags: row.tags }),
        ...(row.link !== null && { link: row.link }),
        ...(row.expectedOff && { expectedOff: true as const }),
      },
    ]);
}

export function writeOwnFacts(db: Database, id: ResourceId, own: OwnFacts | undefined): void {
  if (!own) {
    db.orm.delete(ownFacts).where(eq(ownFacts.resourceId, id)).run();
    return;
  }
  const row = {
    name: own.name ?? null,
    notes: own.notes ?? null,
    tags: own.tags ?? null,
    link: own.link ?? null,
    expectedOff: own.expectedOff ?? false,
  };
  db.orm
    .insert(ownFacts)
    .values({ resourceId: id, ...row })
    .onConflictDoUpdate({ target: ownFacts.resourceId, set: row })
    .run();
}

export function readJoins(db: Database): Join[] {
  const rows = db.orm.select().from(merge).all();
  return rows.map((row) => ({
    ...row,
    id: MergeId.parse(row.id),
    absorbed: ResourceId.parse(row.absorbed),
    into: ResourceId.parse(row.into),
  }));
}

/** All of them anew: there are few. */
export function writeJoins(db: Database, joins: Iterable<Join>): void {
  db.orm.delete(merge).run();
  for (const join of joins) db.orm.insert(merge).values(join).run();
}

export function readSeparations(db: Database): string[] {
  return db.orm
    .select()
    .from(separation)
    .all()
    .map(({ first, second }) => pairKey(ResourceId.parse(first), ResourceId.parse(second)));
}

export function writeSeparation(db: Database, one: ResourceId, other: ResourceId, at: number): void {
  const [first, second] = [one, other].sort() as [ResourceId, ResourceId];
  db.orm.insert(separation).values({ first, second, at }).onConflictDoNothing().run();
}

export function pairKey(one: ResourceId, other: ResourceId): string {
  return [one, other].sort().join(" ");
}
