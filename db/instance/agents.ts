import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { org } from "./orgs.ts";

/** A machine that reports, or may begin to; its token is stored only as its SHA-256. */
export const agent = sqliteTable("agent", {
  id: text("id").primaryKey(),
  orgId: text("org_id")
    .notNull()
    .references(() => org.id, { onDelete: "cascade" }),
  name: text("name").notNull(),
  secretHash: text("secret_hash").notNull().unique(),
  /** The token for many it enrolled with; null: its own was made for it. */
  enrolmentId: text("enrolment_id"),
  createdAt: integer("created_at").notNull(),
  /** Until when it can report for the first time; null: it has. */
  beginBefore: integer("begin_before"),
});

/** A token with which any number of machines may enrol for a time. */
export const enrolment = sqliteTable("enrolment", {
  id: text("id").primaryKey(),
  orgId: text("org_id")
    .notNull()
    .references(() => org.id, { onDelete: "cascade" }),
  name: text("name").notNull(),
  secretHash: text("secret_hash").notNull().unique(),
  createdAt: integer("created_at").notNull(),
  expiresAt: integer("expires_at").notNull(),
  used: integer("used").notNull(),
});
