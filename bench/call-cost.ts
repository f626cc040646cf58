/**
 * What the way from the edge to an actor and back costs: a typed call to a shard thread, against the same verb
 * called in the same thread. In microseconds; one call at a time, and 64 under way (then: time divided by calls).
 *
 *   bun bench/call-cost.ts
 */
import { join } from "node:path";
import { openDatabase } from "../db/driver.ts";
import { DEFAULT_ORG, type ResourceId } from "../server/contract/ids.ts";
import type { Report, ReportedResource } from "../server/contract/report.ts";
import { Log } from "../server/lib/log.ts";
import type { Calls } from "../server/runtime/calls.ts";
import { OrgRuntime, UNHEARD } from "../server/runtime/org-runtime.ts";
import { type OrgVerbs, orgVerbs } from "../server/runtime/org-verbs.ts";
import { orgFile } from "../server/tenancy/paths.ts";
import { newFolder } from "../tests/faults/child-server.ts";
import { quietShards } from "./quiet-shards.ts";
import { printTable, spread } from "./table.ts";

const ROUNDS = 30;
const ROUND_MS = 40;
const IN_FLIGHT = 64;
const INTERVAL_MS = 10_000;

process.umask(0o077);
const now = Date.now();

function host(key: string): ReportedResource {
  const metrics = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`m${n}`, Math.random() * 100]));
  return { kind: "host", key, name: key, status: "up", attributes: { os: "debian", cpu_count: 8 }, metrics };
}

/** So many machines, the first with an hour of history. */
async function fill(calls: Calls<OrgVerbs>, machines: number): Promise<void> {
  const send = (seq: number, at: number, resources: ReportedResource[]) => {
    const report: Report = { v: 1, boot: "boot-0001", seq, at, intervalMs: INTERVAL_MS, resources };
    return calls.reports.ingest({ source: "bench", report });
  };
  const others = Array.from({ length: machines - 1 }, (_, n) => host(`machine-${n + 1}`));
  await send(0, now - 3_700_000, [host("machine-0"), ...others]);
  await Promise.all(
    Array.from({ length: 360 }, (_, n) =>
      send(n + 1, now - 3_600_000 + n * INTERVAL_MS, [host("machine-0")]),
    ),
  );
}

type Call = () => Promise<unknown>;

async function sequential(call: Call): Promise<number[]> {
  return rounds(async () => {
    await call();
    return 1;
  });
}

async function inFlight(call: Call): Promise<number[]> {
  return rounds(async () => {
    await Promise.all(Array.from({ length: IN_FLIGHT }, call));
    return IN_FLIGHT;
  });
}

/** Microseconds per call, once a round. */
async function rounds(batch: () => Promise<number>): Promise<number[]> {
  for (let warm = 0; warm < 20; warm++) await batch();
  const figures: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const startedAt = performance.now();
    let calls = 0;
    while (performance.now() - startedAt < ROUND_MS) calls += await batch();
    figures.push(((performance.now() - startedAt) * 1_000) / calls);
  }
  return figures;
}

const rows: string[][] = [];
for (const machines of [1, 500]) {
  using folder = newFolder("bench-calls");
  const dataDir = join(folder.path, "data");
  const filling = quietShards(dataDir, 1);
  await filling.start();
  await fill(filling.org(DEFAULT_ORG), machines);
  const { resources } = await filling.org(DEFAULT_ORG).resources.list({ text: "machine-0" });
  const resourceId = resources[0]?.id as ResourceId;
  await filling.stop();

  const db = openDatabase(orgFile(dataDir, DEFAULT_ORG), "existing");
  const file = { use: () => db, sizeBytes: () => 0 };
  const local = new OrgRuntime(DEFAULT_ORG, file, { ...UNHEARD, clock: Date.now, log: new Log(() => {}) });
  const shards = quietShards(dataDir, 1);
  await shards.start();
  const calls = shards.org(DEFAULT_ORG);

  const range = { resourceId, metrics: ["m0"], from: now - 3_600_000, to: now };
  const page = {};
  const cases: [name: string, direct: Call, shard: Call][] = [
    [
      `resources.list, ${machines}`,
      async () => orgVerbs.resources.list(local, page),
      () => calls.resources.list(page),
    ],
  ];
  if (machines === 1) {
    cases.unshift([
      "health.check (empty)",
      async () => orgVerbs.health.check(local),
      () => calls.health.check(),
    ]);
    cases.push([
      "history.range, 1 h",
      () => orgVerbs.history.range(local, range),
      () => calls.history.range(range),
    ]);
  }
  for (const [name, direct, shard] of cases) {
    rows.push([
      name,
      spread(await sequential(direct)),
      spread(await sequential(shard)),
      spread(await inFlight(direct)),
      spread(await inFlight(shard)),
    ]);
  }
  local.close();
  db.close();
  await shards.stop();
}
printTable(
  `Edge to actor and back, µs per call: median (10-90 %) of ${ROUNDS} rounds of ${ROUND_MS} ms`,
  ["verb", "direct, one", "shard, one", `direct, ${IN_FLIGHT}`, `shard, ${IN_FLIGHT}`],
  rows,
);
