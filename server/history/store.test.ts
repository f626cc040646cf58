import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "../../db/driver.ts";
import { ResourceId } from "../contract/ids.ts";
import type { Metrics } from "../contract/resource.ts";
import { mintId } from "../lib/random-id.ts";
import { loadMigrations } from "../tenancy/migrate.ts";
import { openMigrated } from "../tenancy/open.ts";
import { readPoints } from "./read-series.ts";
import { tidy } from "./sample-codec.ts";
import { HistoryStore } from "./store.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-history-"));
afterAll(() => rmSync(folder, { recursive: true }));

const A = ResourceId.parse(mintId("r"));
const B = ResourceId.parse(mintId("r"));

let made = 0;
function newStore(): { db: Database; store: HistoryStore } {
  const db = openMigrated(join(folder, `${made++}.db`), "create", loadMigrations("org"));
  return { db, store: new HistoryStore(() => db) };
}

function commit(db: Database, store: HistoryStore): void {
  db.transaction(() => store.write());
  store.written();
}

const one = (id: ResourceId, metrics: Metrics) => [{ id, metrics }];

/** `[at, value]` of one series, values as a person would see them. */
function read(store: HistoryStore, id = A, metric = "load1", from = 0, to = 1e12): [number, number | null][] {
  return [...readPoints(store, { source: "s", id, metrics: [metric] }, { from, to })].flatMap(
    ({ times, column }) => {
      const values = column(0);
      return [...times].map((at, index): [number, number | null] => {
        const value = tidy(values[index] ?? Number.NaN);
        return [at, Number.isNaN(value) ? null : value];
      });
    },
  );
}

describe("a staged sample", () => {
  test("is there before the commit, and the same after it and after a restart", () => {
    const { db, store } = newStore();
    store.stage("s", 10, one(A, { load1: 0.1 }));
    store.stage("s", 20, one(A, { load1: 12.34 }));
    const before = read(store);
    expect(before).toEqual([
      [10, 0.1],
      [20, 12.34],
    ]);
    expect(db.rows("select * from sample")).toEqual([]);
    commit(db, store);
    expect(store.stagedCount).toBe(0);
    expect(read(store)).toEqual(before);
    expect(read(new HistoryStore(() => db))).toEqual(before);
    db.close();
  });

  test("stands in its place in time, also when it comes late or replaces one", () => {
    const { db, store } = newStore();
    for (const at of [10, 30, 50]) store.stage("s", at, one(A, { load1: at }));
    commit(db, store);
    store.stage("s", 20, one(A, { load1: 20 }));
    store.stage("s", 30, one(A, { load1: 33 }));
    const before = read(store);
    expect(before).toEqual([
      [10, 10],
      [20, 20],
      [30, 33],
      [50, 50],
    ]);
    commit(db, store);
    expect(read(store)).toEqual(before);
    db.close();
  });

  test("keeps waiting when the transaction fails, and is whole when the next one does not", () => {
    const { db, store } = newStore();
    store.stage("s", 10, one(A, { load1: 1 }));
    expect(() =>
      db.transaction(() => {
        store.write();
        throw new Error("the disk is full");
      }),
    ).toThrow("the disk is full");
    store.notWritten();
    expect(db.rows("select * from sample_layout")).toEqual([]);
    expect(read(store)).toEqual([[10, 1]]);
    store.stage("s", 20, one(A, { load1: 2 }));
    commit(db, store);
    expect(read(new HistoryStore(() => db))).toEqual([
      [10, 1],
      [20, 2],
    ]);
    expect(db.rows("pragma foreign_key_check")).toEqual([]);
    db.close();
  });

  test("is seen by a reader between whose batches it is committed", () => {
    const { db, store } = newStore();
    store.stage("s", 10, one(A, { load1: 1 }));
    commit(db, store);
    store.stage("s", 20, one(A, { load1: 2 }));
    const seen: number[] = [];
    for (const { times } of readPoints(
      store,
      { source: "s", id: A, metrics: ["load1"] },
      { from: 0, to: 100 },
    )) {
      seen.push(...times);
      commit(db, store);
    }
    expect(seen).toEqual([10, 20]);
    db.close();
  });
});

test("a range includes its beginning and not its end, and no other source", () => {
  const { db, store } = newStore();
  for (const at of [10, 20, 30]) store.stage("s", at, one(A, { load1: at }));
  commit(db, store);
  store.stage("s", 40, one(A, { load1: 40 }));
  store.stage("other", 25, one(A, { load1: 25 }));
  expect(read(store, A, "load1", 20, 40)).toEqual([
    [20, 20],
    [30, 30],
  ]);
  expect(read(store, A, "load1", 20, 41)).toEqual([
    [20, 20],
    [30, 30],
    [40, 40],
  ]);
  db.close();
});

describe("layouts", () => {
  const layouts = (db: Database) =>
    db.rows("select columns from sample_layout order by id") as { columns: string }[];

  test("are shared by all rows until a series appears", () => {
    const { db, store } = newStore();
    for (let at = 0; at < 10; at++) store.stage("s", at, one(A, { load1: at, load5: at }));
    commit(db, store);
    expect(layouts(db)).toHaveLength(1);
    for (let at = 10; at < 20; at++) store.stage("s", at, one(A, { load1: at, load5: at, load15: at }));
    commit(db, store);
    expect(layouts(db).map(({ columns }) => JSON.parse(columns).length)).toEqual([2, 3]);
    expect(read(store).map(([, value]) => value)).toEqual([...Array(20).keys()]);
    expect(read(store, A, "load15").slice(8, 12)).toEqual([
      [8, null],
      [9, null],
      [10, 10],
      [11, 11],
    ]);
    db.close();
  });

  test("keep a column for a series that pauses, and begin anew when most have gone", () => {
    const { db, store } = newStore();
    store.stage("s", 1, one(A, { m0: 0, m1: 1, m2: 2, m3: 3 }));
    store.stage("s", 2, one(A, { m0: 0, m1: 1 }));
    store.stage("s", 3, one(A, { m3: 3 }));
    store.stage("s", 4, one(A, { m3: 4 }));
    commit(db, store);
    expect(layouts(db).map(({ columns }) => JSON.parse(columns).length)).toEqual([4, 1]);
    expect(read(store, A, "m3")).toEqual([
      [1, 3],
      [2, null],
      [3, 3],
      [4, 4],
    ]);
    db.close();
  });

  test("are found again after a restart instead of written again", () => {
    const { db, store } = newStore();
    store.stage("s", 1, [...one(A, { load1: 1 }), ...one(B, { load1: 2 })]);
    commit(db, store);
    const again = new HistoryStore(() => db);
    again.stage("s", 2, [...one(A, { load1: 3 }), ...one(B, { load1: 4 })]);
    commit(db, again);
    expect(layouts(db)).toHaveLength(1);
    expect(read(again, B)).toEqual([
      [1, 2],
      [2, 4],
    ]);
    db.close();
  });

  test("do not grow without end when the set of series alternates", () => {
    const { db, store } = newStore();
    const all = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`m${n}`, n]));
    for (let at = 0; at < 50; at++) store.stage("s", at, one(A, at % 2 ? all : { m9: at }));
    commit(db, store);
    expect(layouts(db)).toHaveLength(2);
    expect(read(store, A, "m9").filter(([, value]) => value === null)).toEqual([]);
    db.close();
  });
});

test("a long range is read in batches of 2,000 rows, each row once", () => {
  const { db, store } = newStore();
  const count = 4_500;
  for (let at = 0; at < count; at++) store.stage("s", at, one(A, { load1: at }));
  commit(db, store);
  store.stage("s", 4_500, one(A, { load1: 1 }));
  store.stage("s", 100.5 * 2, one(A, { load1: -1 }));
  const batches = [...readPoints(store, { source: "s", id: A, metrics: ["load1"] }, { from: 0, to: 10_000 })];
  expect(batches.map(({ times }) => times.length)).toEqual([2_000, 2_000, 501]);
  expect(batches.flatMap(({ times }) => [...times])).toEqual([...Array(count + 1).keys()]);
  expect(read(store)[201]).toEqual([201, -1]);
  db.close();
});

test("the newest values come back after a restart, without what had none", () => {
  const { db, store } = newStore();
  store.stage("s", 1, [...one(A, { load1: 0.1, load5: 5 }), ...one(B, { load1: 7 })]);
  store.stage("s", 2, one(A, { load1: 12.34, load5: 6 }));
  commit(db, store);
  const again = new HistoryStore(() => db);
  expect(again.valuesAt("s", 2)).toEqual(new Map([[A, { load1: 12.34, load5: 6 }]]));
  expect(again.valuesAt("s", 3)).toEqual(new Map());
  expect(again.valuesAt("other", 2)).toEqual(new Map());
  db.close();
});
