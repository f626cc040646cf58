import { integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/**
 * What one source sees of one thing. Its newest metrics are not here but in the newest `sample` of
 * its source. Things that two sources see are one where `merge` says so.
 */
export const resource = sqliteTable(
  "resource",
  {
    id: text("id").primaryKey(),
    source: text("source").notNull(),
    key: text("key").notNull(),
    parentKey: text("parent_key"),
    kind: text("kind").notNull(),
    name: text("name").notNull(),
    status: text("status").notNull(),
    attributes: text("attributes", { mode: "json" }).$type<Record<string, unknown>>().notNull(),
    createdAt: integer("created_at").notNull(),
    lastSeenAt: integer("last_seen_at").notNull(),
  },
  (table) => [uniqueIndex("resource_source_key").on(table.source, table.key)],
);

/** The last report of each source that is on disk: what came with it or before is a repeat. */
export const reportCursor = sqliteTable("report_cursor", {
  source: text("source").primaryKey(),
  boot: text("boot").notNull(),
  seq: integer("seq").notNull(),
  at: integer("at").notNull(),
  intervalMs: integer("interval_ms").notNull(),
  /** Numbers below `seq` that never came, as `[first, last]` pairs; null: none. */
  missing: text("missing", { mode: "json" }).$type<[number, number][]>(),
});

/** What people said about a resource. */
export const ownFacts = sqliteTable("own_facts", {
  resourceId: text("resource_id").primaryKey(),
  name: text("name"),
  notes: text("notes"),
  tags: text("tags", { mode: "json" }).$type<string[]>(),
  link: text("link"),
  expectedOff: integer("expected_off", { mode: "boolean" }).notNull(),
});

/** What two sources see is one thing: `absorbed` is shown as a part of the picture of `into`. */
export const merge = sqliteTable("merge", {
  id: text("id").primaryKey(),
  absorbed: text("absorbed").notNull().unique(),
  into: text("into").notNull(),
  how: text("how", { enum: ["found", "said"] }).notNull(),
  evidence: text("evidence").notNull(),
  at: integer("at").notNull(),
});

/** These two were separated by a person, and are not found to be the same again. */
export const separation = sqliteTable(
  "separation",
  { first: text("first").notNull(), second: text("second").notNull(), at: integer("at").notNull() },
  (table) => [primaryKey({ columns: [table.first, table.second] })],
);
