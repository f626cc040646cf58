import { DomainError } from "./domain-error.ts";
import { givenUp, requireWanted } from "./given-up.ts";

/** By then nobody listens any more: the edge has given the call up. */
const WAITS_AT_MOST_MS = 30_000;

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

  /** Whoever leaves while waiting, as `signal` says, makes room at once. */
  async run<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    requireWanted(signal);
    if (this.#running >= this.#atOnce) {
      if (this.#waiting.length >= this.#maxWaiting) {
        throw new DomainError("rate_limited", this.#refusal, { retryAfterMs: 2_000 });
      }
      const since = performance.now();
      /* Whoever is done hands its place on, so nobody slips in between. */
      await this.#turn(signal);
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

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(begin), 1);
        reject(givenUp());
      };
      const begin = () => {
        signal?.removeEventListener("abort", leave);
        resolve();
      };
      this.#waiting.push(begin);
      signal?.addEventListener("abort", leave, { once: true });
    });
  }

  #handOn(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#running--;
  }
}
