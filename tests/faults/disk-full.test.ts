/** A full disk refuses, loses nothing, and is over when there is room again. On real ones: small tmpfs. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statfsSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "../../db/driver.ts";
import { DEFAULT_ORG } from "../../server/contract/ids.ts";
import type { Report } from "../../server/contract/report.ts";
import { DomainError } from "../../server/lib/domain-error.ts";
import { Log } from "../../server/lib/log.ts";
import { MetricRegistry } from "../../server/lib/metrics.ts";
import { Shards } from "../../server/runtime/shards.ts";
import { journalFiles } from "../../server/tenancy/journal/replay.ts";
import { journalDir, orgFile } from "../../server/tenancy/paths.ts";
import { until } from "../support/until.ts";

const DISK_BYTES = 16 * 1024 * 1024;
/** With less than this nothing more is taken. */
const LOW_WATER_BYTES = DISK_BYTES * 0.05;

const disk = mkdtempSync(join(tmpdir(), "pulse-full-"));
const dataDir = join(disk, "data");
const filler = join(disk, "filler");
const logged: string[] = [];
let shards: Shards | undefined;

beforeAll(() => {
  const mounted = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", `size=${DISK_BYTES}`, "tmpfs", disk], {
    stderr: "pipe",
  });
  if (!mounted.success) {
    throw new Error(
      `this test needs a disk of its own (root, mount of a tmpfs): ${mounted.stderr.toString()}`,
    );
  }
});
beforeEach(async () => {
  await stop();
  for (const path of [dataDir, filler]) rmSync(path, { recursive: true, force: true });
  logged.length = 0;
});
afterAll(async () => {
  await stop();
  /* A thread that has ended may hold a file for as long as this process lasts: it is gone with the last of them. */
  Bun.spawnSync(["umount", "--lazy", disk]);
  rmSync(disk, { recursive: true, force: true });
});

async function start(): Promise<void> {
  shards = new Shards({
    dataDir,
    count: 1,
    watchThisMachine: false,
    multiTenantAllowed: false,
    log: new Log((_, message) => logged.push(message)),
    queueDepth: new MetricRegistry().gauge("queue_depth", ""),
    onDirectory: () => {},
    onEvent: () => {},
    onHealth: () => {},
    onUnhandled: () => logged.push("unhandled rejection"),
    onLost: (message) => logged.push(message),
  });
  await shards.start();
}

async function stop(): Promise<void> {
  await shards?.stop();
  shards = undefined;
}

function org() {
  if (!shards) throw new Error("not started");
  return shards.org(DEFAULT_ORG);
}

const START = Date.now() - 60_000;
const atOf = (seq: number) => START + seq * 10;

function report(seq: number): Report {
  const metrics = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`m${n}`, seq]));
  const resource = { kind: "host", key: "m", name: "m", status: "up", attributes: {}, metrics } as const;
  return { v: 1, boot: "boot-0001", seq, at: atOf(seq), intervalMs: 60_000, resources: [resource] };
}

/** `stored`, `duplicate`, or the reason of the refusal. */
async function send(seq: number): Promise<string> {
  try {
    return (await org().reports.ingest({ source: "s", report: report(seq) })).outcome;
  } catch (error) {
    if (error instanceof DomainError) return error.reason;
    throw error;
  }
}

async function sendAll(from: number, to: number): Promise<string[]> {
  const outcomes: string[] = [];
  for (let seq = from; seq < to; seq++) outcomes.push(await send(seq));
  return [...new Set(outcomes)];
}

/** Leaves so many bytes, to the block. */
function fill(butBytes = 0): void {
  const { bavail, bsize } = statfsSync(disk);
  const block = Buffer.alloc(bsize, 1);
  const fd = openSync(filler, "a");
  for (let left = bavail * bsize - butBytes; left >= bsize; left -= bsize) writeSync(fd, block);
  closeSync(fd);
}

/** So many reports were taken, the last by a journal that has its place, and then the disk is full. */
async function startAndFill(reports: number): Promise<void> {
  await start();
  expect(await sendAll(0, reports - 1)).toEqual(["stored"]);
  await stop();
  await start();
  expect(await send(reports - 1)).toBe("stored");
  fill();
  expect(storedSeqs()).toEqual(upTo(reports - 1));
}

async function newest(): Promise<number | undefined> {
  const { resources } = await org().resources.list({});
  return resources[0]?.metrics.m0;
}

function storedSeqs(): number[] {
  const db = openDatabase(orgFile(dataDir, DEFAULT_ORG), "readonly");
  const rows = db.rows("select at from sample order by at") as { at: number }[];
  expect(db.pragma("integrity_check")).toBe("ok");
  db.close();
  return rows.map(({ at }) => (at - START) / 10);
}
const upTo = (count: number) => Array.from({ length: count }, (_, seq) => seq);

test("what was acknowledged on a disk that became full is not lost by a stop, nor by a start that fails", async () => {
  await startAndFill(20);
  /* What the journal still takes it keeps, though the org's file takes nothing more. */
  expect(await sendAll(20, 30)).toEqual(["stored"]);
  await stop();
  expect(logged).toContain("could not write the last reports of an org");
  expect(storedSeqs()).toEqual(upTo(19));
  expect(journalFiles(journalDir(dataDir))).toHaveLength(1);
  fill();
  await expect(start()).rejects.toThrow("database or disk is full");
  await stop();

  /* Room again: what was acknowledged is there. Little room: nothing is taken that could not be kept. */
  rmSync(filler);
  await start();
  expect([storedSeqs(), journalFiles(journalDir(dataDir))]).toEqual([upTo(30), []]);
  fill(LOW_WATER_BYTES - 65_536);
  expect(await sendAll(30, 33)).toEqual(["storage_full"]);
  expect(await newest()).toBe(29);
  await stop();

  rmSync(filler);
  await start();
  expect(await sendAll(25, 30)).toEqual(["duplicate"]);
  expect(await sendAll(30, 33)).toEqual(["stored"]);
  await stop();
  expect(storedSeqs()).toEqual(upTo(33));
  expect(logged).not.toContain("unhandled rejection");
}, 30_000);

test("where there is no room for a journal, a report is acknowledged when the org's file has it", async () => {
  await start();
  fill(2 * 1024 * 1024);
  expect(await send(0)).toBe("storage_full");
  expect(existsSync(journalDir(dataDir)) ? readdirSync(journalDir(dataDir)) : []).toEqual([]);
  /* It is in the picture and goes where there is room; who sends it again is told that it is there. */
  expect(await send(0)).toBe("duplicate");
  expect([storedSeqs(), await newest()]).toEqual([[0], 0]);
  rmSync(filler);
  expect(await send(1)).toBe("stored");
  await stop();
  expect(storedSeqs()).toEqual([0, 1]);
  expect(logged).not.toContain("unhandled rejection");
}, 30_000);

test("a file that could not be written is, as soon as there is room, and nobody has to do anything", async () => {
  await startAndFill(5);
  const renamed = { ...report(5), resources: [{ ...report(5).resources[0], name: "renamed" }] };
  expect(await org().reports.ingest({ source: "s", report: renamed })).toEqual({ outcome: "stored" });
  /* What people say does not wait for the journal's turn: it has the file written, which cannot be. */
  const [known] = (await org().resources.list({})).resources;
  const said = org().resources.update({ id: known?.id as never, notes: "in the rack" });
  expect(await said.catch((error: DomainError) => error.reason)).toBe("storage_full");
  const health = () =>
    org()
      .health.check()
      .then(
        () => "ok",
        (error: DomainError) => error.reason,
      );
  await until(async () => (await health()) === "storage_full");
  expect(storedSeqs()).toEqual(upTo(4));
  const { resources } = await org().resources.list({});
  expect(resources).toMatchObject([{ name: "renamed", metrics: { m0: 5 } }]);

  rmSync(filler);
  await until(async () => (await health()) === "ok");
  expect(storedSeqs()).toEqual(upTo(6));
  expect(logged).not.toContain("unhandled rejection");
}, 30_000);
