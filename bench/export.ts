/**
 * What an export of history costs the server: time, and above all memory, which must not grow with what is exported
 * or with how slowly it is read.
 *
 *   bun bench/export.ts [samples in millions=10]
 *
 * One machine of 90 series, a sample every ten seconds, sealed by the server's own code; then exported by a server in a
 * process of its own, read as fast as this machine can, and read slowly: two megabytes a second, given up after a while.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_ORG } from "../server/contract/ids.ts";
import { systemClock } from "../server/lib/clock.ts";
import { Log } from "../server/lib/log.ts";
import { OrgRuntime, UNHEARD } from "../server/runtime/org-runtime.ts";
import { orgVerbs } from "../server/runtime/org-verbs.ts";
import { OrgConnections } from "../server/tenancy/connections.ts";
import { newFolder, startServer } from "../tests/faults/child-server.ts";
import { EMAIL, fillDataDir } from "./filled-data-dir.ts";
import { EVERY_MS, machineData, SERIES } from "./history-data.ts";
import { readProcess } from "./process-reading.ts";
import { printTable } from "./table.ts";

const MILLIONS = Number(process.argv[2] ?? 10);
const ROWS = Math.ceil((MILLIONS * 1e6) / SERIES);
const SLOW_BYTES_PER_SECOND = 2e6;
const SLOW_SECONDS = 20;
const WATCH_EVERY_MS = 50;

using folder = newFolder("bench-export");
const dataDir = join(folder.path, "data");
const { password } = await fillDataDir(dataDir, { orgs: 0 });
const { id, from, to } = await fillHistory();
await using server = await startServer(dataDir, { environment: { PULSE_LOCAL_AGENT: "false" } });
const { headers } = await server.post("session.signIn", { email: EMAIL, password });
const cookie = headers.get("set-cookie")?.split(";")[0] ?? "";
const path = `${server.url}/api/history/export?resource=${id}&from=${from}&to=${to}`;

/* What a server that has done nothing yet takes for its first megabytes is not told. */
await measured("", "&format=csv", { most: 20 });
const rows = [
  await measured("CSV", "&format=csv", {}),
  await measured("OpenMetrics", "&format=openmetrics", {}),
  await measured(`OpenMetrics, read at 2 MB/s for ${SLOW_SECONDS} s`, "&format=openmetrics", {
    slowly: true,
  }),
];
printTable(
  `Export of ${(ROWS * SERIES).toLocaleString("en")} samples`,
  ["", "seconds", "MB", "anonymous MB before", "most while it runs", "CPU seconds"],
  rows,
);

async function fillHistory(): Promise<{ id: string; from: number; to: number }> {
  const files = new OrgConnections(dataDir);
  const file = { use: () => files.use(DEFAULT_ORG), sizeBytes: () => files.sizeOf(DEFAULT_ORG) };
  const org = new OrgRuntime(DEFAULT_ORG, file, { ...UNHEARD, clock: systemClock, log: new Log(() => {}) });
  const from =
    Math.floor(Date.now() / 86_400_000) * 86_400_000 -
    Math.ceil((ROWS * EVERY_MS) / 86_400_000 + 1) * 86_400_000;
  const { times, series } = machineData(1, from, ROWS);
  const report = {
    v: 1,
    boot: "bench-boot",
    seq: 0,
    at: Date.now(),
    intervalMs: EVERY_MS,
    resources: [{ kind: "host", key: "host", name: "nas", status: "up", attributes: {}, metrics: {} }],
  } as const;
  await orgVerbs.reports.ingest(org, { source: "bench", report: structuredClone(report) as never });
  const [host] = org.inventory.all();
  if (!host) throw new Error("the machine did not come");
  for (let row = 0; row < ROWS; row++) {
    const metrics = Object.fromEntries(series.map((values, n) => [`figure_${n}`, values[row] as number]));
    org.history.stage("bench", times[row] as number, [{ id: host.id, metrics }]);
    if (row % 5_000 === 4_999) org.commit.flush();
  }
  org.commit.flush();
  org.upkeep.finish();
  org.close();
  files.closeAll();
  return { id: host.id, from, to: from + ROWS * EVERY_MS + EVERY_MS };
}

/** Read often, so it is the figure that costs the kernel nothing. */
function anonymousMb(): number {
  const status = readFileSync(`/proc/${server.pid}/status`, "utf8");
  return Number(/RssAnon:\s+(\d+)/.exec(status)?.[1]) / 1_024;
}

async function measured(
  name: string,
  more: string,
  { slowly = false, most = Number.POSITIVE_INFINITY }: { slowly?: boolean; most?: number },
): Promise<(string | number)[]> {
  const before = readProcess(server.pid);
  let peak = before.anonymousMb;
  const watching = setInterval(() => {
    peak = Math.max(peak, anonymousMb());
  }, WATCH_EVERY_MS);
  const leaving = new AbortController();
  const response = await fetch(path + more, { headers: { cookie }, signal: leaving.signal });
  if (!response.ok || !response.body) throw new Error(`${response.status} ${await response.text()}`);
  /* So that nothing is read that nobody looks at. */
  const hash = createHash("sha256");
  let bytes = 0;
  const startedAt = performance.now();
  for await (const chunk of response.body) {
    bytes += chunk.length;
    hash.update(chunk);
    const seconds = (performance.now() - startedAt) / 1_000;
    if (slowly) await Bun.sleep(Math.max(0, bytes / SLOW_BYTES_PER_SECOND - seconds) * 1_000);
    if ((slowly && seconds > SLOW_SECONDS) || bytes > most * 1e6) break;
  }
  leaving.abort();
  clearInterval(watching);
  const seconds = (performance.now() - startedAt) / 1_000;
  const after = readProcess(server.pid);
  return [
    name,
    seconds.toFixed(1),
    (bytes / 1e6).toFixed(0),
    before.anonymousMb.toFixed(0),
    Math.max(peak, after.anonymousMb).toFixed(0),
    (after.cpuSeconds - before.cpuSeconds).toFixed(1),
  ];
}
