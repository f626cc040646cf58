/** Which way an alert goes, and until when it is held. */
import { describe, expect, test } from "bun:test";
import type { AlertFacts } from "../contract/alerts.ts";
import { ChannelId, ResourceId } from "../contract/ids.ts";
import type { QuietTime, Route, RouteSettings } from "../contract/routes.ts";
import { mintId } from "../lib/random-id.ts";
import { withoutChannel } from "./route-book.ts";
import { endOfQuiet, holdOf, NO_ROUTES, togetherMsOf, waysOf } from "./routing.ts";

const channel = () => ChannelId.parse(mintId("c"));
const [phone, mail, boss, pager] = [channel(), channel(), channel(), channel()];
const ALL = [phone, mail, boss, pager];
const nas = ResourceId.parse(mintId("r"));
const facts: AlertFacts = {
  rule: "filesystem",
  kind: "filesystem",
  resourceId: ResourceId.parse(mintId("r")),
  parentId: nas,
  tags: ["db", "home"],
};
const routeOf = (name: string, channels: ChannelId[], more: Partial<Route> = {}): Route => ({
  name,
  match: {},
  channels,
  ...more,
});
const goes = (settings: Partial<RouteSettings>, level: "warning" | "critical" = "warning", of = facts) =>
  waysOf({ ...NO_ROUTES, ...settings }, { facts: of, level }, ALL).map(({ route, channels }) => [
    route,
    ...channels.map((id) => ["phone", "mail", "boss", "pager"][ALL.indexOf(id)]),
  ]);

describe("an alert goes", () => {
  test("to every channel as long as nothing is set", () => {
    expect(goes({})).toEqual([["", "phone", "mail", "boss", "pager"]]);
  });

  test("by the first route that fits, and by no other", () => {
    const routes = [
      routeOf("web", [pager], { match: { tags: ["web"] } }),
      routeOf("off", [pager], { enabled: false }),
      routeOf("worst", [boss], { match: { leastLevel: "critical" } }),
      routeOf("storage", [mail], { match: { kinds: ["filesystem"], tags: ["db"], resourceIds: [nas] } }),
      routeOf("all", [phone]),
    ];
    expect(goes({ routes })).toEqual([["storage", "mail"]]);
    expect(goes({ routes }, "critical")).toEqual([["worst", "boss"]]);
    expect(goes({ routes }, "warning", { ...facts, tags: [] })).toEqual([["all", "phone"]]);
  });

  test("further where a route says so, to each channel by the first that names it", () => {
    const routes = [
      routeOf("one", [phone, mail], { goesOn: true }),
      routeOf("two", [mail, boss], { goesOn: true }),
    ];
    expect(goes({ routes })).toEqual([
      ["one", "phone", "mail"],
      ["two", "boss"],
      ["", "pager"],
    ]);
    expect(goes({ routes: routes.slice(0, 1), rest: { channels: [] } })).toEqual([
      ["one", "phone", "mail"],
      [""],
    ]);
  });

  test("by no route that looks at anything where nothing is known of it", () => {
    const routes = [routeOf("tagged", [mail], { match: { tags: ["db"] } }), routeOf("all", [phone])];
    expect(waysOf({ ...NO_ROUTES, routes }, { level: "warning" }, ALL).map(({ route }) => route)).toEqual([
      "all",
    ]);
  });
});

const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];
const quiet = (from: string, to: string, more: Partial<QuietTime> = {}): QuietTime => ({
  days: EVERY_DAY,
  from,
  to,
  timeZone: "UTC",
  breaksThrough: "critical",
  ...more,
});
const at = (text: string) => Date.parse(`2026-01-14T${text}:00Z`);

describe("it is held", () => {
  const until = (
    times: QuietTime[],
    level: "warning" | "critical" | undefined,
    now: string,
    observeUntil?: string,
  ) => {
    const settings = { ...NO_ROUTES, ...(observeUntil && { observeUntil: at(observeUntil) }) };
    const hold = holdOf(settings, { quiet: times }, level, at(now));
    return hold && [hold.by, new Date(hold.until).toISOString().slice(5, 16)];
  };

  test("until the quiet time ends, unless it breaks through", () => {
    expect(until([quiet("22:00", "07:00")], "warning", "21:59")).toBeUndefined();
    expect(until([quiet("22:00", "07:00")], "warning", "22:00")).toEqual(["quiet", "01-15T07:00"]);
    expect(until([quiet("22:00", "07:00")], "critical", "22:00")).toBeUndefined();
    expect(until([quiet("22:00", "07:00")], undefined, "22:00")).toEqual(["quiet", "01-15T07:00"]);
    const strict = quiet("22:00", "07:00", { breaksThrough: "nothing" });
    expect(until([strict], "critical", "22:00")).toEqual(["quiet", "01-15T07:00"]);
  });

  test("over quiet times that follow each other, until the last is over", () => {
    const times = [quiet("12:00", "13:00"), quiet("13:00", "15:00"), quiet("14:30", "16:10")];
    expect(until(times, "warning", "12:30")).toEqual(["quiet", "01-14T16:10"]);
  });

  test("while observing whatever it is, and then on into a quiet time", () => {
    expect(until([], "critical", "10:00", "12:00")).toEqual(["observing", "01-14T12:00"]);
    expect(until([quiet("11:00", "13:00")], "warning", "10:00", "12:00")).toEqual([
      "observing",
      "01-14T13:00",
    ]);
    expect(until([], "critical", "12:00", "12:00")).toBeUndefined();
  });

  test("never for ever", () => {
    const always = [quiet("00:00", "12:00"), quiet("12:00", "00:00")];
    expect(endOfQuiet(always, "warning", at("10:00"))).toBeUndefined();
    expect(until(always, "warning", "10:00")).toBeUndefined();
    expect(endOfQuiet(always, "critical", at("10:00"))).toBe(at("10:00"));
    const almost = [quiet("00:01", "00:00")];
    expect(endOfQuiet(almost, "warning", at("10:00"))).toBe(at("24:00"));
  });
});

test("what is told is gathered for as long as its route says, and not into a quiet time", () => {
  const gathered = (level: "warning" | "critical", now: string, togetherMs?: number) =>
    togetherMsOf({ quiet: [quiet("22:00", "07:00")], ...(togetherMs && { togetherMs }) }, level, at(now)) /
    60_000;
  expect(gathered("warning", "21:50")).toBe(0.5);
  expect(gathered("warning", "20:00", 3_600_000)).toBe(60);
  expect(gathered("warning", "21:50", 3_600_000)).toBe(10);
  expect(gathered("critical", "21:50", 3_600_000)).toBe(60);
});

test("a channel that is gone is named by nothing, and an escalation to nobody goes", () => {
  const escalate = { afterMs: 60_000, channels: [boss] };
  const settings: RouteSettings = {
    routes: [routeOf("one", [phone, boss], { escalate: { afterMs: 60_000, channels: [boss, mail] } })],
    rest: { channels: "all", escalate },
  };
  expect(withoutChannel(settings, pager)).toBe(settings);
  expect(withoutChannel(settings, boss)).toEqual({
    routes: [routeOf("one", [phone], { escalate: { afterMs: 60_000, channels: [mail] } })],
    rest: { channels: "all" },
  });
});
