import { expect, test } from "bun:test";
import { ResourceId } from "../contract/ids.ts";
import type { Resource } from "../contract/resource.ts";
import { mintId } from "../lib/random-id.ts";
import { statusInSilence } from "./freshness.ts";

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
const check: Resource = { ...machine, kind: "check" };
const part: Resource = { ...machine, kind: "filesystem", parentId: machine.id };

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
