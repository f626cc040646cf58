import { expect, test } from "bun:test";
import { lessenedBy, type PushMessage, quietlyAgain, readMessage, showingOf, windowFor } from "./message.ts";

const HERE = "https://pulse.example.org/";
const said = (more: Partial<PushMessage>): PushMessage => ({
  level: "critical",
  title: "Critical: nas is down",
  text: "Since: now",
  tag: "la",
  told: ["la"],
  over: [],
  ...more,
});

test("what cannot be read is shown all the same", () => {
  for (const text of [undefined, "", "{", "null", "[]", '{"title":1,"tag":"x"}'])
    expect(showingOf(readMessage(text), HERE)).toMatchObject({
      title: "Pulse",
      options: { body: "Something has happened. Open Pulse to see what.", data: { path: "/alerts" } },
    });
});

test("a message opens its incident, several alerts their list, at the place this device was asked on", () => {
  const path = (more: Partial<PushMessage>, scope = HERE) => showingOf(said(more), scope).options.data.path;
  expect(path({})).toBe("/alerts/la");
  expect(path({ told: [], over: ["la"] })).toBe("/alerts/la");
  expect(path({ told: ["la", "lb"] })).toBe("/alerts");
  expect(path({ level: "test" })).toBe("/");
  expect(path({}, `${HERE}o/acme/`)).toBe("/o/acme/alerts/la");
  // The address the server knows itself by may be another than the one it is reached by from here.
  expect(path({ link: "https://elsewhere.example.net/o/acme/alerts/la" })).toBe("/o/acme/alerts/la");
});

test("what is critical stays until somebody has seen it, what is over makes no noise", () => {
  const options = (more: Partial<PushMessage>) => showingOf(said(more), HERE).options;
  expect(options({})).toMatchObject({ requireInteraction: true, silent: false, renotify: true, tag: "la" });
  expect(options({ level: "warning" })).toMatchObject({ requireInteraction: false, renotify: true });
  expect(options({ level: "resolved" })).toMatchObject({ requireInteraction: false, silent: true });
});

test("a notification of which everything is over is taken away, one with more to say stays with that", () => {
  const both = { tag: "n1", data: { path: "/alerts", open: ["la", "lb"] } };
  const other = { tag: "lc", data: { path: "/alerts/lc", open: ["lc"] } };
  const foreign = { tag: "x", data: null };
  const shown = [both, other, foreign];
  const left = (more: Partial<PushMessage>) => lessenedBy(shown, said(more));
  expect(left({ tag: "ld", told: ["ld"] })).toEqual([]);
  expect(left({ tag: "lb", told: [], over: ["lb"] })).toEqual([{ one: both, open: ["la"] }]);
  expect(left({ tag: "n2", told: ["lb"], over: ["la"] })).toEqual([{ one: both, open: [] }]);
  expect(left({ tag: "n2", told: [], over: ["lc", "la", "lb"] })).toEqual([
    { one: both, open: [] },
    { one: other, open: [] },
  ]);
  // One of the same tag is replaced by the browser.
  expect(left({ tag: "lc", told: [], over: ["lc"] })).toEqual([]);
});

test("what is shown again with less to say is the same to whoever looks, and makes no noise", () => {
  const { title, options } = showingOf(said({ tag: "n1", told: ["la", "lb"] }), HERE);
  const again = quietlyAgain({ title, ...options } as unknown as Notification, ["lb"]);
  expect(again).toEqual({
    title,
    options: { ...options, renotify: false, silent: true, data: { path: "/alerts", open: ["lb"] } },
  });
});

test("a window that shows it comes to the front; one with work on it is left alone", () => {
  const found = (path: string, ...paths: (string | undefined)[]) =>
    windowFor(
      paths.map((each) => ({ path: each })),
      path,
    )?.path;
  expect(found("/alerts/la", "/", "/alerts/la")).toBe("/alerts/la");
  expect(found("/alerts/la", undefined, "/settings/sources/new", "/")).toBe("/");
  expect(found("/alerts/la", "/settings/sources/new", "/alerts/lb")).toBeUndefined();
  // Never one that stands in another place.
  expect(found("/o/acme/alerts/la", "/", "/alerts", "/o/beta/")).toBeUndefined();
  expect(found("/o/acme/alerts/la", "/", "/o/acme/alerts")).toBe("/o/acme/alerts");
  expect(found("/alerts/la", "/o/acme/")).toBeUndefined();
});
