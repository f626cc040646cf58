/** A full disk refuses, loses nothing, and is over when there is room again. On a real one: a small tmpfs. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openDatabase } from "../../db/driver.ts";
import { DEFAULT_ORG } from "../../server/contract/ids.ts";
import type { Report } from "../../server/contract/report.ts";
import { DomainError } from "../../server/lib/domain-error.ts";
import { Log } from "../../server/lib/log.ts";
import { MetricRegistry } from "../../server/lib/metrics.ts";
import { Shards } from "../../server/runtime/shards.ts";
import { orgFile } from "../../server/tenancy/paths.ts";

const disk = mkdtempSync(join(tmpdir(), "pulse-full-"));
const dataDir = join(disk, "data");
const filler = join(disk, "filler");
const logged: string[] = [];
let shards: Shards;

beforeAll(async () => {
  const mounted = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk], { stderr: "pipe" });
  if (!mounted.success) {
    throw new Error(
      `this test needs a disk of its own (root, mount of a tmpfs): ${mounted.stderr.toString()}`,
    );
  }
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
});
afterAll(async () => {
  await shards?.stop();
  Bun.spawnSync(["umount", disk]);
  rmSync(disk, { recursive: true, force: true });
});

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
    return (await shards.org(DEFAULT_ORG).reports.ingest({ source: "s", report: report(seq) })).outcome;
  } catch (error) {
    if (error instanceof DomainError) return error.reason;
    throw error;
  }
}

function fill(): void {
  const fd = openSync(filler, "a");
  const block = Buffer.alloc(4_096, 1);
  try {
    for (;;) writeSync(fd, block);
  } catch {
    /* No space left on device: that is the point. */
  } finally {
    closeSync(fd);
  }
}

async function health(): Promise<string> {
  return shards
    .org(DEFAULT_ORG)
    .health.check()
    .then(
      () => "ok",
      (error: DomainError) => error.reason,
    );
}

/** Waits for what happens by itself. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  const limit = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > limit) throw new Error("it did not happen within 10 s");
    await sleep(50);
  }
}

function storedTimes(): number[] {
  const db = openDatabase(orgFile(dataDir, DEFAULT_ORG), "readonly");
  const rows = db.rows("select at from sample order by at") as { at: number }[];
  expect(db.pragma("integrity_check")).toBe("ok");
  db.close();
  return rows.map(({ at }) => at);
}

test("while the disk is full reports are refused as such; nothing is lost, and room is all it takes", async () => {
  const acknowledged: number[] = [];
  for (let seq = 0; seq < 20; seq++) if ((await send(seq)) === "stored") acknowledged.push(seq);
  expect(acknowledged).toHaveLength(20);

  fill();
  const refused: { seq: number; reason: string }[] = [];
  for (let seq = 20; refused.length < 3 && seq < 2_000; seq++) {
    const outcome = await send(seq);
    if (outcome === "stored") acknowledged.push(seq);
    else refused.push({ seq, reason: outcome });
  }
  expect(refused.map(({ reason }) => reason)).toEqual(["storage_full", "storage_full", "storage_full"]);

  /* It stays up, says what is the matter, and shows what it knows, also what could not be stored yet. */
  expect(await health()).toBe("storage_full");
  const { resources } = await shards.org(DEFAULT_ORG).resources.list({});
  const last = refused.at(-1)?.seq ?? 0;
  expect(resources[0]?.metrics.m0).toBe(last);
  const { series } = await shards.org(DEFAULT_ORG).history.range({
    resourceId: resources[0]?.id as never,
    metrics: ["m0"],
    from: START,
    to: START + 60_000,
    maxPoints: 2_000,
  });
  expect(Math.max(...(series[0]?.max ?? []).map((value) => value ?? 0))).toBe(last);
  expect(storedTimes()).toEqual(acknowledged.map(atOf));

  /* Room again, and nobody does anything. */
  expect(statSync(filler).size).toBeGreaterThan(0);
  rmSync(filler);
  await until(async () => (await health()) === "ok");
  const everything = [...acknowledged, ...refused.map(({ seq }) => seq)].map(atOf);
  expect(storedTimes()).toEqual(everything);
  for (const { seq } of refused) expect(await send(seq)).toBe("duplicate");
  expect(await send(last + 1)).toBe("stored");
  expect(storedTimes()).toEqual([...everything, atOf(last + 1)]);
  expect(logged).not.toContain("unhandled rejection");
}, 30_000);
