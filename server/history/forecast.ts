/**
 * What history takes, what it will take, and what goes: computed from the account of what is there (see `use`) and
 * nothing else, so that it may be asked for at any time.
 *
 * The rate is that of the last whole days, at most a week of them. The day on which everything began is none, because
 * nobody knows how much of it there was: until another is over the rate is not known, and nothing that follows from
 * it. Tiers grow by their rate until they are full, then lose as much as they gain; the file reaches its limit
 * where the sum of them does.
 *
 * Bytes are those of chunks, and a share more: the pages of a file are never quite full. Measured 1.03 to 1.11
 * with machines of 5 to 40 series.
 */
import type { DeletedNow, HistoryRetention, RetentionSettings, TierForecast } from "../contract/history.ts";
import {
  KEPT_TIERS,
  type KeepDays,
  type KeptTier,
  STANDARD_KEEP_DAYS,
} from "../contract/retention-limits.ts";
import { DAY, HOUR, TIERS } from "./chunk-table.ts";
import type { UsedSpan } from "./use.ts";

/** What is there, each list in the order of time. */
export type Used = Record<"hour" | "day" | "fiveMinutes" | "hours" | "days", UsedSpan[]>;

export interface ForecastInput {
  used: Used;
  /** Of the whole file. */
  usedBytes: number;
  settings: RetentionSettings;
  /** By what has been deleted until now. */
  keptDays: KeepDays;
  quotaBytes: number;
  now: number;
}

type Beginnings = Partial<Record<KeptTier, number>>;

const PAGES_PER_BYTE = 1.07;
/** An operator's limit is where reports are refused: from here on the oldest go, so that it is not reached. */
const QUOTA_SHARE = 0.9;
const RATE_OVER_DAYS = 7;
/** Until then a day that is over has found its place. */
const DAY_SETTLES_MS = 2 * HOUR;

/** In which chunks a tier is kept once its time is over; samples of today are in hours. */
export const CHUNKS_OF = {
  samples: "day",
  fiveMinutes: "fiveMinutes",
  hours: "hours",
  days: "days",
} as const satisfies Record<KeptTier, keyof Used>;

/** The tiers that give way to a limit, in this order. Steps of a day stay: they take next to nothing. */
export const GIVING_WAY = ["samples", "fiveMinutes", "hours"] as const satisfies KeptTier[];

export function limitOfFile(
  maxBytes: number | null,
  quotaBytes: number,
): Pick<HistoryRetention, "limitBytes" | "limitedBy"> {
  const quota = Math.floor(quotaBytes * QUOTA_SHARE);
  return maxBytes !== null && maxBytes < quota
    ? { limitBytes: maxBytes, limitedBy: "maxBytes" }
    : { limitBytes: quota, limitedBy: "quota" };
}

export function forecast(input: ForecastInput): HistoryRetention {
  const { used, usedBytes, settings, quotaBytes, now } = input;
  const { limitBytes, limitedBy } = limitOfFile(settings.maxBytes, quotaBytes);
  const beginnings = beginningsOf(input);
  const rates = ratesOf(input, beginnings);
  const tiers = KEPT_TIERS.map((tier): TierForecast => {
    const oldestAt = beginnings[tier];
    const rate = rates?.[tier];
    return {
      tier,
      keepDays: settings.keepDays[tier],
      usedBytes: bytesOf(spansOf(used, tier)),
      ...(oldestAt !== undefined && { oldestAt }),
      ...(rate !== undefined && {
        bytesPerDay: Math.round(rate),
        fullBytes: Math.round(rate * (settings.keepDays[tier] + spareDays(tier))),
      }),
    };
  });
  const otherBytes = Math.max(0, usedBytes - sum(tiers.map((tier) => tier.usedBytes)));
  return {
    ...settings,
    standardDays: { ...STANDARD_KEEP_DAYS },
    usedBytes,
    otherBytes,
    quotaBytes,
    limitBytes,
    limitedBy,
    tiers,
    ...(rates && whole(tiers, { usedBytes, otherBytes, limitBytes, now })),
    deletes: deletedBy(input, beginnings, limitBytes),
  };
}

/** What follows for the file as a whole. */
function whole(
  tiers: readonly TierForecast[],
  {
    usedBytes,
    otherBytes,
    limitBytes,
    now,
  }: Record<"usedBytes" | "otherBytes" | "limitBytes" | "now", number>,
): Pick<HistoryRetention, "bytesPerDay" | "fullBytes" | "limitReachedAt" | "samplesDaysWithinLimit"> {
  const bytesPerDay = sum(tiers.map((tier) => tier.bytesPerDay ?? 0));
  const fullBytes = otherBytes + sum(tiers.map((tier) => tier.fullBytes ?? 0));
  const reachedAfterDays = usedBytes > limitBytes ? 0 : daysUntil(tiers, limitBytes - usedBytes);
  if (reachedAfterDays === undefined) return { bytesPerDay, fullBytes };
  const [samples, ...others] = tiers;
  const room = limitBytes - otherBytes - sum(others.map((tier) => tier.fullBytes ?? 0));
  const perDay = samples?.bytesPerDay ?? 0;
  return {
    bytesPerDay,
    fullBytes,
    limitReachedAt: Math.round(now + reachedAfterDays * DAY),
    ...(perDay > 0 && { samplesDaysWithinLimit: Math.max(0, Math.floor(room / perDay)) }),
  };
}

/** Until the tiers have grown by so much: each as fast as it does, and until it is full. */
function daysUntil(tiers: readonly TierForecast[], room: number): number | undefined {
  const growing = tiers
    .map(({ bytesPerDay = 0, fullBytes = 0, usedBytes }) => ({
      rate: bytesPerDay,
      days: bytesPerDay > 0 ? Math.max(0, fullBytes - usedBytes) / bytesPerDay : 0,
    }))
    .sort((a, b) => a.days - b.days);
  let left = room;
  let day = 0;
  for (const [index, { days }] of growing.entries()) {
    const rate = sum(growing.slice(index).map((tier) => tier.rate));
    const gained = rate * (days - day);
    if (gained > left) return day + left / rate;
    left -= gained;
    day = days;
  }
  return undefined;
}

/**
 * Since when there is something of each tier. A chunk of steps may begin long before what is in it: then it is as old
 * as what is finer, unless that has been cut.
 */
function beginningsOf({ used, keptDays, now }: ForecastInput): Beginnings {
  const beginnings: Beginnings = {};
  let finer: { at: number; isCut: boolean } | undefined;
  for (const tier of KEPT_TIERS) {
    const startAt = spansOf(used, tier)[0]?.startAt;
    if (startAt === undefined) continue;
    const endAt = startAt + TIERS[CHUNKS_OF[tier]].spanMs;
    const at = finer && !finer.isCut && finer.at > startAt && finer.at < endAt ? finer.at : startAt;
    finer = { at, isCut: isCut(at, keptDays[tier], now) };
    beginnings[tier] = at;
  }
  return beginnings;
}

/** What was before has been let go. */
function isCut(at: number, keptDays: number, now: number): boolean {
  return dayOf(at) <= now - keptDays * DAY;
}

/** Bytes a day; undefined until a whole day is over. */
function ratesOf(
  { used, keptDays, now }: ForecastInput,
  beginnings: Beginnings,
): Record<KeptTier, number> | undefined {
  const begun = Math.min(...KEPT_TIERS.map((tier) => beginnings[tier] ?? Number.POSITIVE_INFINITY));
  const settledAt = dayOf(now - DAY_SETTLES_MS);
  /* Where what was before has been let go, the oldest day that is left is a whole one. */
  const wholeAt = isCut(begun, keptDays.samples, now) ? dayOf(begun) : dayOf(begun) + DAY;
  if (!(wholeAt < settledAt)) return undefined;
  const recently = settledAt - RATE_OVER_DAYS * DAY;
  const daily = (tier: "samples" | "fiveMinutes") => {
    const from = Math.max(wholeAt, recently, dayOf(beginnings[tier] ?? 0));
    const recent = spansOf(used, tier).filter(({ startAt }) => startAt >= from && startAt < settledAt);
    return bytesOf(recent) / Math.max(1, (settledAt - from) / DAY);
  };
  /** What lasts for many days is divided by those that are over, of the last two. */
  const stretched = (tier: "hours" | "days") => {
    const { spanMs } = TIERS[tier];
    const from = Math.max(Math.floor((settledAt - spanMs) / spanMs) * spanMs, dayOf(beginnings[tier] ?? 0));
    const recent = used[tier].filter(({ startAt }) => startAt + spanMs > from && startAt < settledAt);
    return bytesOf(recent) / Math.max(1, (settledAt - from) / DAY);
  };
  return {
    samples: daily("samples"),
    fiveMinutes: daily("fiveMinutes"),
    hours: stretched("hours"),
    days: stretched("days"),
  };
}

/** A chunk goes when all of it is old enough; today's samples come on top. */
function spareDays(tier: KeptTier): number {
  return tier === "samples" ? 1 : (TIERS[CHUNKS_OF[tier]].spanMs - DAY) / DAY / 2;
}

/** First what is too old, then what the limit takes of the rest. */
function deletedBy(
  { used, usedBytes, settings, now }: ForecastInput,
  beginnings: Beginnings,
  limitBytes: number,
): DeletedNow[] {
  const kept = new Map<KeptTier, UsedSpan[]>();
  const gone = new Map<KeptTier, UsedSpan[]>();
  for (const tier of KEPT_TIERS) {
    const { spanMs } = TIERS[CHUNKS_OF[tier]];
    const cutoff = now - settings.keepDays[tier] * DAY;
    const spans = used[CHUNKS_OF[tier]];
    gone.set(
      tier,
      spans.filter(({ startAt }) => startAt + spanMs <= cutoff),
    );
    kept.set(
      tier,
      spans.filter(({ startAt }) => startAt + spanMs > cutoff),
    );
  }
  let left = usedBytes - sum([...gone.values()].map(bytesOf));
  for (const tier of GIVING_WAY) {
    for (const span of kept.get(tier) ?? []) {
      if (left <= limitBytes) break;
      gone.get(tier)?.push(span);
      left -= bytesOf([span]);
    }
  }
  return KEPT_TIERS.flatMap((tier): DeletedNow[] => {
    const spans = gone.get(tier) ?? [];
    const last = spans.at(-1);
    if (!last) return [];
    const endAt = Math.min(last.startAt + TIERS[CHUNKS_OF[tier]].spanMs, now);
    const from = Math.max(spans[0]?.startAt ?? 0, beginnings[tier] ?? 0);
    return [{ tier, days: Math.max(1, Math.round((endAt - from) / DAY)), bytes: bytesOf(spans) }];
  });
}

/** Samples of days first: where there is one, it is older than any hour. */
function spansOf(used: Used, tier: KeptTier): UsedSpan[] {
  return tier === "samples" ? [...used.day, ...used.hour] : used[tier];
}

function bytesOf(spans: readonly UsedSpan[]): number {
  return Math.round(sum(spans.map(({ bytes }) => bytes)) * PAGES_PER_BYTE);
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

function dayOf(at: number): number {
  return Math.floor(at / DAY) * DAY;
}
