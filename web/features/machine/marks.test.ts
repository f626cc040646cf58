import { expect, test } from "bun:test";
import type { HistorySeries } from "../../../server/contract/history.ts";
import { marksIn, shownOf } from "./marks.ts";

const MINUTE = 60_000;
const ALL = { from: 0, to: 100 * MINUTE };

type Value = number | null;

function series(step: number, values: (Value | [least: number, most: number])[]): HistorySeries {
  const side = (index: 0 | 1) => values.map((value) => (Array.isArray(value) ? value[index] : value));
  const times = values.map((_, index) => index * step);
  return { metric: "m", unit: "count", step, times, avg: side(0), min: side(0), max: side(1) };
}

function told(metric: string, of: HistorySeries, shown = { from: 0, to: of.times.length * of.step }) {
  return marksIn((wanted) => (wanted === metric ? of : undefined), [], shown);
}

test("an uptime that falls is a restart, at the time it was counted from", () => {
  expect(told("uptime_seconds", series(MINUTE, [1_000, 1_060, 30, 90]))).toEqual([
    { kind: "restart", at: 2 * MINUTE - 30_000, level: "fine", words: "Restarted" },
  ]);
});

test("an uptime that grows, stands still for a while or wavers by seconds is no restart", () => {
  expect(told("uptime_seconds", series(MINUTE, [1_000, 1_060, null, 1_060, 1_050]))).toEqual([]);
});

test("a restart within a long step is told once, as exactly as the next step knows it", () => {
  const hour = 60 * MINUTE;
  const marks = told(
    "uptime_seconds",
    series(hour, [
      [100_000, 103_000],
      [20, 106_000],
      [1_800, 5_400],
      [5_410, 9_000],
    ]),
  );
  expect(marks.map(({ at }) => at)).toEqual([2 * hour - 1_800_000]);
});

test("restarts that were counted are told with their number", () => {
  const marks = told("restart_count", series(MINUTE, [2, 2, 3, null, 8, 0]));
  expect(marks.map(({ words }) => words)).toEqual(["Restarted", "Restarted 5 times"]);
});

test("steps of failures that follow each other are one", () => {
  const marks = told("up", series(MINUTE, [1, [0, 1], 0, 1, 0]));
  expect(marks.map(({ at, until }) => [at, until])).toEqual([
    [MINUTE, 3 * MINUTE],
    [4 * MINUTE, 5 * MINUTE],
  ]);
});

test("silence is told between reports and up to now, not before the first", () => {
  const quiet = series(MINUTE, [null, null, 1, 1, 1, 1, 1, 1, null, null, null, 1, 1]);
  const marks = marksIn(() => undefined, [series(MINUTE, [1, null]), quiet], { from: 0, to: 20 * MINUTE });
  expect(marks.map(({ at, until }) => [at, until])).toEqual([
    [8 * MINUTE, 11 * MINUTE],
    [13 * MINUTE, 20 * MINUTE],
  ]);
});

test("what has left the window is not told, what reaches into it is", () => {
  const mark = { kind: "silence", level: "unknown", words: "No reports" } as const;
  const marks = [
    { ...mark, at: 90 * MINUTE, until: 200 * MINUTE },
    { ...mark, at: -5, until: -1 },
    { ...mark, at: 3 },
  ];
  expect(shownOf(marks, ALL).map(({ at }) => at)).toEqual([3, 90 * MINUTE]);
});
