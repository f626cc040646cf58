import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Alerts, open and past. What is looked for stands in columns, the rest of the alert in `facts`. */
export const alert = sqliteTable(
  "alert",
  {
    id: text("id").primaryKey(),
    rule: text("rule").notNull(),
    resourceId: text("resource_id").notNull(),
    /** The machine it is on, or the resource itself. */
    placeId: text("place_id").notNull(),
    level: text("level").notNull(),
    firedAt: integer("fired_at").notNull(),
    /** Null: open. */
    resolvedAt: integer("resolved_at"),
    facts: text("facts", { mode: "json" }).$type<Record<string, unknown>>().notNull(),
  },
  (table) => [
    index("alert_fired").on(table.firedAt, table.id),
    index("alert_resolved").on(table.resolvedAt),
    index("alert_resource").on(table.resourceId, table.firedAt),
    index("alert_place").on(table.placeId, table.firedAt),
  ],
);

/** What happened to each, in the order in which it was written: also what whoever tells people reads. */
export const alertEntry = sqliteTable(
  "alert_entry",
  {
    seq: integer("seq").primaryKey({ autoIncrement: true }),
    alertId: text("alert_id").notNull(),
    at: integer("at").notNull(),
    type: text("type").notNull(),
    facts: text("facts", { mode: "json" }).$type<Record<string, unknown>>().notNull(),
  },
  (table) => [index("alert_entry_alert").on(table.alertId, table.seq)],
);

/** How far a rule has come with a resource: what waits for its delay, what is open, what came and went. */
export const alertStand = sqliteTable(
  "alert_stand",
  {
    resourceId: text("resource_id").notNull(),
    rule: text("rule").notNull(),
    stand: text("stand", { mode: "json" }).$type<Record<string, unknown>>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.resourceId, table.rule] })],
);

/** What is different from the rules Pulse comes with: one row. */
export const alertSettings = sqliteTable("alert_settings", {
  id: integer("id").primaryKey(),
  revision: integer("revision").notNull(),
  settings: text("settings", { mode: "json" }).$type<Record<string, unknown>>().notNull(),
});

export const silence = sqliteTable("silence", {
  id: text("id").primaryKey(),
  facts: text("facts", { mode: "json" }).$type<Record<string, unknown>>().notNull(),
  createdAt: integer("created_at").notNull(),
});
