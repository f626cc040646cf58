import { expect, test } from "bun:test";
import type { ResourceId } from "../../server/contract/ids.ts";
import type { LiveEvent } from "../../server/contract/live.ts";
import type { Resource, ResourceChange } from "../../server/contract/resource.ts";
import { NOTHING_KNOWN, reduce, snapshotOf, touchedBy } from "./reduce.ts";

const id = (name: string) => name as ResourceId;

const HOST: Resource = {
  id: id("r1"),
  kind: "host",
  name: "atlas",
  status: "up",
  sources: ["local"],
  lastSeenAt: 1_000,
  attributes: { os: "Debian 12" },
  metrics: { cpu_percent: 4, swap_used_bytes: 10 },
};
const DISK: Resource = { ...HOST, id: id("r2"), kind: "disk", name: "sda", parentId: id("r1") };

const snapshot = (...resources: Resource[]): LiveEvent => ({
  id: "1",
  type: "snapshot",
  at: 1_000,
  data: { resources, alerts: [], serverTime: 1_000 },
});
const changes = (changed: ResourceChange[], removed: ResourceId[] = []): LiveEvent => ({
  id: "2",
  type: "resources",
  at: 2_000,
  data: { changed, removed },
});

const before = reduce(NOTHING_KNOWN, snapshot(HOST, DISK));

test("a snapshot replaces everything that was known", () => {
  const after = reduce(before, snapshot(DISK));
  expect(Object.keys(after.resources)).toEqual(["r2"]);
  expect(after.known).toBe(true);
});

test("only the named fields and keys change", () => {
  const after = reduce(before, changes([{ id: id("r1"), lastSeenAt: 2_000, metrics: { cpu_percent: 9 } }]));
  expect(after.resources["r1"]).toEqual({
    ...HOST,
    lastSeenAt: 2_000,
    metrics: { cpu_percent: 9, swap_used_bytes: 10 },
  });
});

test("null means gone, not zero", () => {
  const after = reduce(
    before,
    changes([{ id: id("r1"), metrics: { swap_used_bytes: null }, attributes: { os: null } }]),
  );
  expect(after.resources["r1"]?.metrics).toEqual({ cpu_percent: 4 });
  expect(after.resources["r1"]?.attributes).toEqual({});
});

test("what an event does not touch stays the same object, and the picture before is left alone", () => {
  const after = reduce(before, changes([{ id: id("r1"), status: "down" }]));
  expect(after.resources["r2"]).toBe(before.resources["r2"] as Resource);
  expect(before.resources["r1"]?.status).toBe("up");
});

test("removed resources are gone", () => {
  expect(Object.keys(reduce(before, changes([], [id("r2")])).resources)).toEqual(["r1"]);
});

test("a new resource appears when complete; a fragment of an unknown one is ignored", () => {
  const whole = { ...HOST, id: id("r3") };
  const after = reduce(before, changes([whole, { id: id("r4"), metrics: { cpu_percent: 1 } }]));
  expect(after.resources["r3"]).toEqual(whole);
  expect(after.resources["r4"]).toBeUndefined();
});

test("an unknown event and the end of a stream leave the picture standing", () => {
  const end: LiveEvent = { id: "3", type: "end", at: 3_000, data: { reason: "max_age" } };
  expect(reduce(before, end)).toBe(before);
  expect(reduce(before, { ...end, type: "delivery.failed" } as unknown as LiveEvent)).toBe(before);
});

test("someone who joins late reaches the same picture", () => {
  expect(reduce(NOTHING_KNOWN, snapshotOf(before, 5_000))).toEqual(before);
});

test("touched are the changed and the removed; after a snapshot all may be", () => {
  expect(touchedBy(snapshot(HOST))).toBeUndefined();
  expect(touchedBy(changes([{ id: id("r1") }], [id("r2")]))).toEqual({ resources: ["r1", "r2"], alerts: [] });
});

test("alerts come with the snapshot, change one by one, and are gone when they are over", () => {
  const alert = (fields: object) => ({ id: "l1", level: "warning", ...fields }) as never;
  const told = (type: "alert.fired" | "alert.updated" | "alert.resolved", fields: object = {}): LiveEvent =>
    ({ id: "3", type, at: 3_000, data: { alert: alert(fields) } }) as LiveEvent;
  const fired = reduce(before, told("alert.fired"));
  expect(Object.keys(fired.alerts)).toEqual(["l1"]);
  const worse = reduce(fired, told("alert.updated", { level: "critical" }));
  expect(worse.alerts["l1"]?.level).toBe("critical");
  expect(worse.resources).toBe(before.resources);
  expect(reduce(worse, told("alert.resolved")).alerts).toEqual({});
  expect(reduce(NOTHING_KNOWN, snapshotOf(worse, 4_000)).alerts).toEqual(worse.alerts);
  expect(touchedBy(told("alert.updated"))).toEqual({ resources: [], alerts: ["l1"] });
});
