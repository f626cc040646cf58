/**
 * The right to make the first account: one token, shown on the console of a new instance, good for
 * an hour and for one use. It lives in memory only; a restart makes another.
 */
import { timingSafeEqual } from "node:crypto";
import type { Clock } from "../lib/clock.ts";
import { randomBase32, sha256Hex } from "../lib/random-id.ts";

const GOOD_FOR_MS = 3_600_000;
/** 32 characters of 5 bits: 160 random bits. */
const LENGTH = 32;

export class SetupToken {
  readonly #clock: Clock;
  readonly #token: string;
  readonly #endsAt: number;
  #used = false;

  constructor(clock: Clock, chosen?: string) {
    this.#clock = clock;
    this.#token = chosen ?? randomBase32(LENGTH);
    this.#endsAt = clock() + GOOD_FOR_MS;
  }

  /** For the console of the server and nowhere else. */
  reveal(): string {
    return this.#token;
  }

  isExpired(): boolean {
    return this.#clock() >= this.#endsAt;
  }

  matches(given: string): boolean {
    const same = timingSafeEqual(Buffer.from(sha256Hex(given)), Buffer.from(sha256Hex(this.#token)));
    return same && !this.#used && !this.isExpired();
  }

  use(): void {
    this.#used = true;
  }

  /** The account it was used for could not be made. */
  giveBack(): void {
    this.#used = false;
  }
}
