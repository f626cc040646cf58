import { expect, test } from "bun:test";
import { Restarts, type Run } from "./restarts.ts";

const run = (fields: Partial<Run> = {}): Run => ({
  id: "a",
  state: "running",
  startedAt: 0,
  finishedAt: undefined,
  restartCount: 0,
  ...fields,
});
const observe = (restarts: Restarts, nowMs: number, fields: Partial<Run>) =>
  restarts.observe(new Map([["web", run(fields)]]), nowMs).has("web");

test("three starts that the engine counted between two looks are a loop", () => {
  const restarts = new Restarts();
  expect(observe(restarts, 0, { restartCount: 40 })).toBe(false);
  expect(observe(restarts, 10_000, { restartCount: 42, startedAt: 9_000 })).toBe(false);
  expect(observe(restarts, 20_000, { restartCount: 43, startedAt: 19_000 })).toBe(true);
});

test("starts that nobody counted are seen by their moments, also when the container is a new one each time", () => {
  const restarts = new Restarts();
  observe(restarts, 0, { id: "a", startedAt: 0 });
  observe(restarts, 10_000, { id: "b", startedAt: 9_000 });
  expect(observe(restarts, 20_000, { id: "c", startedAt: 19_000 })).toBe(false);
  expect(observe(restarts, 30_000, { id: "d", startedAt: 29_000 })).toBe(true);
});

test("a loop is over five minutes after its last three starts", () => {
  const restarts = new Restarts();
  observe(restarts, 0, { restartCount: 0 });
  expect(observe(restarts, 10_000, { restartCount: 5, startedAt: 9_000 })).toBe(true);
  expect(observe(restarts, 309_000, { restartCount: 5, startedAt: 9_000 })).toBe(true);
  expect(observe(restarts, 310_000, { restartCount: 5, startedAt: 9_000 })).toBe(false);
});

test("starts far apart are no loop", () => {
  const restarts = new Restarts();
  for (let hour = 0; hour < 10; hour++) {
    const at = hour * 3_600_000;
    expect(observe(restarts, at, { restartCount: hour, startedAt: at })).toBe(false);
  }
});

test("a container that the engine gave up, or somebody stopped, is in no loop any more", () => {
  const restarts = new Restarts();
  observe(restarts, 0, { restartCount: 0 });
  const ended = { state: "exited", restartCount: 5, startedAt: 9_000, finishedAt: 9_500 };
  expect(observe(restarts, 10_000, ended)).toBe(true);
  expect(observe(restarts, 70_000, ended)).toBe(false);
});

test("a loop is recognised at the first look when the container waits for its next start", () => {
  expect(observe(new Restarts(), 60_000, { state: "restarting", restartCount: 9, startedAt: 50_000 })).toBe(
    true,
  );
  // It has restarted now and then over a year, and just did so again.
  expect(observe(new Restarts(), 9e9, { state: "restarting", restartCount: 9, startedAt: 50_000 })).toBe(
    false,
  );
  expect(observe(new Restarts(), 60_000, { state: "running", restartCount: 9, startedAt: 50_000 })).toBe(
    false,
  );
});
