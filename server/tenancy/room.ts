import { statfsSync } from "node:fs";
import { DomainError } from "../lib/domain-error.ts";

/**
 * Below this nothing more is taken from reporters: a disk that is full to the last byte cannot even
 * delete. On a small disk it is a twentieth of it.
 */
const LOW_WATER_BYTES = 256 * 1024 * 1024;
const LOW_WATER_SHARE = 0.05;
const LOOKED_AT_EVERY_MS = 5_000;

/** Whether there is room on the disk of the data directory. */
export class Room {
  readonly #dataDir: string;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #isLow = false;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
  }

  /** Throws `storage_full` where there is none. */
  require(): void {
    const now = performance.now();
    if (now - this.#lookedAt > LOOKED_AT_EVERY_MS) {
      this.#lookedAt = now;
      const { bavail, blocks, bsize } = statfsSync(this.#dataDir);
      this.#isLow = bavail * bsize < Math.min(LOW_WATER_BYTES, blocks * bsize * LOW_WATER_SHARE);
    }
    if (!this.#isLow) return;
    throw new DomainError("storage_full", "The disk of the server is nearly full. Keep the report.", {
      retryAfterMs: 30_000,
    });
  }
}
