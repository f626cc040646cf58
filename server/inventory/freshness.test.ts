import { describe, expect, test } from "bun:test";
import { ResourceId } from "../contract/ids.ts";
import type { Resource } from "../contract/resource.ts";
import { mintId } from "../lib/random-id.ts";
import { isSettledInSilence, statusInSilence } from "./freshness.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

const machine: Resource = {
  id: ResourceId.parse(mintId("r")),
  kind: "host",
  name: "m",
  status: "up",
  sources: ["s"],
  lastSeenAt: 1_000_000,
  attributes: {},
  metrics: {},
};
const downMachine: Resource = { ...machine, status: "down" };
const check: Resource = { ...machine, kind: "check" };
const part: Resource = { ...machine, kind: "filesystem", parentId: machine.id };
const downPart: Resource = { ...part, status: "down" };

/** Of a source that was heard of `heardAfterMs` after it last saw the resource. */
const every = (intervalMs: number, heardAfterMs = 0, behindMs = 0) => ({
  intervalMs,
  heardAt: machine.lastSeenAt + heardAfterMs,
  behindMs,
});

test.each([
  ["a machine heard of just now is as it says", machine, 0, "up"],
  ["a machine that missed three reports is still up", machine, 30 * SECOND, "up"],
  ["a machine that missed more is unknown", machine, 30 * SECOND + 1, "unknown"],
  ["a machine silent for ten minutes is unknown", machine, 10 * MINUTE, "unknown"],
  ["a machine silent for longer is down", machine, 10 * MINUTE + 1, "down"],
  ["a machine is never forgotten", machine, 1_000 * DAY, "down"],
  ["a part that missed more than three reports is unknown", part, 30 * SECOND + 1, "unknown"],
  ["a part is never down by silence", part, 10 * MINUTE + 1, "unknown"],
  ["a part silent for months, together with its source, keeps its last picture", part, 90 * DAY, "unknown"],
  ["a check that is not made says nothing about what it checks", check, 90 * DAY, "unknown"],
  ["a machine that was down stays so in silence", downMachine, MINUTE, "down"],
  ["of a part that was down nobody knows in silence", downPart, MINUTE, "unknown"],
  ["a clock set back makes nobody silent", machine, -DAY, "up"],
] as const)("%s", (_, resource, silentMs, expected) => {
  expect(statusInSilence(resource, every(10 * SECOND), resource.lastSeenAt + silentMs, 0)).toBe(expected);
});

test("how long three reports take depends on how often a source reports", () => {
  expect(statusInSilence(machine, every(MINUTE), machine.lastSeenAt + 3 * MINUTE, 0)).toBe("up");
  expect(statusInSilence(machine, every(MINUTE), machine.lastSeenAt + 3 * MINUTE + 1, 0)).toBe("unknown");
});

test("what passed before we listened is not silence", () => {
  const now = machine.lastSeenAt + 30 * DAY;
  for (const resource of [machine, part]) {
    expect(statusInSilence(resource, every(10 * SECOND), now, now - 30 * SECOND)).toBe("up");
    expect(statusInSilence(resource, every(10 * SECOND), now, now - 31 * SECOND)).toBe("unknown");
  }
});

test("a restart makes nothing better that was down", () => {
  const now = machine.lastSeenAt + 30 * DAY;
  for (const listenedMs of [1_000, 31 * SECOND, 11 * MINUTE])
    expect(statusInSilence(downMachine, every(10 * SECOND), now, now - listenedMs)).toBe("down");
});

test("a part that its source has not seen for a day while it saw others is forgotten", () => {
  const now = part.lastSeenAt + DAY + 10 * SECOND;
  expect(statusInSilence(part, every(10 * SECOND, DAY), now, 0)).toBe("unknown");
  expect(statusInSilence(part, every(10 * SECOND, DAY + 1), now, 0)).toBe("forgotten");
  expect(statusInSilence(machine, every(10 * SECOND, DAY + 1), now, 0)).toBe("down");
});

test("a source whose clock is an hour behind is not silent for that", () => {
  const now = machine.lastSeenAt + 60 * MINUTE;
  expect(statusInSilence(machine, every(10 * SECOND), now, 0)).toBe("down");
  expect(statusInSilence(machine, every(10 * SECOND, 0, 60 * MINUTE), now, 0)).toBe("up");
});

describe("what is asked", () => {
  const off = { ...every(10 * SECOND), isOff: true };

  test("no more, because it is paused or removed, is unknown, however long that is and whatever it was", () => {
    for (const resource of [machine, downMachine, part]) {
      expect(statusInSilence(resource, off, resource.lastSeenAt + 30 * SECOND + 1, 0)).toBe("unknown");
      expect(statusInSilence(resource, off, resource.lastSeenAt + 90 * DAY, 0)).toBe("unknown");
    }
  });

  test("again was not silent before", () => {
    const now = machine.lastSeenAt + 30 * DAY;
    const since = (ms: number) => ({ ...every(10 * SECOND), askedSince: now - ms });
    expect(statusInSilence(machine, since(30 * SECOND), now, 0)).toBe("up");
    expect(statusInSilence(machine, since(10 * MINUTE), now, 0)).toBe("unknown");
    expect(statusInSilence(machine, since(10 * MINUTE + 1), now, 0)).toBe("down");
  });
});

test("silence has said all it can of what is as it stays in it", () => {
  const settled = (resource: Resource, isOff = false) =>
    isSettledInSilence(resource, { ...every(10 * SECOND), isOff });
  expect([settled(machine), settled(downMachine), settled(downMachine, true)]).toEqual([false, true, false]);
  const unknown = { status: "unknown" } as const;
  expect([settled({ ...machine, ...unknown }), settled({ ...machine, ...unknown }, true)]).toEqual([
    false,
    true,
  ]);
  expect([settled({ ...part, ...unknown }), settled({ ...check, ...unknown }), settled(downPart)]).toEqual([
    true,
    true,
    false,
  ]);
});
