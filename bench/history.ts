/**
 * The same samples in Pulse, VictoriaMetrics and Prometheus: what they take on disk when everything has settled, what
 * taking them costs, and how long charts take to read. Peers that are not installed are left out.
 *
 *   bun bench/history.ts [machines=20] [days of one machine=365]
 *
 * So many machines of 90 series for a day, every 10 s; and one of 5 series for so many days. It takes about ten
 * minutes, most of it for making the samples and taking them; with `4 90` two. Ratios within a run hold, absolute figures
 * do not: servers share the machine with whatever else runs.
 *
 * Questions are the same for all, asked over HTTP by one client: Pulse's in the form in which the page asks, of the whole
 * product (signed in, through every check); the peers' in one query for all machines. All answer in the steps Pulse
 * answers in: a day in samples, longer in steps with least, greatest and mean of each (VictoriaMetrics by its
 * `rollup`, Prometheus by three queries). Pulse gives times, mean, least and greatest also where a step is one sample,
 * where the peers give one value. Cold: a fresh process, and nothing of its files in the kernel's cache. Warm: after
 * ten times; the peers take turns. VictoriaMetrics has its cache of answers off. Processor: of the server, in
 * milliseconds a question, the mean of the warm ones; it says more than the time where the machine is busy.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { newFolder } from "../tests/faults/child-server.ts";
import { EVERY_MS, machineData, SERIES } from "./history-data.ts";
import { installedPeers, type Peer, type Question } from "./history-peers.ts";
import { readProcess } from "./process-reading.ts";
import { printTable, spread } from "./table.ts";

const MACHINES = Number(process.argv[2] ?? 20);
const LONG_DAYS = Number(process.argv[3] ?? 365);
const DAY = 86_400_000;
const ROWS_OF_DAY = DAY / EVERY_MS;
const LONG_SERIES = 5;
const COLD_RUNS = 3;
const WARM_UPS = 10;
const WARM_RUNS = 25;
/** Days that are over, so that every peer has closed them. */
const DAY_AT = Math.floor(Date.now() / DAY) * DAY - 3 * DAY;
const LONG_AT = DAY_AT - LONG_DAYS * DAY;
const LONG = "long";

process.umask(0o077);
using folder = newFolder("bench-history");
const peers = await installedPeers(folder.path);

for (let machine = 0; machine < MACHINES; machine++) {
  const data = machineData(machine + 1, DAY_AT, ROWS_OF_DAY);
  for (const peer of peers) await peer.add(`machine-${machine}`, data);
}
const samples = MACHINES * ROWS_OF_DAY * SERIES;
const settled: { bytes: number; cpuSeconds: number }[] = [];
for (const peer of peers) settled.push(await peer.settle());
const long = machineData(MACHINES + 1, LONG_AT, LONG_DAYS * ROWS_OF_DAY, LONG_SERIES);
for (const peer of peers) {
  await peer.add(LONG, long);
  await peer.settle();
}

const all = Array.from({ length: MACHINES }, (_, machine) => `machine-${machine}`);
const day = { from: DAY_AT, to: DAY_AT + DAY, points: ROWS_OF_DAY };
const past = (days: number) => ({ ids: [LONG], from: DAY_AT - days * DAY, to: DAY_AT, points: 1_000 });
const questions: [name: string, question: Question][] = [
  ["24 h, 1 series", { ids: all.slice(0, 1), ...day }],
  [`24 h, ${MACHINES} machines`, { ids: all, ...day }],
  ["90 days, 1,000 points", past(90)],
  [`${LONG_DAYS} days, 1,000 points`, past(LONG_DAYS)],
];

const cold = new Map<string, number[]>();
const warm = new Map<string, number[]>();
const processor = new Map<string, number[]>();
const sizes = new Map<string, number>();
const note = (into: Map<string, number[]>, key: string, ms: number) =>
  into.set(key, [...(into.get(key) ?? []), ms]);
for (let run = 0; run < COLD_RUNS; run++) {
  for (const [name, question] of questions) {
    for (const peer of peers) {
      dropCache(peer.path);
      const server = await peer.serve();
      note(cold, `${peer.name} ${name}`, (await server.ask(question)).ms);
      await server.stop();
    }
  }
}
const servers = await Promise.all(peers.map(async (peer) => ({ peer, server: await peer.serve() })));
for (let run = 0; run < WARM_UPS + WARM_RUNS; run++) {
  for (const [name, question] of questions) {
    for (const { peer, server } of servers) {
      const usedBefore = readProcess(server.pid).cpuSeconds;
      const { ms, bytes } = await server.ask(question);
      const usedMs = (readProcess(server.pid).cpuSeconds - usedBefore) * 1_000;
      if (run >= WARM_UPS) {
        note(warm, `${peer.name} ${name}`, ms);
        note(processor, `${peer.name} ${name}`, usedMs);
      }
      sizes.set(`${peer.name} ${name}`, bytes);
    }
  }
}
const memory = servers.map(({ server }) => readProcess(server.pid));
for (const { server } of servers) await server.stop();

/** The kernel forgets what it read of these files, and of no others. */
function dropCache(path: string): void {
  for (const name of readdirSync(path, { recursive: true, encoding: "utf8" }))
    Bun.spawnSync(["dd", `if=${join(path, name)}`, "iflag=nocache", "count=0", "status=none"]);
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const perPeer = (cell: (peer: Peer, index: number) => string) => peers.map(cell);
printTable(
  `History of ${MACHINES} machines with ${SERIES} series for a day, and of one with ${LONG_SERIES} for ${LONG_DAYS} days; ms are medians (10-90 %)`,
  ["", ...peers.map(({ name }) => name)],
  [
    ["bytes per sample, settled", ...perPeer((_, n) => ((settled[n]?.bytes ?? 0) / samples).toFixed(2))],
    [
      "processor to take and settle a sample, ns",
      ...perPeer((_, n) => (((settled[n]?.cpuSeconds ?? 0) / samples) * 1e9).toFixed(0)),
    ],
    ...questions.flatMap(([name]) => [
      [`${name}: cold`, ...perPeer((peer) => spread(cold.get(`${peer.name} ${name}`) ?? []))],
      ["  warm", ...perPeer((peer) => spread(warm.get(`${peer.name} ${name}`) ?? []))],
      ["  processor", ...perPeer((peer) => mean(processor.get(`${peer.name} ${name}`) ?? []).toFixed(1))],
      ["  kB", ...perPeer((peer) => ((sizes.get(`${peer.name} ${name}`) ?? 0) / 1_000).toFixed(0))],
    ]),
    ["anonymous memory after it, MB", ...perPeer((_, n) => memory[n]?.anonymousMb.toFixed(0) ?? "-")],
    ["resident, MB", ...perPeer((_, n) => memory[n]?.rssMb.toFixed(0) ?? "-")],
  ],
);
