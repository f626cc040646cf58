import { statSync } from "node:fs";
import { type Database, openDatabase } from "../../db/driver.ts";
import { type Migration, migrate, refuseNewer, schemaVersion } from "./migrate.ts";
import { peek } from "./peek.ts";
import { checkPrivateFile } from "./private-files.ts";

export class MissingFileError extends Error {
  override readonly name = "MissingFileError";
}

export class ReplacedFileError extends Error {
  override readonly name = "ReplacedFileError";
}

export class DamagedFileError extends Error {
  override readonly name = "DamagedFileError";
}

/**
 * Opens a file at the current schema. `create` may make it; `existing` never does, so no read
 * brings a file into being. A file of a newer schema is looked at read-only and refused. The caller has
 * taken the data directory.
 */
export function openMigrated(
  path: string,
  mode: "create" | "existing",
  migrations: readonly Migration[],
): Database {
  const exists = checkPrivateFile(path);
  if (!exists && mode === "existing")
    throw new MissingFileError(`${path} is missing; restore it from a backup`);
  if (exists) checkVersion(path, mode, migrations.length);
  const db = openDatabase(path, exists ? "existing" : "create");
  try {
    migrate(db, migrations);
  } catch (error) {
    db.close();
    throw error;
  }
  return sameFile(db, path);
}

/**
 * SQLite goes on writing to a file that was removed or replaced under it, and says all is well. So
 * nothing is written through a connection whose path has come to mean another file.
 */
function sameFile(db: Database, path: string): Database {
  const opened = statSync(path);
  return {
    ...db,
    transaction(write) {
      const found = statSync(path, { throwIfNoEntry: false });
      if (found?.ino !== opened.ino || found.dev !== opened.dev) {
        throw replacedFile(path);
      }
      return db.transaction(write);
    },
  };
}

export function replacedFile(path: string): ReplacedFileError {
  return new ReplacedFileError(`${path} was removed or replaced while Pulse was using it; restart Pulse`);
}

/** A file that is there holds a schema we know: not a newer one, and not none at all. */
function checkVersion(path: string, mode: "create" | "existing", known: number): void {
  const found = versionOf(path);
  if (found === 0 && mode === "existing") {
    throw new MissingFileError(`${path} is empty; restore it from a backup`);
  }
  refuseNewer(found, known);
}

function versionOf(path: string): number {
  try {
    return peek(path, schemaVersion);
  } catch (cause) {
    throw new DamagedFileError(`${path} is damaged or no database; restore it from a backup`, { cause });
  }
}
