import { expect, test } from "bun:test";
import { Allowance } from "./allowance.ts";
import { type Failed, failureOfStatus, retryAfterMs } from "./failures.ts";
import { GIVEN_UP_AFTER_MS, nextTryAt } from "./retry.ts";

const MINUTE = 60_000;
const failed = (more: Partial<Failed> = {}): Failed => ({
  ok: false,
  failure: "connectivity",
  message: "It was not there.",
  isUncertain: false,
  isFinal: false,
  ...more,
});

/** When it is tried, one after the other, until it is given up; at the middle of each span. */
function tries(what: Failed, random = () => 0.5): number[] {
  const at: number[] = [];
  let now = 0;
  for (let attempts = 1; ; attempts++) {
    const next = nextTryAt(what, { attempts, createdAt: 0 }, now, random);
    if (next === undefined) return at;
    at.push(next);
    now = next;
  }
}

test("a service that is away is tried often at first, then ever less, for a day", () => {
  const at = tries(failed());
  expect(at.slice(0, 4)).toEqual([3_500, 9_500, 20_500, 41_500]);
  expect(at.at(-1)).toBeLessThanOrEqual(GIVEN_UP_AFTER_MS);
  expect(at.at(-1)).toBeGreaterThan(GIVEN_UP_AFTER_MS - 16 * MINUTE);
  expect(at.length).toBeLessThan(250);
});

test("what somebody has to mend is tried less often", () => {
  expect(tries(failed({ failure: "authentication" })).length).toBeLessThan(tries(failed()).length / 2);
});

test("those that failed together do not come back together", () => {
  const spread = [0, 0.25, 0.5, 1].map((at) =>
    nextTryAt(failed(), { attempts: 8, createdAt: 0 }, 0, () => at),
  );
  expect(new Set(spread).size).toBe(4);
  expect(Math.min(...spread.map((at) => at ?? 0))).toBe(1_000);
});

test("a service says itself when it wants to be asked again", () => {
  const at = nextTryAt(
    failed({ failure: "rate_limited", retryAfterMs: 90_000 }),
    { attempts: 1, createdAt: 0 },
    0,
    () => 0,
  );
  expect(at).toBe(90_000);
});

test("and is asked after six hours all the same, whatever it says and wherever it says it", () => {
  const day = failed({ failure: "rate_limited", retryAfterMs: 90_000_000 });
  expect(tries(day)).toEqual([6, 12, 18, 24].map((hours) => hours * 60 * MINUTE));
});

test("what is not taken is tried three times, what never will be not again", () => {
  expect(tries(failed({ failure: "rejected" })).length).toBe(2);
  expect(tries(failed({ isFinal: true })).length).toBe(0);
});

test("Retry-After is seconds or a date, and nonsense is none", () => {
  const now = Date.UTC(2026, 10, 28);
  expect(retryAfterMs("120", now)).toBe(120_000);
  expect(retryAfterMs("Sat, 28 Nov 2026 00:01:00 GMT", now)).toBe(60_000);
  expect(retryAfterMs("Sat, 28 Nov 2020 00:01:00 GMT", now)).toBe(0);
  for (const none of ["", "soon", "-1x", "1e9"])
    expect([none, retryAfterMs(none, now)]).toEqual([none, undefined]);
  expect(retryAfterMs(null, now)).toBeUndefined();
});

test("only an answer of success is success", () => {
  for (const status of [200, 201, 202, 204]) expect(failureOfStatus(status, null, 0)).toBeUndefined();
  for (const status of [100, 301, 400, 401, 404, 418, 429, 500, 599, 0])
    expect(failureOfStatus(status, null, 0)?.ok).toBe(false);
});

test("an allowance gives so many in its time and then as time passes", () => {
  const allowance = new Allowance(60 * MINUTE);
  const taken = Array.from({ length: 4 }, () => allowance.take(3, 1_000));
  expect(taken).toEqual([0, 0, 0, 20 * MINUTE]);
  expect(allowance.take(3, 1_000 + 20 * MINUTE)).toBe(0);
  expect(allowance.take(3, 1_000 + 20 * MINUTE)).toBe(20 * MINUTE);
  /* The clock was set back: nothing is given twice. */
  expect(allowance.take(3, 1_000)).toBe(20 * MINUTE);
});
