import { expect, test } from "bun:test";
import { SilenceWhen } from "../../../server/contract/alerts.ts";
import { newWhen, PRESETS, readWhen, whenDraftOf } from "./draft.ts";

const at = (text: string) => new Date(text).getTime();
/** A Wednesday. */
const now = at("2026-11-25T14:03:30");
const times = { from: "02:00", to: "04:00", timeZone: "Europe/Berlin" };

test("what is written down is read as it was, and the contract takes it", () => {
  const all: object[] = [
    { type: "once", from: at("2026-11-30T22:00"), to: at("2026-12-01T06:00") },
    { type: "weekly", days: [1, 2], ...times, firstDay: "2026-12-01" },
    { type: "monthly", on: { nth: 2, weekday: 2 }, ...times, lastDay: "2027-12-01" },
    { type: "monthly", on: { nth: "last", weekday: 0 }, ...times },
    { type: "monthly", on: { day: 31 }, ...times },
    { type: "monthly", on: { day: "last" }, ...times },
  ];
  for (const when of all) {
    const parsed = SilenceWhen.parse(when);
    expect(readWhen(whenDraftOf(parsed, now, "UTC"), now)).toEqual({ when: parsed, faults: {} });
  }
});

test("what cannot be stands at its field", () => {
  const draft = newWhen(now, "Europe/Berlin");
  const faults = (part: object) => readWhen({ ...draft, ...part }, now).faults;
  expect(faults({ begins: "" })).toEqual({ begins: "A day and a time." });
  expect(faults({ ends: draft.begins })).toEqual({ ends: "After its beginning." });
  expect(faults({ begins: "2026-11-20T10:00", ends: "2026-11-20T12:00" })).toEqual({
    ends: "In the future.",
  });
  expect(faults({ type: "weekly", days: [], from: "" })).toEqual({
    days: "At least one day.",
    from: "A time like 22:30.",
  });
  expect(faults({ type: "monthly", timeZone: "", firstDay: "2026-12-02", lastDay: "2026-12-01" })).toEqual({
    timeZone: "A time zone, like Europe/Berlin.",
    lastDay: "Not before the first day.",
  });
  expect(readWhen({ ...draft, type: "weekly", days: [] }, now).when).toBeUndefined();
});

test("handy times go by the calendar of whoever picks them", () => {
  const said = (label: string, moment = now) => PRESETS.find((one) => one.label === label)?.times(moment);
  expect(said("1 hour")).toEqual({ begins: "2026-11-25T14:03", ends: "2026-11-25T15:03" });
  expect(said("Until tomorrow 08:00")?.ends).toBe("2026-11-26T08:00");
  expect(said("The weekend")).toEqual({ begins: "2026-11-28T00:00", ends: "2026-11-30T00:00" });
  const saturday = at("2026-11-28T10:00");
  expect(said("The weekend", saturday)).toEqual({ begins: "2026-11-28T10:00", ends: "2026-11-30T00:00" });
  const sunday = at("2026-11-29T10:00");
  expect(said("The weekend", sunday)).toEqual({ begins: "2026-11-29T10:00", ends: "2026-11-30T00:00" });
});
