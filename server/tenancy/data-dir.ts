import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { lockFile, sqliteCode } from "../../db/driver.ts";
import { lockPath, orgsDir } from "./paths.ts";
import { checkPrivateFile, ensurePrivateFolder, UnsafePathError } from "./private-files.ts";

export class DataDirInUseError extends Error {
  override readonly name = "DataDirInUseError";
}

export interface DataDirLock {
  release(): void;
}

/** Makes the data directory ready and takes it: one process works on it at a time. */
export function takeDataDir(dataDir: string): DataDirLock {
  mkdirSync(dirname(dataDir), { recursive: true });
  ensurePrivateFolder(dataDir);
  ensurePrivateFolder(orgsDir(dataDir));
  const path = lockPath(dataDir);
  checkPrivateFile(path);
  try {
    return lockFile(path);
  } catch (error) {
    if (sqliteCode(error)?.startsWith("SQLITE_BUSY")) {
      throw new DataDirInUseError(`another Pulse is using ${dataDir}`, { cause: error });
    }
    if (sqliteCode(error) === "SQLITE_NOTADB") {
      throw new UnsafePathError(`${path} is not the lock Pulse made; move it away`, { cause: error });
    }
    throw error;
  }
}
