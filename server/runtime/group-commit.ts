/**
 * One transaction for everything an org has waiting.
 *
 * Each caller says how long it can wait; the earliest deadline commits for all of them. So a machine
 * watching itself, to whom nobody owes an acknowledgement, costs one disk write a minute, while a
 * report that came over the network is acknowledged within milliseconds. The promise resolves when
 * the commit returned, and only then is anything acknowledged.
 */
export interface GroupCommitOptions {
  /** Writes what is waiting, in one transaction. Throws when nothing of it was written. */
  commit: () => void;
  /** Told of every failure; what waits is kept and tried again. */
  onFailure: (error: unknown) => void;
}

/** After a failed commit nobody's deadline is short enough to hammer the disk. */
const RETRY_AFTER_MS = 1_000;

interface Waiter {
  resolve: () => void;
  reject: (error: unknown) => void;
}

export class GroupCommit {
  readonly #options: GroupCommitOptions;
  #waiters: Waiter[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueAt = Number.POSITIVE_INFINITY;
  #failing: unknown;

  constructor(options: GroupCommitOptions) {
    this.#options = options;
  }

  /** Resolves when everything staged until now is on disk; rejects when this attempt failed. */
  durable(withinMs: number): Promise<void> {
    this.#schedule(withinMs);
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** Commits within the time, without anybody waiting for it. */
  request(withinMs: number): void {
    this.#schedule(withinMs);
  }

  /** What the last commit failed with; undefined while all is well. */
  get failing(): unknown {
    return this.#failing;
  }

  /** Commits now. Throws what the commit throws. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#dueAt = Number.POSITIVE_INFINITY;
    const waiters = this.#waiters;
    this.#waiters = [];
    try {
      this.#options.commit();
      this.#failing = undefined;
    } catch (error) {
      this.#failing = error;
      for (const waiter of waiters) waiter.reject(error);
      throw error;
    }
    for (const waiter of waiters) waiter.resolve();
  }

  #schedule(withinMs: number): void {
    const waitMs = this.#failing === undefined ? withinMs : Math.max(withinMs, RETRY_AFTER_MS);
    const dueAt = performance.now() + waitMs;
    if (dueAt >= this.#dueAt) return;
    clearTimeout(this.#timer);
    this.#dueAt = dueAt;
    this.#timer = setTimeout(() => {
      try {
        this.flush();
      } catch (error) {
        this.#options.onFailure(error);
        this.#schedule(RETRY_AFTER_MS);
      }
    }, waitMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
