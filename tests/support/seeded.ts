/** Chance that can be had again: a failing test prints its seed, `PULSE_TEST_SEED` repeats it. */
export const SEED = Number(process.env.PULSE_TEST_SEED ?? Date.now() % 1e9);

/** mulberry32: numbers of `[0, 1)`. */
export function seeded(seed: number = SEED): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The same chance, with the choices that are made most often. */
export class Seeded {
  /** From 0 up to, not including, 1. */
  readonly next: () => number;

  constructor(readonly seed: number = SEED) {
    this.next = seeded(seed);
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }

  chance(share: number): boolean {
    return this.next() < share;
  }
}
