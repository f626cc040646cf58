import { expect, test } from "bun:test";
import { ReportPace } from "./report-pace.ts";

const NOW = 1_790_000_000_000;

/** What is reported in a stretch of time. */
function reports(pace: ReportPace, from: number, forMs: number) {
  const made: { at: number; isWhole: boolean }[] = [];
  for (let now = from; ; ) {
    const { delayMs, isWhole } = pace.next(now);
    now += delayMs;
    if (now >= from + forMs) return made;
    if (isWhole) pace.looked(now);
    made.push({ at: now, isWhole });
  }
}

const gaps = (made: { at: number }[]) => made.slice(1).map(({ at }, index) => at - (made[index]?.at ?? 0));

test("without anybody who looks every report is a whole one, at the agent's own interval", () => {
  const pace = new ReportPace(10_000, 0.5);
  const made = reports(pace, NOW, 60_000);
  expect(made.every(({ isWhole }) => isWhole)).toBe(true);
  expect(gaps(made)).toEqual([10_000, 10_000, 10_000, 10_000, 10_000]);
});

test.each([0, 0.3, 0.5, 1])(
  "while somebody looks there is a report each second, and whole ones come as often as before (%d)",
  (share) => {
    const pace = new ReportPace(10_000, share);
    const before = reports(pace, NOW, 30_000);
    expect(pace.ask(1_000)).toBe(true);
    expect(pace.ask(1_000)).toBe(false);
    const made = reports(pace, NOW + 30_000, 60_000);
    for (const gap of gaps(made)) {
      expect(gap).toBeGreaterThanOrEqual(500);
      expect(gap).toBeLessThanOrEqual(1_500);
    }
    expect(made.length).toBeLessThanOrEqual(60);
    const whole = made.filter(({ isWhole }) => isWhole);
    expect(gaps([...before.slice(-1), ...whole])).toEqual(Array(6).fill(10_000));
    expect(pace.wholeMs).toBe(10_000);
    pace.ask(10_000);
    const after = reports(pace, NOW + 90_000, 30_000);
    expect(gaps([...whole.slice(-1), ...after])).toEqual([10_000, 10_000, 10_000]);
  },
);

test("a server that asks for more time gets less of everything, and reports say so", () => {
  const pace = new ReportPace(10_000, 0.5);
  pace.ask(60_000);
  expect([pace.wholeMs, pace.nextMs]).toEqual([60_000, 60_000]);
  expect(gaps(reports(pace, NOW, 300_000))).toEqual([60_000, 60_000, 60_000]);
});

test("a clock that is set neither stops the reports nor makes a burst of them", () => {
  for (const ahead of [86_400_000, -86_400_000]) {
    const pace = new ReportPace(10_000, 0.5);
    reports(pace, NOW, 30_000);
    const made = reports(pace, NOW + ahead, 30_000);
    expect(made).toHaveLength(3);
  }
});

test("a glance that takes long is the last until the next whole report", () => {
  const pace = new ReportPace(10_000, 0);
  pace.ask(1_000);
  pace.looked(NOW);
  const first = pace.next(NOW);
  expect(first.isWhole).toBe(false);
  pace.glanced(101);
  const after = pace.next(NOW + first.delayMs);
  expect(after.isWhole).toBe(true);
  pace.looked(NOW + first.delayMs + after.delayMs);
  pace.glanced(99);
  expect(pace.next(NOW + first.delayMs + after.delayMs).isWhole).toBe(false);
});
