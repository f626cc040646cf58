import { DomainError } from "./domain-error.ts";

/** So many at a time, so many waiting; whoever comes beyond that is refused at once. */
/** By then nobody listens any more: the edge has given the call up. */
const WAITS_AT_MOST_MS = 30_000;

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
      const since = performance.now();
      /* Whoever is done hands its place on, so nobody slips in between. */
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
      if (performance.now() - since > WAITS_AT_MOST_MS) {
        this.#handOn();
        throw new DomainError("rate_limited", this.#refusal, { retryAfterMs: 2_000 });
      }
    } else {
      this.#running++;
    }
    try {
      return await work();
    } finally {
      this.#handOn();
    }
  }

  #handOn(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#running--;
  }
}
