import { afterAll, beforeAll, expect, test } from "bun:test";
import type { SilenceWindow } from "../../../server/contract/alerts.ts";
import { weeksOf } from "./calendar.ts";

/* The page's zone is the browser's; here it is that of the process. */
const before = process.env["TZ"];
beforeAll(() => {
  process.env["TZ"] = "Europe/Berlin";
});
afterAll(() => {
  process.env["TZ"] = before;
});

const window = (from: string, to: string): SilenceWindow => ({
  id: "q1" as SilenceWindow["id"],
  from: Date.parse(from),
  to: Date.parse(to),
});
const now = Date.parse("2026-10-21T12:00:00+02:00");
const until = Date.parse("2026-11-04T12:00:00+01:00");
const dayOf = (windows: SilenceWindow[], date: number, month: number) =>
  weeksOf(windows, now, until)
    .flat()
    .find(({ at }) => new Date(at).getDate() === date && new Date(at).getMonth() === month - 1);

test("weeks begin on Monday; days before today and after the end are there and told apart", () => {
  const weeks = weeksOf([], now, until);
  expect(weeks.map((week) => week.length)).toEqual([7, 7, 7]);
  expect(new Date(weeks[0]?.[0]?.at ?? 0).getDay()).toBe(1);
  const days = weeks.flat();
  expect(days.filter(({ isToday }) => isToday).map(({ at }) => new Date(at).getDate())).toEqual([21]);
  expect(days.filter(({ isOutside }) => isOutside).map(({ at }) => new Date(at).getDate())).toEqual([
    19, 20, 5, 6, 7, 8,
  ]);
});

test("a night stands on two days, and says its whole length on both", () => {
  const night = window("2026-10-22T22:00:00+02:00", "2026-10-23T06:00:00+02:00");
  expect(dayOf([night], 22, 10)?.bars).toMatchObject([{ start: 22 / 24, length: 2 / 24, to: night.to }]);
  expect(dayOf([night], 23, 10)?.bars).toMatchObject([{ start: 0, length: 6 / 24, from: night.from }]);
  expect(dayOf([night], 24, 10)?.bars).toEqual([]);
});

test("on the day the clocks go back a day has 25 hours, and what follows stands at its hour", () => {
  const noon = window("2026-10-25T12:00:00+01:00", "2026-10-26T00:00:00+01:00");
  expect(dayOf([noon], 25, 10)?.bars[0]?.start).toBeCloseTo(13 / 25, 6);
  expect(dayOf([noon], 25, 10)?.bars[0]?.length).toBeCloseTo(12 / 25, 6);
  expect(dayOf([noon], 26, 10)?.bars).toEqual([]);
  const next = window("2026-10-26T12:00:00+01:00", "2026-10-26T18:00:00+01:00");
  expect(dayOf([next], 26, 10)?.bars[0]?.start).toBe(0.5);
});
