/**
 * How many messages are on their way at once from one thread. A channel whose last attempt failed may hang
 * again, and many of them would hold every place while those that answer wait: so they share a few places
 * of their own, and the others stay free.
 */
const AT_ONCE = 16;
const TROUBLED_AT_ONCE = 6;

export class SendingRoom {
  #taken = 0;
  #troubled = 0;
  readonly #waiting = new Set<() => void>();

  /** How to leave again; undefined: there is no room now. */
  enter(isTroubled: boolean): (() => void) | undefined {
    if (this.#taken >= AT_ONCE || (isTroubled && this.#troubled >= TROUBLED_AT_ONCE)) return undefined;
    this.#taken++;
    if (isTroubled) this.#troubled++;
    return () => {
      this.#taken--;
      if (isTroubled) this.#troubled--;
      this.#wakeAll();
    };
  }

  /** Called once, when somebody has left. Whoever waited longest is called first. */
  whenLeft(wake: () => void): void {
    this.#waiting.add(wake);
  }

  forget(wake: () => void): void {
    this.#waiting.delete(wake);
  }

  #wakeAll(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}
