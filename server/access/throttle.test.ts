import { describe, expect, test } from "bun:test";
import { Throttle } from "./throttle.ts";

function setUp(options: { burst?: number; refillMs?: number; maxKeys?: number } = {}) {
  let now = 1_000;
  const throttle = new Throttle({ burst: 4, refillMs: 1_000, maxKeys: 100, ...options }, () => now);
  return { throttle, pass: (milliseconds: number) => (now += milliseconds) };
}

describe("a bucket", () => {
  test("gives as many at once as it holds, then says how long to wait", () => {
    const { throttle } = setUp();
    expect([1, 2, 3, 4].map(() => throttle.take("a"))).toEqual([0, 0, 0, 0]);
    expect(throttle.take("a")).toBe(250);
  });

  test("fills up steadily, and whoever waits as long as told gets one", () => {
    const { throttle, pass } = setUp();
    for (let taken = 0; taken < 4; taken++) throttle.take("a");
    pass(throttle.take("a") - 1);
    expect(throttle.take("a")).toBeGreaterThan(0);
    pass(1);
    expect(throttle.take("a")).toBe(0);
    expect(throttle.take("a")).toBe(250);
  });

  test("holds no more than it holds, however long nobody came", () => {
    const { throttle, pass } = setUp();
    pass(1_000_000);
    expect([1, 2, 3, 4].map(() => throttle.take("a"))).toEqual([0, 0, 0, 0]);
    expect(throttle.take("a")).toBeGreaterThan(0);
  });

  test("is not emptied further by asking in vain", () => {
    const { throttle, pass } = setUp();
    for (let taken = 0; taken < 4; taken++) throttle.take("a");
    for (let asked = 0; asked < 100; asked++) expect(throttle.take("a")).toBe(250);
    pass(250);
    expect(throttle.take("a")).toBe(0);
  });

  test("lets nobody through faster than it fills, in any pattern of asking", () => {
    const { throttle, pass } = setUp();
    let taken = 0;
    for (let step = 0; step < 1_000; step++) {
      if (throttle.take("a") === 0) taken++;
      pass(10);
    }
    /* 10 seconds at 4 a second, and the 4 of the beginning. */
    expect(taken).toBeGreaterThanOrEqual(43);
    expect(taken).toBeLessThanOrEqual(44);
  });

  test("is one's own", () => {
    const { throttle } = setUp({ burst: 1 });
    expect([throttle.take("a"), throttle.take("b")]).toEqual([0, 0]);
    expect([throttle.take("a"), throttle.take("b")].every((waitMs) => waitMs > 0)).toBe(true);
  });

  test("is full again when it is forgiven", () => {
    const { throttle } = setUp({ burst: 1 });
    throttle.take("a");
    throttle.forgive("a");
    expect(throttle.take("a")).toBe(0);
  });
});

describe("a bucket of its own size", () => {
  const large = { burst: 8, refillMs: 1_000 };

  test("gives as many as it holds, and fills up in its own time", () => {
    const { throttle, pass } = setUp();
    for (let taken = 0; taken < 8; taken++) expect(throttle.take("a", large)).toBe(0);
    expect(throttle.take("a", large)).toBe(125);
    pass(125);
    expect([throttle.take("a", large), throttle.take("b")]).toEqual([0, 0]);
  });

  test("that is made smaller holds no more than it does from then on", () => {
    const { throttle } = setUp();
    throttle.take("a", large);
    expect([1, 2].map(() => throttle.take("a", { burst: 1, refillMs: 1_000 }))).toEqual([0, 1_000]);
  });

  test("that is made larger fills up to it, and is not full at once", () => {
    const { throttle, pass } = setUp({ burst: 1 });
    throttle.take("a");
    expect(throttle.take("a", large)).toBe(125);
    pass(1_000);
    expect([1, 2, 3, 4, 5, 6, 7, 8, 9].filter(() => throttle.take("a", large) === 0)).toHaveLength(8);
  });

  test("that holds nothing says when to ask again all the same", () => {
    const { throttle } = setUp();
    expect(throttle.take("a", { burst: 0, refillMs: 1_000 })).toBe(1_000);
  });
});

test("only so many are remembered: the one used longest ago is forgotten first", () => {
  const { throttle } = setUp({ burst: 1, maxKeys: 3 });
  for (const key of ["a", "b", "c"]) throttle.take(key);
  expect(throttle.take("a")).toBeGreaterThan(0); // which makes b the oldest
  throttle.take("d");
  expect(throttle.take("a")).toBeGreaterThan(0);
  expect(throttle.take("b")).toBe(0);
});

test("and coming back forgets nobody, however full it is", () => {
  const { throttle } = setUp({ burst: 1, maxKeys: 2 });
  for (const key of ["a", "b", "b", "b"]) throttle.take(key);
  expect(throttle.take("a")).toBeGreaterThan(0);
});
