import { integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/**
 * What people and commands changed. Rows are only ever added: triggers refuse anything else, and
 * each row's hash covers the one before it, so that a row changed from outside is noticed.
 */
export const audit = sqliteTable(
  "audit",
  {
    /** Counts up from 1 without a hole. */
    seq: integer("seq").primaryKey(),
    at: integer("at").notNull(),
    /** The org it concerns; null for what concerns the instance. */
    orgId: text("org_id"),
    /** Counts up from 1 within the org: the place it is told there, which says nothing of other orgs. */
    orgSeq: integer("org_seq"),
    actorKind: text("actor_kind", { enum: ["person", "token", "command", "pulse"] }).notNull(),
    /** Id of the person or the token. */
    actorId: text("actor_id"),
    /** `member.role_changed`: what it was done to, and what was done. */
    action: text("action").notNull(),
    /** Id of what it was done to. */
    subject: text("subject"),
    details: text("details", { mode: "json" }).$type<Record<string, unknown>>().notNull(),
    hash: text("hash").notNull(),
  },
  (table) => [uniqueIndex("audit_org").on(table.orgId, table.orgSeq)],
);
