export interface Patience {
  /** How long the condition may take, in milliseconds. */
  withinMs?: number;
  /** What was waited for, for the failure. */
  what?: string;
}

const LOOK_EVERY_MS = 5;

/** Waits until `look` gives something (not undefined, not false) and returns it; throws when that takes too long. */
export async function until<T>(
  look: () => T | Promise<T>,
  { withinMs = 5_000, what = String(look) }: Patience = {},
): Promise<Exclude<T, undefined | false>> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found as Exclude<T, undefined | false>;
    if (performance.now() > deadline) throw new Error(`did not happen within ${withinMs} ms: ${what}`);
    await Bun.sleep(LOOK_EVERY_MS);
  }
}
