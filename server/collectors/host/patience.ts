/**
 * Waits for one thing that may never answer (a dead mount, a drive that spins up, a stuck systemd),
 * but not for ever: when the time is over the answer is undefined, and until the late answer has come
 * the thing is not asked again. So whatever hangs holds one thread, not one more per collection.
 */
export class Patience {
  private waiting = false;

  constructor(private readonly timeoutMs: number) {}

  /** Whether an answer is still outstanding. */
  get busy(): boolean {
    return this.waiting;
  }

  /** A failure, too, is no answer. */
  async ask<T>(question: () => Promise<T>): Promise<T | undefined> {
    if (this.waiting) return undefined;
    this.waiting = true;
    const answer = Promise.resolve()
      .then(question)
      .catch(() => undefined)
      .finally(() => {
        this.waiting = false;
      });
    let timer: Timer | undefined;
    const end = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, this.timeoutMs, undefined);
    });
    try {
      return await Promise.race([answer, end]);
    } finally {
      clearTimeout(timer);
    }
  }
}
