import { afterAll, afterEach, beforeEach, expect, jest, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "../../db/driver.ts";
import { DEFAULT_ORG } from "../contract/ids.ts";
import type { Report } from "../contract/report.ts";
import { Log } from "../lib/log.ts";
import { loadMigrations } from "../tenancy/migrate.ts";
import { openMigrated } from "../tenancy/open.ts";
import { OrgRuntime, UNHEARD } from "./org-runtime.ts";
import { ingest } from "./pipeline.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-org-"));
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const DAY = 86_400_000;

let made = 0;
/** The time is ours: `pass` moves the clock and the timers together, `jump` the clock alone. */
const time = {
  now: 1_795_461_200_000,
  pass(ms: number) {
    for (let passed = 0; passed < ms; passed += SECOND) {
      time.now += SECOND;
      jest.advanceTimersByTime(SECOND);
    }
  },
  jump(ms: number) {
    time.now += ms;
  },
};

const newDb = () => openMigrated(join(folder, `${made++}.db`), "create", loadMigrations("org"));
function openOrg(db: Database) {
  return new OrgRuntime(
    DEFAULT_ORG,
    { use: () => db, sizeBytes: () => 0 },
    { ...UNHEARD, clock: () => time.now, log: new Log(() => {}) },
  );
}

let seq = 0;
function report(org: OrgRuntime): void {
  const host = {
    kind: "host",
    key: "m",
    name: "m",
    status: "up",
    attributes: {},
    metrics: { load1: 1 },
  } as const;
  const disk = { ...host, kind: "disk", key: "d", name: "d", parent: "m", metrics: {} } as const;
  const sent: Report = {
    v: 1,
    boot: "boot-0001",
    seq: seq++,
    at: time.now,
    intervalMs: 10 * SECOND,
    resources: [host, disk],
  };
  ingest(org, { source: "s", report: sent });
}

const statuses = (org: OrgRuntime) =>
  Object.fromEntries([...org.inventory.all()].map(({ name, status }) => [name, status]));

test("a machine that falls silent is unknown within a minute and down after ten", () => {
  const org = openOrg(newDb());
  report(org);
  time.pass(MINUTE);
  expect(statuses(org)).toEqual({ m: "unknown", d: "unknown" });
  time.pass(10 * MINUTE);
  expect(statuses(org)).toEqual({ m: "down", d: "unknown" });
  report(org);
  expect(statuses(org)).toEqual({ m: "up", d: "up" });
  org.close();
});

test.each(["the server was off", "the machine slept"])("while %s for two days, nobody was silent", (what) => {
  const db = newDb();
  let org = openOrg(db);
  report(org);
  time.pass(20 * SECOND);
  const before = [...org.inventory.all()].map(({ id }) => id);
  if (what === "the server was off") {
    org.close();
    time.jump(2 * DAY);
    org = openOrg(db);
  } else {
    time.jump(2 * DAY);
  }
  time.pass(30 * SECOND);
  expect(statuses(org)).toEqual({ m: "up", d: "up" });
  report(org);
  expect([...org.inventory.all()].map(({ id }) => id)).toEqual(before);
  time.pass(11 * MINUTE);
  expect(statuses(org)).toEqual({ m: "down", d: "unknown" });
  org.close();
});

test("an hour that is over is sealed without anybody asking, and an org is not closed in the middle of it", () => {
  const db = newDb();
  const org = openOrg(db);
  report(org);
  time.jump(180 * MINUTE);
  report(org);
  org.commit.flush();
  expect(db.rows("select count(*) as n from sample")).toEqual([{ n: 2 }]);
  time.pass(3 * MINUTE);
  expect(db.rows("select count(*) as n from chunk")).toEqual([{ n: 1 }]);
  expect(db.rows("select count(*) as n from sample")).toEqual([{ n: 1 }]);
  expect(org.upkeep.isBusy).toBe(false);
  org.close();
});
