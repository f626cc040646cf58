/**
 * How many messages are on their way at once from one thread. A channel whose last attempt failed may hang
 * again, and many of them would hold every place while those that answer wait: so they share a few places
 * of their own, and the others stay free. Of a channel that hangs for the first time nobody knows; so that many of
 * those hold nobody up, half of the places are for orgs that have nothing on its way, and orgs take turns.
 */
const AT_ONCE = 16;
const TROUBLED_AT_ONCE = 6;
const FOR_ANYBODY = 8;

/** Called when somebody has left; also stands for the org it looks for. */
type Wake = () => void;

export class SendingRoom {
  #taken = 0;
  #troubled = 0;
  #turns = 0;
  readonly #takenBy = new Map<Wake, number>();
  /** When each last got a place, as a number that grows. */
  readonly #turnOf = new WeakMap<Wake, number>();
  readonly #waiting = new Set<Wake>();

  /** How to leave again; undefined: there is no room now. */
  enter(isTroubled: boolean, who: Wake): (() => void) | undefined {
    if (this.#taken >= AT_ONCE || (isTroubled && this.#troubled >= TROUBLED_AT_ONCE)) return undefined;
    if (this.#taken >= FOR_ANYBODY && this.#takenBy.has(who)) return undefined;
    this.#taken++;
    this.#turnOf.set(who, ++this.#turns);
    this.#takenBy.set(who, (this.#takenBy.get(who) ?? 0) + 1);
    if (isTroubled) this.#troubled++;
    return () => {
      this.#taken--;
      const left = (this.#takenBy.get(who) ?? 1) - 1;
      if (left > 0) this.#takenBy.set(who, left);
      else this.#takenBy.delete(who);
      if (isTroubled) this.#troubled--;
      this.#wakeAll();
    };
  }

  /** Called once, when somebody has left. Whoever got a place longest ago is called first. */
  whenLeft(wake: Wake): void {
    this.#waiting.add(wake);
  }

  forget(wake: Wake): void {
    this.#waiting.delete(wake);
  }

  #wakeAll(): void {
    const turn = (wake: Wake) => this.#turnOf.get(wake) ?? 0;
    const waiting = [...this.#waiting].sort((a, b) => turn(a) - turn(b));
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}
