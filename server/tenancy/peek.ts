/**
 * Looking at a database file and leaving its folder as it was. SQLite makes two helper files (`-wal`,
 * `-shm`) even for a connection that only reads, and such a connection does not take them away again.
 */
import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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
function lookBeside<T>(path: string, look: (db: Database) => T): T {
  const db = openDatabase(path, "readonly");
  try {
    return look(db);
  } finally {
    db.close();
  }
}

/**
 * A file nobody has open (there is no log beside it), looked at in a copy, so that nothing appears
 * beside it. One that the server opens meanwhile may be copied half old, half new: whoever finds
 * something wrong looks again.
 */
function lookAtCopy<T>(path: string, look: (db: Database) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "pulse-look-"));
  const copy = join(folder, "copy.db");
  try {
    copyFileSync(path, copy);
    return lookBeside(copy, look);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Beside a running server: leaves what it finds as it is, whether the server has it open or not. */
export function lookWhileServed<T>(path: string, look: (db: Database) => T): T {
  return existsSync(`${path}-wal`) ? lookBeside(path, look) : lookAtCopy(path, look);
}

function removeHelper(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  /* A reader writes no commit: a log that holds one is not what it left. */
  if (!found || (path.endsWith("-wal") && found.size > 0)) return;
  rmSync(path);
}
