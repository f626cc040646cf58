/** Bounds of who is told of what, and when. */

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

export const ROUTE_LIMITS = {
  routes: 50,
  /** That one route, or one escalation, names. */
  channels: 20,
  quietTimes: 7,
  nameLength: 80,
  /** After the first message, how long what happens next is gathered. */
  togetherMs: { least: 0, most: 60 * MINUTE_MS, default: 30_000 },
  repeatMs: { least: 10 * MINUTE_MS, most: 30 * DAY_MS },
  escalateAfterMs: { least: MINUTE_MS, most: 7 * DAY_MS },
  /** Of observing, from now. */
  observeMs: 14 * DAY_MS,
  /** Of what was decided: moments of all alerts together that are remembered, how long, and how many are told of one. */
  decisions: 50_000,
  decisionsMs: 30 * DAY_MS,
  moments: 100,
} as const;
