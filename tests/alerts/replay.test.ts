/** Four days of a small fleet with faults in it: each is told in time, and nothing else is. See bench/alert-replay.ts. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { SECOND } from "./replay/days.ts";
import { replay } from "./replay/replay.ts";

setDefaultTimeout(180_000);

const DAYS = { seed: 5, days: 4, machines: 5, faults: 25, intervalMs: 60 * SECOND };

test("every fault is told within its rule's delay and one interval, in few messages, and nothing else is told", async () => {
  const score = await replay(DAYS);
  expect(score.noise.map(({ title }) => title)).toEqual([]);
  expect(score.neverDue).toEqual([]);
  expect({ told: score.told, inTime: score.inTime }).toEqual({ told: score.faults, inTime: score.faults });
  expect(score.faults).toBeGreaterThanOrEqual(20);
  const messages = score.kinds.reduce((sum, kind) => sum + kind.messages, 0);
  expect(messages / score.faults).toBeLessThanOrEqual(1.2);
  expect(score.ofFaults).toBe(score.messages);
});
