import { describe, expect, test } from "bun:test";
import { SilenceWhen } from "../contract/alerts.ts";
import { ResourceId } from "../contract/ids.ts";
import type { Resource } from "../contract/resource.ts";
import { mintId } from "../lib/random-id.ts";
import { covers, isMeant, isPast } from "./silence-windows.ts";

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

test("all that is named has to fit, of a list one; a machine's parts go with it, and its tags", () => {
  const id = () => ResourceId.parse(mintId("r"));
  const parent = { id: id(), kind: "host", own: { tags: ["db"] } } as unknown as Resource;
  const resource = { id: id(), kind: "filesystem" } as Resource;
  const what = { resource, parent, rule: "filesystem" };
  const meant: [Parameters<typeof isMeant>[0], boolean][] = [
    [{}, true],
    [{ resourceIds: [resource.id] }, true],
    [{ resourceIds: [parent.id] }, true],
    [{ resourceIds: [id()] }, false],
    [{ tags: ["web", "db"] }, true],
    [{ tags: ["web"] }, false],
    [{ kinds: ["filesystem"], rules: ["filesystem"] }, true],
    [{ kinds: ["filesystem"], rules: ["inodes"] }, false],
    [{ kinds: ["host"] }, false],
  ];
  for (const [scope, is] of meant) expect([scope, isMeant(scope, what)]).toEqual([scope, is]);
});
