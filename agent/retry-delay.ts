import type { Verdict } from "./verdict.ts";

/** How long is waited before something is tried again. */
export interface RetryPace {
  later: { firstMs: number; mostMs: number };
  notNow: { firstMs: number; mostMs: number };
}

export const RETRY_PACE: RetryPace = {
  later: { firstMs: 1_000, mostMs: 60_000 },
  notNow: { firstMs: 60_000, mostMs: 300_000 },
};

/** Doublings that are counted: past them every delay has long reached its longest. */
const MAX_DOUBLINGS = 10;

/**
 * `failures` is how many there were in a row before this one, `chance` from 0 to 1. Never earlier than
 * the server asked for, and never at the moment when everybody else does.
 */
export function retryDelayMs(
  verdict: Extract<Verdict, { kind: "later" | "not-now" }>,
  failures: number,
  chance: number,
  pace: RetryPace = RETRY_PACE,
): number {
  const { firstMs, mostMs } = verdict.kind === "later" ? pace.later : pace.notNow;
  const longest = Math.min(mostMs, firstMs * 2 ** Math.min(failures, MAX_DOUBLINGS));
  const own = longest * (0.5 + chance / 2);
  if (verdict.retryAfterMs === undefined) return Math.round(own);
  const asked = verdict.retryAfterMs + chance * Math.min(10_000, Math.max(500, verdict.retryAfterMs / 5));
  return Math.round(verdict.kind === "later" ? asked : Math.max(asked, own));
}
