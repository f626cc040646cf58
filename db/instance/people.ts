import { integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Someone with an account. `authEpoch` rises whenever every session of theirs must end. */
export const user = sqliteTable("user", {
  id: text("id").primaryKey(),
  email: text("email").notNull().unique(),
  name: text("name").notNull(),
  passwordHash: text("password_hash").notNull(),
  operator: integer("operator", { mode: "boolean" }).notNull(),
  disabledAt: integer("disabled_at"),
  authEpoch: integer("auth_epoch").notNull(),
  createdAt: integer("created_at").notNull(),
});

/** The id a browser holds is stored only as its SHA-256; `id` is the name it is shown and ended by. */
export const session = sqliteTable("session", {
  idHash: text("id_hash").primaryKey(),
  id: text("id").notNull().unique(),
  userId: text("user_id")
    .notNull()
    .references(() => user.id, { onDelete: "cascade" }),
  createdAt: integer("created_at").notNull(),
  lastSeenAt: integer("last_seen_at").notNull(),
  /** Ends here unless used before. */
  idleEndsAt: integer("idle_ends_at").notNull(),
  /** Ends here however much it is used. */
  endsAt: integer("ends_at").notNull(),
  address: text("address").notNull(),
  userAgent: text("user_agent").notNull(),
});
