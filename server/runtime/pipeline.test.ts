import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "../../db/driver.ts";
import { said } from "../../tests/support/ready-json.ts";
import { DEFAULT_ORG } from "../contract/ids.ts";
import type { Report, ReportedResource } from "../contract/report.ts";
import { REPORT_LIMITS } from "../contract/report-limits.ts";
import { Log } from "../lib/log.ts";
import { loadMigrations } from "../tenancy/migrate.ts";
import { openMigrated } from "../tenancy/open.ts";
import { ingestFromOutside } from "./delivery.ts";
import { OrgRuntime, UNHEARD } from "./org-runtime.ts";
import { orgVerbs } from "./org-verbs.ts";
import { ingest } from "./pipeline.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-pipeline-"));
afterAll(() => rmSync(folder, { recursive: true }));

const NOW = 1_795_461_200_000;
let made = 0;

function newOrg() {
  return openOrg(openMigrated(join(folder, `${made++}.db`), "create", loadMigrations("org")));
}

function openOrg(db: Database) {
  const published: { type: string; json: string }[] = [];
  const logged: string[] = [];
  const file = { use: () => db, sizeBytes: () => 0 };
  const org = new OrgRuntime(DEFAULT_ORG, file, {
    ...UNHEARD,
    clock: () => NOW,
    log: new Log((_, message) => logged.push(message)),
    publish: (_, type, __, json) => published.push({ type, json }),
  });
  return { org, db, published, logged };
}

const host: ReportedResource = {
  kind: "host",
  key: "m",
  name: "m",
  status: "up",
  attributes: {},
  metrics: { load1: 1 },
};

function report(seq: number, more: Partial<Report> = {}): Report {
  return {
    v: 1,
    boot: "boot-0001",
    seq,
    at: NOW - 60_000 + seq * 1_000,
    intervalMs: 10_000,
    resources: [host],
    ...more,
  };
}

const stored = (db: Database) => db.rows("select source, at from sample order by at") as { at: number }[];

test("a report and its cursor are on disk together, and not before a commit", async () => {
  const { org, db } = newOrg();
  expect(ingest(org, { source: "s", report: report(1) })).toBe("stored");
  expect(stored(db)).toEqual([]);
  await org.commit.durable(5);
  expect(stored(db)).toHaveLength(1);
  expect(db.rows("select source, boot, seq, at, interval_ms from report_cursor")).toEqual([
    { source: "s", boot: "boot-0001", seq: 1, at: report(1).at, interval_ms: 10_000 },
  ]);
  org.close();
});

test("open pages see a report before the disk does", () => {
  const { org, db, published } = newOrg();
  ingest(org, { source: "s", report: report(1) });
  expect(published).toHaveLength(1);
  expect(JSON.parse(published[0]?.json ?? "")).toMatchObject({
    changed: [{ name: "m", metrics: { load1: 1 } }],
    removed: [],
  });
  expect(stored(db)).toEqual([]);
  org.close();
  expect(stored(db)).toHaveLength(1);
});

test("a new resource's id is on disk at once, however long its samples may wait", async () => {
  const { org, db } = newOrg();
  ingest(org, { source: "s", report: report(1) });
  await org.commit.durable(60_000);
  expect(db.rows("select key from resource")).toEqual([{ key: "m" }]);
  org.close();
});

describe("a report that was already taken", () => {
  test("is a duplicate, stored once, and so is any before it", async () => {
    const { org, db } = newOrg();
    for (const seq of [1, 2, 2, 1]) await ingestFromOutside(org, { source: "s", report: report(seq) });
    expect(await ingestFromOutside(org, { source: "s", report: report(2) })).toEqual({
      outcome: "duplicate",
    });
    org.close();
    expect(stored(db).map(({ at }) => at)).toEqual([report(1).at, report(2).at]);
  });

  test("is recognised after a restart", async () => {
    const { org, db } = newOrg();
    await ingestFromOutside(org, { source: "s", report: report(7) });
    org.close();
    const again = openOrg(db);
    expect(await ingestFromOutside(again.org, { source: "s", report: report(7) })).toEqual({
      outcome: "duplicate",
    });
    expect(await ingestFromOutside(again.org, { source: "s", report: report(8) })).toEqual({
      outcome: "stored",
    });
    expect(again.published).toHaveLength(1);
    again.org.close();
  });

  test("is one of the same source and start only", async () => {
    const { org } = newOrg();
    await ingestFromOutside(org, { source: "s", report: report(5) });
    expect(await ingestFromOutside(org, { source: "t", report: report(5) })).toEqual({ outcome: "stored" });
    const rebooted = report(0, { boot: "boot-0002", at: NOW });
    expect(await ingestFromOutside(org, { source: "s", report: rebooted })).toEqual({ outcome: "stored" });
    org.close();
  });
});

test("a report from the future is refused and leaves no trace", async () => {
  const { org, db, published } = newOrg();
  const late = report(1, { at: NOW + 5 * 60_000 + 1 });
  await expect(ingestFromOutside(org, { source: "s", report: late })).rejects.toMatchObject({
    reason: "invalid_request",
    fields: { at: expect.any(String) },
  });
  expect([org.inventory.size, org.hasUnwritten, published.length]).toEqual([0, false, 0]);
  const fits = report(1, { at: NOW + 5 * 60_000 });
  expect(await ingestFromOutside(org, { source: "s", report: fits })).toEqual({ outcome: "stored" });
  org.close();
  expect(stored(db)).toHaveLength(1);
});

describe("from outside, a report is refused whole that", () => {
  const many = (count: number, resource = host) =>
    Array.from({ length: count }, (_, n) => ({ ...resource, key: `k${n}` }));
  const names = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`m${n}`, n]));
  const cases: [string, unknown, string][] = [
    ["is nothing", null, "report"],
    ["is a list", [], "report"],
    ["is of another version", report(1, { v: 2 as never }), "v"],
    ["counts backwards", report(-1), "seq"],
    ["counts in halves", report(1.5), "seq"],
    ["has no start", report(1, { boot: "" }), "boot"],
    ["comes too often", report(1, { intervalMs: 999 }), "intervalMs"],
    ["knows a field nobody knows", { ...report(1), org: "default" }, "report"],
    ["has too many resources", report(1, { resources: many(REPORT_LIMITS.resources + 1) }), "resources"],
    ["has a resource without a key", report(1, { resources: [{ ...host, key: "" }] }), "resources.0.key"],
    [
      "has a name that is too long",
      report(1, { resources: [{ ...host, name: "x".repeat(201) }] }),
      "resources.0.name",
    ],
    [
      "has an unknown kind",
      report(1, { resources: [{ ...host, kind: "toaster" as never }] }),
      "resources.0.kind",
    ],
    [
      "has too many metrics",
      report(1, { resources: [{ ...host, metrics: names(65) }] }),
      "resources.0.metrics",
    ],
    [
      "has a metric that is no number",
      report(1, { resources: [{ ...host, metrics: { a: "1" as never } }] }),
      "resources.0.metrics.a",
    ],
    [
      "has infinity",
      report(1, { resources: [{ ...host, metrics: { a: Number.POSITIVE_INFINITY } }] }),
      "resources.0.metrics.a",
    ],
    [
      "names a metric oddly",
      report(1, { resources: [{ ...host, metrics: { "A B": 1 } }] }),
      "resources.0.metrics.A B",
    ],
    [
      "has attributes that are too large",
      report(1, { resources: [{ ...host, attributes: { a: "x".repeat(16_385) } }] }),
      "resources.0.attributes",
    ],
  ];
  test.each(cases)("%s", async (_, sent, field) => {
    const { org, published } = newOrg();
    await expect(ingestFromOutside(org, { source: "s", report: sent })).rejects.toMatchObject({
      reason: "invalid_request",
      fields: { [field]: expect.any(String) },
    });
    expect([org.inventory.size, org.hasUnwritten, published.length]).toEqual([0, false, 0]);
    org.close();
  });

  test("and one at every limit is taken", async () => {
    const { org } = newOrg();
    const resources = many(REPORT_LIMITS.resources, { ...host, metrics: names(2) });
    const first = resources[0] as ReportedResource;
    first.metrics = names(REPORT_LIMITS.metricsPerResource);
    expect(await ingestFromOutside(org, { source: "s", report: report(1, { resources }) })).toEqual({
      outcome: "stored",
    });
    expect(org.inventory.size).toBe(REPORT_LIMITS.resources);
    org.close();
  });
});

test("when too much waits for the disk nothing more is taken, and what waits is not lost", async () => {
  const { org, db } = newOrg();
  const broken =
    "create temp trigger broken before insert on main.sample begin select raise(abort, 'no room'); end";
  db.execute(broken);
  for (let seq = 0; seq < 10_000; seq++)
    ingest(org, { source: "s", report: report(seq, { at: NOW - 20_000_000 + seq }) });
  const oneMore = ingestFromOutside(org, { source: "s", report: report(10_000, { at: NOW }) });
  await expect(oneMore).rejects.toThrow("The disk does not keep up.");
  db.execute("drop trigger broken");
  org.close();
  expect(stored(db)).toHaveLength(10_000);
}, 30_000);

test("many reports that wait are written without anybody asking for it", async () => {
  const { org, db } = newOrg();
  for (let seq = 0; seq < 2_000; seq++)
    ingest(org, { source: "s", report: report(seq, { at: NOW - 20_000_000 + seq }) });
  await org.commit.durable(60_000);
  expect(stored(db)).toHaveLength(2_000);
  org.close();
});

test("a failing disk says so, and what it refused is stored once it can be", async () => {
  const { org, db, logged } = newOrg();
  db.execute(
    "create temp trigger broken before insert on main.sample begin select raise(abort, 'no room'); end",
  );
  ingest(org, { source: "s", report: report(1) });
  await expect(org.commit.durable(1)).rejects.toThrow("no room");
  expect(() => orgVerbs.health.check(org)).toThrow("no room");
  expect(logged).toEqual(["could not write to the org's file"]);
  expect(await range(org)).toEqual([1]);

  db.execute("drop trigger broken");
  await org.commit.durable(1);
  expect(stored(db)).toHaveLength(1);
  expect(orgVerbs.health.check(org)).toEqual({ ok: true });
  org.close();
});

test("after a restart the picture and its newest values are there before any report", async () => {
  const { org, db } = newOrg();
  await ingestFromOutside(org, {
    source: "s",
    report: report(1, { resources: [{ ...host, metrics: { load1: 0.1 } }] }),
  });
  const before = [...org.inventory.all()];
  org.close();
  const again = openOrg(db);
  expect([...again.org.inventory.all()]).toEqual(before);
  expect(again.org.intervalOf("s")).toBe(10_000);
  const { json } = orgVerbs.live.snapshot(again.org);
  expect(JSON.parse(json)).toEqual({ resources: before, alerts: [], serverTime: NOW });
  again.org.close();
});

async function range(org: OrgRuntime): Promise<(number | null)[]> {
  const [resource] = org.inventory.all();
  if (!resource) return [];
  const { at } = report(1);
  const from = Math.floor(at / 10_000) * 10_000;
  const asked = { resourceId: resource.id, metrics: ["load1"], from, to: from + 10_000 };
  const { series } = await said(orgVerbs.history.range(org, asked));
  return series[0]?.avg ?? [];
}
