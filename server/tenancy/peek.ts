/**
 * Looking at a database file and leaving its folder as it was. SQLite makes two helper files (`-wal`,
 * `-shm`) even for a connection that only reads, and such a connection does not take them away again.
 */
import { existsSync, rmSync, statSync } from "node:fs";
import { type Database, openDatabase } from "../../db/driver.ts";

/**
 * Only for who has taken the data directory: beside a running server the helper files that appear
 * meanwhile may be the server's.
 */
export function peek<T>(path: string, look: (db: Database) => T): T {
  const missing = ["-wal", "-shm"].map((suffix) => path + suffix).filter((helper) => !existsSync(helper));
  try {
    return lookBeside(path, look);
  } finally {
    for (const helper of missing) removeHelper(helper);
  }
}

/** The same beside a running server, which sees to the helper files. */
export function lookBeside<T>(path: string, look: (db: Database) => T): T {
  const db = openDatabase(path, "readonly");
  try {
    return look(db);
  } finally {
    db.close();
  }
}

function removeHelper(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  /* A reader writes no commit: a log that holds one is not what it left. */
  if (!found || (path.endsWith("-wal") && found.size > 0)) return;
  rmSync(path);
}
