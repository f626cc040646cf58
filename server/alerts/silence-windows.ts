/**
 * When a silence covers a moment, and whom. Pure. What repeats is by the clock on the wall of its time
 * zone: the moment is turned into that clock's day and minute, and only those are compared. So on the
 * day the clocks go forward a silence from 02:30 to 03:30 lasts half an hour, on the day they go back
 * one from 02:00 to 03:00 lasts two, and every other day it begins when the clock says so.
 */
import type { Silence, SilenceScope, SilenceWhen } from "../contract/alerts.ts";
import type { Resource } from "../contract/resource.ts";

/** Time zones whose clocks are kept: making one costs a thousand times what reading it does. */
const MAX_CLOCKS = 50;
const clocks = new Map<string, Intl.DateTimeFormat>();

const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

export function covers(when: SilenceWhen, at: number): boolean {
  if (when.type === "once") return at >= when.from && at < when.to;
  const { day, minute } = onTheWall(when.timeZone, at);
  const [from, to] = [minutesOf(when.from), minutesOf(when.to)];
  if (from < to) return when.days.includes(day) && minute >= from && minute < to;
  const dayBefore = (day + 6) % 7;
  return (when.days.includes(day) && minute >= from) || (when.days.includes(dayBefore) && minute < to);
}

/** Whether one that is over will never cover anything again. */
export function isPast(when: SilenceWhen, at: number): boolean {
  return when.type === "once" && when.to <= at;
}

export function isMeant(
  { resourceIds, tags, kinds, rules }: SilenceScope,
  { resource, parent, rule }: { resource: Resource; parent: Resource | undefined; rule: string },
): boolean {
  if (rules && !rules.includes(rule)) return false;
  if (kinds && !kinds.includes(resource.kind)) return false;
  if (resourceIds && !resourceIds.includes(resource.id) && !(parent && resourceIds.includes(parent.id)))
    return false;
  if (!tags) return true;
  const own = [...(resource.own?.tags ?? []), ...(parent?.own?.tags ?? [])];
  return tags.some((tag) => own.includes(tag));
}

/** Those that cover this moment. */
export function active<S extends Pick<Silence, "when">>(silences: Iterable<S>, at: number): S[] {
  return [...silences].filter(({ when }) => covers(when, at));
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

function onTheWall(timeZone: string, at: number): { day: number; minute: number } {
  let clock = clocks.get(timeZone);
  if (!clock) {
    clock = new Intl.DateTimeFormat("en-US", {
      timeZone,
      weekday: "short",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
    if (clocks.size >= MAX_CLOCKS) clocks.clear();
    clocks.set(timeZone, clock);
  }
  const parts = Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, value]));
  return {
    day: DAYS.indexOf(parts["weekday"] ?? ""),
    minute: Number(parts["hour"]) * 60 + Number(parts["minute"]),
  };
}
