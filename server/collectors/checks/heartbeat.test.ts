import { expect, test } from "bun:test";
import { heartbeatStatus } from "./heartbeat.ts";

const config = { periodMs: 60_000, graceMs: 10_000 };
const cases: [promise: string, lastBeatAt: number | undefined, now: number, status: string][] = [
  ["nothing is known before the first beat", undefined, 1_000_000, "unknown"],
  ["nor at the end of the first period and its grace", undefined, 1_070_000, "unknown"],
  ["after that it should have come", undefined, 1_070_001, "down"],
  ["a beat within the period is up", 2_000_000, 2_060_000, "up"],
  ["late within the grace is degraded", 2_000_000, 2_060_001, "degraded"],
  ["up to its end", 2_000_000, 2_070_000, "degraded"],
  ["then it is down", 2_000_000, 2_070_001, "down"],
  ["a beat from a clock ahead of ours is up", 2_000_000, 1_999_000, "up"],
];
for (const [promise, lastBeatAt, now, status] of cases) {
  test(promise, () => {
    const found = heartbeatStatus(config, lastBeatAt, 1_000_000, now);
    expect(found.status).toBe(status as typeof found.status);
    expect(found.problem !== undefined).toBe(status === "degraded" || status === "down");
  });
}
