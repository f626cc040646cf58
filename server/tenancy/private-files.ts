/**
 * Everything Pulse keeps is its own: files 0600, folders 0700, real ones (no links: SQLite would
 * follow them out of the data directory) and owned by the person the process runs as.
 */
import { chmodSync, lstatSync, mkdirSync, type Stats } from "node:fs";

export class UnsafePathError extends Error {
  override readonly name = "UnsafePathError";
}

/** Makes the folder (not its parents) when it is missing, and makes sure of its kind and mode. */
export function ensurePrivateFolder(path: string): void {
  const found = entryAt(path);
  if (!found) {
    mkdirSync(path, { mode: 0o700 });
    return;
  }
  requireOwnFolder(path, found);
  if ((found.mode & 0o077) !== 0) chmodSync(path, 0o700);
}

/** Whether the folder exists; refuses a link to one elsewhere and one of another user. */
export function checkPrivateFolder(path: string): boolean {
  const found = entryAt(path);
  if (!found) return false;
  requireOwnFolder(path, found);
  return true;
}

/** Whether the file exists; refuses one that is not a plain file of ours. */
export function checkPrivateFile(path: string): boolean {
  const found = entryAt(path);
  if (!found) return false;
  if (!found.isFile() || found.nlink > 1) throw new UnsafePathError(`${path} is not a plain file`);
  requireOwn(path, found);
  if ((found.mode & 0o077) !== 0) chmodSync(path, 0o600);
  return true;
}

function requireOwnFolder(path: string, found: Stats): void {
  if (!found.isDirectory()) throw new UnsafePathError(`${path} is not a folder`);
  requireOwn(path, found);
}

function requireOwn(path: string, found: Stats): void {
  const own = process.getuid?.();
  if (own !== undefined && found.uid !== own) throw new UnsafePathError(`${path} belongs to another user`);
}

function entryAt(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}
