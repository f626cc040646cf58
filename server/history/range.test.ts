import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { said } from "../../tests/support/ready-json.ts";
import { SEED, Seeded } from "../../tests/support/seeded.ts";
import { ResourceId } from "../contract/ids.ts";
import type { Resource } from "../contract/resource.ts";
import { Limiter } from "../lib/limiter.ts";
import { mintId } from "../lib/random-id.ts";
import { loadMigrations } from "../tenancy/migrate.ts";
import { openMigrated } from "../tenancy/open.ts";
import { latest, range as readRange } from "./range.ts";
import { HistoryStore } from "./store.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-range-"));
afterAll(() => rmSync(folder, { recursive: true }));

const range = (...asked: Parameters<typeof readRange>) => said(readRange(...asked));

const id = ResourceId.parse(mintId("r"));
const machine: Resource = {
  id,
  kind: "host",
  name: "m",
  status: "up",
  sources: ["s"],
  lastSeenAt: 5,
  attributes: {},
  metrics: { load1: 1 },
};

let made = 0;
function newOrg(intervalMs = 10_000, views = [{ id, source: "s" }]) {
  const db = openMigrated(join(folder, `${made++}.db`), "create", loadMigrations("org"));
  const history = new HistoryStore(() => db);
  return {
    db,
    history,
    historyReads: new Limiter({ atOnce: 2, maxWaiting: 2, refusal: "busy" }),
    inventory: {
      get: (wanted: ResourceId) => (wanted === id ? machine : undefined),
      viewsOf: () => views,
    },
    intervalOf: (_: string): number => intervalMs,
    isClosed: false,
    commit() {
      db.transaction(() => history.write());
      history.written();
    },
  };
}

test("a resource that is not there has no history, and the answer says so", async () => {
  const org = newOrg();
  const resourceId = ResourceId.parse(mintId("r"));
  const asked = range(org, { resourceId, metrics: ["load1"], from: 0, to: 1 });
  await expect(asked).rejects.toMatchObject({ reason: "not_found" });
  expect(() => latest(org, { resourceId })).toThrow("There is no such resource.");
});

test("each metric is answered once with its unit, also one that was never reported", async () => {
  const org = newOrg();
  org.history.stage("s", 5_000, [{ id, metrics: { cpu_percent: 50 } }]);
  const { series } = await range(org, {
    resourceId: id,
    metrics: ["cpu_percent", "nothing_bytes", "cpu_percent"],
    from: 0,
    to: 20_000,
  });
  expect(series).toEqual([
    {
      metric: "cpu_percent",
      unit: "percent",
      step: 10_000,
      times: [0, 10_000],
      avg: [50, null],
      min: [50, null],
      max: [50, null],
    },
    {
      metric: "nothing_bytes",
      unit: "bytes",
      step: 10_000,
      times: [0, 10_000],
      avg: [null, null],
      min: [null, null],
      max: [null, null],
    },
  ]);
});

test("the newest values are those of the picture", () => {
  expect(latest(newOrg(), { resourceId: id })).toEqual({ at: 5, metrics: { load1: 1 } });
});

describe("what two sources see", () => {
  const other = ResourceId.parse(mintId("r"));
  const closest = { id, source: "agent" };
  const farther = { id: other, source: "hypervisor" };
  const inputs = { resourceId: id, from: 0, to: 50_000 };

  test("has the figures of the closest, and where it has none, those of the other", async () => {
    const org = newOrg(10_000, [closest, farther]);
    for (const at of [5_000, 15_000, 45_000]) org.history.stage("agent", at, [{ id, metrics: { load1: 1 } }]);
    for (const at of [5_000, 15_000, 25_000, 35_000, 45_000])
      org.history.stage("hypervisor", at, [{ id: other, metrics: { load1: 2, vcpus: 4 } }]);
    org.commit();
    const { series } = await range(org, { ...inputs, metrics: ["load1", "vcpus", "nothing"] });
    expect(series.map(({ avg }) => avg)).toEqual([
      [1, 1, 2, 2, 1],
      [4, 4, 4, 4, 4],
      [null, null, null, null, null],
    ]);
    expect(series[0]?.min).toEqual(series[0]?.avg as number[]);
    expect(series[0]?.max).toEqual(series[0]?.avg as number[]);
  });

  test("has nothing where neither has, and nothing of what else these sources see", async () => {
    const org = newOrg(10_000, [closest, farther]);
    org.history.stage("agent", 5_000, [
      { id, metrics: { load1: 1 } },
      { id: ResourceId.parse(mintId("r")), metrics: { load1: 7 } },
    ]);
    org.history.stage("hypervisor", 25_000, [{ id, metrics: { load1: 8 } }]);
    org.history.stage("hypervisor", 35_000, [{ id: other, metrics: { load1: 2 } }]);
    const { series } = await range(org, { ...inputs, metrics: ["load1"] });
    expect(series[0]?.avg).toEqual([1, null, null, 2, null]);
  });

  test("is in steps of the one that reports more often, whichever that is", async () => {
    for (const often of ["agent", "hypervisor"]) {
      const org = newOrg(10_000, [closest, farther]);
      org.intervalOf = (source: string) => (source === often ? 10_000 : 60_000);
      const { series } = await range(org, { ...inputs, metrics: ["load1"] });
      expect(series[0]?.step).toBe(10_000);
    }
  });
});

describe("a range in which the source reported each second for a while", () => {
  const input = { resourceId: id, metrics: ["load1"] };
  const MINUTE = 60_000;
  /** Ten minutes, the fifth of them each second, with a value that is the minute's number. */
  function watchedOrg() {
    const org = newOrg();
    for (let at = 5_000; at < 10 * MINUTE; at += 10_000)
      org.history.stage("s", at, [{ id, metrics: { load1: Math.floor(at / MINUTE) } }]);
    for (let at = 4 * MINUTE + 500; at < 5 * MINUTE; at += 1_000)
      org.history.stage("s", at, [{ id, metrics: { load1: 4 } }]);
    org.commit();
    return org;
  }

  test("is in steps of a second where that many points are asked for, without a gap", async () => {
    const { series } = await range(watchedOrg(), {
      ...input,
      from: 3 * MINUTE,
      to: 6 * MINUTE,
      maxPoints: 180,
    });
    expect(series[0]?.step).toBe(1_000);
    /* What comes after a pause speaks for it; after the last there is nothing yet. */
    const values = [...Array(56).fill(3), ...Array(64).fill(4), ...Array(56).fill(5), ...Array(4).fill(null)];
    expect(series[0]?.avg).toEqual(values);
  });

  test("is as it would be without, in every other", async () => {
    const org = watchedOrg();
    const asked = async (from: number, to: number, maxPoints: number) =>
      (await range(org, { ...input, from, to, maxPoints })).series[0];
    expect((await asked(0, 10 * MINUTE, 60))?.step).toBe(10_000);
    expect((await asked(0, 10 * MINUTE, 60))?.avg).toEqual(
      Array.from({ length: 60 }, (_, step) => Math.floor(step / 6)),
    );
    expect((await asked(0, 3 * MINUTE, 180))?.step).toBe(10_000);
    expect((await asked(0, 10 * MINUTE, 1))?.avg[0]).toBeCloseTo(4.5, 1);
  });

  test("is in steps of a second from the beginning for who looks now", async () => {
    const org = newOrg();
    for (let at = 5_000; at < 2 * MINUTE; at += 10_000)
      org.history.stage("s", at, [{ id, metrics: { load1: 1 } }]);
    const watching = { intervalOf: () => 1_000 };
    const { series } = await range(
      { ...org, watching },
      { ...input, from: MINUTE, to: 2 * MINUTE, maxPoints: 60 },
    );
    expect(series[0]?.step).toBe(1_000);
    expect(series[0]?.avg).toEqual([...Array(56).fill(1), null, null, null, null]);
  });

  test("a start that makes two reports right away is no pace", async () => {
    const org = newOrg();
    for (const at of [1_000, 2_000, 3_000, 15_000, 25_000])
      org.history.stage("s", at, [{ id, metrics: { load1: 1 } }]);
    const { series } = await range(org, { ...input, from: 0, to: 30_000, maxPoints: 30 });
    expect(series[0]?.step).toBe(10_000);
  });
});

test("others are heard between the batches of a long range", async () => {
  const org = newOrg(1_000);
  for (let n = 0; n < 6_500; n++) org.history.stage("s", n * 1_000, [{ id, metrics: { load1: n } }]);
  org.commit();
  let turns = 0;
  let reading = true;
  const count = () => {
    turns++;
    if (reading) setImmediate(count);
  };
  setImmediate(count);
  const { series } = await range(org, {
    resourceId: id,
    metrics: ["load1"],
    from: 0,
    to: 6_500_000,
    maxPoints: 650,
  });
  reading = false;
  expect(turns).toBeGreaterThanOrEqual(3);
  expect(series[0]?.avg).toHaveLength(650);
  expect(series[0]?.avg.at(-1)).toBe(6_494.5);
});

test("two ranges are read at a time, a few wait, and one more is told to come back", async () => {
  const org = newOrg();
  org.history.stage("s", 5_000, [{ id, metrics: { load1: 1 } }]);
  const input = { resourceId: id, metrics: ["load1"], from: 0, to: 10_000 };
  const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => range(org, input)));
  expect(outcomes.map(({ status }) => status)).toEqual([...Array(4).fill("fulfilled"), "rejected"]);
  expect(outcomes[4]).toMatchObject({ reason: { reason: "rate_limited" } });
});

test(`any samples with any gaps are answered as plain arithmetic over them would (seed ${SEED})`, async () => {
  const random = new Seeded();
  const views = [{ id, source: "s" }];
  const org = newOrg(10_000, views);
  for (let round = 0; round < 60; round++) {
    const intervalMs = random.pick([1_000, 5_000, 10_000, 60_000]);
    const source = `s${round}`;
    views[0] = { id, source };
    org.intervalOf = () => intervalMs;
    const samples = randomSamples(random, intervalMs);
    for (const { at, value } of samples) {
      org.history.stage(source, at, [{ id, metrics: Number.isNaN(value) ? {} : { load1: value } }]);
      if (random.chance(0.005)) org.commit();
    }
    const end = samples.at(-1)?.at ?? 0;
    const from = Math.floor(random.next() * end * 0.5);
    const to = from + 1 + Math.floor(random.next() * end);
    const maxPoints = random.pick([1, 7, 60, 500]);
    const { series } = await range(org, { resourceId: id, metrics: ["load1"], from, to, maxPoints });
    const [answer] = series;
    if (!answer) throw new Error("no series");
    const expected = naive(samples, from, to, answer.step, intervalMs);
    expect(answer.times.length).toBeLessThanOrEqual(maxPoints + 1);
    expect(answer.times).toEqual(expected.map(({ time }) => time));
    for (const [index, { values }] of expected.entries()) {
      const found = { avg: answer.avg[index], min: answer.min[index], max: answer.max[index] };
      if (values.length === 0) {
        expect(found).toEqual({ avg: null, min: null, max: null });
        continue;
      }
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      expect(
        near(found.avg, mean) && near(found.min, Math.min(...values)) && near(found.max, Math.max(...values)),
      ).toBe(true);
    }
  }
}, 30_000);

interface Plain {
  at: number;
  value: number;
}

/** Reports around their interval, with jitter, silences and missing values; times are all different. */
function randomSamples(random: Seeded, intervalMs: number): Plain[] {
  const samples: Plain[] = [];
  let at = Math.floor(random.next() * 1e6);
  const count = 5 + Math.floor(random.next() * 400);
  while (samples.length < count) {
    samples.push({ at, value: random.chance(0.05) ? Number.NaN : random.next() * 100 });
    at += Math.max(1, Math.floor(intervalMs * (0.8 + random.next() * 0.4)));
    if (random.chance(0.05)) at += Math.floor(random.next() * 20) * intervalMs;
  }
  return samples;
}

/**
 * The promise in its plainest form. A step has the samples that fall into it; an empty one right after one with
 * samples takes the first sample of the next, if that came within half an interval of its start and steps are not
 * longer than reports drift.
 */
function naive(samples: Plain[], from: number, to: number, step: number, intervalMs: number) {
  const [first, end] = [Math.floor(from / step) * step, Math.ceil(to / step) * step];
  const valid = samples.filter(({ at, value }) => at >= first && at < end && !Number.isNaN(value));
  const within = (time: number) => valid.filter(({ at }) => at >= time && at < time + step);
  const steps: { time: number; values: number[] }[] = [];
  for (let time = Math.floor(from / step) * step; time < to; time += step) {
    const own = within(time);
    const [next] = within(time + step);
    const drifted =
      step < intervalMs * 2 &&
      own.length === 0 &&
      within(time - step).length > 0 &&
      next &&
      next.at - (time + step) < intervalMs / 2;
    steps.push({ time, values: drifted ? [next.value] : own.map(({ value }) => value) });
  }
  return steps;
}

function near(found: number | null | undefined, expected: number): boolean {
  return typeof found === "number" && Math.abs(found - expected) <= Math.abs(expected) * 1e-6 + 1e-9;
}
