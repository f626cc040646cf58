import { expect, test } from "bun:test";
import type { HistorySeries } from "../../../server/contract/history.ts";
import { chartData, newest, stacked } from "./chart-data.ts";

function series(metric: string, values: (number | null)[], step = 10): HistorySeries {
  const times = values.map((_, index) => index * step);
  return { metric, unit: "count", step, times, avg: values, min: values, max: values };
}
const line = (...metrics: string[]) => ({
  label: metrics.join(),
  sources: metrics.map((metric) => ({ resourceId: "r1", metric })),
});
const from =
  (...held: HistorySeries[]) =>
  (_: string, metric: string) =>
    held.find((each) => each.metric === metric);

test("a line of several sources is their sum, of what is known", () => {
  const data = chartData([line("a", "b")], from(series("a", [1, null, null]), series("b", [2, 3, null])), 10);
  expect(data.values).toEqual([[3, 3, null]]);
});

test("a hole of one report is drawn over, one of a longer step is a gap", () => {
  expect(chartData([line("a")], from(series("a", [1, null, 2])), 10).values).toEqual([[1, undefined, 2]]);
  expect(chartData([line("a")], from(series("a", [1, null, 2], 60)), 10).values).toEqual([[1, null, 2]]);
});

test("there is a band only where a step holds several reports", () => {
  expect(chartData([line("a")], from(series("a", [1])), 10).band).toBeUndefined();
  expect(chartData([line("a")], from(series("a", [1], 60)), 10).band?.max).toEqual([[1]]);
});

test("a line without history is empty, not missing", () => {
  expect(chartData([line("a"), line("b")], from(series("a", [1, 2])), 10).values).toEqual([
    [1, 2],
    [null, null],
  ]);
});

test("lines are stacked on one another", () => {
  expect(
    stacked([
      [1, null, 3],
      [1, 1, null],
    ]),
  ).toEqual([
    [1, null, 3],
    [2, null, 3],
  ]);
});

test("the newest value is recent or not there", () => {
  expect(newest([1, 2, null])).toBe(2);
  expect(newest([1, null, null, null, null])).toBeUndefined();
  expect(newest([])).toBeUndefined();
});
