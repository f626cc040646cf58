/**
 * Years of some machines in a data directory that a server can be started on, made by the server's own pipeline: every
 * report is taken by `pipeline.ingest`, only the clock is not ours. Then what the file takes, and how long its ranges
 * take to read.
 *
 *   bun bench/two-years.ts <folder that is not there yet> [machines=10] [days=730] [seconds between reports=60]
 *
 * The last report is of the hour before now. Prints who may sign in. Two years of ten machines take half an hour.
 */
import { existsSync, statSync } from "node:fs";
import { DEFAULT_ORG, type ResourceId } from "../server/contract/ids.ts";
import { DAY, HOUR } from "../server/history/chunk-table.ts";
import { usedBytes } from "../server/history/retention.ts";
import { errorText, Log } from "../server/lib/log.ts";
import { OrgRuntime, UNHEARD } from "../server/runtime/org-runtime.ts";
import { orgVerbs } from "../server/runtime/org-verbs.ts";
import { ingest } from "../server/runtime/pipeline.ts";
import { OrgConnections } from "../server/tenancy/connections.ts";
import { orgFile } from "../server/tenancy/paths.ts";
import { EMAIL, fillDataDir } from "./filled-data-dir.ts";
import { SimulatedMachine } from "./simulated-machine.ts";
import { printTable, spread } from "./table.ts";

const [dataDir = "", machineCount = "10", dayCount = "730", every = "60"] = process.argv.slice(2);
const MACHINES = Number(machineCount);
const DAYS = Number(dayCount);
const EVERY_MS = Number(every) * 1_000;
/** Rows of the figures: see `history-data`. */
const ROW_MS = 10_000;
const READS = 15;
/** Yesterday is sealed when this much of a day is over. */
const SEALED_AT = 2 * HOUR;

if (!dataDir || existsSync(dataDir)) throw new Error("name a folder that is not there yet");
process.umask(0o077);
const endAt = Math.floor(Date.now() / HOUR) * HOUR;
const startAt = endAt - DAYS * DAY;
const { password, agents } = await fillDataDir(dataDir, { orgs: 0, agentsPerOrg: MACHINES });

const files = new OrgConnections(dataDir);
const file = { use: () => files.use(DEFAULT_ORG), sizeBytes: () => files.sizeOf(DEFAULT_ORG) };
let now = startAt;
const log = new Log((level, message, fields) => console.error(level, message, JSON.stringify(fields)));
const org = new OrgRuntime(DEFAULT_ORG, file, { ...UNHEARD, clock: () => now, log });
/* By the clock of the machines, not by ours. */
org.upkeep.stop();

const machines = agents.map((id, index) => ({
  source: `agent:${id}`,
  machine: new SimulatedMachine(index + 1),
}));
const startedAt = performance.now();
let samples = 0;
let seq = 0;
for (let hourAt = startAt; hourAt < endAt; hourAt += HOUR) {
  for (let at = hourAt; at < hourAt + HOUR; at += EVERY_MS) {
    now = at;
    seq += 1;
    for (const { source, machine } of machines) {
      const resources = machine.next((at - startAt) / ROW_MS);
      for (const { metrics } of resources) samples += Object.keys(metrics).length;
      const report = { v: 1 as const, boot: "boot-0001", seq, at, intervalMs: EVERY_MS, resources };
      if (ingest(org, { source, report }) !== "stored") throw new Error("a report was not stored");
    }
  }
  org.commit.flush();
  now = hourAt + HOUR;
  if (now % DAY === SEALED_AT) org.upkeep.finish();
  /* What open pages would be told goes out between two turns. */
  await new Promise(setImmediate);
  const done = (now - startAt) / (endAt - startAt);
  if (now % (30 * DAY) === 0) console.error(`${Math.round(done * 100)} %`);
}
org.upkeep.finish();
const seconds = (performance.now() - startedAt) / 1_000;
const bytes = usedBytes(files.use(DEFAULT_ORG));

const hosts = [...org.inventory.all()].filter(({ kind }) => kind === "host");
const host = hosts[0]?.id as ResourceId;
const rows: (string | number)[][] = [];
for (const [name, days] of [
  ["24 hours", 1],
  ["90 days", 90],
  ["all of it", DAYS],
] as const) {
  const times: number[] = [];
  for (let read = 0; read < READS; read++) {
    const range = { resourceId: host, metrics: ["cpu_percent"], from: endAt - days * DAY, to: endAt };
    const askedAt = performance.now();
    await orgVerbs.history.range(org, { ...range, maxPoints: 1_000 });
    times.push(performance.now() - askedAt);
  }
  rows.push([name, times[0]?.toFixed(1) ?? "", spread(times.slice(1))]);
}
try {
  org.close();
} catch (error) {
  log.error("could not close", { error: errorText(error) });
}
files.closeAll();
printTable(
  "One series to 1,000 points in the org's thread, ms",
  ["", "first", "then, median (10-90 %)"],
  rows,
);
console.log(
  [
    `${MACHINES} machines, ${DAYS} days, every ${EVERY_MS / 1_000} s: ${(samples / 1e6).toFixed(0)} million samples`,
    `made in ${(seconds / 60).toFixed(1)} min, ${((seconds / samples) * 1e9).toFixed(0)} ns a sample`,
    `${(statSync(orgFile(dataDir, DEFAULT_ORG)).size / 1e6).toFixed(0)} MB, ${(bytes / samples).toFixed(3)} bytes a sample`,
    `sign in as ${EMAIL} with ${password}`,
  ].join("\n"),
);
