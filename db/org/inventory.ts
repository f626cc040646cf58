import { integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/** What is watched. Its newest metrics are not here but in the newest `sample` of its source. */
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
});
