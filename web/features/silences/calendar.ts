/**
 * The coming weeks, day by day, by the clock of whoever reads. A day is from one midnight to the next, which is 23 or
 * 25 hours where the clocks are set: where something stands in it is its share of that day.
 */
import type { SilenceWindow } from "../../../server/contract/alerts.ts";

export interface Bar {
  id: SilenceWindow["id"];
  /** Of the day, from 0 to 1. */
  start: number;
  length: number;
  /** Of the whole window, which may be longer than the day. */
  from: number;
  to: number;
}

export interface CalendarDay {
  /** Its midnight. */
  at: number;
  bars: Bar[];
  isToday: boolean;
  /** Not among the days that are told of. */
  isOutside: boolean;
}

const WEEK_DAYS = 7;

/** Whole weeks from Monday on, from today's until that in which it ends. */
export function weeksOf(windows: readonly SilenceWindow[], now: number, until: number): CalendarDay[][] {
  const today = midnight(now, 0);
  const monday = -((new Date(now).getDay() + 6) % WEEK_DAYS);
  const weeks: CalendarDay[][] = [];
  for (let first = monday; midnight(now, first) < until; first += WEEK_DAYS)
    weeks.push(
      Array.from({ length: WEEK_DAYS }, (_, step) => {
        const [at, end] = [midnight(now, first + step), midnight(now, first + step + 1)];
        return {
          at,
          bars: barsIn(windows, at, end),
          isToday: at === today,
          isOutside: end <= today || at >= until,
        };
      }),
    );
  return weeks;
}

function barsIn(windows: readonly SilenceWindow[], at: number, end: number): Bar[] {
  return windows
    .filter(({ from, to }) => from < end && to > at)
    .map(({ id, from, to }) => {
      const [start, stop] = [Math.max(from, at), Math.min(to, end)];
      return { id, start: (start - at) / (end - at), length: (stop - start) / (end - at), from, to };
    });
}

/** Of the day so many days later: by the calendar, not by hours. */
function midnight(now: number, days: number): number {
  const date = new Date(now);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
}
