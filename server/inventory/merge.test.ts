import { describe, expect, test } from "bun:test";
import { ResourceId } from "../contract/ids.ts";
import type { ReportedResource } from "../contract/report.ts";
import type { Resource, ResourceChange } from "../contract/resource.ts";
import { mintId } from "../lib/random-id.ts";
import { changeBetween, joinChanges, lastingAttributes, mergeResource } from "./merge.ts";

const id = ResourceId.parse(mintId("r"));
const parentId = ResourceId.parse(mintId("r"));

const known: Resource = {
  id,
  kind: "host",
  name: "alpha",
  status: "up",
  sources: ["local"],
  lastSeenAt: 1_000,
  attributes: { os: "debian", mounts: ["/", "/home"], top_processes: [{ name: "a" }] },
  metrics: { load1: 1, load5: 2 },
};
const same: ReportedResource = {
  kind: "host",
  key: "host",
  name: "alpha",
  status: "up",
  attributes: { os: "debian", mounts: ["/", "/home"], top_processes: [{ name: "a" }] },
  metrics: { load1: 1, load5: 2 },
};

describe("a report about a known resource", () => {
  interface Case {
    promise: string;
    reported: Partial<ReportedResource>;
    parentId?: ResourceId;
    source?: string;
    at?: number;
    change: Omit<ResourceChange, "id">;
    described: boolean;
  }
  const cases: Case[] = [
    {
      promise: "that says the same changes only when it was seen",
      reported: {},
      change: { lastSeenAt: 2_000 },
      described: false,
    },
    {
      promise: "with a new value changes that value alone",
      reported: { metrics: { load1: 9, load5: 2 } },
      change: { lastSeenAt: 2_000, metrics: { load1: 9 } },
      described: false,
    },
    {
      promise: "with a new metric adds it",
      reported: { metrics: { load1: 1, load5: 2, load15: 3 } },
      change: { lastSeenAt: 2_000, metrics: { load15: 3 } },
      described: false,
    },
    {
      promise: "without a metric says it is gone",
      reported: { metrics: { load1: 1 } },
      change: { lastSeenAt: 2_000, metrics: { load5: null } },
      described: false,
    },
    {
      promise: "with another attribute changes that attribute alone",
      reported: { attributes: { ...same.attributes, os: "alpine" } },
      change: { lastSeenAt: 2_000, attributes: { os: "alpine" } },
      described: true,
    },
    {
      promise: "without an attribute says it is gone",
      reported: { attributes: { os: "debian", top_processes: [{ name: "a" }] } },
      change: { lastSeenAt: 2_000, attributes: { mounts: null } },
      described: true,
    },
    {
      promise: "with another order in a list says so",
      reported: { attributes: { ...same.attributes, mounts: ["/home", "/"] } },
      change: { lastSeenAt: 2_000, attributes: { mounts: ["/home", "/"] } },
      described: true,
    },
    {
      promise: "with a new picture of the moment shows it and writes nothing",
      reported: { attributes: { ...same.attributes, top_processes: [{ name: "b" }] } },
      change: { lastSeenAt: 2_000, attributes: { top_processes: [{ name: "b" }] } },
      described: false,
    },
    {
      promise: "with another name",
      reported: { name: "beta" },
      change: { lastSeenAt: 2_000, name: "beta" },
      described: true,
    },
    {
      promise: "with another status",
      reported: { status: "down" },
      change: { lastSeenAt: 2_000, status: "down" },
      described: true,
    },
    {
      promise: "with another kind",
      reported: { kind: "disk" },
      change: { lastSeenAt: 2_000, kind: "disk" },
      described: true,
    },
    {
      promise: "that is now part of another",
      reported: {},
      parentId,
      change: { lastSeenAt: 2_000, parentId },
      described: true,
    },
    {
      promise: "from a second source adds the source",
      reported: {},
      source: "agent",
      change: { lastSeenAt: 2_000, sources: ["local", "agent"] },
      described: true,
    },
    {
      promise: "that comes late does not turn back when it was seen",
      reported: {},
      at: 500,
      change: {},
      described: false,
    },
    {
      promise: "about zero is not about nothing",
      reported: { metrics: { load1: 0, load5: 2 } },
      change: { lastSeenAt: 2_000, metrics: { load1: 0 } },
      described: false,
    },
  ];
  test.each(cases)("$promise", ({ reported, parentId, source = "local", at = 2_000, change, described }) => {
    const before = structuredClone(known);
    const merged = mergeResource(known, { ...same, ...reported }, { id, parentId, source }, at);
    expect(merged.change).toEqual({ id, ...change });
    expect(merged.described).toBe(described);
    expect(apply(known, merged.change)).toEqual(merged.resource);
    expect(known).toEqual(before);
  });
});

test("of a resource not seen before, everything is new", () => {
  const { resource, change, described } = mergeResource(
    undefined,
    same,
    { id, parentId, source: "agent" },
    5,
  );
  expect(change).toEqual(resource);
  expect(described).toBe(true);
  expect(resource).toEqual({ ...known, parentId, sources: ["agent"], lastSeenAt: 5 });
});

test("names like those of an object's own machinery are names like any other", () => {
  const odd = JSON.parse('{"constructor": 1, "tostring": 2}') as Record<string, number>;
  const { change } = mergeResource(
    known,
    { ...same, metrics: odd },
    { id, parentId: undefined, source: "local" },
    1_000,
  );
  expect(change.metrics).toEqual({ constructor: 1, tostring: 2, load1: null, load5: null } as never);
  const gone = changeBetween({ ...known, metrics: odd }, { ...known, metrics: {} });
  expect(gone.metrics).toEqual({ constructor: null, tostring: null } as never);
});

test("a part that lost its parent says so in a way that survives the wire", () => {
  const change = changeBetween({ ...known, parentId: id }, { ...known, parentId: undefined });
  expect(JSON.parse(JSON.stringify(change))).toEqual({ id, parentId: null });
});

test("what is a picture of the moment is not kept", () => {
  expect(lastingAttributes(known.attributes)).toEqual({ os: "debian", mounts: ["/", "/home"] });
});

describe("two changes joined into one", () => {
  const steps: Resource[] = [
    known,
    { ...known, name: "beta", metrics: { load1: 5 } },
    { ...known, status: "down", attributes: {}, metrics: { load5: 7 } },
    { ...known, parentId, sources: ["local", "agent"], lastSeenAt: 9_000, metrics: {} },
    { ...known, attributes: { os: null, mounts: [] }, metrics: { load1: 0, load15: 4 } },
  ];
  test("do what both would do, one after the other", () => {
    for (const a of steps)
      for (const b of steps)
        for (const c of steps) {
          const joined = joinChanges(changeBetween(a, b), changeBetween(b, c));
          expect(apply(a, joined)).toEqual(apply(apply(a, changeBetween(a, b)), changeBetween(b, c)));
        }
  });

  test("say nothing about what neither touched", () => {
    expect(joinChanges({ id, name: "x" }, { id, status: "down" })).toEqual({ id, name: "x", status: "down" });
  });
});

/** What a page does with a change. */
function apply(resource: Resource, change: ResourceChange): Resource {
  const { attributes, metrics, parentId, own, ...fields } = change;
  const next: Resource = {
    ...resource,
    ...fields,
    ...(parentId !== undefined && { parentId: parentId ?? undefined }),
    ...(own !== undefined && { own: own ?? undefined }),
    attributes: applyKeys(resource.attributes, attributes),
    metrics: applyKeys(resource.metrics, metrics),
  };
  if (next.parentId === undefined) delete next.parentId;
  return next;
}

function applyKeys<T>(before: Record<string, T>, change: Record<string, T | null> = {}): Record<string, T> {
  const entries = Object.entries({ ...before, ...change });
  return Object.fromEntries(entries.filter((entry): entry is [string, T] => entry[1] !== null));
}
