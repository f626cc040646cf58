import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FilledHistory, START } from "../../tests/support/filled-history.ts";
import { said as answered } from "../../tests/support/ready-json.ts";
import { until } from "../../tests/support/until.ts";
import type { Resource } from "../contract/resource.ts";
import { DomainError } from "../lib/domain-error.ts";
import { Limiter } from "../lib/limiter.ts";
import { DAY, HOUR } from "./chunk-table.ts";
import { readKept } from "./kept.ts";
import { range } from "./range.ts";
import { readSteps } from "./read-series.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-keep-"));
afterAll(() => rmSync(folder, { recursive: true }));

const MINUTE = 60_000;
let made = 0;
const newOrg = (series?: number) => new FilledHistory(join(folder, `${made++}.db`), series);

/** As a page asks for one metric of machine `s`. */
async function asked(org: FilledHistory, from: number, to: number, maxPoints = 500) {
  const id = org.ids["s"] as Resource["id"];
  const machine: Resource = {
    id,
    kind: "host",
    name: "m",
    status: "up",
    sources: ["s"],
    lastSeenAt: 5,
    attributes: {},
    metrics: {},
  };
  const answer = range(
    {
      history: org.history,
      historyReads: new Limiter({ atOnce: 2, maxWaiting: 2, refusal: "busy" }),
      inventory: { get: () => machine, viewsOf: () => [{ id, source: "s" }] },
      intervalOf: () => MINUTE,
      isClosed: false,
    },
    { resourceId: id, metrics: ["m0_percent"], from, to, maxPoints },
  );
  const { series } = await answered(answer);
  if (!series[0]) throw new Error("no series");
  return series[0];
}

describe("what is set", () => {
  test("is what holds for everybody until then, and stays when the file is opened again", () => {
    using org = newOrg();
    expect(org.asked()).toMatchObject({
      keepDays: { samples: 730, fiveMinutes: 730, hours: 1_825, days: 3_650 },
      maxBytes: null,
      limitedBy: "quota",
    });
    const { keepDays } = org.asked();
    expect(org.set({ keepDays: { samples: 90 }, maxBytes: 20e6 })).toEqual({
      from: { samplesDays: 730, maxBytes: null },
      to: { samplesDays: 90, maxBytes: 20e6 },
    });
    const set = { keepDays: { ...keepDays, samples: 90 }, maxBytes: 20e6, changedAt: org.now };
    expect(readKept(org.db)).toEqual(set);
    org.set({ maxBytes: null });
    expect(readKept(org.db)).toEqual({ ...set, maxBytes: null, changedAt: org.now + 1 });
  });

  const refusals: [string, Parameters<FilledHistory["set"]>[0], string][] = [
    ["coarse steps shorter than samples", { keepDays: { hours: 30 } }, "keepDays.hours"],
    ["samples longer than their steps", { keepDays: { samples: 800 } }, "keepDays.fiveMinutes"],
    ["more bytes than an operator allows", { maxBytes: 51e9 }, "maxBytes"],
  ];
  test.each(refusals)("%s: refused, and nothing is changed", (_, input, field) => {
    using org = newOrg();
    for (const act of [() => org.set(input), () => org.asked(input)]) {
      let refusal: unknown;
      try {
        act();
      } catch (error) {
        refusal = error;
      }
      expect(refusal).toBeInstanceOf(DomainError);
      expect(Object.keys((refusal as DomainError).fields ?? {})).toEqual([field]);
    }
    expect(readKept(org.db).changedAt).toBeUndefined();
  });
});

test("less is kept from now on: the oldest go while reports come in, the file shrinks, the steps still answer", async () => {
  using org = newOrg(60);
  org.live(START, 24);
  org.db.pragma("wal_checkpoint(truncate)");
  const before = statSync(org.path).size;
  const old = await asked(org, START + 4 * DAY, START + 5 * DAY, 300);
  const said = org.asked({ keepDays: { samples: 3 } }).deletes;
  expect(said.map(({ tier, days }) => [tier, days])).toEqual([["samples", 21]]);

  let slices = 0;
  org.set({ keepDays: { samples: 3 } });
  expect(org.upkeep.isBusy).toBe(true);
  await until(
    () => {
      /* Between any two slices somebody may report. */
      org.report(org.now, org.now + MINUTE);
      org.now += MINUTE;
      slices++;
      return !org.upkeep.isBusy;
    },
    { withinMs: 30_000, what: "the end of pruning" },
  );
  expect(slices).toBeGreaterThan(3);
  org.db.pragma("wal_checkpoint(truncate)");
  expect(before - statSync(org.path).size).toBeGreaterThan((said[0]?.bytes ?? 0) * 0.9 - 4 * 1024 * 1024);
  expect(org.history.chunks.firstAt("s", "day")).toBe(START + 21 * DAY);
  expect(org.history.chunks.firstAt("s", "fiveMinutes")).toBe(START);
  expect(org.db.pragma("integrity_check")).toBe("ok");

  const same = await asked(org, START + 4 * DAY, START + 5 * DAY, 300);
  expect(same).toEqual(old);
  const close = await asked(org, START + 4 * DAY, START + 4 * DAY + HOUR);
  expect(close.step).toBe(5 * MINUTE);
  expect(close.avg.every((value) => value !== null)).toBe(true);
  expect((await asked(org, START + 22 * DAY, START + 22 * DAY + HOUR)).step).toBe(MINUTE);
  expect((await asked(org, org.now - 3 * MINUTE, org.now)).avg.every((value) => value !== null)).toBe(true);
  expect(org.failures).toEqual([]);
}, 180_000);

test("a number of bytes is kept to: the oldest samples of whatever machine go, then steps of 5 minutes", () => {
  using org = newOrg(12);
  org.live(START, 8, ["s", "t"]);
  const { usedBytes, tiers } = org.asked();
  const samples = tiers[0]?.usedBytes ?? 0;
  const least = 16 * 1024 * 1024;
  /* Less than anybody may set: what is set is kept to alike. */
  org.db.execute(
    `insert into retention values (1, 730, 730, 1825, 3650, ${usedBytes - Math.round(samples / 2)}, 0)`,
  );
  org.upkeep.finish();
  expect(usedBytes).toBeLessThan(least);
  const half = org.asked();
  expect(half.usedBytes).toBeLessThanOrEqual(half.limitBytes);
  expect(["s", "t"].map((source) => org.history.chunks.firstAt(source, "fiveMinutes"))).toEqual([
    START,
    START,
  ]);
  const firsts = ["s", "t"].map((source) => ((org.history.chunks.firstAt(source, "day") ?? 0) - START) / DAY);
  expect(Math.min(...firsts)).toBeGreaterThanOrEqual(3);
  expect(Math.abs((firsts[0] ?? 0) - (firsts[1] ?? 0))).toBeLessThanOrEqual(1);

  const [rest, steps] = half.tiers.map((tier) => tier.usedBytes);
  org.db.execute(
    `update retention set max_bytes = ${half.usedBytes - (rest ?? 0) - Math.round((steps ?? 0) / 2)}`,
  );
  org.upkeep.finish();
  expect(org.history.chunks.firstAt("s", "day")).toBeUndefined();
  expect(org.history.chunks.firstAt("s", "fiveMinutes")).toBeGreaterThan(START);
  expect(org.history.chunks.firstAt("s", "hours")).toBeDefined();
}, 120_000);

test("samples kept for a day: what is older is answered from steps, at any time of the day", async () => {
  using org = newOrg(2);
  org.live(START, 6);
  org.set({ keepDays: { samples: 1 } });
  org.upkeep.finish();
  for (const hours of [0.4, 1, 1.7, 12, 23.5]) {
    org.now = START + 6 * DAY + hours * HOUR;
    org.report(org.now - 10 * MINUTE, org.now);
    org.upkeep.finish();
    const { step, avg } = await asked(org, START + 3 * DAY, START + 3 * DAY + HOUR);
    expect([hours, step, avg.some((value) => value === null)]).toEqual([hours, 5 * MINUTE, false]);
  }
});

test("samples kept for a day: no hour goes before its day is summarised, however often the oldest go", () => {
  using org = newOrg(1);
  const everyMs = 10 * MINUTE;
  org.set({ keepDays: { samples: 1 } });
  for (let at = START; at < START + 3 * DAY; at += HOUR) {
    org.report(at, at + HOUR, ["s"], everyMs);
    org.now = at + HOUR;
    /* As if somebody said so again and again. */
    org.set({ keepDays: { samples: 1 } });
    org.upkeep.finish();
  }
  const wanted = { source: "s", id: org.ids["s"] as Resource["id"], metrics: ["m0_percent"] };
  const counts: number[] = [];
  for (const piece of readSteps(org.history, wanted, { from: START, to: START + 2 * DAY, tier: "days" }))
    if ("rollup" in piece) counts.push(...piece.rollup(0).count);
  expect(counts).toEqual([144, 144]);
  expect(org.history.chunks.firstAt("s", "day")).toBeUndefined();
  expect(org.history.chunks.firstAt("s", "hour")).toBe(START + 2 * DAY);
});

test("what comes later than samples are kept is added to the steps of its day, which lose nothing by it", () => {
  using org = newOrg(1);
  org.report(START, START + 12 * HOUR);
  org.live(START + DAY, 5);
  org.set({ keepDays: { samples: 2 } });
  org.upkeep.finish();
  const counts = (tier: "fiveMinutes" | "hours" | "days") => {
    const wanted = { source: "s", id: org.ids["s"] as Resource["id"], metrics: ["m0_percent"] };
    let total = 0;
    for (const piece of readSteps(org.history, wanted, { from: START, to: START + DAY, tier }))
      if ("rollup" in piece)
        for (const [row, at] of piece.times.entries())
          if (at < START + DAY) total += piece.rollup(0).count[row] || 0;
    return total;
  };
  expect(org.history.chunks.firstAt("s", "day")).toBe(START + 4 * DAY);
  expect([counts("fiveMinutes"), counts("hours"), counts("days")]).toEqual([720, 720, 720]);
  /* A machine was away for days and brings what it kept meanwhile; its clock stands between two minutes. */
  org.report(START + 11 * HOUR + 30_000, START + 13 * HOUR);
  org.startAgain();
  expect([counts("fiveMinutes"), counts("hours"), counts("days")]).toEqual([840, 840, 840]);
  expect(org.history.chunks.firstAt("s", "day")).toBe(START + 4 * DAY);
  expect(org.db.rows("select count(*) as n from sample")).toEqual([{ n: 1 }]);
  expect(org.failures).toEqual([]);
});

test("the newest values of a machine that is silent for longer than samples are kept stay with it", () => {
  using org = newOrg(1);
  org.live(START, 2);
  const newest = START + 2 * DAY - MINUTE;
  const known = org.history.valuesAt("s", newest);
  expect(known.size).toBe(1);
  org.set({ keepDays: { samples: 1 } });
  org.now = START + 40 * DAY;
  for (let n = 0; n < 4; n++) org.startAgain();
  org.set({ keepDays: { samples: 1 } });
  org.upkeep.finish();
  expect(org.history.chunks.firstAt("s", "day")).toBeUndefined();
  expect(org.history.valuesAt("s", newest)).toEqual(known);
});
