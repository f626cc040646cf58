/** Days of the week and times of day, as they are said. */

export interface WeeklyTimes {
  /** 0 is Sunday. The day on which it begins. */
  days: number[];
  /** "22:00"; an end that is not after the beginning is on the next day. */
  from: string;
  to: string;
  timeZone: string;
}

/** As a week is read: Monday first. */
export const WEEK: readonly number[] = [1, 2, 3, 4, 5, 6, 0];
export const DAY_NAMES = [
  "Sunday",
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
] as const;
export const WORKDAYS: readonly number[] = [1, 2, 3, 4, 5];
export const WEEKEND: readonly number[] = [6, 0];
const MORE_THAN_A_FEW = 3;

export function inWeekOrder(days: readonly number[]): number[] {
  return WEEK.filter((day) => days.includes(day));
}

/** "every day", "Mon–Fri", "Sat and Sun", "Tuesday" */
export function daysWords(days: readonly number[]): string {
  const order = inWeekOrder(days);
  const [first, last] = [order[0], order.at(-1)];
  if (first === undefined || last === undefined) return "no day";
  if (order.length === WEEK.length) return "every day";
  if (order.length === 1) return DAY_NAMES[first] ?? "";
  const short = order.map((day) => (DAY_NAMES[day] ?? "").slice(0, 3));
  const isRow = WEEK.indexOf(last) - WEEK.indexOf(first) === order.length - 1;
  if (isRow && order.length >= MORE_THAN_A_FEW) return `${short[0]}–${short.at(-1)}`;
  return `${short.slice(0, -1).join(", ")} and ${short.at(-1)}`;
}

export function endsNextDay({ from, to }: Pick<WeeklyTimes, "from" | "to">): boolean {
  return to <= from;
}

/** "Mon–Fri, 22:00 to 06:00 the next day, Europe/Berlin"; the zone only where it is not the reader's. */
export function weeklyWords({ days, from, to, timeZone }: WeeklyTimes, readersZone: string): string {
  return `${daysWords(days)}, ${timesWords({ from, to })}${zoneWords(timeZone, readersZone)}`;
}

/** "22:00 to 06:00 the next day" */
export function timesWords({ from, to }: Pick<WeeklyTimes, "from" | "to">): string {
  if (from === to) return from === "00:00" ? "the whole day" : `${from} for 24 hours`;
  return `${from} to ${to}${endsNextDay({ from, to }) && to !== "00:00" ? " the next day" : ""}`;
}

export function zoneWords(timeZone: string, readersZone: string): string {
  return timeZone === readersZone ? "" : `, ${timeZone.replaceAll("_", " ")} time`;
}
