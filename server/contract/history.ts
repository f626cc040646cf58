import { z } from "zod";
import { ResourceId } from "./ids.ts";
import type { Unit } from "./metrics.ts";

/**
 * Series one `history.range` answers at most, points per series (a day of every ten seconds), and both multiplied:
 * fifty series of 2,000 points, or ten of 10,000.
 */
export const RANGE_LIMITS = { metrics: 50, points: 10_000, values: 100_000, defaultPoints: 500 } as const;

/** Longest span one call may ask for: two years and a bit. */
const MAX_SPAN_MS = 800 * 86_400_000;

export const HistoryRangeInput = z
  .strictObject({
    resourceId: ResourceId,
    metrics: z.array(z.string().min(1).max(80)).min(1).max(RANGE_LIMITS.metrics),
    /** Epoch milliseconds, inclusive. */
    from: z.int().min(0),
    /** Epoch milliseconds, exclusive. */
    to: z.int().min(0),
    maxPoints: z.int().min(1).max(RANGE_LIMITS.points).optional(),
  })
  .refine((range) => range.to > range.from, { path: ["to"], message: "must be later than from" })
  .refine((range) => range.to - range.from <= MAX_SPAN_MS, { path: ["from"], message: "span is too long" })
  .refine(({ metrics, maxPoints = 0 }) => metrics.length * maxPoints <= RANGE_LIMITS.values, {
    path: ["maxPoints"],
    message: "is too many for so many metrics",
  });
export type HistoryRangeInput = z.infer<typeof HistoryRangeInput>;

/**
 * One metric over a range. Each point covers `[times[i], times[i] + step)`; steps are aligned to
 * whole multiples of `step` since the epoch, so that a moving range does not shimmer. A step without
 * a sample is `null` in all three lists.
 */
export interface HistorySeries {
  metric: string;
  unit: Unit;
  /** Milliseconds. */
  step: number;
  times: number[];
  avg: (number | null)[];
  min: (number | null)[];
  max: (number | null)[];
}

export interface HistoryRange {
  series: HistorySeries[];
}

export const HistoryLatestInput = z.strictObject({ resourceId: ResourceId });
export type HistoryLatestInput = z.infer<typeof HistoryLatestInput>;

export interface HistoryLatest {
  at: number;
  metrics: Record<string, number>;
}
