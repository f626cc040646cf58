import { expect, test } from "bun:test";
import { align, append, begin, bridge, type LiveSeries } from "./series.ts";

function series(times: number[], values: (number | null)[]): LiveSeries {
  return begin({ metric: "load1", unit: "count", step: 10, times, avg: values, min: values, max: values });
}

test("a sample in a new step adds a step", () => {
  const grown = append(series([100, 110], [1, 2]), 123, 5, 0);
  expect(grown.times).toEqual([100, 110, 120]);
  expect(grown.avg).toEqual([1, 2, 5]);
});

test("samples of the same step are averaged, and its band widens", () => {
  const grown = append(append(append(series([100], [1]), 111, 2, 0), 114, 4, 0), 118, 6, 0);
  expect(grown.avg).toEqual([1, 4]);
  expect(grown.min).toEqual([1, 2]);
  expect(grown.max).toEqual([1, 6]);
});

test("a sample weighs as one of all that the last step holds already", () => {
  const begun = begin({ ...series([120], [4]), step: 60 }, 3);
  expect(append(begun, 131, 8, 0).avg).toEqual([5]);
});

test("steps without a report become a gap", () => {
  const grown = append(series([100], [1]), 131, 3, 0);
  expect(grown.times).toEqual([100, 110, 120, 130]);
  expect(grown.avg).toEqual([1, null, null, 3]);
});

test("in short steps a report fills those since the one before it, and one that comes too late does not", () => {
  const grown = append(series([100], [1]), 131, 3, 0, 30);
  expect(grown.avg).toEqual([1, 3, 3, 3]);
  /* The server's answer ends with steps in which there was nothing yet. */
  expect(append(series([100, 110, 120], [1, null, null]), 131, 3, 0, 30).avg).toEqual([1, 3, 3, 3]);
  expect(append(series([100, 110], [null, null]), 121, 3, 0, 30).avg).toEqual([null, null, 3]);
  expect(append(series([100], [1]), 141, 3, 0, 30).avg).toEqual([1, null, null, null, 3]);
});

test("a metric that is missing from a report is unknown, not zero", () => {
  expect(append(series([100], [1]), 110, undefined, 0).avg).toEqual([1, null]);
});

test("what has left the window is dropped", () => {
  expect(append(series([100, 110, 120], [1, 2, 3]), 130, 4, 125).times).toEqual([120, 130]);
});

test("a report older than what is drawn changes nothing", () => {
  const before = series([100, 110], [1, 2]);
  expect(append(before, 105, 9, 0)).toBe(before);
});

test("an empty series can begin live", () => {
  expect(append(series([], []), 105, 9, 0).times).toEqual([100]);
});

test("series with different times share one axis", () => {
  const aligned = align([series([100, 110], [1, 2]), undefined, series([110, 120], [3, 4])]);
  expect(aligned.times).toEqual([100, 110, 120]);
  expect(aligned.columns).toEqual([
    [1, 2, null],
    [null, null, null],
    [null, 3, 4],
  ]);
});

test("one empty step is drawn over, two are a gap", () => {
  expect(bridge([1, null, 2, null, null, 3, null])).toEqual([1, undefined, 2, null, null, 3, null]);
});

test("what reports seldom is a line all the same, until a second report is missing", () => {
  const every = (steps: number, times: number) =>
    Array.from({ length: steps * times }, (_, index) => (index % steps === 0 ? 1 : null));
  const values = [...every(6, 6), ...Array(12).fill(null), ...every(6, 1)];
  const drawn = bridge(values);
  expect(drawn.slice(0, 31)).toEqual(
    Array.from({ length: 31 }, (_, index) => (index % 6 === 0 ? 1 : undefined)),
  );
  expect(drawn.slice(31, 48)).toEqual(Array(17).fill(null));
});

test("in steps that hold several reports no hole is drawn over", () => {
  expect(bridge([1, null, 2, 3, 4, 5, 6], true)).toEqual([1, null, 2, 3, 4, 5, 6]);
});
