import { blob, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** What is asked of its own accord, by the server or by an agent. */
export const source = sqliteTable("source", {
  id: text("id").primaryKey(),
  type: text("type").notNull(),
  name: text("name").notNull(),
  config: text("config", { mode: "json" }).$type<Record<string, unknown>>().notNull(),
  /** Names of what is sealed in `secrets`. */
  secretsSet: text("secrets_set", { mode: "json" }).$type<string[]>().notNull(),
  /** JSON, sealed with the key of this org; bound to this row. */
  secrets: blob("secrets", { mode: "buffer" }),
  intervalMs: integer("interval_ms").notNull(),
  enabled: integer("enabled", { mode: "boolean" }).notNull(),
  /** An agent's id; null: the server. */
  agentId: text("agent_id"),
  createdAt: integer("created_at").notNull(),
  updatedAt: integer("updated_at").notNull(),
  /** Of a heartbeat: when it was last heard. */
  lastBeatAt: integer("last_beat_at"),
});
