/**
 * A long read in turns, so that a report that comes meanwhile waits for one of them and not for the read. A turn ends by
 * time and not by amount: a day of fifty series takes many, a year of one series few. Between two turns the read ends
 * when nobody wants it any more.
 */
import { DomainError } from "../lib/domain-error.ts";
import { requireWanted } from "../lib/given-up.ts";

/** Two reads of an org at once keep a report waiting for both. */
const TURN_MS = 1;
/** Of turns, not of waiting. What takes longer is not a chart any more, and keeps others from theirs. */
const MOST_WORK_MS = 5_000;

export class Turns {
  readonly #signal: AbortSignal | undefined;
  readonly #mostWorkMs: number;
  #beganAt = performance.now();
  #workedMs = 0;

  constructor(signal: AbortSignal | undefined, mostWorkMs: number = MOST_WORK_MS) {
    this.#signal = signal;
    this.#mostWorkMs = mostWorkMs;
  }

  /** Between two steps of the work. */
  get isOver(): boolean {
    return performance.now() - this.#beganAt >= TURN_MS;
  }

  /** Others first. */
  async next(): Promise<void> {
    this.#workedMs += performance.now() - this.#beganAt;
    if (this.#workedMs > this.#mostWorkMs) {
      const most = `That is more history than is read for one call in ${this.#mostWorkMs / 1_000} s.`;
      throw new DomainError("too_large", `${most} Ask for fewer metrics, fewer points or a shorter range.`);
    }
    await new Promise(setImmediate);
    requireWanted(this.#signal);
    this.#beganAt = performance.now();
  }
}
