import { sha256Hex } from "../server/lib/random-id.ts";

/** Agents of one interval would all report at the same moment; this far they are spread. */
const SPREAD_MS = 500;

/**
 * How long until the next report. Reports are made in the middle of a step of every chart, so that no
 * sample drifts over the edge of one, plus this agent's own share of the spread.
 */
export function untilNextReportMs(now: number, intervalMs: number, share: number): number {
  const spread = share * Math.min(SPREAD_MS, intervalMs / 4);
  const middle = Math.floor(now / intervalMs) * intervalMs + intervalMs / 2 + spread;
  const next = middle - now > intervalMs / 4 ? middle : middle + intervalMs;
  return Math.round(next - now);
}

/** From 0 to 1, the same for an agent for as long as it has its token. */
export function shareOf(token: string): number {
  return Number.parseInt(sha256Hex(token).slice(0, 4), 16) / 65_536;
}
