import { describe, expect, test } from "bun:test";
import { type Errand, Kept, runErrands } from "./kept.ts";

const MINUTE = 60_000;

/** Whether it is due, and if so it is asked. */
async function due(kept: Kept<number>, now: number, answer: () => Promise<number>, key = "k") {
  const errand = kept.errand(key, now, answer);
  await errand?.run(now);
  return errand !== undefined;
}

const fails = () => Promise.reject(new Error("no"));

describe("what is kept", () => {
  test("is asked for again when it is old, give or take a fifth", async () => {
    const kept = new Kept<number>(10 * MINUTE);
    expect(await due(kept, 0, async () => 1)).toBe(true);
    expect(await due(kept, 7 * MINUTE, async () => 2)).toBe(false);
    expect(kept.get("k", 7 * MINUTE)).toBe(1);
    expect(await due(kept, 13 * MINUTE, async () => 3)).toBe(true);
    expect(kept.get("k", 13 * MINUTE)).toBe(3);
  });

  test("is not asked for by all keys at once, after the first time", async () => {
    const kept = new Kept<number>(10 * MINUTE);
    const keys = Array.from({ length: 100 }, (_, index) => `guest ${index}`);
    for (const key of keys) await due(kept, 0, async () => 1, key);
    const dueAt = (now: number) => keys.filter((key) => kept.errand(key, now, async () => 1)).length;
    expect(dueAt(8 * MINUTE)).toBeLessThan(5);
    expect(dueAt(10 * MINUTE)).toBeWithin(30, 70);
    expect(dueAt(12 * MINUTE)).toBe(100);
  });

  test("stays while it cannot be had, and is then forgotten", async () => {
    const kept = new Kept<number>(MINUTE);
    await due(kept, 0, async () => 1);
    await due(kept, 2 * MINUTE, fails);
    expect(kept.get("k", 2 * MINUTE)).toBe(1);
    expect(kept.errorOf("k")).toBeInstanceOf(Error);
    expect(kept.get("k", 3 * MINUTE + 1)).toBeUndefined();
  });

  test("is asked for less and less often while it cannot be had, but at least four times a day", async () => {
    const kept = new Kept<number>(MINUTE);
    let now = 0;
    const pauses: number[] = [];
    for (let failures = 0, last = 0; failures < 14; now += MINUTE) {
      if (!(await due(kept, now, fails))) continue;
      pauses.push((now - last) / MINUTE);
      last = now;
      failures++;
    }
    expect(pauses).toEqual([0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360, 360, 360]);
    await due(kept, now + 360 * MINUTE, async () => 7);
    expect(kept.errorOf("k")).toBeUndefined();
  });

  test("of a large estate is asked for less often, and believed for longer", async () => {
    const kept = new Kept<number>(MINUTE);
    kept.stretch(10);
    await due(kept, 0, async () => 1);
    expect(await due(kept, 7 * MINUTE, async () => 2)).toBe(false);
    expect(kept.get("k", 29 * MINUTE)).toBe(1);
  });

  test("is due at once when it is known to be old, but not while it fails", async () => {
    const kept = new Kept<number>(60 * MINUTE);
    await due(kept, 0, async () => 1);
    kept.expire("k", MINUTE);
    expect(kept.get("k", MINUTE)).toBe(1);
    expect(await due(kept, MINUTE, fails)).toBe(true);
    kept.expire("k", 2 * MINUTE);
    expect(await due(kept, 2 * MINUTE, fails)).toBe(false);
  });
});

describe("errands", () => {
  const recorded = (ran: number[], dueAt: number): Errand => ({
    dueAt,
    run: async () => {
      ran.push(dueAt);
    },
  });

  test("are run the most overdue first, within the budget", async () => {
    const ran: number[] = [];
    const errands = [30, 10, undefined, 20, 0].map((at) =>
      at === undefined ? undefined : recorded(ran, at),
    );
    expect(await runErrands(errands, { budget: 3, atOnce: 1, now: 40, mayGoOn: () => true })).toBe(3);
    expect(ran).toEqual([0, 10, 20]);
  });

  test("end when the time is up", async () => {
    const ran: number[] = [];
    const errands = [1, 2, 3, 4].map((at) => recorded(ran, at));
    const limits = { budget: 9, atOnce: 1, now: 9, mayGoOn: () => ran.length < 2 };
    expect(await runErrands(errands, limits)).toBe(2);
  });
});
