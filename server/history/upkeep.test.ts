import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "../../db/driver.ts";
import { said } from "../../tests/support/ready-json.ts";
import { ResourceId } from "../contract/ids.ts";
import type { Metrics, Resource } from "../contract/resource.ts";
import { Limiter } from "../lib/limiter.ts";
import { mintId } from "../lib/random-id.ts";
import { loadMigrations } from "../tenancy/migrate.ts";
import { openMigrated } from "../tenancy/open.ts";
import { DAY, HOUR, TIERS } from "./chunk-table.ts";
import { damagedHistory } from "./damage.ts";
import { range as readRange } from "./range.ts";
import { readPoints, readSteps } from "./read-series.ts";
import { tidy } from "./sample-codec.ts";
import { HistoryStore } from "./store.ts";
import { Upkeep } from "./upkeep.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-upkeep-"));
afterAll(() => rmSync(folder, { recursive: true }));

const A = ResourceId.parse(mintId("r"));
const B = ResourceId.parse(mintId("r"));
/** A day begins. */
const START = Date.UTC(2026, 2, 1);
const MINUTE = 60_000;

let made = 0;
function newOrg() {
  const db = openMigrated(join(folder, `${made++}.db`), "create", loadMigrations("org"));
  const damages: string[] = [];
  const history = new HistoryStore(
    () => db,
    ({ words }) => damages.push(words),
  );
  const org = { db, history, damages, now: START, upkeep: undefined as unknown as Upkeep };
  const failures: unknown[] = [];
  org.upkeep = new Upkeep({
    db: () => db,
    history,
    clock: () => org.now,
    onFailure: (error) => failures.push(error),
  });
  opened.push(org.upkeep);
  return org;
}

const opened: Upkeep[] = [];
afterAll(() => {
  for (const upkeep of opened) upkeep.stop();
});

function commit({ db, history }: { db: Database; history: HistoryStore }): void {
  db.transaction(() => history.write());
  history.written();
}

/** A report every minute, of what `metricsAt` says. */
function report(
  org: ReturnType<typeof newOrg>,
  { from, to, everyMs = MINUTE }: { from: number; to: number; everyMs?: number },
  metricsAt: (at: number) => Metrics = (at) => ({ load1: (at / MINUTE) % 97 }),
): void {
  for (let at = from; at < to; at += everyMs) org.history.stage("s", at, [{ id: A, metrics: metricsAt(at) }]);
  commit(org);
}

function read(
  history: HistoryStore,
  metric = "load1",
  id = A,
  from = 0,
  to = START + 1_000 * DAY,
): [number, number][] {
  const found: [number, number][] = [];
  for (const { times, column } of readPoints(history, { source: "s", id, metrics: [metric] }, { from, to })) {
    const values = column(0);
    for (const [index, at] of times.entries()) {
      const value = values[index] ?? Number.NaN;
      if (!Number.isNaN(value)) found.push([at, tidy(value)]);
    }
  }
  return found;
}

const count = (db: Database, table: string) =>
  (db.rows(`select count(*) as n from ${table}`) as { n: number }[])[0]?.n ?? -1;
const tiersOf = (db: Database) =>
  (
    db.rows(`select (id / ${2 ** 20}) % 8 as tier, count(*) as n from chunk group by 1 order by 1`) as {
      tier: number;
      n: number;
    }[]
  ).map(({ tier, n }) => [Object.keys(TIERS)[tier], n]);

describe("samples", () => {
  test("are the same before and after their hour and their day are sealed", () => {
    const org = newOrg();
    report(org, { from: START, to: START + 27 * HOUR });
    const before = read(org.history);
    expect(before).toHaveLength(27 * 60);

    org.now = START + 3 * HOUR + 20 * MINUTE;
    org.upkeep.finish();
    expect(tiersOf(org.db)).toEqual([["hour", 3]]);
    expect(read(org.history)).toEqual(before);

    org.now = START + 27 * HOUR;
    org.upkeep.finish();
    expect(tiersOf(org.db)).toEqual([
      ["hour", 2],
      ["day", 1],
      ["fiveMinutes", 1],
      ["hours", 1],
      ["days", 1],
    ]);
    expect(read(org.history)).toEqual(before);
    expect(read(new HistoryStore(() => org.db))).toEqual(before);
    expect(count(org.db, "sample")).toBe(60);
    const from = START + 90 * MINUTE;
    expect(read(org.history, "load1", A, from, from + 3)).toEqual([[from, (from / MINUTE) % 97]]);
  });

  test("of an hour that may still come are not sealed", () => {
    const org = newOrg();
    report(org, { from: START, to: START + HOUR + MINUTE });
    org.now = START + HOUR + 14 * MINUTE;
    org.upkeep.finish();
    expect(count(org.db, "chunk")).toBe(0);
  });

  test("keep the newest row, so that an org that is opened knows its values", () => {
    const org = newOrg();
    report(org, { from: START, to: START + HOUR });
    org.now = START + 3 * DAY;
    org.upkeep.finish();
    expect(org.db.rows("select at from sample")).toEqual([{ at: START + 59 * MINUTE }]);
    org.upkeep.finish();
    expect(read(org.history)).toHaveLength(60);
    const again = new HistoryStore(() => org.db);
    expect(again.valuesAt("s", START + 59 * MINUTE)).toEqual(
      new Map([[A, { load1: (START / MINUTE + 59) % 97 }]]),
    );
    expect(again.valuesAt("s", START + 7 * MINUTE)).toEqual(
      new Map([[A, { load1: (START / MINUTE + 7) % 97 }]]),
    );
  });

  test("that come late are there at once, and find their place in a chunk that is there", () => {
    const org = newOrg();
    report(org, { from: START, to: START + 10 * HOUR });
    report(org, { from: START + 12 * HOUR, to: START + 26 * HOUR });
    org.now = START + 26 * HOUR;
    org.upkeep.finish();
    const late = START + 10 * HOUR + 30_000;
    report(org, { from: late, to: START + 12 * HOUR, everyMs: 5 * MINUTE });
    const all = read(org.history);
    expect(all).toHaveLength(24 * 60 + 24);
    expect(all.map(([at]) => at)).toEqual(all.map(([at]) => at).sort((a, b) => a - b));
    const reopened = new HistoryStore(() => org.db);
    const upkeep = new Upkeep({
      db: () => org.db,
      history: reopened,
      clock: () => org.now,
      onFailure: () => {},
    });
    upkeep.finish();
    upkeep.stop();
    expect(count(org.db, "sample")).toBe(60);
    expect(tiersOf(org.db).find(([tier]) => tier === "day")).toEqual(["day", 1]);
    expect(read(reopened)).toEqual(all);
    expect(reopened.has("s", late)).toBe(true);
    expect(reopened.has("s", late + 1)).toBe(false);
    expect(hourCounts(reopened)).toEqual(plainHourCounts(all));
  });

  test("of parts that come and go are each in their own time", () => {
    const org = newOrg();
    for (let minute = 0; minute < 26 * 60; minute++) {
      const seen = [{ id: A, metrics: { load1: minute } as Metrics }];
      if (minute >= 100 && minute < 200) seen.push({ id: B, metrics: { cpu_percent: minute / 100 } });
      org.history.stage("s", START + minute * MINUTE, seen);
    }
    commit(org);
    org.now = START + 26 * HOUR;
    org.upkeep.finish();
    const found = read(org.history, "cpu_percent", B);
    expect(found).toEqual(
      Array.from({ length: 100 }, (_, n) => [START + (100 + n) * MINUTE, (100 + n) / 100]),
    );
    expect(read(org.history)).toHaveLength(26 * 60);
  });

  test("written while their hour is being sealed make that vain, and nothing is lost", () => {
    const org = newOrg();
    report(org, { from: START, to: START + 2 * HOUR }, (at) => ({ load1: at % 7, load5: at % 5, load15: 1 }));
    org.now = START + 3 * HOUR;
    const commitLate = () => report(org, { from: START + 30_000, to: START + 31_000 }, () => ({ load1: 3 }));
    const rows = org.history.writtenRows.bind(org.history);
    let once = true;
    org.history.writtenRows = (...args) => {
      const found = rows(...args);
      if (once && args[1] === START) {
        once = false;
        commitLate();
      }
      return found;
    };
    org.upkeep.finish();
    expect(count(org.db, "chunk")).toBe(0);
    expect(count(org.db, "sample")).toBe(121);
    expect(read(org.history)).toHaveLength(121);
  });
});

/** How many samples each hour of the tier says it has. */
function hourCounts(history: HistoryStore): [number, number][] {
  const counts: [number, number][] = [];
  const wanted = { source: "s", id: A, metrics: ["load1"] };
  for (const piece of readSteps(history, wanted, { from: START, to: START + DAY, tier: "hours" })) {
    if ("column" in piece) continue;
    for (const [row, at] of piece.times.entries())
      counts.push([at, piece.rollup(0).count[row] ?? Number.NaN]);
  }
  return counts;
}

const range = (...asked: Parameters<typeof readRange>) => said(readRange(...asked));

function plainHourCounts(samples: readonly [number, number][]): [number, number][] {
  const counts = new Map<number, number>();
  for (const [at] of samples) {
    if (at >= START + DAY) continue;
    const hour = Math.floor(at / HOUR) * HOUR;
    counts.set(hour, (counts.get(hour) ?? 0) + 1);
  }
  return [...counts];
}

describe("long ranges", () => {
  const metricsAt = (at: number): Metrics => ({
    load1: at === START + 20 * DAY + 7 * MINUTE ? 1_000 : (at / MINUTE) % 13,
  });
  const org = newOrg();
  const withRange = {
    ...org,
    historyReads: new Limiter({ atOnce: 2, maxWaiting: 2, refusal: "busy" }),
    inventory: { get: () => machine, viewsOf: () => [{ id: A, source: "s" }] },
    intervalOf: () => 5 * MINUTE,
    isClosed: false,
  };
  const all: [number, number][] = [];

  test("have the least, the greatest and the mean of each step, a spike among them, whatever they are read from", async () => {
    for (let day = 0; day < 40; day++) {
      const from = START + day * DAY;
      /* Two days of silence. */
      if (day === 30 || day === 31) continue;
      report(org, { from: from + 7 * MINUTE, to: from + DAY, everyMs: 5 * MINUTE }, metricsAt);
      org.now = from + DAY + 2 * HOUR;
      org.upkeep.finish();
    }
    all.push(...read(org.history));
    expect(all).toHaveLength(38 * 287);
    for (const [spanDays, maxPoints] of [
      [40, 1_000],
      [40, 100],
      [40, 20],
      [3, 500],
    ] as const) {
      const from = START + 19 * DAY + 12_345;
      const to = Math.min(START + 40 * DAY, from + spanDays * DAY);
      const { series } = await range(withRange, { resourceId: A, metrics: ["load1"], from, to, maxPoints });
      const [answer] = series;
      if (!answer) throw new Error("no series");
      expect(answer.times.length).toBeLessThanOrEqual(maxPoints + 1);
      for (const [index, time] of answer.times.entries()) {
        const within = all.filter(([at]) => at >= time && at < time + answer.step).map(([, value]) => value);
        if (within.length === 0) {
          expect(answer.avg[index]).toBeNull();
          continue;
        }
        expect(answer.min[index]).toBe(Math.min(...within));
        expect(answer.max[index]).toBe(Math.max(...within));
        const mean = within.reduce((sum, value) => sum + value, 0) / within.length;
        expect(Math.abs((answer.avg[index] ?? 0) - mean)).toBeLessThanOrEqual(Math.abs(mean) * 1e-4);
      }
      expect(Math.max(...answer.max.map((value) => value ?? 0))).toBe(1_000);
      expect(answer.avg.includes(null)).toBe(spanDays > 3 && answer.step <= DAY);
    }
  }, 30_000);

  test("are the same steps wherever the range begins", async () => {
    const asked = { resourceId: A, metrics: ["load1"], maxPoints: 100 };
    const [first, second] = await Promise.all(
      [0, 3 * HOUR + 1].map((shift) =>
        range(withRange, { ...asked, from: START + 5 * DAY + shift, to: START + 25 * DAY + shift }),
      ),
    );
    const [one, other] = [first?.series[0], second?.series[0]];
    const shared = other?.times.filter((time) => one?.times.includes(time)) ?? [];
    expect(shared.length).toBeGreaterThan(70);
    for (const time of shared) {
      const at = (series: typeof one) => series?.avg[series.times.indexOf(time)];
      expect(at(one)).toBe(at(other) as number);
    }
  });

  test("of a time whose samples are gone have the steps there still are", async () => {
    const asked = {
      resourceId: A,
      metrics: ["load1"],
      from: START + 2 * DAY + HOUR,
      to: START + 2 * DAY + 2 * HOUR,
    };
    const step = async () => (await range(withRange, asked)).series[0];
    expect((await step())?.step).toBe(5 * MINUTE);
    for (let day = 0; day < 9; day++) org.history.chunks.delete("s", "day", START + day * DAY);
    expect((await step())?.avg.every((value) => value !== null)).toBe(true);
    for (let day = 0; day < 9; day++) org.history.chunks.delete("s", "fiveMinutes", START + day * DAY);
    const coarse = await step();
    expect(coarse?.step).toBe(HOUR);
    expect(coarse?.avg).toEqual([expect.any(Number)]);
  });
});

test("an hour somebody looked at closely weighs as much in a day's mean as any other", async () => {
  const org = newOrg();
  const at10s = { everyMs: 10_000 };
  report(org, { from: START + 5_000, to: START + 12 * HOUR, ...at10s }, () => ({ load1: 10 }));
  report(org, { from: START + 12 * HOUR + 500, to: START + 13 * HOUR, everyMs: 1_000 }, () => ({
    load1: 250,
  }));
  report(org, { from: START + 13 * HOUR + 5_000, to: START + DAY + HOUR, ...at10s }, () => ({ load1: 10 }));
  const asked = { resourceId: A, metrics: ["load1"], from: START, to: START + DAY };
  const around = {
    ...org,
    historyReads: new Limiter({ atOnce: 2, maxWaiting: 2, refusal: "busy" }),
    inventory: { get: () => machine, viewsOf: () => [{ id: A, source: "s" }] },
    intervalOf: () => 10_000,
    isClosed: false,
  };
  const means = async () =>
    Promise.all(
      [1, 24, 288].map(async (maxPoints) => (await range(around, { ...asked, maxPoints })).series[0]),
    );
  const fresh = await means();
  org.now = START + DAY + 2 * HOUR;
  org.upkeep.finish();
  const sealed = await means();
  for (const [index, one] of [...fresh, ...sealed].entries()) {
    const found = one?.avg ?? [];
    const mean = found.reduce<number>((sum, value) => sum + (value ?? 0), 0) / found.length;
    expect([index, Math.abs(mean - 20) < 0.1]).toEqual([index, true]);
    const [least, greatest] = [one?.min ?? [], one?.max ?? []].map((all) => all.map(Number));
    expect([Math.min(...(least ?? [])), Math.max(...(greatest ?? []))]).toEqual([10, 250]);
  }
}, 30_000);

const machine: Resource = {
  id: A,
  kind: "host",
  name: "m",
  status: "up",
  sources: ["s"],
  lastSeenAt: 5,
  attributes: {},
  metrics: {},
};

describe("damage", () => {
  /** Three days of two series, sealed. */
  function sealed() {
    const org = newOrg();
    for (let day = 0; day < 3; day++) {
      const from = START + day * DAY;
      report(org, { from, to: from + DAY, everyMs: 5 * MINUTE }, (at) => ({
        load1: (at / 1_000) % 1_013,
        load5: (at / 1_000) % 1_009,
      }));
    }
    report(org, { from: START + 3 * DAY, to: START + 3 * DAY + 1 });
    org.now = START + 3 * DAY + 2 * HOUR;
    org.upkeep.finish();
    return org;
  }
  const secondDay = `(select id from chunk where (id / ${2 ** 20}) % 8 = 1 order by id limit 1 offset 1)`;
  const turn = (column: string, at: string) =>
    `substr(${column}, 1, ${at} - 1) || x'5a' || substr(${column}, ${at} + 1)`;

  test("of a chunk's head costs its day, is told of once, and leaves everything else", () => {
    const org = sealed();
    org.db.execute(`update chunk set head = cast(${turn("head", "12")} as blob) where id = ${secondDay}`);
    const history = new HistoryStore(
      () => org.db,
      ({ words }) => org.damages.push(words),
    );
    for (let n = 0; n < 3; n++) {
      const found = read(history);
      expect(found).toHaveLength(2 * 288 + 1);
      expect(found.some(([at]) => at >= START + DAY && at < START + 2 * DAY)).toBe(false);
    }
    expect(org.damages).toHaveLength(1);
    expect(history.chunks.damageCount).toBe(1);
  });

  test("is named by whoever looks for it, and nothing is when there is none", () => {
    const org = sealed();
    expect(damagedHistory(org.db)).toEqual([]);
    org.db.execute(`update chunk set head = x'01' where id = ${secondDay}`);
    org.db.execute("delete from chunk_part where id = (select max(id) from chunk_part)");
    const [words] = damagedHistory(org.db);
    expect(words).toContain("2 pieces of history are damaged");
    expect(words).toContain("24 h from 2026-03-02T00:00");
  });

  test("of a series costs that series only", () => {
    const org = sealed();
    org.db.execute(
      `update chunk_part set bytes = cast(${turn("bytes", "length(bytes) - 3")} as blob) where id / 512 = ${secondDay}`,
    );
    const history = new HistoryStore(
      () => org.db,
      ({ words }) => org.damages.push(words),
    );
    expect(read(history, "load1")).toHaveLength(3 * 288 + 1);
    expect(read(history, "load5")).toHaveLength(2 * 288);
    expect(org.damages).toEqual([expect.stringContaining("series 1")]);
  });

  test("of steps costs nothing while there are samples to make them of", () => {
    const org = sealed();
    const before = [...hourMeans(org.history)];
    expect(before.length).toBe(72);
    org.db.execute(`update chunk set head = x'00' where (id / ${2 ** 20}) % 8 = 3`);
    const history = new HistoryStore(
      () => org.db,
      ({ words }) => org.damages.push(words),
    );
    expect([...hourMeans(history)].length).toBe(72);
    expect(org.damages).toHaveLength(1);
  });
});

/** Hours in which anything is known, from whatever pieces there are. */
function hourMeans(history: HistoryStore): Set<number> {
  const hours = new Set<number>();
  const wanted = { source: "s", id: A, metrics: ["load1"] };
  for (const piece of readSteps(history, wanted, { from: START, to: START + 3 * DAY, tier: "hours" }))
    for (const at of piece.times) hours.add(Math.floor(at / HOUR) * HOUR);
  return hours;
}
