/** Pulse, VictoriaMetrics and Prometheus as the history bench sees them: samples go in, settle, and are asked for. */
import { appendFileSync, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CALLS_PER_REQUEST } from "../server/contract/batch.ts";
import { DEFAULT_ORG } from "../server/contract/ids.ts";
import type { Report, ReportedResource } from "../server/contract/report.ts";
import { DAY } from "../server/history/chunk-table.ts";
import { usedBytes } from "../server/history/retention.ts";
import { stepFor } from "../server/history/steps.ts";
import { Log } from "../server/lib/log.ts";
import { OrgRuntime, UNHEARD } from "../server/runtime/org-runtime.ts";
import { ingest } from "../server/runtime/pipeline.ts";
import { OrgConnections } from "../server/tenancy/connections.ts";
import { startServer } from "../tests/faults/child-server.ts";
import { EMAIL, fillDataDir } from "./filled-data-dir.ts";
import { EVERY_MS, type MachineData } from "./history-data.ts";
import { readProcess } from "./process-reading.ts";

/** The first series of these machines; answered with at most so many points. Pulse alone is asked for `metrics`. */
export interface Question {
  ids: readonly string[];
  metrics?: readonly string[];
  from: number;
  to: number;
  points: number;
}

export interface Server {
  pid: number;
  /** Milliseconds from the first byte asked to the last byte had, and how many those were. */
  ask(question: Question): Promise<{ ms: number; bytes: number }>;
  stop(): Promise<void>;
}

export interface Peer {
  name: string;
  /** Its whole data. */
  path: string;
  add(id: string, data: MachineData): void | Promise<void>;
  /** Bytes on disk and seconds of processor so far, once nothing more is going to happen to what was added. */
  settle(): Promise<{ bytes: number; cpuSeconds: number }>;
  /** Of a fresh process. */
  serve(): Promise<Server>;
}

const VICTORIA_METRICS = "/usr/bin/victoria-metrics";
const PROMETHEUS = "/usr/bin/prometheus";
/** Blocks of two hours, as a server begins with, would have the text read once for each. */
const CREATE_BLOCKS = "promtool tsdb create-blocks-from --max-block-duration=744h openmetrics -q".split(" ");
const PORTS = { victoria: 18_432, prometheus: 18_433 };
/** A machine's own series; the others are those of containers. */
const OWN_SERIES = 50;
const SERIES_OF_CONTAINER = 5;
const ROWS_OF_DAY = DAY / EVERY_MS;
const ROWS_PER_COMMIT = 60;

/** Those that are installed, Pulse first. */
export async function installedPeers(folder: string): Promise<Peer[]> {
  const peers: Peer[] = [await pulse(join(folder, "pulse"))];
  if (existsSync(VICTORIA_METRICS)) peers.push(await victoria(join(folder, "victoria")));
  if (existsSync(PROMETHEUS)) peers.push(prometheus(join(folder, "prometheus")));
  return peers;
}

const metricOf = (series: number) => `m${series}`;

function resourcesAt(name: string, { series }: MachineData, row: number): ReportedResource[] {
  const part = (from: number, to: number) => {
    const metrics: Record<string, number> = {};
    for (let n = from; n < Math.min(to, series.length); n++)
      metrics[metricOf(n - from)] = series[n]?.[row] as number;
    return metrics;
  };
  const of = { status: "up" as const, attributes: {} };
  const host = { ...of, kind: "host" as const, key: "host", name, metrics: part(0, OWN_SERIES) };
  const resources: ReportedResource[] = [host];
  for (let from = OWN_SERIES; from < series.length; from += SERIES_OF_CONTAINER) {
    const key = `container/docker/app-${from}`;
    const metrics = part(from, from + SERIES_OF_CONTAINER);
    resources.push({ ...of, kind: "container", key, parent: "host", name: key, metrics });
  }
  return resources;
}

/** Its own pipeline on a clock that is not ours, then the whole product as a process of its own. */
export async function pulse(path: string, agents = 0): Promise<Peer & { url: string; tokens: string[] }> {
  const { password, tokens } = await fillDataDir(path, { orgs: 0, agentsPerOrg: agents });
  const files = new OrgConnections(path);
  const file = { use: () => files.use(DEFAULT_ORG), sizeBytes: () => files.sizeOf(DEFAULT_ORG) };
  let now = 0;
  const log = new Log((level, message, fields) => console.error(level, message, fields));
  const org = new OrgRuntime(DEFAULT_ORG, file, { ...UNHEARD, clock: () => now, log });
  org.upkeep.stop();
  let cookie = "";
  const cpuSeconds = () => (process.cpuUsage().user + process.cpuUsage().system) / 1e6;
  let used = 0;
  const resourceIds = new Map<string, string>();

  const peer = {
    name: "Pulse",
    path,
    tokens,
    /** While it is served. */
    url: "",
    async add(id: string, data: MachineData) {
      const { times } = data;
      const [source, boot] = [`agent:${id}`, "boot-0001"];
      for (let from = 0; from < times.length; from += ROWS_OF_DAY) {
        const to = Math.min(times.length, from + ROWS_OF_DAY);
        const reports: Report[] = [];
        for (let row = from; row < to; row++) {
          const at = times[row] as number;
          const resources = resourcesAt(id, data, row);
          reports.push({ v: 1, boot, seq: row + 1, at, intervalMs: EVERY_MS, resources });
        }
        const startedAt = cpuSeconds();
        for (const [index, report] of reports.entries()) {
          now = report.at;
          if (ingest(org, { source, report }) !== "stored") throw new Error("a report was not stored");
          if (index % ROWS_PER_COMMIT === ROWS_PER_COMMIT - 1) org.commit.flush();
        }
        org.commit.flush();
        now += DAY;
        org.upkeep.finish();
        used += cpuSeconds() - startedAt;
        await new Promise(setImmediate);
      }
      for (const { id: resourceId, kind, name } of org.inventory.all())
        if (kind === "host") resourceIds.set(name, resourceId);
    },
    settle: async () => ({ bytes: usedBytes(files.use(DEFAULT_ORG)), cpuSeconds: used }),
    async serve() {
      if (!org.isClosed) {
        org.close();
        files.closeAll();
      }
      const server = await startServer(path, { environment: { PULSE_LOCAL_AGENT: "false" } });
      if (!cookie) {
        const { headers } = await server.post("session.signIn", { email: EMAIL, password });
        cookie = headers.get("set-cookie")?.split(";")[0] ?? "";
      }
      peer.url = server.url;
      return {
        pid: server.pid,
        ask: (question: Question) => timed(pulseUrls(server.url, resourceIds, question), { cookie }),
        stop: async () => void (await server.stop()),
      };
    },
  };
  return peer;
}

/** As the page asks: so many calls in one request. */
function pulseUrls(
  url: string,
  resourceIds: ReadonlyMap<string, string>,
  { ids, metrics = ["m0"], from, to, points }: Question,
): string[] {
  const urls: string[] = [];
  for (let first = 0; first < ids.length; first += CALLS_PER_REQUEST) {
    const some = ids.slice(first, first + CALLS_PER_REQUEST);
    const inputs = some.map((id) => ({
      resourceId: resourceIds.get(id),
      metrics,
      from,
      to,
      maxPoints: points,
    }));
    const input = encodeURIComponent(JSON.stringify({ ...inputs }));
    urls.push(`${url}/api/trpc/${some.map(() => "history.range").join(",")}?batch=1&input=${input}`);
  }
  return urls;
}

async function victoria(path: string): Promise<Peer> {
  const origin = `http://127.0.0.1:${PORTS.victoria}`;
  const start = () =>
    started(
      [
        VICTORIA_METRICS,
        `-storageDataPath=${path}`,
        `-httpListenAddr=127.0.0.1:${PORTS.victoria}`,
        "-retentionPeriod=5y",
      ],
      PORTS.victoria,
    );
  let importing: Awaited<ReturnType<typeof started>> | undefined = await start();
  let cpuSeconds = 0;
  return {
    name: "VictoriaMetrics",
    path,
    async add(id, { times, series }) {
      const timestamps = [...times];
      for (const [n, values] of series.entries()) {
        const metric = { __name__: metricOf(n), id };
        const body = JSON.stringify({ metric, values: [...values], timestamps });
        const response = await fetch(`${origin}/api/v1/import`, { method: "POST", body });
        if (!response.ok) throw new Error(`import: ${response.status}`);
      }
    },
    async settle() {
      if (!importing) throw new Error("it has settled");
      await (await fetch(`${origin}/internal/force_flush`)).text();
      await (await fetch(`${origin}/internal/force_merge`)).text();
      const merged = async () => {
        const text = await (await fetch(`${origin}/metrics`)).text();
        return [...text.matchAll(/^vm_active_(?:force_)?merges.* (\d+)$/gm)].every(
          ([, count]) => count === "0",
        );
      };
      for (let quiet = 0; quiet < 3; quiet = (await merged()) ? quiet + 1 : 0) await sleep(1_000);
      cpuSeconds += readProcess(importing.pid).cpuSeconds;
      /* What it has merged it deletes in its own time, and at the latest when it ends. */
      await importing.stop();
      const bytes = sizeOf(join(path, "data"));
      importing = await start();
      return { bytes, cpuSeconds };
    },
    async serve() {
      await importing?.stop();
      importing = undefined;
      const server = await start();
      /* Its own function for least, greatest and mean at once. */
      const queries = (selector: string, step: number) => [`rollup(${selector}[${step}s])`];
      return {
        ...server,
        ask: (question) => timed(queryUrls(origin, question, queries).map((url) => `${url}&nocache=1`)),
      };
    },
  };
}

function prometheus(path: string): Peer {
  const text = `${path}.txt`;
  mkdirSync(path);
  const origin = `http://127.0.0.1:${PORTS.prometheus}`;
  let cpuSeconds = 0;
  return {
    name: "Prometheus",
    path,
    add(id, { times, series }) {
      for (const [n, values] of series.entries()) {
        const lines = Array.from(
          times,
          (at, row) => `${metricOf(n)}{id="${id}"} ${values[row]} ${at / 1_000}`,
        );
        appendFileSync(text, `${lines.join("\n")}\n`);
      }
    },
    async settle() {
      if (existsSync(text)) {
        appendFileSync(text, "# EOF\n");
        const make = Bun.spawn([...CREATE_BLOCKS, text, path], { stdout: "ignore" });
        if ((await make.exited) !== 0) throw new Error("promtool failed");
        cpuSeconds += Number(make.resourceUsage()?.cpuTime.total ?? 0) / 1e6;
        await Bun.file(text).delete();
      }
      return { bytes: sizeOf(path), cpuSeconds };
    },
    async serve() {
      const server = await started(
        [
          PROMETHEUS,
          `--storage.tsdb.path=${path}`,
          "--storage.tsdb.retention.time=5y",
          "--config.file=/dev/null",
          `--web.listen-address=127.0.0.1:${PORTS.prometheus}`,
        ],
        PORTS.prometheus,
      );
      const queries = (selector: string, step: number) =>
        ["min", "max", "avg"].map((how) => `${how}_over_time(${selector}[${step}s])`);
      return { ...server, ask: (question) => timed(queryUrls(origin, question, queries)) };
    },
  };
}

/** In the steps Pulse answers with. One query for all machines; where a step is one sample, the sample. */
function queryUrls(
  origin: string,
  { ids, from, to, points }: Question,
  summaries: (selector: string, step: number) => string[],
): string[] {
  const stepMs = stepFor(to - from, points, EVERY_MS);
  const step = stepMs / 1_000;
  const selector = `m0{id=~"${ids.join("|")}"}`;
  const queries = stepMs <= EVERY_MS ? [selector] : summaries(selector, step);
  return queries.map(
    (query) =>
      `${origin}/api/v1/query_range?query=${encodeURIComponent(query)}&start=${from / 1_000}&end=${to / 1_000 - 1}&step=${step}`,
  );
}

/** Whatever goes wrong, no server stays behind. */
const children = new Set<{ kill(): void }>();
process.on("exit", () => {
  for (const child of children) child.kill();
});

async function started(command: string[], port: number): Promise<{ pid: number; stop(): Promise<void> }> {
  const child = Bun.spawn(command, { stdout: "ignore", stderr: "ignore" });
  children.add(child);
  const stop = async () => {
    child.kill();
    await child.exited;
    children.delete(child);
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

/** All of them together. Whoever is told to come back comes back, and begins anew. */
async function timed(
  urls: readonly string[],
  headers: Record<string, string> = {},
): Promise<{ ms: number; bytes: number }> {
  for (;;) {
    const startedAt = performance.now();
    const answers = await Promise.all(
      urls.map(async (url) => {
        const response = await fetch(url, { headers });
        return { status: response.status, text: await response.text() };
      }),
    );
    const ms = performance.now() - startedAt;
    if (answers.some(({ status }) => status === 429 || status === 207)) {
      await sleep(1_000);
      continue;
    }
    const wrong = answers.find(({ status, text }) => status !== 200 || text.length < 1_000);
    if (wrong) throw new Error(`${wrong.status}: ${wrong.text.slice(0, 300)}`);
    return { ms, bytes: answers.reduce((sum, { text }) => sum + text.length, 0) };
  }
}

function sizeOf(path: string): number {
  const entry = statSync(path, { throwIfNoEntry: false });
  if (!entry) return 0;
  if (!entry.isDirectory()) return entry.size;
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0);
}
