import { afterEach, beforeEach, expect, jest, test } from "bun:test";
import { ResourceId } from "../contract/ids.ts";
import type { ResourcesChanged } from "../contract/live.ts";
import { mintId } from "../lib/random-id.ts";
import { Outbox } from "./outbox.ts";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const A = ResourceId.parse(mintId("r"));
const B = ResourceId.parse(mintId("r"));

function newOutbox() {
  const sent: (ResourcesChanged & { at: number })[] = [];
  const outbox = new Outbox((data) => sent.push({ ...data, at: performance.now() }));
  const put = (load1: number, id = A) => outbox.put({ changed: [{ id, metrics: { load1 } }], removed: [] });
  return { sent, outbox, put };
}

test("the first change goes out at once", () => {
  const { sent, put } = newOutbox();
  put(1);
  expect(sent).toMatchObject([{ changed: [{ id: A, metrics: { load1: 1 } }], removed: [] }]);
});

test("what follows is joined and goes out a quarter of a second later, newest values only", () => {
  const { sent, outbox, put } = newOutbox();
  put(1);
  put(2);
  outbox.put({ changed: [{ id: A, name: "m", metrics: { load5: 5 } }], removed: [] });
  put(3);
  put(4, B);
  jest.advanceTimersByTime(249);
  expect(sent).toHaveLength(1);
  jest.advanceTimersByTime(1);
  expect(sent[1]?.changed).toEqual([
    { id: A, name: "m", metrics: { load1: 3, load5: 5 } },
    { id: B, metrics: { load1: 4 } },
  ]);
  jest.advanceTimersByTime(10_000);
  expect(sent).toHaveLength(2);
});

test("however constant the change, there are at most four a second and none waits longer than a quarter", () => {
  const { sent, put } = newOutbox();
  const startedAt = performance.now();
  for (let n = 0; n <= 1_000; n++) {
    put(n);
    jest.advanceTimersByTime(5);
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  expect(sent.length).toBeGreaterThanOrEqual(seconds * 4 - 1);
  expect(sent.length).toBeLessThanOrEqual(seconds * 4 + 1);
  for (let index = 1; index < sent.length; index++) {
    const spacing = (sent[index]?.at ?? 0) - (sent[index - 1]?.at ?? 0);
    expect(spacing).toBeGreaterThanOrEqual(249);
    expect(spacing).toBeLessThanOrEqual(256);
  }
});

test("after a pause the next change goes out at once again", () => {
  const { sent, put } = newOutbox();
  put(1);
  jest.advanceTimersByTime(300);
  put(2);
  expect(sent).toHaveLength(2);
});

test("what was removed is not changed, and what came back is not removed", () => {
  const { sent, outbox, put } = newOutbox();
  put(1);
  put(2);
  outbox.put({ changed: [], removed: [A, B] });
  put(3, B);
  jest.advanceTimersByTime(250);
  expect(sent[1]).toMatchObject({ changed: [{ id: B, metrics: { load1: 3 } }], removed: [A] });
});

test("no change is no event, and after a stop there is none", () => {
  const { sent, outbox, put } = newOutbox();
  outbox.put({ changed: [], removed: [] });
  expect(sent).toEqual([]);
  put(1);
  put(2);
  outbox.stop();
  jest.advanceTimersByTime(10_000);
  expect(sent).toHaveLength(1);
});
