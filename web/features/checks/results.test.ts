import { expect, test } from "bun:test";
import type { HistorySeries } from "../../../server/contract/history.ts";
import { RESULTS, resultsOf } from "./results.ts";

function series(avg: (number | null)[], min = avg): HistorySeries {
  const times = avg.map((_, index) => index * 10_000);
  return { metric: "up", unit: "count", step: 10_000, times, avg, min, max: avg };
}

const states = (of: HistorySeries | undefined) => resultsOf(of).map(({ state }) => state);

test("each result is a beat, and nothing is told of the time before the first", () => {
  expect(states(series([null, null, 1, 0, 1]))).toEqual(["up", "down", "up"]);
  expect(states(series([0.5], [0]))).toEqual(["partly"]);
  expect(states(undefined)).toEqual([]);
});

test("a silence is seen, a step that stayed empty by chance is not", () => {
  expect(states(series([1, null, 1, null, null, 1, null]))).toEqual(["up", "up", "unknown", "unknown", "up"]);
});

test("there are never more than the newest few", () => {
  const results = resultsOf(series(Array.from({ length: 100 }, () => 1)));
  expect([results.length, results.at(-1)?.at]).toEqual([RESULTS, 990_000]);
});
