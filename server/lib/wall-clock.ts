/**
 * What happens by the clock on the wall of a time zone. Pure. A moment is turned into that clock's day and minute, and
 * only those are compared. So on the day the clocks go forward a time from 02:30 to 03:30 lasts half an hour, on the
 * day they go back one from 02:00 to 03:00 lasts two, and every other day it begins when the clock says so.
 */
import type { WeeklyTime } from "../contract/alerts.ts";

/** On some days, between two times of a time zone. An end that is not after the beginning is on the next day. */
export interface WallTimes {
  from: string;
  to: string;
  timeZone: string;
  /** Whether it begins on this day. */
  isOn(day: WallDay): boolean;
}

export interface WallDay {
  /** Days since 1970 of the calendar on that wall. */
  number: number;
  /** 0 is Sunday. */
  weekday: number;
}

export interface Span {
  from: number;
  to: number;
}

/** Time zones whose clocks are kept: making one costs a thousand times what reading it does. */
const MAX_CLOCKS = 50;
const clocks = new Map<string, Intl.DateTimeFormat>();

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
const DAY_MS = DAY_MINUTES * MINUTE_MS;
/** 1 January 1970 was a Thursday. */
const FIRST_WEEKDAY = 4;
/** Between two looks: clocks are set forward by no more. */
const HOP_MINUTES = 60;
/** A time that has not ended by then comes round again: it never ends. */
const ENDLESS_MS = 9 * DAY_MS;

export function weekly({ days, from, to, timeZone }: WeeklyTime): WallTimes {
  return { from, to, timeZone, isOn: ({ weekday }) => days.includes(weekday) };
}

export function covers(time: WeeklyTime, at: number): boolean {
  return coversMoment(weekly(time), at);
}

export function coversMoment({ from, to, timeZone, isOn }: WallTimes, at: number): boolean {
  const { day, minute } = onTheWall(timeZone, at);
  const [start, end] = [minutesOf(from), minutesOf(to)];
  if (start < end) return minute >= start && minute < end && isOn(dayOf(day));
  return (minute >= start && isOn(dayOf(day))) || (minute < end && isOn(dayOf(day - 1)));
}

/** When the time that covers this moment is over; undefined: never. */
export function endOf(time: WeeklyTime, at: number): number | undefined {
  const to = minutesOf(time.to);
  let inside = at - (at % MINUTE_MS);
  while (inside - at < ENDLESS_MS) {
    const left = (to - onTheWall(time.timeZone, inside).minute + DAY_MINUTES) % DAY_MINUTES || DAY_MINUTES;
    const next = inside + Math.min(left, HOP_MINUTES) * MINUTE_MS;
    if (!covers(time, next)) return firstOutside(time, inside, next);
    inside = next;
  }
  return undefined;
}

/** A clock that went forward in between has left it earlier. */
function firstOutside(time: WeeklyTime, inside: number, outside: number): number {
  let [last, first] = [inside, outside];
  while (first - last > MINUTE_MS) {
    const middle = last + Math.floor((first - last) / 2 / MINUTE_MS) * MINUTE_MS;
    if (covers(time, middle)) last = middle;
    else first = middle;
  }
  return first;
}

/** When it covers something of the time between two moments, in order; what follows without a gap is one. */
export function spansBetween(times: WallTimes, from: number, to: number): Span[] {
  const { timeZone, isOn } = times;
  const [start, end] = [minutesOf(times.from), minutesOf(times.to)];
  const lasts = start < end ? end - start : end + DAY_MINUTES - start;
  /* One that began the day before, or by a clock that is set back once more, may still last. */
  const [first, last] = [Math.floor(from / DAY_MS) - 3, Math.ceil(to / DAY_MS) + 1];
  const stretches = stretchesBetween(timeZone, first, last);
  const spans: Span[] = [];
  for (let day = first; day <= last; day++) {
    if (!isOn(dayOf(day))) continue;
    const begins = day * DAY_MS + start * MINUTE_MS;
    const ends = begins + lasts * MINUTE_MS;
    for (const { from: since, to: until, offset } of stretches) {
      const span = { from: Math.max(since, begins - offset), to: Math.min(until, ends - offset) };
      if (span.from < span.to) spans.push(span);
    }
  }
  return joined(spans)
    .filter((span) => span.to > from && span.from < to)
    .map((span) => ({ from: span.from, to: Math.min(span.to, to) }));
}

/** A time in which a clock is not set. */
interface Stretch extends Span {
  /** By how much the wall is ahead of UTC. */
  offset: number;
}

const MAX_STRETCHES = 50;
const stretchesKnown = new Map<string, Stretch[]>();

/** Kept, because many silences are asked for the same weeks. Between two midnights a clock is set once. */
function stretchesBetween(timeZone: string, first: number, last: number): Stretch[] {
  const key = `${timeZone} ${first} ${last}`;
  const before = stretchesKnown.get(key);
  if (before) return before;
  let current: Stretch = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, offset: 0 };
  current.offset = offsetAt(timeZone, (first - 1) * DAY_MS);
  const stretches = [current];
  for (let day = first; day <= last + 2; day++) {
    const offset = offsetAt(timeZone, day * DAY_MS);
    if (offset === current.offset) continue;
    const at = setBetween(timeZone, (day - 1) * DAY_MS, day * DAY_MS);
    current.to = at;
    current = { from: at, to: Number.POSITIVE_INFINITY, offset };
    stretches.push(current);
  }
  if (stretchesKnown.size >= MAX_STRETCHES) stretchesKnown.clear();
  stretchesKnown.set(key, stretches);
  return stretches;
}

/** The minute in which a clock is set that is another before than after. */
function setBetween(timeZone: string, before: number, after: number): number {
  const offset = offsetAt(timeZone, before);
  let [last, first] = [before, after];
  while (first - last > MINUTE_MS) {
    const middle = last + Math.floor((first - last) / 2 / MINUTE_MS) * MINUTE_MS;
    if (offsetAt(timeZone, middle) === offset) last = middle;
    else first = middle;
  }
  return first;
}

function joined(spans: readonly Span[]): Span[] {
  const all: Span[] = [];
  for (const span of spans.toSorted((a, b) => a.from - b.from)) {
    const before = all.at(-1);
    if (before && span.from <= before.to) before.to = Math.max(before.to, span.to);
    else all.push({ ...span });
  }
  return all;
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
}

function dayOf(number: number): WallDay {
  return { number, weekday: (((number + FIRST_WEEKDAY) % 7) + 7) % 7 };
}

/** By how much the wall is ahead of UTC, to the minute. */
function offsetAt(timeZone: string, at: number): number {
  const { day, minute } = onTheWall(timeZone, at);
  return day * DAY_MS + minute * MINUTE_MS - Math.floor(at / MINUTE_MS) * MINUTE_MS;
}

/** The day since 1970 and the minute of it. */
export function onTheWall(timeZone: string, at: number): { day: number; minute: number } {
  let clock = clocks.get(timeZone);
  if (!clock) {
    clock = new Intl.DateTimeFormat("en-US", {
      timeZone,
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "2-digit",
      minute: "2-digit",
      hourCycle: "h23",
    });
    if (clocks.size >= MAX_CLOCKS) clocks.clear();
    clocks.set(timeZone, clock);
  }
  const parts = Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0 } = parts;
  return { day: Date.UTC(year, month - 1, day) / DAY_MS, minute: hour * 60 + minute };
}
