/** How long history is kept: the tiers people speak of, what holds until somebody says otherwise, and the bounds. */

/** Finest first. A coarser one is never kept shorter than a finer one. */
export const KEPT_TIERS = ["samples", "fiveMinutes", "hours", "days"] as const;
export type KeptTier = (typeof KEPT_TIERS)[number];
export type KeepDays = Record<KeptTier, number>;

const YEAR = 365;
export const STANDARD_KEEP_DAYS: Readonly<KeepDays> = {
  samples: 2 * YEAR,
  fiveMinutes: 2 * YEAR,
  hours: 5 * YEAR,
  days: 10 * YEAR,
};

export const RETENTION_LIMITS = {
  leastDays: 1,
  mostDays: 30 * YEAR,
  /** With less even a few machines would be left without a past. */
  leastBytes: 16 * 1024 * 1024,
  /** What an operator may allow one org at most. */
  mostBytes: 10_000_000 * 1024 * 1024,
} as const;
