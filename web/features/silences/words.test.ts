import { expect, test } from "bun:test";
import type { Silence, SilenceWhen } from "../../../server/contract/alerts.ts";
import { activeWords, spanWords, whenWords } from "./words.ts";

const plain = (text: string) => text.replaceAll("\u00a0", " ");
const times = { from: "02:00", to: "04:00", timeZone: "Europe/Berlin" };
const said = (when: object) => plain(whenWords(when as SilenceWhen, "Europe/Berlin"));

test("what repeats is said as people say it", () => {
  expect(said({ type: "weekly", days: [2], ...times })).toBe("Tuesday, 02:00 to 04:00");
  expect(said({ type: "monthly", on: { nth: 2, weekday: 2 }, ...times })).toBe(
    "the second Tuesday of a month, 02:00 to 04:00",
  );
  expect(said({ type: "monthly", on: { day: "last" }, ...times, timeZone: "America/New_York" })).toBe(
    "the last day of a month, 02:00 to 04:00, America/New York time",
  );
  const days = [1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 30, 31];
  expect(
    days.map((day) =>
      said({ type: "monthly", on: { day }, ...times })
        .slice(4, 8)
        .trim(),
    ),
  ).toEqual("1st,2nd,3rd,4th,11th,12th,13th,21st,22nd,23rd,30th,31st".split(","));
  const weekly = { type: "weekly", days: [1, 2, 3, 4, 5], ...times };
  expect(said({ ...weekly, firstDay: "2026-12-01", lastDay: "2027-03-12" })).toBe(
    "Mon–Fri, 02:00 to 04:00, from 1 Dec 2026 until 12 Mar 2027",
  );
  expect(said({ ...weekly, lastDay: "2027-03-12" })).toBe("Mon–Fri, 02:00 to 04:00, until 12 Mar 2027");
});

test("once names the day of its end where that is not plain", () => {
  const at = (text: string) => new Date(text).getTime();
  const night = { from: at("2026-11-30T22:00"), to: at("2026-12-01T06:00") };
  expect(spanWords(night)).toBe("30 Nov, 22:00 to 06:00");
  expect(spanWords({ from: night.from, to: at("2026-12-02T06:00") })).toBe("30 Nov, 22:00 to 2 Dec, 06:00");
  expect(said({ type: "once", ...night })).toBe("30 Nov, 22:00 to 06:00 (8 h)");
});

test("only those that cover this moment are spoken of", () => {
  const silence = (name: string, active: boolean) => ({ name, active }) as Silence;
  expect(activeWords([silence("patches", false)])).toBe("");
  expect(activeWords([silence("patches", true), silence("x", false)])).toBe("A silence is active: patches");
  expect(activeWords([silence("a", true), silence("b", true)])).toBe("2 silences are active: a, b");
});
