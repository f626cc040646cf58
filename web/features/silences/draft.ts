/** A silence while somebody writes it: as it is typed, what of it cannot be, and what it comes to. */
import type { MonthlyDay, SilenceWhen } from "../../../server/contract/alerts.ts";
import type { WeeklyTimes } from "../../ui/weekly-words.ts";

export interface WhenDraft extends WeeklyTimes {
  type: SilenceWhen["type"];
  /** Once, as the browser's fields have them: "2026-11-30T22:00", by the browser's clock. */
  begins: string;
  ends: string;
  /** Every month. */
  by: "day" | "weekday";
  /** "1" to "31", or "last". */
  day: string;
  /** "1" to "4", or "last". */
  nth: string;
  weekday: number;
  /** Of what repeats; empty: none. */
  firstDay: string;
  lastDay: string;
}

/** By the field of the draft, or of what the server was asked. */
export type WhenFaults = Partial<Record<keyof WhenDraft, string>>;

const HOUR_MS = 3_600_000;
const SATURDAY = 6;
const SUNDAY = 0;

export function newWhen(now: number, timeZone: string): WhenDraft {
  return {
    type: "once",
    ...oneHour(now),
    days: [SUNDAY],
    from: "02:00",
    to: "04:00",
    timeZone,
    by: "weekday",
    day: "1",
    nth: "2",
    weekday: 2,
    firstDay: "",
    lastDay: "",
  };
}

export function whenDraftOf(when: SilenceWhen, now: number, timeZone: string): WhenDraft {
  const draft = { ...newWhen(now, timeZone), type: when.type };
  if (when.type === "once") return { ...draft, begins: localText(when.from), ends: localText(when.to) };
  const { from, to, firstDay = "", lastDay = "" } = when;
  const repeating = { ...draft, from, to, timeZone: when.timeZone, firstDay, lastDay };
  if (when.type === "weekly") return { ...repeating, days: when.days };
  const { on } = when;
  if ("nth" in on) return { ...repeating, by: "weekday", nth: String(on.nth), weekday: on.weekday };
  return { ...repeating, by: "day", day: String(on.day) };
}

/** What it comes to; undefined where something of it cannot be. */
export function readWhen(draft: WhenDraft, now: number): { when?: SilenceWhen; faults: WhenFaults } {
  const faults: WhenFaults = {};
  if (draft.type === "once") {
    const [from, to] = [timeIn(draft.begins), timeIn(draft.ends)];
    if (from === undefined) faults.begins = "A day and a time.";
    if (to === undefined) faults.ends = "A day and a time.";
    else if (from !== undefined && to <= from) faults.ends = "After its beginning.";
    else if (to <= now) faults.ends = "In the future.";
    if (from === undefined || to === undefined || faults.ends) return { faults };
    return { when: { type: "once", from, to }, faults };
  }
  if (!draft.from) faults.from = "A time like 22:30.";
  if (!draft.to) faults.to = "A time like 22:30.";
  if (!draft.timeZone) faults.timeZone = "A time zone, like Europe/Berlin.";
  if (draft.type === "weekly" && draft.days.length === 0) faults.days = "At least one day.";
  if (draft.firstDay && draft.lastDay && draft.lastDay < draft.firstDay)
    faults.lastDay = "Not before the first day.";
  if (Object.keys(faults).length > 0) return { faults };
  const { from, to, timeZone, firstDay, lastDay } = draft;
  const common = { from, to, timeZone, ...(firstDay && { firstDay }), ...(lastDay && { lastDay }) };
  if (draft.type === "weekly") return { when: { type: "weekly", days: draft.days, ...common }, faults };
  return { when: { type: "monthly", on: monthlyDay(draft), ...common }, faults };
}

function monthlyDay({ by, day, nth, weekday }: WhenDraft): MonthlyDay {
  if (by === "day") return { day: day === "last" ? "last" : Number(day) };
  return { nth: nth === "last" ? "last" : (Number(nth) as 1 | 2 | 3 | 4), weekday };
}

// Handy times ----------------------------------------------------------------------------------------------------

type Once = Pick<WhenDraft, "begins" | "ends">;

export const PRESETS: readonly { label: string; times: (now: number) => Once }[] = [
  { label: "1 hour", times: oneHour },
  { label: "8 hours", times: (now) => between(now, now + 8 * HOUR_MS) },
  { label: "Until tomorrow 08:00", times: (now) => between(now, dayAt(now, 1, 8)) },
  { label: "The weekend", times: weekend },
];

function oneHour(now: number): Once {
  return between(now, now + HOUR_MS);
}

/** What is left of it, or the next. */
function weekend(now: number): Once {
  const today = new Date(now).getDay();
  if (today === SUNDAY) return between(now, dayAt(now, 1, 0));
  const start = SATURDAY - today;
  return between(Math.max(now, dayAt(now, start, 0)), dayAt(now, start + 2, 0));
}

/** By the calendar, not by hours. */
function dayAt(now: number, days: number, hour: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days, hour).getTime();
}

function between(from: number, to: number): Once {
  return { begins: localText(from), ends: localText(to) };
}

const two = (value: number) => String(value).padStart(2, "0");

/** To the minute it has begun. */
function localText(at: number): string {
  const date = new Date(at);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

function timeIn(text: string): number | undefined {
  const at = text ? new Date(text).getTime() : Number.NaN;
  return Number.isFinite(at) ? at : undefined;
}
