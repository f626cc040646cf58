/** Token buckets: so many at once, and so many more in a stretch of time. */

export interface ThrottleOptions {
  /** Taken at once from a full bucket. */
  burst: number;
  /** A whole bucket fills up again in this time. */
  refillMs: number;
  /** Buckets remembered. Past it the one used longest ago is forgotten, and so starts full. */
  maxKeys: number;
}

interface Bucket {
  tokens: number;
  at: number;
}

export class Throttle {
  readonly #options: ThrottleOptions;
  /** In the order of last use, oldest first. */
  readonly #buckets = new Map<string, Bucket>();
  readonly #now: () => number;

  /** `now` is monotonic milliseconds: a step of the wall clock refills nothing. */
  constructor(options: ThrottleOptions, now: () => number = () => performance.now()) {
    this.#options = options;
    this.#now = now;
  }

  /**
   * Takes one; the milliseconds until there is another when the bucket is empty, else 0. `size` is
   * for a key whose bucket differs from the others'.
   */
  take(key: string, size: Pick<ThrottleOptions, "burst" | "refillMs"> = this.#options): number {
    const { maxKeys } = this.#options;
    const { burst, refillMs } = size;
    if (burst < 1) return refillMs;
    const now = this.#now();
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at: now };
    const tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) * burst) / refillMs);
    this.#buckets.delete(key);
    if (this.#buckets.size >= maxKeys) this.#forgetOldest();
    if (tokens < 1) {
      this.#buckets.set(key, { tokens, at: now });
      return Math.ceil(((1 - tokens) * refillMs) / burst);
    }
    this.#buckets.set(key, { tokens: tokens - 1, at: now });
    return 0;
  }

  /** Fills the bucket again. */
  forgive(key: string): void {
    this.#buckets.delete(key);
  }

  #forgetOldest(): void {
    const oldest = this.#buckets.keys().next().value;
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }
}
