import { expect, test } from "bun:test";
import type { WeeklyTime } from "../contract/alerts.ts";
import { covers, endOf } from "./wall-clock.ts";

const ALL = [0, 1, 2, 3, 4, 5, 6];
const time = (from: string, to: string, more: Partial<WeeklyTime> = {}): WeeklyTime => ({
  days: ALL,
  from,
  to,
  timeZone: "Europe/Berlin",
  ...more,
});
const end = (one: WeeklyTime, at: string) => {
  const ends = endOf(one, Date.parse(at));
  return ends === undefined ? undefined : new Date(ends).toISOString().slice(0, 16);
};

test("a night ends when the clock on the wall says so, in summer, in winter and when the clocks change", () => {
  const night = time("22:00", "07:00");
  expect(end(night, "2026-01-14T23:12:34Z")).toBe("2026-01-15T06:00");
  expect(end(night, "2026-07-14T23:12:34Z")).toBe("2026-07-15T05:00");
  expect(end(night, "2026-03-28T22:30:00Z")).toBe("2026-03-29T05:00");
  expect(end(night, "2026-10-24T22:30:00Z")).toBe("2026-10-25T06:00");
});

test("one that ends in the hour that is skipped ends when it is skipped, one in the hour that comes twice the second time", () => {
  expect(end(time("01:00", "02:30"), "2026-03-29T00:20:00Z")).toBe("2026-03-29T01:00");
  expect(end(time("01:00", "03:00"), "2026-10-25T00:20:00Z")).toBe("2026-10-25T02:00");
});

test("only its days count: the one on which it begins", () => {
  const saturday = time("22:00", "06:00", { days: [6], timeZone: "UTC" });
  expect(end(saturday, "2026-01-17T23:00:00Z")).toBe("2026-01-18T06:00");
  const weekend = time("00:00", "00:00", { days: [6, 0], timeZone: "UTC" });
  expect(end(weekend, "2026-01-17T12:00:00Z")).toBe("2026-01-19T00:00");
});

test("one that is always has no end", () => {
  expect(end(time("00:00", "00:00"), "2026-01-17T12:00:00Z")).toBeUndefined();
});

test("at every end it covers no longer, and a minute before it did, in zones of every sort", () => {
  for (const timeZone of [
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "America/New_York",
    "Asia/Kathmandu",
    "Pacific/Apia",
  ])
    for (const [from, to] of [
      ["22:17", "06:43"],
      ["01:30", "02:10"],
      ["12:00", "11:00"],
    ] as const)
      for (
        let at = Date.parse("2026-03-20T00:11:22Z");
        at < Date.parse("2026-11-10T00:00:00Z");
        at += 7_300_000 * 3
      ) {
        const one = time(from, to, { timeZone });
        if (!covers(one, at)) continue;
        const ends = endOf(one, at) ?? 0;
        expect([covers(one, ends), covers(one, ends - 60_000), ends > at]).toEqual([false, true, true]);
      }
});
