import { join } from "node:path";
import type { Database } from "../../db/driver.ts";
import { loadMigrations } from "./migrate.ts";
import { openMigrated } from "./open.ts";
import { backupsDir, instanceFile } from "./paths.ts";
import { ensurePrivateFolder } from "./private-files.ts";

/**
 * Changes `instance.db`, after a copy of it was made in `backups/`. For who has taken the data directory.
 * Returns what `mend` returns, and where the copy is.
 */
export function mendInstance<T>(
  dataDir: string,
  now: number,
  mend: (db: Database) => T,
): { result: T; copy: string } {
  const copy = join(backupsDir(dataDir), `instance-before-repair-${now}.db`);
  ensurePrivateFolder(backupsDir(dataDir));
  const db = openMigrated(instanceFile(dataDir), "existing", loadMigrations("instance"));
  try {
    db.execute(`vacuum into '${copy.replaceAll("'", "''")}'`);
    return { result: mend(db), copy };
  } finally {
    db.close();
  }
}
