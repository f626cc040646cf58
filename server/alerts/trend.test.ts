import { describe, expect, test } from "bun:test";
import { seeded } from "../../tests/support/seeded.ts";
import { Course, POINT_EVERY_MS } from "./trend.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const T0 = 1_795_461_200_000 - (1_795_461_200_000 % DAY);

/** What it says at the end of these days of a course, and the least it ever said. */
function said(days: number, usedAt: (hours: number) => number): { last: number; least: number } {
  const course = new Course();
  let last = Number.POSITIVE_INFINITY;
  let least = last;
  for (let at = 0; at <= days * DAY; at += POINT_EVERY_MS) {
    course.add(T0 + at, usedAt(at / HOUR));
    last = course.fullInMs() / HOUR;
    least = Math.min(least, last);
  }
  return { last, least };
}

describe("what grows steadily", () => {
  test("is full when it says", () => {
    const slow = said(3, (hours) => 50 + Math.max(0, hours - 24) * 0.75);
    expect(slow.last).toBeCloseTo(14 / 0.75, 1);
    const fast = said(3, (hours) => 60 + Math.max(0, hours - 70) * 14);
    expect(fast.last).toBeCloseTo(12 / 14, 1);
  });

  test("also where the figures are noisy, a little later than sooner", () => {
    const random = seeded(7);
    const { last } = said(3, (hours) => 50 + Math.max(0, hours - 24) * 0.75 + random() * 0.5);
    expect(last).toBeGreaterThan(13 / 0.75);
    expect(last).toBeLessThan(24);
  });

  test("so slowly that it takes days is not told of", () => {
    expect(said(8, (hours) => 60 + hours * 0.1).least).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("nothing is said of", () => {
  const cases: [string, days: number, (hours: number) => number][] = [
    [
      "a backup that is thrown away in the morning, also where each night is a little fuller",
      10,
      (hours) => 55 + hours * 0.006 + (hours % 24 < 2 ? (hours % 24) * 17 : hours % 24 < 8 ? 34 : 0),
    ],
    ["a lot that is copied at once", 10, (hours) => 70 + Math.min(8, Math.max(0, hours - 237.4) * 3.3)],
    ["a log that is rotated each day", 10, (hours) => 15 + (hours % 24) * 3.4],
    [
      "something that is copied within an hour",
      10,
      (hours) => 70 + Math.min(6, Math.max(0, hours - 239) * 6),
    ],
    ["what has stopped growing", 4, (hours) => 40 + Math.min(hours, 90) * 0.6],
    ["what jumps once", 4, (hours) => (hours < 93 ? 40 : 88)],
    ["a machine of which less than a day is known", 0.8, (hours) => 50 + hours * 2.5],
  ];
  test.each(cases)("%s", (_, days, usedAt) => {
    expect(said(days, usedAt).last).toBe(Number.POSITIVE_INFINITY);
  });

  test("a backup, a copy and a rotated log at any hour of any day", () => {
    for (const [, days, usedAt] of cases.slice(0, 3))
      expect(said(days, usedAt).least).toBe(Number.POSITIVE_INFINITY);
  });
});

test("where a machine was away in an hour of the day, it is not known what happens then", () => {
  const course = new Course();
  for (let at = 0; at < 2 * DAY; at += POINT_EVERY_MS) {
    const hour = (at % DAY) / HOUR;
    if (at < DAY && hour > 20) continue;
    course.add(T0 + at, 40 + hour * 2);
    expect(course.fullInMs()).toBe(Number.POSITIVE_INFINITY);
  }
});

test("a clock that is set back begins the points anew and forgets no fullest", () => {
  const course = new Course();
  for (let at = 0; at < 2 * DAY; at += POINT_EVERY_MS) course.add(T0 + at, 80);
  for (let at = DAY; at < DAY + 2 * HOUR; at += POINT_EVERY_MS)
    course.add(T0 + at, 60 + ((at - DAY) / HOUR) * 9);
  expect(course.fullInMs()).toBe(Number.POSITIVE_INFINITY);
});
