/**
 * The same samples in Pulse, VictoriaMetrics and Prometheus: what they take on disk when everything has settled, and
 * how long charts take to read. Peers that are not installed are left out.
 *
 *   bun bench/history.ts [machines=20] [days of one machine=365]
 *
 * So many machines of 90 series for a day, every 10 s; and one of 5 series for so many days. Ratios within a run hold,
 * absolute figures do not: servers share the machine with whatever else runs.
 */
import { appendFileSync, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ResourceId } from "../server/contract/ids.ts";
import { usedBytes } from "../server/history/retention.ts";
import { HistoryStore } from "../server/history/store.ts";
import { Upkeep } from "../server/history/upkeep.ts";
import { loadMigrations } from "../server/tenancy/migrate.ts";
import { openMigrated } from "../server/tenancy/open.ts";
import { newFolder } from "../tests/faults/child-server.ts";
import { EVERY_MS, type MachineData, machineData, SERIES } from "./history-data.ts";
import { readProcess } from "./process-reading.ts";
import { median, printTable } from "./table.ts";

const MACHINES = Number(process.argv[2] ?? 20);
const LONG_DAYS = Number(process.argv[3] ?? 365);
const DAY = 86_400_000;
const ROWS_OF_DAY = DAY / EVERY_MS;
const LONG_SERIES = 5;
const ROWS_PER_COMMIT = 60;
const WARM_RUNS = 9;
/** Days that are over, so that every peer has closed them. */
const DAY_AT = Math.floor(Date.now() / DAY) * DAY - 3 * DAY;
const LONG_AT = DAY_AT - LONG_DAYS * DAY;
const VICTORIA_METRICS = "/usr/bin/victoria-metrics";
const PROMETHEUS = "/usr/bin/prometheus";
/** Blocks of two hours, as a server begins with, would have the text read once for each. */
const CREATE_BLOCKS = "promtool tsdb create-blocks-from --max-block-duration=744h openmetrics -q".split(" ");
const PORTS = { pulse: 18_431, victoria: 18_432, prometheus: 18_433 };

/** Digits of an id are letters. */
const idOf = (machine: number) => {
  const digits = machine.toString(8).replaceAll(/\d/g, (digit) => "abcdefgh"[Number(digit)] as string);
  return ResourceId.parse(`r${digits.padStart(19, "a")}`);
};
const LONG = idOf(99_999);
const metricOf = (series: number) => `m${series}`;

using folder = newFolder("bench-history");
process.umask(0o077);

interface Peer {
  name: string;
  add(id: string, data: MachineData): void | Promise<void>;
  /** Bytes on disk, once nothing more is going to happen to what was added. */
  settle(): number | Promise<number>;
  serve(): Promise<{ pid: number; stop(): Promise<void> }>;
  /** As many requests as it needs for least, greatest and mean. */
  urls(question: { id: string; from: number; to: number; points: number }): string[];
}

/** Whatever goes wrong, no server stays behind. */
const children = new Set<{ kill(): void }>();
process.on("exit", () => {
  for (const child of children) child.kill();
});

const cpuSeconds = () => (process.cpuUsage().user + process.cpuUsage().system) / 1e6;

function pulse(): Peer & { ingestSeconds: number; sealSeconds: number } {
  const path = join(folder.path, "pulse.db");
  const db = openMigrated(path, "create", loadMigrations("org"));
  const history = new HistoryStore(() => db);
  let now = 0;
  const upkeep = new Upkeep({ db: () => db, history, clock: () => now, onFailure: () => {} });
  const peer = {
    name: "Pulse",
    ingestSeconds: 0,
    sealSeconds: 0,
    add(id: string, { times, series }: MachineData) {
      for (let from = 0; from < times.length; from += ROWS_OF_DAY) {
        const startedAt = cpuSeconds();
        for (let row = from; row < Math.min(times.length, from + ROWS_OF_DAY); row++) {
          const metrics = Object.fromEntries(series.map((values, n) => [metricOf(n), values[row] as number]));
          history.stage(id, times[row] as number, [{ id: ResourceId.parse(id), metrics }]);
          if (row % ROWS_PER_COMMIT === ROWS_PER_COMMIT - 1) {
            /* Nothing of it is late. */
            now = times[row] as number;
            db.transaction(() => history.write());
            history.written();
          }
        }
        const addedAt = cpuSeconds();
        now = (times[Math.min(times.length, from + ROWS_OF_DAY) - 1] as number) + DAY;
        upkeep.finish();
        peer.ingestSeconds += addedAt - startedAt;
        peer.sealSeconds += cpuSeconds() - addedAt;
      }
    },
    settle: () => usedBytes(db),
    async serve() {
      upkeep.stop();
      db.close();
      return started(
        [process.execPath, join(import.meta.dir, "history-server.ts"), path, String(PORTS.pulse)],
        PORTS.pulse,
      );
    },
    urls: ({ id, from, to, points }: Parameters<Peer["urls"]>[0]) => [
      `http://127.0.0.1:${PORTS.pulse}/?id=${id}&metric=m0&from=${from}&to=${to}&points=${points}`,
    ],
  };
  return peer;
}

async function victoria(): Promise<Peer> {
  const path = join(folder.path, "victoria");
  const origin = `http://127.0.0.1:${PORTS.victoria}`;
  const command = [
    VICTORIA_METRICS,
    `-storageDataPath=${path}`,
    `-httpListenAddr=127.0.0.1:${PORTS.victoria}`,
    "-retentionPeriod=5y",
  ];
  const server = await started(command, PORTS.victoria);
  return {
    name: "VictoriaMetrics",
    async add(id, { times, series }) {
      const timestamps = [...times];
      for (const [n, values] of series.entries()) {
        const body = JSON.stringify({
          metric: { __name__: metricOf(n), id },
          values: [...values],
          timestamps,
        });
        const response = await fetch(`${origin}/api/v1/import`, { method: "POST", body });
        if (!response.ok) throw new Error(`import: ${response.status}`);
      }
    },
    async settle() {
      await (await fetch(`${origin}/internal/force_flush`)).text();
      await (await fetch(`${origin}/internal/force_merge`)).text();
      for (let before = -1; ; ) {
        await sleep(2_000);
        const bytes = sizeOf(join(path, "data"));
        if (bytes === before) return bytes;
        before = bytes;
      }
    },
    serve: async () => server,
    urls: (question) => prometheusUrls(origin, question).map((url) => `${url}&nocache=1`),
  };
}

function prometheus(): Peer {
  const text = join(folder.path, "samples.txt");
  const path = join(folder.path, "prometheus");
  mkdirSync(path);
  const origin = `http://127.0.0.1:${PORTS.prometheus}`;
  let added = false;
  return {
    name: "Prometheus",
    add(id, { times, series }) {
      for (const [n, values] of series.entries()) {
        const lines = Array.from(
          times,
          (at, row) => `${metricOf(n)}{id="${id}"} ${values[row]} ${at / 1_000}`,
        );
        appendFileSync(text, `${lines.join("\n")}\n`);
      }
      added = true;
    },
    async settle() {
      if (added) {
        appendFileSync(text, "# EOF\n");
        const make = Bun.spawn([...CREATE_BLOCKS, text, path], { stdout: "ignore" });
        if ((await make.exited) !== 0) throw new Error("promtool failed");
        await Bun.file(text).delete();
        added = false;
      }
      return sizeOf(path);
    },
    serve: () =>
      started(
        [
          PROMETHEUS,
          `--storage.tsdb.path=${path}`,
          "--storage.tsdb.retention.time=5y",
          "--config.file=/dev/null",
          `--web.listen-address=127.0.0.1:${PORTS.prometheus}`,
        ],
        PORTS.prometheus,
      ),
    urls: (question) => prometheusUrls(origin, question),
  };
}

function prometheusUrls(origin: string, { id, from, to, points }: Parameters<Peer["urls"]>[0]): string[] {
  const step = Math.ceil((to - from) / points / 1_000);
  const selector = `m0{id="${id}"}`;
  const isPlain = step * 1_000 <= EVERY_MS;
  const queries = isPlain
    ? [selector]
    : ["min", "max", "avg"].map((how) => `${how}_over_time(${selector}[${step}s])`);
  return queries.map(
    (query) =>
      `${origin}/api/v1/query_range?query=${encodeURIComponent(query)}&start=${from / 1_000}&end=${to / 1_000 - 1}&step=${step}`,
  );
}

async function started(command: string[], port: number): Promise<{ pid: number; stop(): Promise<void> }> {
  const child = Bun.spawn(command, { stdout: "ignore", stderr: "ignore" });
  children.add(child);
  const stop = async () => {
    child.kill();
    await child.exited;
  };
  for (let tries = 0; tries < 600; tries++) {
    if (child.exitCode !== null) throw new Error(`${command[0]} ended`);
    try {
      /* Whatever it is asked for here: it answers, and is not busy starting. */
      if ((await fetch(`http://127.0.0.1:${port}/-/ready`)).status !== 503) return { pid: child.pid, stop };
    } catch {
      // it does not listen yet
    }
    await sleep(100);
  }
  await stop();
  throw new Error(`${command[0]} does not listen`);
}

function sizeOf(path: string): number {
  const entry = statSync(path, { throwIfNoEntry: false });
  if (!entry) return 0;
  if (!entry.isDirectory()) return entry.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}

/** Milliseconds from the first byte asked to the last byte had, of all of them together. */
async function timed(urls: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  await Promise.all(
    urls.map(async (url) => {
      const response = await fetch(url);
      const text = await response.text();
      if (!response.ok) throw new Error(`${response.status}: ${text.slice(0, 200)}`);
      if (text.length < 1_000) throw new Error(`hardly an answer: ${text}`);
    }),
  );
  return performance.now() - startedAt;
}

const own = pulse();
const peers: Peer[] = [own];
if (existsSync(VICTORIA_METRICS)) peers.push(await victoria());
if (existsSync(PROMETHEUS)) peers.push(prometheus());

for (let machine = 0; machine < MACHINES; machine++) {
  const data = machineData(machine + 1, DAY_AT, ROWS_OF_DAY);
  for (const peer of peers) await peer.add(idOf(machine), data);
}
const samples = MACHINES * ROWS_OF_DAY * SERIES;
const sizes: number[] = [];
for (const peer of peers) sizes.push((await peer.settle()) / samples);
const ingest = { added: own.ingestSeconds, sealed: own.sealSeconds };

const long = machineData(MACHINES + 1, LONG_AT, LONG_DAYS * ROWS_OF_DAY, LONG_SERIES);
for (const peer of peers) {
  await peer.add(LONG, long);
  await peer.settle();
}

const all = Array.from({ length: MACHINES }, (_, machine) => idOf(machine));
const questions: [name: string, ids: readonly string[], from: number, points: number][] = [
  ["24 h, 1 series", all.slice(0, 1), DAY_AT, ROWS_OF_DAY],
  [`24 h, ${MACHINES} machines`, all, DAY_AT, ROWS_OF_DAY],
  ["90 days, 1,000 points", [LONG], DAY_AT - 90 * DAY, 1_000],
  [`${LONG_DAYS} days, 1,000 points`, [LONG], LONG_AT, 1_000],
];
const rows: (string | number)[][] = [];
for (const [index, peer] of peers.entries()) {
  const server = await peer.serve();
  const cells: string[] = [];
  for (const [, ids, from, points] of questions) {
    const to = ids[0] === LONG ? DAY_AT : DAY_AT + DAY;
    const urls = ids.flatMap((id) => peer.urls({ id, from, to, points }));
    const cold = await timed(urls);
    const warm: number[] = [];
    for (let run = 0; run < WARM_RUNS; run++) warm.push(await timed(urls));
    cells.push(`${cold.toFixed(1)} / ${median(warm).toFixed(1)}`);
  }
  const { rssMb, anonymousMb } = readProcess(server.pid);
  await server.stop();
  rows.push([
    peer.name,
    sizes[index]?.toFixed(3) ?? "-",
    ...cells,
    `${rssMb.toFixed(0)} / ${anonymousMb.toFixed(0)}`,
  ]);
}
printTable(
  `History: ${MACHINES} machines of ${SERIES} series for a day; ms over HTTP, first time / median of ${WARM_RUNS}`,
  ["", "bytes per sample", ...questions.map(([name]) => name), "RSS / anonymous MB"],
  rows,
);
console.log(
  `Pulse, processor: ${((ingest.added / samples) * 1e9).toFixed(0)} ns to add a sample, ${((ingest.sealed / samples) * 1e9).toFixed(0)} ns to seal it`,
);
