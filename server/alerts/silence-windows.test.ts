import { describe, expect, test } from "bun:test";
import { SilenceWhen } from "../contract/alerts.ts";
import { covers, isPast, touchesMinute, windowsBetween } from "./silence-windows.ts";

const weekly = (days: number[], from: string, to: string, timeZone = "Europe/Berlin"): SilenceWhen => ({
  type: "weekly",
  days,
  from,
  to,
  timeZone,
});
const ALL = [0, 1, 2, 3, 4, 5, 6];
/** How many minutes of a UTC day it covers. */
const minutes = (when: SilenceWhen, day: string) => {
  const start = Date.parse(`${day}T00:00:00Z`);
  return Array.from({ length: 1_440 }, (_, minute) => covers(when, start + minute * 60_000)).filter(Boolean)
    .length;
};

test("once is from its beginning until its end, and never again", () => {
  const when: SilenceWhen = { type: "once", from: 1_000, to: 2_000 };
  expect([999, 1_000, 1_999, 2_000].map((at) => covers(when, at))).toEqual([false, true, true, false]);
  expect([isPast(when, 1_999), isPast(when, 2_000)]).toEqual([false, true]);
});

test("what covers something of a minute is found by any moment of it", () => {
  const at = Date.parse("2026-01-14T21:00:00Z");
  const once = (from: number, to: number): SilenceWhen => ({ type: "once", from: at + from, to: at + to });
  const whens = [
    once(-90_000, 1),
    once(59_999, 90_000),
    once(20_000, 20_001),
    once(-1, 0),
    once(60_000, 60_001),
    weekly([3], "22:00", "22:01"),
    weekly([3], "22:01", "22:02"),
    weekly([3], "21:59", "22:00"),
  ];
  for (const within of [0, 1, 30_000, 59_999])
    expect(whens.map((when) => touchesMinute(when, at + within))).toEqual([
      true,
      true,
      true,
      false,
      false,
      true,
      false,
      false,
    ]);
});

test("what repeats goes by the clock on the wall of its time zone, in summer and in winter", () => {
  const when = weekly([3], "22:00", "23:00");
  const at = (text: string) => covers(when, Date.parse(text));
  /* Wednesdays; Berlin is an hour ahead in winter and two in summer. */
  expect([at("2026-01-14T20:59:00Z"), at("2026-01-14T21:00:00Z"), at("2026-01-14T22:00:00Z")]).toEqual([
    false,
    true,
    false,
  ]);
  expect([at("2026-07-15T19:59:00Z"), at("2026-07-15T20:00:00Z"), at("2026-07-15T21:00:00Z")]).toEqual([
    false,
    true,
    false,
  ]);
  expect(at("2026-01-15T21:00:00Z")).toBe(false);
});

test("one over midnight belongs to the day on which it begins", () => {
  const when = weekly([6], "22:00", "06:00", "UTC");
  const at = (text: string) => covers(when, Date.parse(text));
  expect([at("2026-01-17T22:00:00Z"), at("2026-01-18T05:59:00Z"), at("2026-01-18T06:00:00Z")]).toEqual([
    true,
    true,
    false,
  ]);
  expect([at("2026-01-17T05:00:00Z"), at("2026-01-18T22:00:00Z")]).toEqual([false, false]);
});

describe("on the days the clocks change", () => {
  test("an hour that is skipped is skipped, one that comes twice is covered twice", () => {
    expect(minutes(weekly(ALL, "02:30", "03:30"), "2026-03-29")).toBe(30);
    expect(minutes(weekly(ALL, "02:00", "03:00"), "2026-03-29")).toBe(0);
    expect(minutes(weekly(ALL, "02:00", "03:00"), "2026-10-25")).toBe(120);
  });
  test("a night ends when the clock says so", () => {
    const when = weekly(ALL, "22:00", "06:00");
    expect(covers(when, Date.parse("2026-03-29T03:59:00Z"))).toBe(true);
    expect(covers(when, Date.parse("2026-03-29T04:00:00Z"))).toBe(false);
    expect(covers(when, Date.parse("2026-10-25T04:59:00Z"))).toBe(true);
    expect(covers(when, Date.parse("2026-10-25T05:00:00Z"))).toBe(false);
  });
  test("where they change by half an hour, or across the date line, too", () => {
    expect(minutes(weekly(ALL, "10:00", "11:00", "Australia/Lord_Howe"), "2026-06-01")).toBe(60);
    expect(minutes(weekly(ALL, "10:00", "11:00", "Pacific/Kiritimati"), "2026-06-01")).toBe(60);
  });
});

test("times and zones that are none are refused in words", () => {
  for (const [wrong, field] of [
    [{ ...weekly(ALL, "22:00", "06:00"), timeZone: "Mars/Olympus" }, "timeZone"],
    [weekly(ALL, "24:00", "06:00"), "from"],
    [weekly([], "22:00", "06:00"), "days"],
    [weekly([7], "22:00", "06:00"), "days"],
    [{ type: "once", from: 2, to: 2 }, "to"],
  ] as const)
    expect(SilenceWhen.safeParse(wrong).error?.issues[0]?.path[0]).toBe(field);
});

const monthly = (on: object, more: object = {}): SilenceWhen =>
  SilenceWhen.parse({ type: "monthly", on, from: "02:00", to: "04:00", timeZone: "Europe/Berlin", ...more });
/** The days in UTC on which it begins within so many days. */
const beginnings = (when: SilenceWhen, from: string, days: number) => {
  const start = Date.parse(`${from}T00:00:00Z`);
  return windowsBetween(when, start, start + days * 86_400_000).map((span) =>
    new Date(span.from).toISOString().slice(0, 16),
  );
};

describe("every month", () => {
  test("on the second Tuesday, on the last Friday", () => {
    expect(beginnings(monthly({ nth: 2, weekday: 2 }), "2026-01-01", 120)).toEqual([
      "2026-01-13T01:00",
      "2026-02-10T01:00",
      "2026-03-10T01:00",
      "2026-04-14T00:00",
    ]);
    expect(beginnings(monthly({ nth: "last", weekday: 5 }), "2026-01-01", 60)).toEqual([
      "2026-01-30T01:00",
      "2026-02-27T01:00",
    ]);
  });
  test("on a day, on the last day; a month without that day is left out", () => {
    expect(beginnings(monthly({ day: "last" }), "2028-01-01", 91)).toEqual([
      "2028-01-31T01:00",
      "2028-02-29T01:00",
      "2028-03-31T00:00",
    ]);
    expect(beginnings(monthly({ day: 31 }), "2026-01-01", 120)).toEqual([
      "2026-01-31T01:00",
      "2026-03-31T00:00",
    ]);
  });
  test("over midnight into the next month", () => {
    const when = monthly({ day: "last" }, { from: "22:00", to: "06:00", timeZone: "UTC" });
    expect(covers(when, Date.parse("2026-02-01T05:59:00Z"))).toBe(true);
    expect(covers(when, Date.parse("2026-02-01T06:00:00Z"))).toBe(false);
    expect(covers(when, Date.parse("2026-02-01T22:00:00Z"))).toBe(false);
  });
});

test("what repeats begins on its first day, and is over after its last", () => {
  const when = SilenceWhen.parse({
    ...weekly(ALL, "22:00", "06:00"),
    firstDay: "2026-03-10",
    lastDay: "2026-03-12",
  });
  expect(beginnings(when, "2026-03-01", 30)).toEqual([
    "2026-03-10T21:00",
    "2026-03-11T21:00",
    "2026-03-12T21:00",
  ]);
  const at = (text: string) => isPast(when, Date.parse(text));
  expect([at("2026-03-12T23:00:00Z"), at("2026-03-13T04:30:00Z"), at("2026-03-14T00:00:00Z")]).toEqual([
    false,
    false,
    true,
  ]);
  const turned = { ...weekly(ALL, "22:00", "06:00"), firstDay: "2026-03-10", lastDay: "2026-03-09" };
  expect(SilenceWhen.safeParse(turned).error?.issues[0]?.path).toEqual(["lastDay"]);
  for (const day of ["2026-02-30", "2026-13-01", "tomorrow"])
    expect(SilenceWhen.safeParse({ ...weekly(ALL, "22:00", "06:00"), firstDay: day }).success).toBe(false);
});

test("the windows are exactly the time it covers, wherever the clocks are set", () => {
  const times = [
    ["22:17", "06:43"],
    ["01:30", "02:10"],
    ["02:00", "03:00"],
    ["00:00", "00:00"],
    ["12:00", "11:00"],
  ] as const;
  /* Around the days on which they are set there, and a time without. */
  const places = [
    ["Europe/Berlin", "2026-03-27", "2026-10-23", "2026-06-10"],
    ["America/New_York", "2026-03-06", "2026-10-30"],
    ["Australia/Lord_Howe", "2026-04-03", "2026-10-02"],
    ["Asia/Kathmandu", "2026-03-27"],
    ["Africa/Casablanca", "2026-02-13", "2026-03-20"],
    ["Pacific/Apia", "2026-03-26"],
  ] as const;
  const MINUTE = 60_000;
  for (const [timeZone, ...starts] of places)
    for (const [from, to] of times)
      for (const when of [weekly([0, 3, 6], from, to, timeZone), weekly(ALL, from, to, timeZone)])
        for (const begin of starts) {
          const [first, last] = [
            Date.parse(`${begin}T00:00:00Z`),
            Date.parse(`${begin}T00:00:00Z`) + 4 * 86_400_000,
          ];
          const spans = windowsBetween(when, first, last);
          let differs: string | undefined;
          const edges = spans.flatMap((span) => [span.from - MINUTE, span.from, span.to - MINUTE, span.to]);
          const looks = Array.from(
            { length: (last - first) / (13 * MINUTE) },
            (_, step) => first + step * 13 * MINUTE,
          );
          for (const at of [...looks, ...edges.filter((edge) => edge >= first && edge < last)]) {
            const isIn = spans.some((span) => at >= span.from && at < span.to);
            if (isIn !== covers(when, at)) differs ??= new Date(at).toISOString();
          }
          expect([timeZone, from, to, begin, differs]).toEqual([timeZone, from, to, begin, undefined]);
          for (const [index, span] of spans.entries())
            expect(span.to > span.from && span.from > (spans[index - 1]?.to ?? 0)).toBe(true);
        }
});

test("once is one window, cut where it is not asked for", () => {
  const when: SilenceWhen = { type: "once", from: 1_000, to: 5_000 };
  expect(windowsBetween(when, 2_000, 4_000)).toEqual([{ from: 1_000, to: 4_000 }]);
  expect(windowsBetween(when, 5_000, 9_000)).toEqual([]);
});
