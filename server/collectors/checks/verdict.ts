/**
 * From tries to a status. One lost packet is no outage: a failing try keeps the last status until more
 * than `retries` of them failed in a row. What went well, or well enough, counts at once. What could not
 * even be tried says nothing about the target: it is unknown, and no failure.
 *
 * While tries fail within the retries it is looked again sooner than usual, so that an outage of
 * something that is asked once an hour is not found hours later.
 */
import type { ResourceStatus } from "../../contract/resource.ts";

export interface Verdict {
  status: ResourceStatus;
  /** In a row, counted until it is down. */
  attemptsFailed: number;
}

const RETRY_AFTER_MS = 15_000;

export function nextVerdict(last: Verdict | undefined, tried: ResourceStatus, retries: number): Verdict {
  if (tried !== "down") return { status: tried, attemptsFailed: 0 };
  const attemptsFailed = Math.min((last?.attemptsFailed ?? 0) + 1, retries + 1);
  const isDown = attemptsFailed > retries;
  return { status: isDown ? "down" : (last?.status ?? "unknown"), attemptsFailed };
}

/** How long until the next try. */
export function nextTryMs(verdict: Verdict | undefined, intervalMs: number): number {
  const isRetrying = verdict !== undefined && verdict.attemptsFailed > 0 && verdict.status !== "down";
  return isRetrying ? Math.min(intervalMs, RETRY_AFTER_MS) : intervalMs;
}
