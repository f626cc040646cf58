import { DomainError } from "./domain-error.ts";

/** So many at a time, so many waiting; whoever comes beyond that is refused at once. */
export class Limiter {
  readonly #atOnce: number;
  readonly #maxWaiting: number;
  readonly #refusal: string;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** `refusal` is what the one too many is told. */
  constructor(options: { atOnce: number; maxWaiting: number; refusal: string }) {
    this.#atOnce = options.atOnce;
    this.#maxWaiting = options.maxWaiting;
    this.#refusal = options.refusal;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#atOnce) {
      if (this.#waiting.length >= this.#maxWaiting) {
        throw new DomainError("rate_limited", this.#refusal, { retryAfterMs: 2_000 });
      }
      /* Whoever is done hands its place on, so nobody slips in between. */
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#running++;
    }
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
