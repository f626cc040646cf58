import { blob, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Which series the values of a sample belong to, by position: `[resourceId, metric]`. */
export const sampleLayout = sqliteTable("sample_layout", {
  id: integer("id").primaryKey(),
  columns: text("columns").notNull().unique(),
});

/** One report's values. Rows of a source lie next to each other in the order of time. */
export const sample = sqliteTable(
  "sample",
  {
    source: text("source").notNull(),
    at: integer("at").notNull(),
    layoutId: integer("layout_id")
      .notNull()
      .references(() => sampleLayout.id),
    /** Little-endian float32 per column of the layout; NaN where the report had no value. */
    packed: blob("packed", { mode: "buffer" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.source, table.at] })],
);
