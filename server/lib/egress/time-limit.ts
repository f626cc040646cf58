import { EgressError } from "./egress-error.ts";

/**
 * The time an exchange may take, all its parts together, and the caller's right to give up earlier.
 * Whoever comes first ends it, with the error that says which.
 */
export class TimeLimit {
  readonly #over = new AbortController();
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #outer: AbortSignal | undefined;

  constructor(timeoutMs: number, outer?: AbortSignal) {
    this.#outer = outer;
    const seconds = Math.round(timeoutMs / 100) / 10;
    this.#timer = setTimeout(
      () => this.#over.abort(new EgressError("timeout", `There was no answer in ${seconds} s.`)),
      timeoutMs,
    );
    if (outer?.aborted) this.#giveUp();
    else outer?.addEventListener("abort", this.#giveUp);
  }

  readonly #giveUp = () => this.#over.abort(new EgressError("aborted", "The attempt was given up."));

  /** What `work` comes to, unless the time is over first: then `undo` is called and the error thrown. */
  async within<T>(work: Promise<T>, undo?: () => void): Promise<T> {
    const { signal } = this.#over;
    const over = Promise.withResolvers<never>();
    const end = () => {
      undo?.();
      over.reject(signal.reason);
    };
    if (signal.aborted) end();
    else signal.addEventListener("abort", end);
    try {
      return await Promise.race([work, over.promise]);
    } finally {
      signal.removeEventListener("abort", end);
      work.catch(() => {}); // an attempt that was undone fails later, and nobody waits for it
    }
  }

  /** Must be called when all is done: timers and listeners go. */
  end(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener("abort", this.#giveUp);
  }
}
