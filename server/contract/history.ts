import { z } from "zod";
import { ResourceId } from "./ids.ts";
import { isPerSecond, type Unit, unitOf } from "./metrics.ts";
import { Moment } from "./moment.ts";
import { ResourceKind } from "./resource.ts";
import { type KeepDays, type KeptTier, RETENTION_LIMITS } from "./retention-limits.ts";

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
    from: Moment,
    /** Epoch milliseconds, exclusive. */
    to: Moment,
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

const { leastDays, mostDays, leastBytes, mostBytes } = RETENTION_LIMITS;
const Days = z
  .int("must be a whole number of days")
  .min(leastDays, "must be at least a day")
  .max(mostDays, `must be at most ${mostDays} days (30 years)`);

const retention = {
  keepDays: z
    .strictObject({ samples: Days, fiveMinutes: Days, hours: Days, days: Days })
    .partial()
    .optional(),
  /** What the org's file may take, where that is less than what its operator allows; null: no more than that. */
  maxBytes: z
    .int("must be a whole number of bytes")
    .min(leastBytes, `must be at least ${leastBytes} bytes (16 MiB)`)
    .max(mostBytes, `must be at most ${mostBytes} bytes`)
    .nullable()
    .optional(),
};

/** What would be if this were set; what is left out stays as it is. */
export const RetentionInput = z.strictObject(retention);
export type RetentionInput = z.infer<typeof RetentionInput>;

export const SetRetentionInput = z
  .strictObject(retention)
  .refine(
    ({ keepDays, maxBytes }) => maxBytes !== undefined || Object.keys(keepDays ?? {}).length > 0,
    "says nothing to change",
  );
export type SetRetentionInput = z.infer<typeof SetRetentionInput>;

export interface RetentionSettings {
  keepDays: KeepDays;
  maxBytes: number | null;
}

/** One tier: what it takes now, and what it will. Absent is what is not known yet. */
export interface TierForecast {
  tier: KeptTier;
  keepDays: number;
  /** About: of the pages of a file some share is empty. */
  usedBytes: number;
  /** Since when there is something, as far as it is sealed: the hour that is not over is not in it. */
  oldestAt?: number;
  /** In the last whole days. */
  bytesPerDay?: number;
  /** With these settings, once the oldest go. */
  fullBytes?: number;
}

/** What goes for good: now, and then as time passes. */
export interface DeletedNow {
  tier: KeptTier;
  days: number;
  bytes: number;
}

export interface HistoryRetention extends RetentionSettings {
  /** What applies until somebody sets something. */
  standardDays: KeepDays;
  /** Bytes of the org's file that are in use: history and everything else. */
  usedBytes: number;
  /** Of these, what is no sealed history: the hours that are not over, descriptions, settings. */
  otherBytes: number;
  /** What an operator allows the file to take. */
  quotaBytes: number;
  /** At this size the oldest samples go before their time: `maxBytes`, or nine tenths of what the operator allows. */
  limitBytes: number;
  limitedBy: "maxBytes" | "quota";
  tiers: TierForecast[];
  bytesPerDay?: number;
  /** What the file will take when every tier is full; the limit left aside. */
  fullBytes?: number;
  /** When the limit begins to take the oldest samples; absent: never, or not known yet. */
  limitReachedAt?: number;
  /** Days of samples that have room when it does, in the end. */
  samplesDaysWithinLimit?: number;
  /** What these settings delete at once. */
  deletes: DeletedNow[];
}

/**
 * `resources`: those one `history.top` looks at, with the first ids; `ranked`: those it answers, and those that
 * may be named to it.
 */
export const TOP_LIMITS = { resources: 5_000, ranked: 50, standard: 10 } as const;

/** By what resources are ranked. `total` is what went by in all, of a metric that counts per second. */
export const RankBy = z.enum(["avg", "max", "total"]);
export type RankBy = z.infer<typeof RankBy>;

export const HistoryTopInput = z
  .strictObject({
    metric: z.string().min(1).max(80),
    /** Epoch milliseconds, inclusive; exact to the sample. */
    from: Moment,
    /** Epoch milliseconds, exclusive. */
    to: Moment,
    by: RankBy.optional(),
    kind: ResourceKind.optional(),
    /** What is a part of this one, and the parts of its parts. */
    within: ResourceId.optional(),
    /** These and no others; those that are not there are left out. */
    resources: z.array(ResourceId).min(1).max(TOP_LIMITS.ranked).optional(),
    /** In the name. */
    text: z.string().max(100).optional(),
    tag: z.string().max(40).optional(),
    limit: z.int().min(1).max(TOP_LIMITS.ranked).optional(),
    /** With it comes the series of each that is ranked, all in the same steps; with `limit` as `history.range` has it. */
    maxPoints: z.int().min(1).max(RANGE_LIMITS.points).optional(),
  })
  .refine((range) => range.to > range.from, { path: ["to"], message: "must be later than from" })
  .refine((range) => range.to - range.from <= MAX_SPAN_MS, { path: ["from"], message: "span is too long" })
  .refine(({ limit = TOP_LIMITS.standard, maxPoints = 0 }) => limit * maxPoints <= RANGE_LIMITS.values, {
    path: ["maxPoints"],
    message: "is too many for so many resources",
  })
  .refine(({ by, metric }) => by !== "total" || isPerSecond(unitOf(metric)), {
    path: ["by"],
    message: "only what is measured per second has a total",
  });
export type HistoryTopInput = z.infer<typeof HistoryTopInput>;

/** What one resource had over the range. */
export interface Ranked {
  resourceId: ResourceId;
  avg: number;
  min: number;
  max: number;
  /** When it was so high: of the sample, or of the step where only steps are left. */
  maxAt: number;
  /** For how much of the range, as far as that is over, there are samples: 0 to 1. */
  coverage: number;
  /** Of what is measured per second: the mean times the seconds for which there are samples. */
  total?: number;
}

export interface HistoryTop {
  metric: string;
  unit: Unit;
  /** How many fit what was asked for. */
  found: number;
  /** How many of them were looked at: all, or the first `TOP_LIMITS.resources` by id. */
  considered: number;
  /** How many of those had any value. */
  measured: number;
  ranking: Ranked[];
  /** In the order of the ranking. */
  series?: (HistorySeries & { resourceId: ResourceId })[];
}
