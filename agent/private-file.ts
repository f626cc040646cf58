import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** Larger files are none of ours. */
const MAX_FILE_BYTES = 64 * 1024;

/** Undefined when there is no such file or what is in it is no JSON. */
export function findJsonFile(path: string): unknown {
  try {
    const content = readFileSync(path);
    return content.length > MAX_FILE_BYTES ? undefined : JSON.parse(content.toString());
  } catch {
    return undefined;
  }
}

/**
 * Replaces a file as a whole, readable by its owner only: what is found there is the old content or the
 * new. With `durable` the disk has it before this returns.
 */
export function replaceFile(path: string, content: unknown, { durable }: { durable: boolean }): void {
  const unfinished = `${path}.new`;
  rmSync(unfinished, { force: true }); // left by somebody else it might be readable by others
  const file = openSync(unfinished, "wx", 0o600);
  try {
    writeSync(file, JSON.stringify(content));
    if (durable) fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(unfinished, path);
  if (durable) syncFolder(dirname(path));
}

function syncFolder(path: string): void {
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
