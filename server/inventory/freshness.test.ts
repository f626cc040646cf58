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
const part: Resource = { ...machine, kind: "filesystem", parentId: machine.id };

test.each([
  ["a machine heard of just now is as it says", machine, 0, "up"],
  ["a machine that missed three reports is still up", machine, 30 * SECOND, "up"],
  ["a machine that missed more is unknown", machine, 30 * SECOND + 1, "unknown"],
  ["a machine silent for ten minutes is unknown", machine, 10 * MINUTE, "unknown"],
  ["a machine silent for longer is down", machine, 10 * MINUTE + 1, "down"],
  ["a machine is never forgotten", machine, 1_000 * DAY, "down"],
  ["a part that missed more than three reports is unknown", part, 30 * SECOND + 1, "unknown"],
  ["a part is never down by silence", part, 10 * MINUTE + 1, "unknown"],
  ["a part silent for a day is unknown", part, DAY, "unknown"],
  ["a part silent for longer is forgotten", part, DAY + 1, "forgotten"],
  ["a clock set back makes nobody silent", machine, -DAY, "up"],
] as const)("%s", (_, resource, silentMs, expected) => {
  expect(statusInSilence(resource, 10 * SECOND, resource.lastSeenAt + silentMs, 0)).toBe(expected);
});

test("how long three reports take depends on how often a source reports", () => {
  expect(statusInSilence(machine, MINUTE, machine.lastSeenAt + 3 * MINUTE, 0)).toBe("up");
  expect(statusInSilence(machine, MINUTE, machine.lastSeenAt + 3 * MINUTE + 1, 0)).toBe("unknown");
});

test("what passed before we listened is not silence", () => {
  const now = machine.lastSeenAt + 30 * DAY;
  for (const resource of [machine, part]) {
    expect(statusInSilence(resource, 10 * SECOND, now, now - 30 * SECOND)).toBe("up");
    expect(statusInSilence(resource, 10 * SECOND, now, now - 31 * SECOND)).toBe("unknown");
  }
  expect(statusInSilence(part, 10 * SECOND, now, now - DAY - 1)).toBe("forgotten");
});
