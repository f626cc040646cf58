import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FilledHistory, START } from "../../tests/support/filled-history.ts";
import type { RetentionSettings } from "../contract/history.ts";
import { type KeptTier, STANDARD_KEEP_DAYS } from "../contract/retention-limits.ts";
import { DAY, HOUR, TIERS } from "./chunk-table.ts";
import { forecast, type Used } from "./forecast.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-forecast-"));
afterAll(() => rmSync(folder, { recursive: true }));

const MB = 1e6;
const STANDARD: RetentionSettings = { keepDays: { ...STANDARD_KEEP_DAYS }, maxBytes: null };

/** So many whole days at a steady rate, the first of them half a day, asked at noon of the next. */
function steady(days: number, perDay: number, change: Partial<RetentionSettings> = {}, quotaBytes = 1e12) {
  const day = Array.from({ length: days }, (_, n) => ({
    startAt: START + n * DAY,
    bytes: n === 0 ? perDay / 2 : perDay,
  }));
  const used: Used = { hour: [], day, fiveMinutes: day, hours: [], days: [] };
  const settings = { ...STANDARD, ...change };
  const usedBytes = 2 * (days - 0.5) * perDay * 1.07 + MB;
  return forecast({
    used,
    usedBytes,
    settings,
    keptDays: settings.keepDays,
    quotaBytes,
    now: START + days * DAY + 12 * HOUR,
  });
}

const keep = (samples: number, fiveMinutes = samples): RetentionSettings["keepDays"] => ({
  ...STANDARD_KEEP_DAYS,
  samples,
  fiveMinutes,
});

describe("the estimate", () => {
  test("is not known before a whole day is over, and says nothing that would follow from it", () => {
    for (const days of [0, 1]) {
      const { tiers, ...rest } = steady(days, MB);
      for (const tier of tiers) {
        expect(tier).not.toHaveProperty("bytesPerDay");
        expect(tier).not.toHaveProperty("fullBytes");
      }
      for (const name of ["bytesPerDay", "fullBytes", "limitReachedAt", "samplesDaysWithinLimit"])
        expect(rest).not.toHaveProperty(name);
    }
  });

  test("is by whole days: the half one on which everything began is none", () => {
    expect(steady(2, MB).tiers[0]?.bytesPerDay).toBe(1.07 * MB);
    expect(steady(20, MB).bytesPerDay).toBe(2 * 1.07 * MB);
  });

  test("knows the last day also where nothing older is kept", () => {
    const day = [{ startAt: START, bytes: MB }];
    const used: Used = { hour: [], day, fiveMinutes: day, hours: [], days: [] };
    const settings = { ...STANDARD, keepDays: keep(1) };
    const now = START + 2 * DAY + HOUR;
    expect(
      forecast({ used, usedBytes: 0, settings, keptDays: settings.keepDays, quotaBytes: 1e12, now })
        .bytesPerDay,
    ).toBe(2 * 1.07 * MB);
  });

  test("falls to nothing where nothing comes any more", () => {
    const day = [{ startAt: START, bytes: MB }];
    const used: Used = { hour: [], day, fiveMinutes: day, hours: [], days: [] };
    const asked = {
      used,
      usedBytes: 0,
      settings: STANDARD,
      keptDays: STANDARD_KEEP_DAYS,
      quotaBytes: 1e12,
      now: START + 40 * DAY,
    };
    const { bytesPerDay, fullBytes, limitReachedAt } = forecast(asked);
    expect([bytesPerDay, fullBytes, limitReachedAt]).toEqual([0, 0, undefined]);
  });

  test("says what is needed when full, and that a limit above it never takes anything", () => {
    const { tiers, fullBytes, otherBytes, limitReachedAt } = steady(40, MB, { keepDays: keep(30) });
    expect(tiers[0]?.fullBytes).toBeCloseTo(31 * 1.07 * MB, -1);
    expect(tiers[1]?.fullBytes).toBeCloseTo(30 * 1.07 * MB, -1);
    expect(otherBytes).toBeCloseTo(MB, -1);
    expect(fullBytes).toBeCloseTo(61 * 1.07 * MB + MB, -1);
    expect(limitReachedAt).toBeUndefined();
  });

  test("says when a limit begins to take the oldest, and how many days of samples it leaves", () => {
    const asked = { keepDays: keep(100, 200), maxBytes: 150 * MB };
    const { limitReachedAt = 0, samplesDaysWithinLimit, limitedBy } = steady(40, MB, asked);
    /* 85.53 MB are used; 2.14 a day come on top. */
    expect((limitReachedAt - START) / DAY - 40.5).toBeCloseTo((150 - 85.53) / 2.14, 1);
    /* 5-minute steps are kept for 200 days, which is more than all: nothing is left for samples. */
    expect(samplesDaysWithinLimit).toBe(0);
    expect(limitedBy).toBe("maxBytes");
    expect(steady(40, MB, { keepDays: keep(200, 200), maxBytes: 300 * MB }).samplesDaysWithinLimit).toBe(79);
  });

  test("counts on: tiers that are full do not grow any more", () => {
    const asked = { keepDays: keep(60, 200), maxBytes: 170 * MB };
    /* Both grow until 61 days of samples are there, then only the steps do. */
    const { limitReachedAt = 0 } = steady(40, MB, asked);
    const bothDays = 61 - 39.5;
    const after = (170 - 85.53 - bothDays * 2.14) / 1.07;
    expect((limitReachedAt - START) / DAY - 40.5).toBeCloseTo(bothDays + after, 1);
  });

  test("is at the limit where more is used than it allows, whoever set it", () => {
    const { limitReachedAt, limitBytes, limitedBy, deletes } = steady(40, MB, {}, 80 * MB);
    expect([limitBytes, limitedBy]).toEqual([72 * MB, "quota"]);
    expect(limitReachedAt).toBe(START + 40 * DAY + 12 * HOUR);
    expect(deletes).toEqual([{ tier: "samples", days: 14, bytes: expect.any(Number) }]);
  });

  test("of what goes counts time first, then what the limit takes of the rest", () => {
    const { deletes } = steady(40, MB, { keepDays: keep(30, 39), maxBytes: 60 * MB });
    const days = Object.fromEntries(deletes.map(({ tier, days }) => [tier, days]));
    expect(days).toEqual({ samples: 24, fiveMinutes: 1 } as Record<KeptTier, number>);
    expect(steady(40, MB).deletes).toEqual([]);
  });

  test("does not begin before there was anything, though a chunk of steps does", () => {
    const at = START + 3 * DAY;
    const day = [{ startAt: at, bytes: MB }];
    const eight = Math.floor(at / TIERS.hours.spanMs) * TIERS.hours.spanMs;
    const many = Math.floor(at / TIERS.days.spanMs) * TIERS.days.spanMs;
    const used: Used = {
      hour: [],
      day,
      fiveMinutes: day,
      hours: [{ startAt: eight, bytes: 1 }],
      days: [{ startAt: many, bytes: 1 }],
    };
    const asked = {
      used,
      usedBytes: 0,
      settings: STANDARD,
      keptDays: STANDARD_KEEP_DAYS,
      quotaBytes: 1e12,
      now: at + 2 * DAY,
    };
    expect(forecast(asked).tiers.map(({ oldestAt }) => oldestAt)).toEqual([at, at, at, at]);
  });
});

test("an org that goes on as it did takes what was estimated, within a tenth; and what goes is what was said", () => {
  using org = new FilledHistory(join(folder, "steady.db"), 10);
  org.report(START + 9 * HOUR, START + DAY);
  org.now = START + DAY + 2 * HOUR;
  org.startAgain();
  org.live(START + DAY, 17);
  const wanted = { keepDays: { samples: 5, fiveMinutes: 8, hours: 8, days: 64 } };
  const before = org.asked(wanted);
  const chunks = () => org.db.rows("select id from chunk").length;
  const spans = (tier: number) => org.db.rows(`select 1 from history_use where tier = ${tier}`).length;
  const [chunksBefore, bytesBefore] = [chunks(), org.chunkBytes];
  expect(org.asked().deletes).toEqual([]);
  org.set(wanted);
  org.upkeep.finish();
  expect(before.deletes.map(({ tier, days }) => [tier, days])).toEqual([
    ["samples", 13],
    ["fiveMinutes", 10],
    ["hours", expect.any(Number)],
  ]);
  expect([spans(1), spans(2)]).toEqual([5, 8]);
  expect(chunks()).toBeLessThan(chunksBefore - 22);
  const said = before.deletes.reduce((sum, { bytes }) => sum + bytes, 0);
  expect(Math.abs(said / (bytesBefore - org.chunkBytes) - 1)).toBeLessThan(0.1);

  org.live(START + 18 * DAY, 12);
  /* The chunks of a tier that is full; those of days go on growing for another month. */
  const filled = before.tiers.filter(({ tier }) => tier !== "days");
  const estimate = filled.reduce((sum, { fullBytes = Number.NaN }) => sum + fullBytes, 0);
  const onDay = before.tiers[0]?.bytesPerDay ?? Number.NaN;
  expect(Math.abs((estimate - onDay) / org.chunkBytes - 1)).toBeLessThan(0.1);
  expect(org.asked().tiers.map((tier) => (tier.fullBytes ?? 0) > 0)).toEqual([true, true, true, true]);
  const { usedBytes, otherBytes, tiers } = org.asked();
  const inTiers = tiers.reduce((sum, tier) => sum + tier.usedBytes, 0);
  expect(inTiers + otherBytes).toBe(usedBytes);
  expect(Math.abs(inTiers / org.chunkBytes - 1)).toBeLessThan(0.1);
  expect(org.failures).toEqual([]);
}, 180_000);

test("the account is what the chunks hold, whatever was written, sealed anew and deleted, and after a migration", () => {
  using org = new FilledHistory(join(folder, "account.db"), 3);
  const counted = () =>
    org.db.rows(
      `select (id >> 20) & 7 as tier, (id & 1048575) * 3600000 as start_at, count(*) as chunks,
       sum(length(head) + coalesce((select sum(length(bytes)) from chunk_part p where p.id / 512 = chunk.id), 0)) as bytes
       from chunk group by 1, 2 order by 1, 2`,
    );
  const account = () => org.db.rows("select * from history_use order by tier, start_at");
  org.live(START, 10, ["s", "t"]);
  org.report(START + 10 * DAY, START + 10 * DAY + 5 * HOUR, ["s"]);
  org.now = START + 10 * DAY + 6 * HOUR;
  org.startAgain();
  expect(account().length).toBeGreaterThan(20);
  expect(account()).toEqual(counted());
  /* Something late. */
  org.report(START + 3 * DAY + 1, START + 3 * DAY + HOUR, ["s"]);
  org.startAgain();
  expect(account()).toEqual(counted());
  org.set({ keepDays: { samples: 2, fiveMinutes: 3, hours: 4, days: 5 } });
  org.upkeep.finish();
  expect(account()).toEqual(counted());
  expect(org.asked().tiers[0]?.usedBytes).toBeGreaterThan(0);
}, 120_000);
