import { closeSync, constants, openSync, readSync } from "node:fs";

/** Records that are looked through: more than the kernel keeps. */
const MAX_RECORDS = 50_000;
/** A record is never longer. */
const RECORD_BYTES = 8_192;

/**
 * What the kernel has said and still keeps. Undefined where it may not be read: an agent that is installed as it should
 * be has no right to, and needs none.
 */
export function readKernelLog(path = "/dev/kmsg"): string[] | undefined {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  const records: string[] = [];
  const buffer = Buffer.allocUnsafe(RECORD_BYTES);
  try {
    while (records.length < MAX_RECORDS) {
      const length = readRecord(file, buffer);
      if (length === undefined) continue;
      if (length === 0) break;
      records.push(buffer.toString("utf8", 0, length));
    }
  } catch (error) {
    /* EAGAIN: that was all. */
    if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return undefined;
  } finally {
    closeSync(file);
  }
  return records;
}

/** Undefined: what came next has been written over meanwhile, and there is more behind it. */
function readRecord(file: number, buffer: Buffer): number | undefined {
  try {
    return readSync(file, buffer);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EPIPE") return undefined;
    throw error;
  }
}
