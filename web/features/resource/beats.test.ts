import { expect, test } from "bun:test";
import type { HistorySeries } from "../../../server/contract/history.ts";
import { availability, availabilityWords, beatsOf } from "./beats.ts";

function up(values: (number | null)[], step = 60, min = values): HistorySeries {
  return {
    metric: "up",
    unit: "count",
    step,
    times: values.map((_, index) => index * step),
    avg: values,
    min,
    max: values,
  };
}

test("each beat is what was worst in it, and nothing known is not down", () => {
  const states = beatsOf(up([1, 1, 1, 0.5, 0, 0, null, null]), 0, 480, 4).map(({ state }) => state);
  expect(states).toEqual(["up", "partly", "down", "unknown"]);
  expect(beatsOf(undefined, 0, 480, 2).map(({ state }) => state)).toEqual(["unknown", "unknown"]);
});

test("a short failure within a long step is seen", () => {
  expect(beatsOf(up([0.97], 60, [0]), 0, 60, 1)[0]?.state).toBe("partly");
});

test("availability counts what is known, since when it is asked for", () => {
  expect(availability(up([0, 1, 1, null, 1]), 60)).toBe(100);
  expect(availability(up([0, 1, 1, null, 1]), 0)).toBe(75);
  expect(availability(up([null]), 0)).toBeUndefined();
});

test("availability is never rounded up to perfect", () => {
  expect(availabilityWords(99.9999)).toBe("99.999");
  expect(availabilityWords(99.899)).toBe("99.89");
  expect(availabilityWords(100)).toBe("100");
  expect(availabilityWords(undefined)).toBe("–");
});
