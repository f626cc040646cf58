/** When a message that did not arrive is tried again, and when not. Pure. */
import type { Failed } from "./failures.ts";

/** A message is given up after so long: what it tells is no news any more. */
export const GIVEN_UP_AFTER_MS = 24 * 3_600_000;
const FIRST_MS = 5_000;
const LEAST_MS = 1_000;
/** What may pass by itself is tried more often than what somebody has to mend. */
const MOST_MS = 15 * 60_000;
const MOST_UNTIL_MENDED_MS = 3_600_000;
/** A service that wants to be left alone for longer is asked all the same. */
const LEFT_ALONE_MOST_MS = 6 * 3_600_000;
/** What the service does not take it may take another time, but not for ever. */
const REJECTIONS = 3;

export interface Tried {
  attempts: number;
  createdAt: number;
}

/** Undefined: not any more. `random` is from 0 to 1. */
export function nextTryAt(
  failed: Failed,
  tried: Tried,
  now: number,
  random: () => number,
): number | undefined {
  if (failed.isFinal || (failed.failure === "rejected" && tried.attempts >= REJECTIONS)) return undefined;
  const isTheirs = failed.failure === "connectivity" || failed.failure === "rate_limited";
  const most = isTheirs ? MOST_MS : MOST_UNTIL_MENDED_MS;
  const span = Math.min(most, FIRST_MS * 2 ** Math.min(20, tried.attempts - 1));
  /* Anywhere in it: those that failed together do not come back together. */
  const leftAloneMs = Math.min(failed.retryAfterMs ?? 0, LEFT_ALONE_MOST_MS);
  const waitMs = Math.max(LEAST_MS + random() * span, leftAloneMs);
  const at = Math.round(now + waitMs);
  return at > tried.createdAt + GIVEN_UP_AFTER_MS ? undefined : at;
}
