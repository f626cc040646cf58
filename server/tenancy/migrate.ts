/**
 * Brings a database file to the schema this binary knows. How many migrations a file has is its
 * `user_version`, raised in the transaction that applies each one: a file is always at exactly one
 * version, whenever the process ends.
 *
 * drizzle-kit rebuilds a table by dropping the old one. With foreign keys enforced that deletes every
 * child row, and inside a transaction they cannot be switched off. So they are off for the whole
 * connection before BEGIN, and each migration proves with `foreign_key_check` that it left no row
 * behind before it commits.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Database } from "../../db/driver.ts";
import { assetFolder } from "../lib/assets.ts";

export class SchemaError extends Error {
  override readonly name = "SchemaError";
}

export interface Migration {
  name: string;
  statements: string[];
}

/** The migrations of one kind of file, oldest first. Read once, at the start. */
export function loadMigrations(
  kind: "instance" | "org",
  root: string = assetFolder("migrations"),
): Migration[] {
  const folder = join(root, kind);
  const journal = JSON.parse(readFileSync(join(folder, "meta/_journal.json"), "utf8")) as {
    entries: { tag: string }[];
  };
  return journal.entries.map(({ tag }) => ({
    name: tag,
    statements: readFileSync(join(folder, `${tag}.sql`), "utf8")
      .split("--> statement-breakpoint")
      .filter((statement) => statement.trim() !== ""),
  }));
}

export function schemaVersion(db: Database): number {
  return Number(db.pragma("user_version"));
}

export function migrate(db: Database, migrations: readonly Migration[]): void {
  const found = schemaVersion(db);
  if (found === migrations.length) return;
  refuseNewer(found, migrations.length);
  db.pragma("foreign_keys = OFF");
  try {
    for (const [index, migration] of migrations.entries()) {
      if (index < found) continue;
      db.transaction(() => {
        for (const statement of migration.statements) db.execute(statement);
        const orphans = db.rows("pragma foreign_key_check");
        if (orphans.length > 0) {
          throw new SchemaError(
            `migration ${migration.name} would leave ${orphans.length} rows without a parent`,
          );
        }
        db.pragma(`user_version = ${index + 1}`);
      });
    }
  } finally {
    db.pragma("foreign_keys = ON");
  }
}

/** Throws when a file was written by a newer Pulse: its data is not ours to touch. */
export function refuseNewer(found: number, known: number): void {
  if (found > known) {
    throw new SchemaError(
      `schema version ${found} is newer than this version of Pulse knows (${known}); nothing was changed`,
    );
  }
}
