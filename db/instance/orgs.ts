import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { user } from "./people.ts";

const ROLES = ["viewer", "editor", "admin", "owner"] as const;

/** A deleted org keeps its row, and so its slug, until it is purged. */
export const org = sqliteTable("org", {
  id: text("id").primaryKey(),
  slug: text("slug").notNull().unique(),
  name: text("name").notNull(),
  primaryDomain: text("primary_domain").unique(),
  state: text("state", { enum: ["active", "suspended", "deleted"] }).notNull(),
  createdAt: integer("created_at").notNull(),
  deletedAt: integer("deleted_at"),
  /** Outlives a deletion: what an operator suspended comes back suspended. */
  suspendedAt: integer("suspended_at"),
  /** What an operator set; a limit that is absent has its standard value. */
  limits: text("limits", { mode: "json" }).$type<Record<string, number>>(),
  /** Has, or may have, sources that the server asks: woken at every start. */
  polled: integer("polled", { mode: "boolean" }).notNull().default(false),
});

export const membership = sqliteTable(
  "membership",
  {
    orgId: text("org_id")
      .notNull()
      .references(() => org.id, { onDelete: "cascade" }),
    userId: text("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    role: text("role", { enum: ROLES }).notNull(),
    createdAt: integer("created_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.orgId, table.userId] }),
    uniqueIndex("membership_one_owner").on(table.orgId).where(sql`role = 'owner'`),
  ],
);

/** An open invitation. Accepted, declined and revoked ones are gone; the audit remembers them. */
export const invitation = sqliteTable(
  "invitation",
  {
    id: text("id").primaryKey(),
    /** SHA-256 of the secret in the link. */
    secretHash: text("secret_hash").notNull().unique(),
    orgId: text("org_id")
      .notNull()
      .references(() => org.id, { onDelete: "cascade" }),
    email: text("email").notNull(),
    role: text("role", { enum: ROLES }).notNull(),
    invitedBy: text("invited_by").references(() => user.id, { onDelete: "set null" }),
    createdAt: integer("created_at").notNull(),
    expiresAt: integer("expires_at").notNull(),
  },
  (table) => [uniqueIndex("invitation_org_email").on(table.orgId, table.email)],
);

/** One resource of one org, and its parts, shown to another. Declined and withdrawn ones are gone. */
export const share = sqliteTable(
  "share",
  {
    id: text("id").primaryKey(),
    sourceOrgId: text("source_org_id")
      .notNull()
      .references(() => org.id, { onDelete: "cascade" }),
    targetOrgId: text("target_org_id")
      .notNull()
      .references(() => org.id, { onDelete: "cascade" }),
    resourceId: text("resource_id").notNull(),
    /** As it was called when it was shared: the target sees this before it accepts. */
    resourceName: text("resource_name").notNull(),
    resourceKind: text("resource_kind").notNull(),
    role: text("role", { enum: ["viewer", "editor", "admin"] }).notNull(),
    state: text("state", { enum: ["pending", "accepted"] }).notNull(),
    createdAt: integer("created_at").notNull(),
    acceptedAt: integer("accepted_at"),
    expiresAt: integer("expires_at"),
  },
  (table) => [
    uniqueIndex("share_what_to_whom").on(table.sourceOrgId, table.targetOrgId, table.resourceId),
    index("share_target").on(table.targetOrgId),
  ],
);
