/**
 * Reports of machines over HTTP, durable: how many a second one core takes, at what latency, and in how much memory,
 * beside VictoriaMetrics taking the same samples by import.
 *
 *   bun bench/ingest.ts [seconds=20]
 *   bun bench/ingest.ts orgs [how many=10000] [seconds=60]   one machine in each org, reporting every 10 s
 *
 * A report is a machine of 90 series: 40 of its own, 10 containers with 5 each. The servers run on the first core, the
 * load on the second, one server after the other in the same run; each round sends other values.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { newFolder, startServer } from "../tests/faults/child-server.ts";
import { FROM_CHECKOUT } from "../tests/support/program.ts";
import { fillDataDir } from "./filled-data-dir.ts";
import { readProcess } from "./process-reading.ts";
import { printTable, quantile } from "./table.ts";

const CONNECTIONS = 64;
/** One agent is let through once a second; from a full bucket sixty times. */
const PER_AGENT = 55;
const VICTORIA_METRICS = "/usr/bin/victoria-metrics";
const IMPORT_PORT = 18_428;

const OWN_SERIES = 40;
const CONTAINERS = 10;
const SERIES_OF_CONTAINER = 5;

interface Load {
  requests: number;
  seconds: number;
  latenciesMs: number[];
  refused: number;
}

/** Sends as fast as it is answered over so many connections, or as `paceMs` says between two of one connection. */
async function load(
  url: string,
  next: (index: number) => { headers: Record<string, string>; body: string } | undefined,
  { seconds, connections, paceMs = 0 }: { seconds: number; connections: number; paceMs?: number },
): Promise<Load> {
  const latenciesMs: number[] = [];
  let requests = 0;
  let refused = 0;
  let index = 0;
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1_000;
  const one = async (offsetMs: number) => {
    await sleep(offsetMs);
    while (performance.now() < endsAt) {
      const request = next(index++);
      if (!request) return;
      const sentAt = performance.now();
      const response = await fetch(url, { method: "POST", ...request });
      await response.arrayBuffer();
      latenciesMs.push(performance.now() - sentAt);
      requests++;
      if (!response.ok) refused++;
      if (paceMs > 0) await sleep(Math.max(0, paceMs - (performance.now() - sentAt)));
    }
  };
  await Promise.all(
    Array.from({ length: connections }, (_, place) => one(paceMs > 0 ? (place / connections) * paceMs : 0)),
  );
  return { requests, seconds: (performance.now() - startedAt) / 1_000, latenciesMs, refused };
}

const value = (seed: number) => Math.round((50 + 50 * Math.sin(seed)) * 100) / 100;

function reportOf(machine: number, seq: number, at: number): string {
  const metrics = (count: number, seed: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`figure_${n}_percent`, value(seed + n)]));
  const host = {
    kind: "host",
    key: "host",
    name: `machine-${machine}`,
    status: "up",
    attributes: { os: "Debian 12", kernel: "6.1", cpu_count: 4 },
    metrics: metrics(OWN_SERIES, machine + seq),
  };
  const containers = Array.from({ length: CONTAINERS }, (_, n) => ({
    kind: "container",
    key: `container/podman/app-${n}`,
    parent: "host",
    name: `app-${n}`,
    status: "up",
    attributes: { image: "app:1" },
    metrics: metrics(SERIES_OF_CONTAINER, machine + seq + n),
  }));
  return JSON.stringify({
    v: 1,
    boot: `boot-${machine}-000`,
    seq,
    at,
    intervalMs: 10_000,
    resources: [host, ...containers],
  });
}

function linesOf(machine: number, seq: number, at: number): string {
  const lines: string[] = [];
  for (let n = 0; n < OWN_SERIES; n++)
    lines.push(`figure_${n}_percent{machine="machine-${machine}"} ${value(machine + seq + n)} ${at}`);
  for (let c = 0; c < CONTAINERS; c++)
    for (let n = 0; n < SERIES_OF_CONTAINER; n++)
      lines.push(
        `figure_${n}_percent{machine="machine-${machine}",container="app-${c}"} ${value(machine + seq + c + n)} ${at}`,
      );
  return lines.join("\n");
}

/** Bodies are made before, so that the load's core has nothing to do but to send. */
function prepared<T>(count: number, make: (machine: number, round: number) => T, machines: number): T[] {
  return Array.from({ length: count }, (_, index) => make(index % machines, Math.floor(index / machines)));
}

function row(name: string, done: Load, cpuSeconds: number, anonymousMb: number): (string | number)[] {
  const perSecond = done.requests / done.seconds;
  return [
    name,
    done.requests,
    Math.round(perSecond),
    ((cpuSeconds / done.requests) * 1e6).toFixed(0),
    Math.round(done.requests / cpuSeconds),
    quantile(done.latenciesMs, 0.5).toFixed(1),
    quantile(done.latenciesMs, 0.99).toFixed(1),
    anonymousMb.toFixed(0),
    done.refused,
  ];
}

const COLUMNS = [
  "",
  "reports",
  "per second",
  "CPU us each",
  "per s and core",
  "p50 ms",
  "p99 ms",
  "anon MB",
  "refused",
];

async function pulseRow(seconds: number, orgs: number): Promise<(string | number)[]> {
  using folder = newFolder("bench-ingest");
  const dataDir = join(folder.path, "data");
  const machines = 2_000;
  const limits = { agents: 10_000, reportsPerMinute: 600_000, resources: 200_000 };
  const { tokens } = await fillDataDir(dataDir, {
    orgs: orgs === 1 ? 0 : orgs,
    agentsPerOrg: machines / orgs,
    limits,
  });
  await using server = await startServer(dataDir, {
    command: ["taskset", "-c", "0", ...FROM_CHECKOUT],
    environment: { PULSE_LOCAL_AGENT: "false", PULSE_MULTI_TENANT_ENABLED: "true" },
  });
  const at = Date.now() - PER_AGENT * 10_000;
  const bodies = prepared(
    machines * PER_AGENT,
    (machine, round) => ({
      headers: { "content-type": "application/json", authorization: `Bearer ${tokens[machine]}` },
      body: reportOf(machine, round, at + round * 10_000),
    }),
    machines,
  );
  const before = readProcess(server.pid);
  const done = await load(`${server.url}/api/agent/report`, (index) => bodies[index], {
    seconds,
    connections: CONNECTIONS,
  });
  const after = readProcess(server.pid);
  await server.stop();
  return row(
    `Pulse, ${orgs} ${orgs === 1 ? "org" : "orgs"}`,
    done,
    after.cpuSeconds - before.cpuSeconds,
    after.anonymousMb,
  );
}

async function victoriaRow(seconds: number): Promise<(string | number)[] | undefined> {
  if (!existsSync(VICTORIA_METRICS)) return undefined;
  using folder = newFolder("bench-victoria");
  const machines = 2_000;
  const at = Date.now() - PER_AGENT * 10_000;
  const bodies = prepared(
    machines * PER_AGENT,
    (machine, round) => ({
      headers: { "content-type": "text/plain" },
      body: linesOf(machine, round, at + round * 10_000),
    }),
    machines,
  );
  const child = spawn(
    "taskset",
    [
      "-c",
      "0",
      VICTORIA_METRICS,
      `-storageDataPath=${folder.path}`,
      `-httpListenAddr=127.0.0.1:${IMPORT_PORT}`,
    ],
    { env: { ...process.env, GOMAXPROCS: "1" }, stdio: "ignore" },
  );
  try {
    const url = `http://127.0.0.1:${IMPORT_PORT}`;
    for (let tries = 0; tries < 100; tries++) {
      const up = await fetch(`${url}/health`).then(
        (response) => response.ok,
        () => false,
      );
      if (up) break;
      await sleep(100);
    }
    const before = readProcess(child.pid as number);
    const done = await load(`${url}/api/v1/import/prometheus`, (index) => bodies[index], {
      seconds,
      connections: CONNECTIONS,
    });
    const after = readProcess(child.pid as number);
    return row("VictoriaMetrics, import", done, after.cpuSeconds - before.cpuSeconds, after.anonymousMb);
  } finally {
    child.kill();
  }
}

async function manyOrgs(orgs: number, seconds: number): Promise<void> {
  using folder = newFolder("bench-orgs-reporting");
  const dataDir = join(folder.path, "data");
  const { tokens } = await fillDataDir(dataDir, { orgs, agentsPerOrg: 1 });
  await using server = await startServer(dataDir, {
    environment: { PULSE_LOCAL_AGENT: "false", PULSE_MULTI_TENANT_ENABLED: "true" },
  });
  const begun = Date.now();
  const rounds = new Array<number>(orgs).fill(0);
  const next = (index: number) => {
    const machine = index % orgs;
    const seq = rounds[machine] as number;
    rounds[machine] = seq + 1;
    return {
      headers: { "content-type": "application/json", authorization: `Bearer ${tokens[machine]}` },
      body: reportOf(machine, seq, begun + seq),
    };
  };
  /* As many connections as one machine opens files; each speaks for several machines. */
  const connections = Math.min(orgs, 500);
  const paceMs = (10_000 * connections) / orgs;
  const before = readProcess(server.pid);
  const done = await load(`${server.url}/api/agent/report`, next, { seconds, connections, paceMs });
  const after = readProcess(server.pid);
  const cpu = after.cpuSeconds - before.cpuSeconds;
  await server.stop();
  printTable(
    `${orgs} orgs, one machine in each, a report every 10 s, over ${seconds} s`,
    [...COLUMNS, "CPU % of a core", "written MB/s"],
    [
      [
        ...row("Pulse", done, cpu, after.anonymousMb),
        ((cpu / done.seconds) * 100).toFixed(0),
        ((after.writtenBytes - before.writtenBytes) / done.seconds / 1e6).toFixed(1),
      ],
    ],
  );
}

if (process.argv[2] === "orgs") {
  await manyOrgs(Number(process.argv[3] ?? 10_000), Number(process.argv[4] ?? 60));
} else {
  const seconds = Number(process.argv[2] ?? 20);
  const rows = [await pulseRow(seconds, 1), await victoriaRow(seconds), await pulseRow(seconds, 50)];
  printTable(
    "Reports of 90 series over HTTP, as fast as they are taken, one core for the server",
    COLUMNS,
    rows.filter((one) => one !== undefined),
  );
}
