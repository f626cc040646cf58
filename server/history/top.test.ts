import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { said } from "../../tests/support/ready-json.ts";
import { SEED, Seeded } from "../../tests/support/seeded.ts";
import { HistoryTopInput } from "../contract/history.ts";
import { ResourceId } from "../contract/ids.ts";
import type { Metrics, Resource } from "../contract/resource.ts";
import { Limiter } from "../lib/limiter.ts";
import { mintId } from "../lib/random-id.ts";
import { loadMigrations } from "../tenancy/migrate.ts";
import { openMigrated } from "../tenancy/open.ts";
import { DAY, HOUR } from "./chunk-table.ts";
import { range } from "./range.ts";
import { pruneBySize } from "./retention.ts";
import { tidy } from "./sample-codec.ts";
import { sealSpan, spanOf } from "./seal-span.ts";
import { HistoryStore } from "./store.ts";
import { top, type WithRanking } from "./top.ts";
import { Upkeep } from "./upkeep.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-top-"));
afterAll(() => rmSync(folder, { recursive: true }));
const opened: Upkeep[] = [];
afterAll(() => {
  for (const upkeep of opened) upkeep.stop();
});

/** A day begins. */
const START = Date.UTC(2026, 2, 1);
const MINUTE = 60_000;
const newId = () => ResourceId.parse(mintId("r"));

interface Watched {
  id: ResourceId;
  /** Where it is seen; the closest first. */
  views: { id: ResourceId; source: string }[];
  resource: Resource;
}

class Org implements WithRanking {
  readonly db = openMigrated(join(folder, `${mintId("r")}.db`), "create", loadMigrations("org"));
  readonly damages: string[] = [];
  readonly history = new HistoryStore(
    () => this.db,
    ({ words }) => this.damages.push(words),
  );
  readonly historyReads = new Limiter({ atOnce: 2, maxWaiting: 2, refusal: "busy" });
  readonly upkeep = new Upkeep({
    db: () => this.db,
    history: this.history,
    clock: () => this.now,
    onFailure: (error) => this.damages.push(String(error)),
  });
  readonly watched = new Map<ResourceId, Watched>();
  now = START;
  intervalMs = MINUTE;
  isClosed = false;

  constructor() {
    opened.push(this.upkeep);
  }

  clock = () => this.now;
  intervalOf = (_: string) => this.intervalMs;
  inventory = {
    get: (id: ResourceId) => this.watched.get(id)?.resource,
    all: () => [...this.watched.values()].map(({ resource }) => resource),
    viewsOf: (id: ResourceId) => this.watched.get(id)?.views ?? [],
    isWithin: (id: ResourceId, whole: ResourceId) =>
      id === whole || this.watched.get(id)?.resource.parentId === whole,
  };

  add(name: string, sources: string[], more: Partial<Resource> = {}): ResourceId {
    const id = newId();
    const views = sources.map((source, n) => ({ id: n === 0 ? id : newId(), source }));
    const resource: Resource = {
      id,
      kind: "container",
      name,
      status: "up",
      sources,
      lastSeenAt: 0,
      attributes: {},
      metrics: {},
      ...more,
    };
    this.watched.set(id, { id, views, resource });
    return id;
  }

  say(source: string, at: number, values: Iterable<[ResourceId, Metrics]>): void {
    this.history.stage(
      source,
      at,
      [...values].map(([id, metrics]) => ({ id, metrics })),
    );
  }

  commit(): void {
    this.db.transaction(() => this.history.write());
    this.history.written();
  }

  seal(now: number): void {
    this.now = now;
    this.upkeep.finish();
  }
}

/** Of each the value of a metric, every minute. */
function report(
  org: Org,
  ids: ResourceId[],
  from: number,
  to: number,
  valueFor: (n: number, at: number) => number,
) {
  for (let at = from; at < to; at += MINUTE)
    org.say(
      "s",
      at,
      ids.map((id, n) => [id, { cpu_percent: valueFor(n, at), read_bytes_per_second: 10 }]),
    );
  org.commit();
}

describe("what fits", () => {
  const org = new Org();
  const machine = org.add("machine", ["s"], { kind: "host" });
  const other = org.add("other", ["s"], { kind: "host" });
  const inside = org.add("web", ["s"], { parentId: machine, own: { tags: ["prod"] } });
  const beside = org.add("web-2", ["s"], { parentId: other, attributes: { tags: ["told"] } });
  const ids = [machine, other, inside, beside];
  report(org, ids, START, START + HOUR, (n) => n);
  org.now = START + HOUR;
  const ask = async (more: object) => {
    const input = { metric: "cpu_percent", from: START, to: START + HOUR, ...more };
    const { ranking, ...counts } = await top(org, HistoryTopInput.parse(input));
    return { ids: ranking.map(({ resourceId }) => resourceId), ...counts };
  };

  test("is what was asked for: by kind, place, name, tag, or named one by one", async () => {
    expect((await ask({})).ids).toEqual([beside, inside, other, machine]);
    expect((await ask({ kind: "container" })).ids).toEqual([beside, inside]);
    expect((await ask({ within: machine })).ids).toEqual([inside]);
    expect((await ask({ text: " WEB-" })).ids).toEqual([beside]);
    expect((await ask({ tag: "prod" })).ids).toEqual([inside]);
    expect((await ask({ tag: "told" })).ids).toEqual([beside]);
    expect((await ask({ resources: [machine, newId(), inside] })).ids).toEqual([inside, machine]);
    expect(await ask({ limit: 1 })).toMatchObject({ ids: [beside], found: 4, considered: 4, measured: 4 });
  });

  test("without a value it is not ranked, and counted", async () => {
    expect(await ask({ metric: "nothing_bytes" })).toMatchObject({ ids: [], found: 4, measured: 0 });
    expect(await ask({ to: START + 1, from: START - DAY })).toMatchObject({ measured: 4 });
    expect(await ask({ to: START, from: START - DAY })).toMatchObject({ measured: 0 });
  });

  test("within something that is not there is refused", async () => {
    await expect(ask({ within: newId() })).rejects.toMatchObject({ reason: "not_found" });
  });

  test("in an org that has been closed meanwhile is not read any more", async () => {
    const closed = Object.assign(Object.create(org) as Org, { isClosed: true });
    const input = { metric: "cpu_percent", from: START, to: START + HOUR };
    await expect(top(closed, input)).rejects.toMatchObject({ reason: "org_unavailable" });
  });
});

test("beyond five thousand the first by id are looked at, and the answer says so", async () => {
  const org = new Org();
  const ids = Array.from({ length: 5_010 }, (_, n) => org.add(`c${n}`, ["s"]));
  org.say(
    "s",
    START,
    ids.map((id, n) => [id, { cpu_percent: n }]),
  );
  org.now = START + MINUTE;
  const answer = await top(org, { metric: "cpu_percent", from: START, to: START + MINUTE, limit: 1 });
  expect(answer).toMatchObject({ found: 5_010, considered: 5_000, measured: 5_000 });
  const first = new Set([...ids].sort().slice(0, 5_000));
  const highest = ids.findLast((id) => first.has(id));
  expect(answer.ranking[0]?.resourceId).toBe(highest as ResourceId);
});

test("what passed by in all is the mean times the seconds it was measured, and ranks what was there longer first", async () => {
  const org = new Org();
  const [steady, short] = [org.add("steady", ["s"]), org.add("short", ["s"])];
  for (let n = 0; n < 60; n++) {
    const both: [ResourceId, Metrics][] = [[steady, { read_bytes_per_second: 100 }]];
    if (n < 6) both.push([short, { read_bytes_per_second: 500 }]);
    org.say("s", START + n * MINUTE, both);
  }
  org.now = START + HOUR;
  const input = { metric: "read_bytes_per_second", from: START, to: START + DAY } as const;
  const byTotal = await top(org, { ...input, by: "total" });
  expect(byTotal.ranking).toMatchObject([
    { resourceId: steady, avg: 100, total: 360_000, coverage: 1 },
    { resourceId: short, avg: 500, total: 180_000, coverage: 0.1 },
  ]);
  expect((await top(org, input)).ranking[0]?.resourceId).toBe(short);
});

test("what two sources see is told by the closest, unless the other knows clearly more of the time", async () => {
  const org = new Org();
  const id = org.add("seen twice", ["near", "far"]);
  const far = org.watched.get(id)?.views[1]?.id as ResourceId;
  const input = { metric: "cpu_percent", from: START, to: START + 100 * MINUTE };
  org.now = input.to;
  for (let n = 0; n < 100; n++) org.say("far", START + n * MINUTE, [[far, { cpu_percent: 7 }]]);
  for (let n = 4; n < 100; n++) org.say("near", START + n * MINUTE, [[id, { cpu_percent: 5 }]]);
  expect((await top(org, input)).ranking).toMatchObject([{ resourceId: id, avg: 5, coverage: 0.96 }]);
  const longer = { ...input, from: START - 0, to: START + 200 * MINUTE };
  for (let n = 100; n < 200; n++) org.say("far", START + n * MINUTE, [[far, { cpu_percent: 7 }]]);
  org.now = longer.to;
  expect((await top(org, longer)).ranking).toMatchObject([{ resourceId: id, avg: 7, coverage: 1 }]);
});

test("series come in the order of the ranking and are those of a range of each, in the same steps", async () => {
  const org = new Org();
  const ids = ["a", "b", "c"].map((name) => org.add(name, ["s"]));
  report(org, ids, START, START + 5 * HOUR, (n, at) => n * 10 + ((at / MINUTE) % 7));
  org.seal(START + 5 * HOUR);
  const input = { from: START, to: START + 5 * HOUR, maxPoints: 20 };
  const answer = await top(org, { ...input, metric: "cpu_percent", limit: 2 });
  expect(answer.series?.map(({ resourceId }) => resourceId)).toEqual([ids[2], ids[1]] as ResourceId[]);
  for (const { resourceId, ...series } of answer.series ?? []) {
    const alone = await said(range(org, { ...input, resourceId, metrics: ["cpu_percent"] }));
    expect(alone.series).toEqual([series]);
  }
});

test("where no samples are left the steps they were made to are ranked, from the first that begins in the range", async () => {
  const org = new Org();
  const ids = ["a", "b"].map((name) => org.add(name, ["s"]));
  report(org, ids, START, START + 3 * DAY, (n, at) => n * 10 + (at === START + 90 * MINUTE ? 50 : 1));
  org.seal(START + 4 * DAY);
  for (const _ of pruneBySize(() => org.db, org.history, 0)) {
    /* The oldest samples go first; two days of them are enough. */
    if ((org.history.chunks.firstAt("s", "day") ?? 0) >= START + 2 * DAY) break;
  }
  const { ranking } = await top(org, { metric: "cpu_percent", from: START, to: START + 3 * DAY });
  expect(ranking).toMatchObject([
    { resourceId: ids[1], max: 60, min: 11, maxAt: START + 90 * MINUTE },
    { resourceId: ids[0], max: 50, min: 1, maxAt: START + 90 * MINUTE },
  ]);
  expect(ranking[0]?.avg).toBeCloseTo(11 + 49 / (3 * 1_440), 3);
  const later = await top(org, { metric: "cpu_percent", from: START + 91 * MINUTE, to: START + 3 * DAY });
  expect(later.ranking).toMatchObject([{ max: 11 }, { max: 1 }]);
});

test("where samples are kept for less than a day, steps and the samples of today are counted together, each once", async () => {
  const org = new Org();
  const id = org.add("a", ["s"]);
  const end = START + 3 * DAY + 12 * HOUR;
  report(org, [id], START, end, (_, at) => (at === START + 3 * DAY + HOUR ? 90 : (at / MINUTE) % 60));
  org.seal(end);
  org.db.transaction(() => {
    for (const day of [0, 1, 2]) org.history.chunks.delete("s", "day", START + day * DAY);
  });
  const ask = async (from: number) => {
    const { ranking } = await top(org, { metric: "cpu_percent", from, to: end });
    return ranking[0];
  };
  const whole = await ask(START);
  const minutes = 3.5 * 1_440;
  expect(whole).toMatchObject({ min: 0, max: 90, maxAt: START + 3 * DAY + HOUR, coverage: 1 });
  expect(whole?.avg).toBeCloseTo((minutes * 29.5 + 90) / minutes, 3);
  expect(await ask(START + 3 * DAY)).toMatchObject({ max: 90, coverage: 1 });
});

test("others are heard while a large ranking is made, and what is sealed meanwhile is counted once", async () => {
  const org = new Org();
  const random = new Seeded();
  const ids = Array.from({ length: 200 }, (_, n) => org.add(`c${n}`, ["s"]));
  report(org, ids, START, START + 25 * HOUR, (n) => n + random.below(10_000) / 100);
  org.seal(START + 2 * DAY);
  const input = { metric: "cpu_percent", from: START + 30 * MINUTE, to: START + 25 * HOUR, limit: 50 };
  const late = START + 90 * MINUTE + 1;
  let turns = 0;
  let isOver = false;
  const turn = () => {
    turns++;
    if (turns === 1) {
      /* A day that is being read becomes another. */
      org.say(
        "s",
        late,
        ids.map((id) => [id, { cpu_percent: 1_000 }]),
      );
      org.commit();
      for (const _ of sealSpan(() => org.db, org.history, spanOf("s", "day", late)));
      expect(org.history.firstRowAt("s", late)).toBeGreaterThan(late);
    }
    if (!isOver) setImmediate(turn);
  };
  setImmediate(turn);
  const during = await top(org, input);
  isOver = true;
  expect(turns).toBeGreaterThan(2);
  expect(during).toEqual(await top(org, input));
  expect(during.ranking.every(({ max, maxAt }) => max === 1_000 && maxAt === late)).toBe(true);
  expect(org.damages).toEqual([]);
});

test("whoever leaves while it is made ends it, and makes room for the next", async () => {
  const org = new Org();
  const ids = Array.from({ length: 200 }, (_, n) => org.add(`c${n}`, ["s"]));
  report(org, ids, START, START + 25 * HOUR, (n, at) => n + ((at / MINUTE) % 11));
  org.seal(START + 2 * DAY);
  const input = { metric: "cpu_percent", from: START + 1, to: START + 25 * HOUR };
  const one = new Limiter({ atOnce: 1, maxWaiting: 1, refusal: "busy" });
  const caller = new AbortController();
  setImmediate(() => caller.abort());
  const left = top(org, input, { signal: caller.signal, reads: one });
  const next = top(org, input, { reads: one });
  await expect(left).rejects.toThrow("given up");
  expect((await next).measured).toBe(200);
});

test(`any history, however much of it is sealed and whatever came late, ranks as all its samples do (seed ${SEED})`, async () => {
  const random = new Seeded();
  for (let round = 0; round < 12; round++) {
    const org = new Org();
    const samples = new Map<ResourceId, Map<number, number>>();
    const sources = Array.from({ length: 1 + random.below(3) }, (_, n) => `s${n}`);
    for (const source of sources) {
      const ids = Array.from({ length: 1 + random.below(6) }, (_, n) => org.add(`c${n}`, [source]));
      for (const id of ids) samples.set(id, new Map());
      const tell = (at: number) => {
        const values = ids.flatMap((id): [ResourceId, Metrics][] => {
          if (random.chance(0.1)) return [];
          /* A few decimals, so that a chunk keeps them as they are. */
          const value = random.below(10_000) / 100;
          return [[id, random.chance(0.05) ? { other: 1 } : { cpu_percent: value, other: 2 }]];
        });
        for (const id of ids) samples.get(id)?.delete(at);
        for (const [id, { cpu_percent }] of values)
          if (cpu_percent !== undefined) samples.get(id)?.set(at, cpu_percent);
        org.say(source, at, values);
      };
      const late: number[] = [];
      for (let at = START; at < START + 3 * DAY; at += 7 * MINUTE) {
        if (random.chance(0.02)) at += random.below(600) * MINUTE;
        if (random.chance(0.01)) late.push(at + (random.chance(0.5) ? 0 : MINUTE));
        tell(at);
        if (random.chance(0.02)) org.commit();
      }
      org.commit();
      org.seal(START + random.below(5) * DAY + random.below(24) * HOUR);
      for (const at of late) tell(at);
      if (random.chance(0.5)) org.commit();
    }
    for (let question = 0; question < 12; question++) {
      const from = START + random.below(3 * 1_440) * MINUTE * (random.chance(0.2) ? 0 : 1);
      const to = from + 1 + random.below(4 * 1_440) * MINUTE;
      org.now = START + 5 * DAY;
      const by = random.pick(["avg", "max"] as const);
      const answer = await top(org, { metric: "cpu_percent", from, to, by, limit: 50 });
      const expected = naive(samples, from, to, by);
      expect(answer.measured).toBe(expected.length);
      expect(answer.ranking.map(({ resourceId }) => resourceId)).toEqual(expected.map(({ id }) => id));
      for (const [place, { avg, min, max, maxAt, count }] of expected.entries()) {
        const found = answer.ranking[place];
        expect([found?.avg, found?.min, found?.max].map((one) => one ?? Number.NaN)).toEqual(
          [avg, min, max].map((value) => near(value)),
        );
        expect([samples.get(found?.resourceId as ResourceId)?.get(found?.maxAt ?? 0), maxAt]).toEqual([
          near(max),
          expect.any(Number),
        ]);
        expect(found?.coverage).toBeCloseTo(
          Math.min(1, (count * MINUTE) / (Math.min(to, org.now) - from)),
          5,
        );
      }
    }
    expect(org.damages).toEqual([]);
  }
}, 60_000);

const near = (value: number) => expect.closeTo(value, 4);

function naive(
  samples: ReadonlyMap<ResourceId, ReadonlyMap<number, number>>,
  from: number,
  to: number,
  by: "avg" | "max",
) {
  return [...samples]
    .flatMap(([id, all]) => {
      const inside = [...all].filter(([at]) => at >= from && at < to);
      if (inside.length === 0) return [];
      const values = inside.map(([, value]) => value);
      const max = Math.max(...values);
      const avg = values.reduce((sum, value) => sum + value, 0) / values.length;
      const maxAt = inside.find(([, value]) => value === max)?.[0] ?? 0;
      return { id, avg: tidy(avg), min: Math.min(...values), max, maxAt, count: values.length };
    })
    .sort((a, b) => b[by] - a[by] || (a.id < b.id ? -1 : 1));
}
