import { integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";
import { org } from "./orgs.ts";
import { user } from "./people.ts";

/** An API token; the secret is stored only as its SHA-256. */
export const token = sqliteTable("token", {
  id: text("id").primaryKey(),
  secretHash: text("secret_hash").notNull().unique(),
  name: text("name").notNull(),
  /** It can never do more than this person can. */
  madeBy: text("made_by")
    .notNull()
    .references(() => user.id, { onDelete: "cascade" }),
  scopes: text("scopes", { mode: "json" }).$type<string[]>().notNull(),
  createdAt: integer("created_at").notNull(),
  expiresAt: integer("expires_at"),
  lastUsedAt: integer("last_used_at"),
});

/** The orgs a token is bound to; one that is bound to none any more is deleted. */
export const tokenOrg = sqliteTable(
  "token_org",
  {
    tokenId: text("token_id")
      .notNull()
      .references(() => token.id, { onDelete: "cascade" }),
    orgId: text("org_id")
      .notNull()
      .references(() => org.id, { onDelete: "cascade" }),
  },
  (table) => [primaryKey({ columns: [table.tokenId, table.orgId] })],
);
