import { describe, expect, test } from "bun:test";
import { retryDelayMs } from "./retry-delay.ts";
import { judge } from "./verdict.ts";

const said = (body: unknown) => JSON.stringify(body);
const refused = (reason: string) => said({ error: { message: "No.", code: -1, data: { reason } } });

test("only Pulse's own words let go of a report or throw it away", () => {
  expect(judge({ status: 200, body: said({ ok: true, stored: 1 }) }).kind).toBe("stored");
  expect(judge({ status: 201, body: said({ ok: true, stored: 1 }) }).kind).toBe("not-now");
  for (const status of [400, 413, 415, 422]) {
    expect(judge({ status, body: refused("invalid_request") }).kind).toBe("refused");
  }
  for (const status of [400, 415, 422]) expect(judge({ status, body: "<html>" }).kind).toBe("not-now");
});

test("what a proxy finds too large will not become smaller", () => {
  expect(judge({ status: 413, body: "<html>" })).toMatchObject({ kind: "refused", isTooMuch: true });
});

test.each([401, 402, 403, 404, 405, 409, 410, 431, 501])("%d is for a person to look at", (status) => {
  expect(judge({ status, body: refused("x") })).toMatchObject({ kind: "not-now", words: "No." });
});

test.each([408, 429, 500, 502, 503, 504, 529])("%d passes", (status) => {
  expect(judge({ status, body: "" }).kind).toBe("later");
});

test("the interval a server asks for keeps to its bounds", () => {
  const asked = (intervalMs: unknown) => judge({ status: 200, body: said({ ok: true, intervalMs }) });
  expect(asked(5_000)).toMatchObject({ intervalMs: 5_000 });
  expect(asked(0)).toMatchObject({ intervalMs: 1_000 });
  expect(asked(1e15)).toMatchObject({ intervalMs: 3_600_000 });
  expect(asked("5000")).toMatchObject({ intervalMs: undefined });
});

describe("how long is waited", () => {
  const later = { kind: "later", words: "" } as const;
  const notNow = { kind: "not-now", words: "", hint: "" } as const;

  test("it grows, never past its longest, and never the same for all", () => {
    expect([0, 1, 2, 9, 1_000].map((failures) => retryDelayMs(later, failures, 1))).toEqual([
      1_000, 2_000, 4_000, 60_000, 60_000,
    ]);
    expect(retryDelayMs(later, 9, 0)).toBe(30_000);
    expect([0, 1, 2, 3, 1_000].map((failures) => retryDelayMs(notNow, failures, 1))).toEqual([
      60_000, 120_000, 240_000, 300_000, 300_000,
    ]);
  });

  test("what the server asked for is the least", () => {
    for (const chance of [0, 0.5, 1]) {
      expect(retryDelayMs({ ...later, retryAfterMs: 7_000 }, 0, chance)).toBeGreaterThanOrEqual(7_000);
      expect(retryDelayMs({ ...notNow, retryAfterMs: 900_000 }, 0, chance)).toBeGreaterThanOrEqual(900_000);
    }
  });

  test("a date in retry-after counts, nonsense does not, and nobody makes us wait for ever", () => {
    const asked = (retryAfter: string) => judge({ status: 503, body: "", retryAfter });
    const inTen = asked(new Date(Date.now() + 10_000).toUTCString()) as { retryAfterMs: number };
    expect(Math.abs(inTen.retryAfterMs - 10_000)).toBeLessThan(2_000);
    expect(asked("soon")).toMatchObject({ retryAfterMs: undefined });
    expect(asked("999999999")).toMatchObject({ retryAfterMs: 3_600_000 });
  });
});
