/** When a silence covers a moment, and when it will. Pure. */
import type { MonthlyDay, SilenceWhen } from "../contract/alerts.ts";
import {
  coversMoment,
  onTheWall,
  type Span,
  spansBetween,
  type WallDay,
  type WallTimes,
  weekly,
} from "../lib/wall-clock.ts";

type Repeating = Exclude<SilenceWhen, { type: "once" }>;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

export function covers(when: SilenceWhen, at: number): boolean {
  return when.type === "once" ? at >= when.from && at < when.to : coversMoment(timesOf(when), at);
}

/** Whether it may cover something of the minute that holds a moment: what repeats begins and ends with one. */
export function touchesMinute(when: SilenceWhen, at: number): boolean {
  if (when.type !== "once") return covers(when, at);
  const minute = at - (at % MINUTE_MS);
  return when.to > minute && when.from < minute + MINUTE_MS;
}

/** Whether one that is over will never cover anything again. */
export function isPast(when: SilenceWhen, at: number): boolean {
  if (when.type === "once") return when.to <= at;
  if (when.lastDay === undefined) return false;
  /* What begins on its last day may end on the next. */
  return onTheWall(when.timeZone, at).day > dayNumber(when.lastDay) + 1 && !covers(when, at);
}

/** When it covers something between two moments, in order. */
export function windowsBetween(when: SilenceWhen, from: number, to: number): Span[] {
  if (when.type !== "once") return spansBetween(timesOf(when), from, to);
  return when.to > from && when.from < to ? [{ from: when.from, to: Math.min(when.to, to) }] : [];
}

function timesOf(when: Repeating): WallTimes {
  const first = when.firstDay === undefined ? Number.NEGATIVE_INFINITY : dayNumber(when.firstDay);
  const last = when.lastDay === undefined ? Number.POSITIVE_INFINITY : dayNumber(when.lastDay);
  const isDay = when.type === "weekly" ? weekly(when).isOn : (day: WallDay) => isMonthly(when.on, day);
  const { from, to, timeZone } = when;
  return {
    from,
    to,
    timeZone,
    isOn: (day) => day.number >= first && day.number <= last && isDay(day),
  };
}

function isMonthly(on: MonthlyDay, { number, weekday }: WallDay): boolean {
  const date = new Date(number * DAY_MS);
  const day = date.getUTCDate();
  const left = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate() - day;
  if ("day" in on) return on.day === "last" ? left === 0 : day === on.day;
  if (weekday !== on.weekday) return false;
  return on.nth === "last" ? left < 7 : Math.ceil(day / 7) === on.nth;
}

function dayNumber(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / DAY_MS;
}
