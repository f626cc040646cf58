import { expect, test } from "bun:test";
import { shareOf, untilNextReportMs } from "../server/lib/report-pace.ts";
import { ReportClock, Stamps } from "./report-clock.ts";

const NOW = 1_790_000_000_000;
const answered = (serverAt: number) => ({ sentAt: NOW, receivedAt: NOW + 40, serverAt });

test("only what no network explains is corrected, and jitter of the answer's whole seconds is not followed", () => {
  const clock = new ReportClock(() => NOW);
  expect(clock.learn(answered(NOW + 29_000))).toBe(false);
  expect(clock.now()).toBe(NOW);
  expect(clock.learn(answered(NOW + 3_600_000))).toBe(true);
  const corrected = clock.now();
  expect(Math.abs(corrected - (NOW + 3_600_000))).toBeLessThan(1_000);
  expect(clock.learn(answered(NOW + 3_601_000))).toBe(false);
  expect(clock.now()).toBe(corrected);
  expect(clock.learn(answered(NOW))).toBe(true);
  expect(clock.now()).toBe(NOW);
});

test("an answer that took long says nothing about the time", () => {
  const clock = new ReportClock(() => NOW);
  expect(clock.learn({ sentAt: NOW, receivedAt: NOW + 20_000, serverAt: NOW + 86_400_000 })).toBe(false);
  expect(clock.learn({ sentAt: NOW, receivedAt: NOW - 1, serverAt: NOW + 86_400_000 })).toBe(false);
});

test("time only grows within a boot, and a clock that is set back begins another", () => {
  const stamps = new Stamps();
  const first = stamps.next(NOW);
  expect(stamps.next(NOW)).toEqual({ boot: first.boot, seq: 1, at: NOW + 1 });
  expect(stamps.next(NOW - 5_000)).toEqual({ boot: first.boot, seq: 2, at: NOW + 2 });
  const set = stamps.next(NOW - 3_600_000);
  expect(set).toMatchObject({ seq: 0, at: NOW - 3_600_000 });
  expect(set.boot).not.toBe(first.boot);
});

test("reports are made in the middle of a step, every agent in its own half second", () => {
  for (const now of [NOW, NOW + 1, NOW + 4_999, NOW + 5_001, NOW + 9_999]) {
    for (const share of [0, 0.5, 0.999]) {
      const at = now + untilNextReportMs(now, 10_000, share);
      expect(at % 10_000).toBeGreaterThanOrEqual(5_000);
      expect(at % 10_000).toBeLessThanOrEqual(5_500);
      expect(at - now).toBeGreaterThan(2_400);
      expect(at - now).toBeLessThanOrEqual(13_000);
    }
  }
  expect(shareOf("pulse_agent_a")).toBe(shareOf("pulse_agent_a"));
  expect(shareOf("pulse_agent_a")).not.toBe(shareOf("pulse_agent_b"));
});
