/** What is kept, said and read: times in days, amounts of bytes, sentences about both. */
import type { DeletedNow, HistoryRetention } from "../../../server/contract/history.ts";
import {
  KEPT_TIERS,
  type KeepDays,
  type KeptTier,
  RETENTION_LIMITS,
} from "../../../server/contract/retention-limits.ts";
import { bytes, date, plural, text } from "../../ui/format.ts";

export const TIER_WORDS: Record<KeptTier, { label: string; help: string; plural: string }> = {
  samples: { label: "Samples", help: "Every value, as it was reported", plural: "samples" },
  fiveMinutes: {
    label: "5-minute steps",
    help: "Least, greatest and mean of every 5 minutes",
    plural: "steps of 5 minutes",
  },
  hours: { label: "Hourly steps", help: "The same of every hour", plural: "steps of an hour" },
  days: { label: "Daily steps", help: "The same of every day", plural: "steps of a day" },
};

/** "2 years", "90 days" */
export function daysWords(days: number): string {
  if (days >= 365 && days % 365 === 0) return plural(days / 365, "year");
  return plural(days, "day");
}

/** What it comes to: how fast it grows, and where that ends. */
export function estimateWords(found: HistoryRetention): string {
  const { bytesPerDay, fullBytes, limitReachedAt, samplesDaysWithinLimit } = found;
  if (bytesPerDay === undefined || fullBytes === undefined)
    return "How fast it grows is not known yet: a whole day has to be over first.";
  if (bytesPerDay === 0) return "In the last days nothing has come in.";
  const grows = `It grows by ${size(bytesPerDay)} a day`;
  if (limitReachedAt === undefined)
    return `${grows} and will take ${size(fullBytes)} once everything is full.`;
  const left = samplesDaysWithinLimit ?? 0;
  const end = left > 0 ? `in the end after ${daysWords(left)}` : "in the end all of them";
  return `${grows} and reaches its limit about ${date(limitReachedAt)}. From then on the oldest samples go sooner, ${end}.`;
}

/** "214 days of samples (1.2 GiB) and 30 days of steps of 5 minutes (3.1 MiB)" */
export function deletedWords(deletes: readonly DeletedNow[]): string {
  const parts = deletes.map(
    ({ tier, days, bytes: amount }) =>
      `${plural(days, "day")} of ${TIER_WORDS[tier].plural} (${size(amount)})`,
  );
  const last = parts.pop() ?? "";
  return parts.length > 0 ? `${parts.join(", ")} and ${last}` : last;
}

/** Whether more goes than would go anyway. */
export function deletesMore(next: HistoryRetention, now: HistoryRetention): boolean {
  const amountOf = (deletes: readonly DeletedNow[]) =>
    deletes.reduce((sum, { bytes: each }) => sum + each, 0);
  return amountOf(next.deletes) > amountOf(now.deletes);
}

export function size(amount: number): string {
  return text(bytes(amount));
}

export type KeepTexts = Record<KeptTier | "maxBytes", string>;

export function textsOf({ keepDays, maxBytes }: Pick<HistoryRetention, "keepDays" | "maxBytes">): KeepTexts {
  const days = KEPT_TIERS.map((tier) => [tier, String(keepDays[tier])]);
  return { ...Object.fromEntries(days), maxBytes: maxBytes === null ? "" : sizeText(maxBytes) } as KeepTexts;
}

const UNITS: Readonly<Record<string, number>> = {
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** Undefined when it is no amount. */
export function sizeOf(typed: string): number | undefined {
  const [, number = "", unit = ""] = /^(\d{1,9}(?:[.,]\d{1,3})?)\s*([a-z]{2,3})$/i.exec(typed.trim()) ?? [];
  const factor = UNITS[unit.toLowerCase()];
  return factor === undefined ? undefined : Math.round(Number(number.replace(",", ".")) * factor);
}

/** In the unit in which it can be said exactly, or to the byte nearly so: what is read back is the same amount. */
export function sizeText(amount: number): string {
  for (const [unit, factor] of [
    ["TB", 1e12],
    ["GB", 1e9],
    ["TiB", 2 ** 40],
    ["GiB", 2 ** 30],
    ["MB", 1e6],
    ["MiB", 2 ** 20],
    ["KiB", 2 ** 10],
  ] as const) {
    const number = String(Number((amount / factor).toFixed(3)));
    if (amount >= factor && Math.round(Number(number) * factor) === amount) return `${number} ${unit}`;
  }
  return `${Math.round(amount / 1e3)} KB`;
}

/** What would be right; absent where it is. */
export function faultsOf(texts: KeepTexts, mostBytes: number): Partial<Record<keyof KeepTexts, string>> {
  const faults: Partial<Record<keyof KeepTexts, string>> = {};
  const { leastDays, mostDays, leastBytes } = RETENTION_LIMITS;
  let finer: { tier: KeptTier; days: number } | undefined;
  for (const tier of KEPT_TIERS) {
    const typed = texts[tier].trim();
    const days = /^\d{1,6}$/.test(typed) ? Number(typed) : undefined;
    if (days === undefined) faults[tier] = "A whole number of days.";
    else if (days < leastDays) faults[tier] = "At least one day.";
    else if (days > mostDays) faults[tier] = `At most ${mostDays.toLocaleString("en-US")} days: 30 years.`;
    else if (finer && days < finer.days)
      faults[tier] = `At least as long as ${TIER_WORDS[finer.tier].plural}: ${plural(finer.days, "day")}.`;
    if (days !== undefined) finer = { tier, days };
  }
  if (texts.maxBytes.trim() === "") return faults;
  const amount = sizeOf(texts.maxBytes);
  if (amount === undefined) faults.maxBytes = "An amount like 500 MB or 2 GiB, or nothing.";
  else if (amount < leastBytes) faults.maxBytes = `At least ${size(leastBytes)}.`;
  else if (amount > mostBytes) faults.maxBytes = `At most ${size(mostBytes)}: more is not allowed here.`;
  return faults;
}

/** What is typed, as it is asked for. */
export function settingsOf(texts: KeepTexts): { keepDays: KeepDays; maxBytes: number | null } {
  const days = KEPT_TIERS.map((tier) => [tier, Number(texts[tier])]);
  return { keepDays: Object.fromEntries(days) as KeepDays, maxBytes: sizeOf(texts.maxBytes) ?? null };
}
