import { blob, index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Somewhere messages are sent to. */
export const channel = sqliteTable("channel", {
  id: text("id").primaryKey(),
  type: text("type").notNull(),
  name: text("name").notNull(),
  /** Without what is sealed. */
  config: text("config", { mode: "json" }).$type<Record<string, unknown>>().notNull(),
  /** Names of what is sealed in `secrets`. */
  secretsSet: text("secrets_set", { mode: "json" }).$type<string[]>().notNull(),
  /** JSON, sealed with the key of this org; bound to this row. */
  secrets: blob("secrets", { mode: "buffer" }),
  enabled: integer("enabled", { mode: "boolean" }).notNull(),
  /** `warning`: everything. `critical`: what is less is not told here. */
  leastLevel: text("least_level").notNull(),
  createdAt: integer("created_at").notNull(),
  updatedAt: integer("updated_at").notNull(),
  lastSentAt: integer("last_sent_at"),
  /** What went wrong last; null: nothing since the last message was taken. */
  problemAt: integer("problem_at"),
  problemFailure: text("problem_failure"),
  problemMessage: text("problem_message"),
  /** Since when nothing has been taken; null: it was, last. */
  problemSince: integer("problem_since"),
  /** That its messages do not arrive was told to the others. */
  isTroubleTold: integer("is_trouble_told", { mode: "boolean" }).notNull().default(false),
});

/** One message to one channel, from when it was decided on until its line is thrown away. */
export const delivery = sqliteTable(
  "delivery",
  {
    /** In the order they were decided on. */
    seq: integer("seq").primaryKey({ autoIncrement: true }),
    id: text("id").notNull().unique(),
    channelId: text("channel_id").notNull(),
    /** `waiting`, `sent`, `dead` (given up), `cancelled` (not needed any more). */
    state: text("state").notNull(),
    /** The message, as JSON. */
    message: text("message").notNull(),
    attempts: integer("attempts").notNull(),
    /** An attempt may have been taken although it did not end well. */
    isUncertain: integer("is_uncertain", { mode: "boolean" }).notNull(),
    createdAt: integer("created_at").notNull(),
    /** Not before. */
    dueAt: integer("due_at").notNull(),
    triedAt: integer("tried_at"),
    doneAt: integer("done_at"),
    failure: text("failure"),
    problem: text("problem"),
    status: integer("status"),
    tookMs: integer("took_ms"),
  },
  (table) => [index("delivery_channel_state").on(table.channelId, table.state)],
);

/** Whom an alert was told that is not over: those are told when it is. */
export const told = sqliteTable(
  "told",
  {
    channelId: text("channel_id").notNull(),
    alertId: text("alert_id").notNull(),
    at: integer("at").notNull(),
    /** How bad it was said to be, last. */
    level: text("level").notNull().default("critical"),
  },
  (table) => [primaryKey({ columns: [table.channelId, table.alertId] })],
);

/** What browsers know this org by, when any does; one row. */
export const pushKey = sqliteTable("push_key", {
  id: integer("id").primaryKey(),
  /** JWK, sealed with the key of this org. */
  key: blob("key", { mode: "buffer" }).notNull(),
  createdAt: integer("created_at").notNull(),
});

/** Who is told of what: one row, once somebody has set it. */
export const routeSettings = sqliteTable("route_settings", {
  id: integer("id").primaryKey(),
  revision: integer("revision").notNull(),
  settings: text("settings", { mode: "json" }).$type<Record<string, unknown>>().notNull(),
});

/** What somebody is to be told of later, because they want to be left alone now. What it says is asked for then. */
export const held = sqliteTable(
  "held",
  {
    channelId: text("channel_id").notNull(),
    alertId: text("alert_id").notNull(),
    until: integer("until").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.channelId, table.alertId] }),
    index("held_until").on(table.until),
    index("held_alert").on(table.alertId),
  ],
);

/** What is looked at again at its time, of alerts that are open. */
export const followUp = sqliteTable(
  "follow_up",
  {
    alertId: text("alert_id").notNull(),
    /** `repeat`, `escalate`. */
    kind: text("kind").notNull(),
    /** By the name of the route; empty: what no route has kept. */
    route: text("route").notNull(),
    /** From when it counts. */
    since: integer("since").notNull(),
    /** Null: it has been done, and is done once. */
    dueAt: integer("due_at"),
  },
  (table) => [
    primaryKey({ columns: [table.alertId, table.kind, table.route] }),
    index("follow_up_due").on(table.dueAt),
  ],
);

/** What was decided at each moment at which somebody could have been told of an alert. */
export const decision = sqliteTable(
  "decision",
  {
    seq: integer("seq").primaryKey({ autoIncrement: true }),
    alertId: text("alert_id").notNull(),
    at: integer("at").notNull(),
    event: text("event").notNull(),
    level: text("level").notNull(),
    /** Why nobody was told. */
    why: text("why"),
    tellings: text("tellings", { mode: "json" }).$type<Record<string, unknown>[]>().notNull(),
  },
  (table) => [index("decision_alert").on(table.alertId, table.seq)],
);
