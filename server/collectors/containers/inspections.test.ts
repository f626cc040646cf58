import { expect, test } from "bun:test";
import type { Facts } from "./container.ts";
import { hasChanged } from "./inspections.ts";

const NOW = 10_000_000;
const known = (facts: Partial<Facts>, mark = "m") => ({ mark, facts: facts as Facts });
const listed = (stateAgeAtMostMs: number | undefined, state = "running", mark = "m") => ({
  mark,
  state,
  stateAgeAtMostMs,
});

test("a container not seen before, or whose entry is another one, has changed", () => {
  expect(hasChanged(undefined, listed(60_000), NOW)).toBe(true);
  expect(hasChanged(known({}, "n"), listed(60_000), NOW)).toBe(true);
});

test("a state younger than the start that is known began after it", () => {
  const started = known({ startedAt: NOW - 30_000 });
  expect(hasChanged(started, listed(31_000), NOW)).toBe(false);
  expect(hasChanged(started, listed(10_000), NOW)).toBe(true);
});

test("rounding, and the time an answer takes, are no change", () => {
  expect(hasChanged(known({ startedAt: NOW - 31_900 }), listed(30_000), NOW)).toBe(false);
});

test("of one that ended the end counts", () => {
  const ended = known({ startedAt: NOW - 900_000, finishedAt: NOW - 600_000 });
  expect(hasChanged(ended, listed(660_000, "exited"), NOW)).toBe(false);
  expect(hasChanged(ended, listed(5_000, "exited"), NOW)).toBe(true);
});

test("without an age the entry decides alone", () => {
  expect(hasChanged(known({ startedAt: 0 }), listed(undefined), NOW)).toBe(false);
});
