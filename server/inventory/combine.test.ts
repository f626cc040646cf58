import { describe, expect, test } from "bun:test";
import { ResourceId } from "../contract/ids.ts";
import type { Resource, ResourceStatus } from "../contract/resource.ts";
import { mintId } from "../lib/random-id.ts";
import { combine, parentAmong, type View } from "./combine.ts";

const [id, node, other] = [mintId("r"), mintId("r"), mintId("r")].map((one) => ResourceId.parse(one)) as [
  ResourceId,
  ResourceId,
  ResourceId,
];
const NOW = 10_000_000;

function view(source: string, more: Partial<Resource> = {}, isSilent = false): View {
  return {
    isSilent,
    resource: {
      id: ResourceId.parse(mintId("r")),
      kind: "host",
      name: source,
      status: "up",
      sources: [source],
      lastSeenAt: NOW,
      attributes: {},
      metrics: {},
      ...more,
    },
  };
}

test("a thing that one source sees is what that source sees, under the id it is shown as", () => {
  const one = view("agent:a", { parentId: node, attributes: { os: "debian" }, metrics: { load1: 1 } });
  expect(combine(id, [one], node, undefined)).toEqual({ ...one.resource, id });
});

test("who is closest is believed first, and what only others see is there as well", () => {
  const views = [
    view("source:pve", {
      kind: "vm",
      name: "101",
      attributes: { a: "pve", b: "pve", c: "pve" },
      metrics: { x: 3, y: 3, z: 3 },
    }),
    view("agent:a", { name: "web", attributes: { a: "agent" }, metrics: { x: 1 } }),
    view("local", { attributes: { a: "local", b: "local" }, metrics: { x: 2, y: 2 } }),
  ];
  for (const order of [views, views.toReversed()])
    expect(combine(id, order, undefined, undefined)).toEqual({
      id,
      kind: "vm",
      name: "web",
      status: "up",
      sources: ["agent:a", "local", "source:pve"],
      lastSeenAt: NOW,
      attributes: { a: "agent", b: "local", c: "pve" },
      metrics: { x: 1, y: 2, z: 3 },
    });
});

test("what kind a guest is and where it is, its hypervisor knows; of anything else, whoever is closest", () => {
  const guest = view("source:pve", { kind: "lxc", parentId: node });
  const agent = view("agent:a", { parentId: other });
  expect(combine(id, [agent, guest], undefined, undefined).kind).toBe("lxc");
  expect(parentAmong([agent, guest])).toBe(node);
  expect(parentAmong([agent, view("source:x", { parentId: node })])).toBe(other);
  expect(parentAmong([view("agent:a"), view("source:x", { parentId: node })])).toBe(node);
  expect(parentAmong([agent, view("source:pve", { kind: "vm" })])).toBe(other);
  expect(parentAmong([view("agent:a")])).toBeUndefined();
});

test("what a person said goes before what anybody sees", () => {
  const own = { name: "Mail", notes: "in the cellar", tags: ["a"] };
  expect(combine(id, [view("agent:a", { name: "web" })], undefined, own)).toMatchObject({
    name: "Mail",
    own,
  });
  expect(combine(id, [view("agent:a", { name: "web" })], undefined, { notes: "x" }).name).toBe("web");
});

describe("how it is", () => {
  const rows: [what: string, of: [ResourceStatus, silentForMs?: number][], expected: ResourceStatus][] = [
    ["is the worst of what is said", [["up"], ["degraded"]], "degraded"],
    ["is down when one says so", [["up"], ["down"], ["degraded"]], "down"],
    ["is unknown when one does not know", [["up"], ["unknown"]], "unknown"],
    [
      "is what the one says that is heard of: an agent that was removed takes nothing down",
      [["down", 3_600_000], ["up"]],
      "up",
    ],
    ["is what the one says that is heard of, also when that is bad", [["up", 60_000], ["down"]], "down"],
    [
      "is, when nobody is heard of, what was heard last",
      [
        ["down", 3_600_000],
        ["unknown", 60_000],
      ],
      "unknown",
    ],
    [
      "is the worst of those who fell silent together",
      [
        ["down", 60_000],
        ["unknown", 90_000],
      ],
      "down",
    ],
  ];
  test.each(rows)("%s", (_, of, expected) => {
    const views = of.map(([status, silentForMs], n) =>
      view(
        n === 0 ? "agent:a" : `source:${n}`,
        { status, lastSeenAt: NOW - (silentForMs ?? 0) },
        silentForMs !== undefined,
      ),
    );
    for (const order of [views, views.toReversed()])
      expect(combine(id, order, undefined, undefined).status).toBe(expected);
  });

  test("is told in the figures of those who are heard of; what they said of its nature stays", () => {
    const silent = view(
      "agent:a",
      { attributes: { os: "debian" }, metrics: { load1: 9, cpu_percent: 9 }, lastSeenAt: 0 },
      true,
    );
    const heard = view("source:pve", { metrics: { cpu_percent: 1 } });
    const { attributes, metrics, lastSeenAt } = combine(id, [silent, heard], undefined, undefined);
    expect([attributes, metrics, lastSeenAt]).toEqual([{ os: "debian" }, { cpu_percent: 1 }, NOW]);
  });
});
