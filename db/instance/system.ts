import { blob, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** What an operator decided about the instance, and what it knows about itself. */
export const setting = sqliteTable("setting", {
  key: text("key").primaryKey(),
  value: text("value").notNull(),
});

/**
 * Answers of calls that created something, for a day. The answer may hold a secret that is stored
 * nowhere else, so it is sealed with a key that only who knows the idempotency key can make.
 */
export const idempotency = sqliteTable(
  "idempotency",
  {
    orgId: text("org_id").notNull(),
    /** Person or token. */
    caller: text("caller").notNull(),
    /** SHA-256 of the key the caller chose. */
    keyHash: text("key_hash").notNull(),
    /** SHA-256 of what was asked: procedure and input. */
    requestHash: text("request_hash").notNull(),
    answer: blob("answer", { mode: "buffer" }).notNull(),
    createdAt: integer("created_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.orgId, table.caller, table.keyHash] })],
);
