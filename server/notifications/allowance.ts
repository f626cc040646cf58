/** So many in a time, spread as they come: what is not used now is there later, up to what one time gives. */
export class Allowance {
  readonly #periodMs: number;
  #left = Number.POSITIVE_INFINITY;
  #at = 0;

  constructor(periodMs: number) {
    this.#periodMs = periodMs;
  }

  /** Takes one and says 0; or says in how many milliseconds there is one. After a start all of it is there. */
  take(most: number, now: number): number {
    const passedMs = Math.max(0, now - this.#at);
    this.#left = Math.min(most, this.#left + (passedMs * most) / this.#periodMs);
    this.#at = now;
    if (this.#left >= 1) {
      this.#left--;
      return 0;
    }
    return most > 0 ? Math.ceil(((1 - this.#left) * this.#periodMs) / most) : this.#periodMs;
  }
}
