import type { HeartbeatCheck } from "../../contract/sources/checks.ts";
import type { Finding } from "./result.ts";

/**
 * What silence means. Until the first beat, and for one period after it was set up, nothing is known. A
 * beat that is late but within the grace is degraded: something is about to be wrong.
 */
export function heartbeatStatus(
  { periodMs, graceMs }: HeartbeatCheck,
  lastBeatAt: number | undefined,
  startedAt: number,
  now: number,
): Finding {
  const silentMs = now - (lastBeatAt ?? startedAt);
  if (silentMs > periodMs + graceMs) {
    const problem = lastBeatAt === undefined ? "There was no heartbeat yet." : "The heartbeat stopped.";
    return { status: "down", problem };
  }
  if (lastBeatAt === undefined) return { status: "unknown" };
  return silentMs > periodMs ? { status: "degraded", problem: "The heartbeat is late." } : { status: "up" };
}
