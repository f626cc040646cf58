import { blob, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Which series the values of a sample or a chunk belong to, by position: `[resourceId, metric]`. */
export const sampleLayout = sqliteTable("sample_layout", {
  id: integer("id").primaryKey(),
  columns: text("columns").notNull().unique(),
});

/** One report's values, until its hour is sealed. Rows of a source lie next to each other in the order of time. */
export const sample = sqliteTable(
  "sample",
  {
    source: text("source").notNull(),
    at: integer("at").notNull(),
    layoutId: integer("layout_id")
      .notNull()
      .references(() => sampleLayout.id),
    /** Little-endian float32 per column of the layout; see `history/sample-codec`. */
    packed: blob("packed", { mode: "buffer" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.source, table.at] })],
);

/** The number under which chunks of a source are kept. */
export const historySource = sqliteTable("history_source", {
  id: integer("id").primaryKey(),
  source: text("source").notNull().unique(),
});

/** What a source said over a span, sealed. The id is made of source, tier and time; see `history/chunk-table`. */
export const chunk = sqliteTable("chunk", {
  id: integer("id").primaryKey(),
  rows: integer("rows").notNull(),
  layoutId: integer("layout_id")
    .notNull()
    .references(() => sampleLayout.id),
  head: blob("head", { mode: "buffer" }).notNull(),
});

/** The series of a chunk; the id is made of the chunk's. */
export const chunkPart = sqliteTable("chunk_part", {
  id: integer("id").primaryKey(),
  bytes: blob("bytes", { mode: "buffer" }).notNull(),
});

/** How many bytes begin when, in one tier, of all sources together; see `history/use`. */
export const historyUse = sqliteTable(
  "history_use",
  {
    tier: integer("tier").notNull(),
    startAt: integer("start_at").notNull(),
    chunks: integer("chunks").notNull(),
    bytes: integer("bytes").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tier, table.startAt] })],
);

/** How long history is kept, in days by tier: one row, once somebody has said so. */
export const retention = sqliteTable("retention", {
  id: integer("id").primaryKey(),
  samples: integer("samples").notNull(),
  fiveMinutes: integer("five_minutes").notNull(),
  hours: integer("hours").notNull(),
  days: integer("days").notNull(),
  /** Of the file; null: as many as its operator allows. */
  maxBytes: integer("max_bytes"),
  changedAt: integer("changed_at").notNull(),
});
