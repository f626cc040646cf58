/**
 * The time of a report. The server refuses reports from the future and files late ones where they
 * say they belong, so a machine whose clock is wrong (a board without a battery) would lose its
 * history or write it into another day. Every answer carries the server's time; where ours is further
 * off than any network explains, reports are stamped with the server's from then on.
 */
import type { Clock } from "../server/lib/clock.ts";
import { randomBase32 } from "../server/lib/random-id.ts";

/** Less is left alone: it can be the way to the server, and samples must not jump about. */
const TOLERATED_MS = 30_000;
/** The `date` of an answer is in whole seconds; a correction follows what differs from it by more. */
const RESOLUTION_MS = 2_000;
/** An answer that took longer says too little about when it was written. */
const QUICK_MS = 10_000;

export class ReportClock {
  readonly #local: Clock;
  #offsetMs = 0;

  constructor(local: Clock) {
    this.#local = local;
  }

  now(): number {
    return this.#local() + this.#offsetMs;
  }

  /** What is added to this machine's clock; 0 while that is right. */
  get offsetMs(): number {
    return this.#offsetMs;
  }

  /** True when the offset is another from now on. */
  learn({ sentAt, receivedAt, serverAt }: { sentAt: number; receivedAt: number; serverAt: number }): boolean {
    if (receivedAt < sentAt || receivedAt - sentAt > QUICK_MS) return false;
    const measured = Math.round(serverAt + 500 - (sentAt + receivedAt) / 2);
    const offset = Math.abs(measured) <= TOLERATED_MS ? 0 : Math.round(measured / 1_000) * 1_000;
    if (offset !== 0 && Math.abs(offset - this.#offsetMs) <= RESOLUTION_MS) return false;
    const changed = offset !== this.#offsetMs;
    this.#offsetMs = offset;
    return changed;
  }
}

export interface Stamp {
  boot: string;
  seq: number;
  at: number;
}

/**
 * Gives every report its place: `seq` counts, `at` only ever grows within a boot. A clock that was set
 * back for more than a moment begins a new boot: its reports would else all be of the same moment.
 */
export class Stamps {
  #boot = randomBase32(20);
  #seq = 0;
  #lastAt = 0;

  next(now: number): Stamp {
    if (now < this.#lastAt - TOLERATED_MS) {
      this.#boot = randomBase32(20);
      this.#seq = 0;
      this.#lastAt = 0;
    }
    this.#lastAt = Math.max(Math.floor(now), this.#lastAt + 1);
    return { boot: this.#boot, seq: this.#seq++, at: this.#lastAt };
  }
}
