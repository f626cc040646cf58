/** When a silence is, as it is said. */
import type { MonthlyDay, Silence, SilenceWhen } from "../../../server/contract/alerts.ts";
import { clock, day, duration } from "../../ui/format.ts";
import { DAY_NAMES, daysWords, timesWords, zoneWords } from "../../ui/weekly-words.ts";

const DAY_MS = 86_400_000;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const NTH = { 1: "first", 2: "second", 3: "third", 4: "fourth", last: "last" } as const;

/** "Tuesday, 02:00 to 04:00", "the second Tuesday of a month, 02:00 to 04:00, Europe/Berlin time, until 12 Mar 2027" */
export function whenWords(when: SilenceWhen, readersZone: string): string {
  if (when.type === "once") return `${spanWords(when)} (${duration((when.to - when.from) / 1_000)})`;
  const days = when.type === "weekly" ? daysWords(when.days) : monthlyWords(when.on);
  const zone = zoneWords(when.timeZone, readersZone);
  return `${days}, ${timesWords(when)}${zone}${boundsWords(when)}`;
}

export function monthlyWords(on: MonthlyDay): string {
  if ("nth" in on) return `the ${NTH[on.nth]} ${DAY_NAMES[on.weekday]} of a month`;
  return on.day === "last" ? "the last day of a month" : `the ${ordinal(on.day)} of a month`;
}

function boundsWords({
  firstDay,
  lastDay,
}: {
  firstDay?: string | undefined;
  lastDay?: string | undefined;
}): string {
  if (firstDay && lastDay) return `, from ${dayWords(firstDay)} until ${dayWords(lastDay)}`;
  if (firstDay) return `, from ${dayWords(firstDay)}`;
  return lastDay ? `, until ${dayWords(lastDay)}` : "";
}

/** 2027-03-12 as "12 Mar 2027": the same day wherever it is read. */
function dayWords(text: string): string {
  const [year, month, date] = text.split("-").map(Number);
  return `${date} ${MONTHS[(month ?? 1) - 1]} ${year}`;
}

/** "1st", "22nd", "13th" */
function ordinal(number: number): string {
  const tens = number % 100;
  const ending = tens > 10 && tens < 14 ? "th" : (["th", "st", "nd", "rd"][number % 10] ?? "th");
  return `${number}${ending}`;
}

/** "30 Nov, 22:00 to 06:00", "30 Nov, 22:00 to 2 Dec, 06:00": the end's day only where it is not the next night. */
export function spanWords({ from, to }: { from: number; to: number }): string {
  const isShort = to - from <= DAY_MS;
  return `${day(from)}, ${clock(from)} to ${isShort ? "" : `${day(to)}, `}${clock(to)}`;
}

/** What the Alerts page says of those that cover this moment; nothing where none does. */
export function activeWords(silences: readonly Silence[]): string {
  const active = silences.filter((silence) => silence.active);
  if (active.length === 0) return "";
  if (active.length === 1) return `A silence is active: ${active[0]?.name}`;
  return `${active.length} silences are active: ${active.map(({ name }) => name).join(", ")}`;
}
