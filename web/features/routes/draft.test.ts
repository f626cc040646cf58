import { expect, test } from "bun:test";
import { Route, RouteSettings } from "../../../server/contract/routes.ts";
import { atFrom, draftOf, faultsAt, faultsBelow, missing, moved, withDraft, withoutFaults } from "./draft.ts";

const channel = (letter: string) => `c${letter.repeat(19)}`;
const FULL = Route.parse({
  name: "Nights",
  match: { tags: ["prod"], kinds: ["host"], leastLevel: "critical" },
  channels: [channel("a"), channel("b")],
  quiet: [{ days: [1, 2], from: "22:00", to: "07:00", timeZone: "UTC", breaksThrough: "nothing" }],
  togetherMs: 0,
  repeatMs: 3_600_000,
  escalate: { afterMs: 1_800_000, channels: [channel("c")] },
  goesOn: true,
  enabled: false,
});
const PLAIN = Route.parse({ name: "Days", match: {}, channels: [] });
const settings = (...routes: Route[]) => RouteSettings.parse({ routes, rest: { channels: "all" } });

test("what is opened and saved again is as it was, and the server takes it", () => {
  const before = settings(FULL, PLAIN);
  for (const at of [0, 1] as const) {
    const after = withDraft(before, at, draftOf(before.routes[at] as Route));
    expect(RouteSettings.parse(after)).toEqual(before);
  }
  expect(withDraft(before, "rest", draftOf(before.rest))).toEqual(before);
});

test("a new one comes last, before the rest; the rest may go to nobody", () => {
  const draft = { ...draftOf(FULL), name: " Third " };
  const after = withDraft(settings(PLAIN), "new", draft);
  expect(after.routes.map(({ name, enabled }) => [name, enabled])).toEqual([
    ["Days", undefined],
    ["Third", undefined],
  ]);
  expect(withDraft(after, "rest", { ...draftOf(after.rest), isAll: false }).rest).toEqual({ channels: [] });
});

test("one step up or down, and nothing is lost", () => {
  const names = (routes: readonly Route[]) => routes.map(({ name }) => name);
  expect(names(moved(settings(FULL, PLAIN), 1, -1).routes)).toEqual(["Days", "Nights"]);
  expect(names(moved(settings(FULL, PLAIN), 0, 1).routes)).toEqual(["Days", "Nights"]);
});

test("what the server finds wrong stands at its field", () => {
  const fields = {
    "settings.routes.1.name": "Is there twice.",
    "settings.routes.1.quiet.0.days": "Needs a day.",
    "settings.routes.10.name": "Of another one.",
    "settings.rest.quiet": "Leaves no time at which anybody could be told.",
  };
  expect(faultsAt(fields, 1, 5)).toEqual({ name: "Is there twice.", "quiet.0.days": "Needs a day." });
  expect(faultsAt(fields, "new", 1)).toEqual(faultsAt(fields, 1, 5));
  expect(Object.keys(faultsAt(fields, "rest", 5))).toEqual(["quiet"]);
  expect(faultsBelow(faultsAt(fields, 1, 5), "quiet.0")).toEqual({ days: "Needs a day." });
});

test("an address names a place in the list, or none", () => {
  expect(["0", "12", "rest", "new", "x", "", "-1", "100", undefined].map(atFrom)).toEqual([
    0,
    12,
    "rest",
    "new",
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test("what has to be there is known before the server is asked, and what was changed is not wrong any more", () => {
  const empty = draftOf({ channels: [] });
  expect(Object.keys(missing(empty, "new"))).toEqual(["name"]);
  expect(missing(empty, "rest")).toEqual({});
  expect(Object.keys(missing({ ...empty, name: "Nights", escalateAfterMs: 60_000 }, 0))).toEqual([
    "escalate.channels",
  ]);
  const fields = { "settings.routes.2.name": "Is there twice.", "settings.routes.2.escalate.channels": "x" };
  expect(Object.keys(withoutFaults(fields, "name"))).toEqual(["settings.routes.2.escalate.channels"]);
  expect(Object.keys(withoutFaults(fields, "escalate"))).toEqual(["settings.routes.2.name"]);
});
