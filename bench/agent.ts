/**
 * What an agent costs the machine it watches, beside Debian's node_exporter scraped as often, and beside itself while
 * somebody looks at the machine.
 *
 *   bun bench/agent.ts [seconds=300]
 *
 * All run at once, one report or one scrape every ten seconds and of the one that is looked at one each second, so
 * whatever else the machine does disturbs all. The
 * agent is dist/pulse, or the checkout where that is not built. The first half minute is not counted. `memory` is
 * what the kernel cannot drop or read again (`Anonymous` of smaps_rollup). Processor time is the scheduler's own
 * count: the usual one is sampled a hundred times a second, and both are over between two samples.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { Ingest } from "../tests/agent/ingest.ts";
import { TOKEN } from "../tests/agent/machine.ts";
import { newFolder } from "../tests/faults/child-server.ts";
import { root } from "../tests/support/checkout.ts";
import { FROM_CHECKOUT } from "../tests/support/program.ts";
import { until } from "../tests/support/until.ts";
import { readProcess } from "./process-reading.ts";
import { printTable } from "./table.ts";

const SETTLE_SECONDS = 30;
const EVERY_MS = 10_000;
const EXPORTER_PORT = 9_913;
const seconds = Math.min(3_600, Math.max(30, Number(process.argv[2] ?? 300)));
const exporter = Bun.which("prometheus-node-exporter");
if (!exporter) throw new Error("no node_exporter: apt-get install prometheus-node-exporter");
const binary = join(root, "dist/pulse");
const program = existsSync(binary) ? [binary] : FROM_CHECKOUT;

using folder = newFolder("bench-agent");
await using ingest = new Ingest();
await using looking = new Ingest();
looking.intervalMs = 1_000;
const quiet = { env: { PATH: process.env.PATH ?? "" }, stdout: "ignore", stderr: "ignore" } as const;
const startAgent = ({ url }: Ingest, name: string) => {
  const words = ["agent", "--server", url, "--token", TOKEN, "--state-dir", join(folder.path, name)];
  return Bun.spawn([...program, ...words], quiet);
};
const agent = startAgent(ingest, "usual");
const lookedAt = startAgent(looking, "looked-at");
const node = Bun.spawn([exporter, `--web.listen-address=127.0.0.1:${EXPORTER_PORT}`], quiet);

const scraped: Uint8Array[] = [];
const scrape = async () => {
  const response = await fetch(`http://127.0.0.1:${EXPORTER_PORT}/metrics`, {
    headers: { "accept-encoding": "identity" },
  });
  scraped.push(new Uint8Array(await response.arrayBuffer()));
};
try {
  await until(() => ingest.stored.size >= 2 && looking.stored.size >= 2, {
    withinMs: 20_000,
    what: "the agent reports",
  });
  const scraper = setInterval(() => void scrape(), EVERY_MS);
  await sleep(SETTLE_SECONDS * 1_000);
  const readAll = () => [agent, lookedAt, node].map(({ pid }) => readCosts(pid)) as [Costs, Costs, Costs];
  const begin = readAll();
  const [reportsBefore, fastBefore, scrapesBefore] = [
    ingest.requests.length,
    looking.requests.length,
    scraped.length,
  ];
  await sleep(seconds * 1_000);
  const end = readAll();
  clearInterval(scraper);

  const sent = ingest.requests.slice(reportsBefore);
  const fast = looking.requests.slice(fastBefore);
  const read = scraped.slice(scrapesBefore);
  const mean = (sizes: number[]) => Math.round(sizes.reduce((sum, size) => sum + size, 0) / sizes.length);
  const row = (index: 0 | 1 | 2, name: string, packed: number, plain: number) => {
    const passed = (end[index].at - begin[index].at) / 1_000;
    const perSecond = (what: "cpuSeconds" | "wakeups") => (end[index][what] - begin[index][what]) / passed;
    return [
      name,
      end[index].anonymousMb.toFixed(1),
      end[index].rssMb.toFixed(0),
      (perSecond("cpuSeconds") * 100).toFixed(3),
      perSecond("wakeups").toFixed(1),
      end[index].threads,
      packed,
      plain,
    ];
  };
  printTable(
    `One look every ${EVERY_MS / 1_000} s, over ${seconds} s (agent: ${program === FROM_CHECKOUT ? "checkout" : "dist/pulse"})`,
    ["", "memory MB", "RSS MB", "CPU % of a core", "wake-ups/s", "threads", "bytes packed", "bytes plain"],
    [
      row(0, "pulse agent", mean(sent.map(({ bytes }) => bytes)), mean(sent.map(({ body }) => body.length))),
      row(
        1,
        "the same, each second",
        mean(fast.map(({ bytes }) => bytes)),
        mean(fast.map(({ body }) => body.length)),
      ),
      row(
        2,
        "node_exporter",
        mean(read.map((text) => gzipSync(text).length)),
        mean(read.map(({ length }) => length)),
      ),
    ],
  );
} finally {
  const all = [agent, lookedAt, node];
  for (const each of all) each.kill();
  await Promise.all(all.map(({ exited }) => exited));
}

type Costs = ReturnType<typeof readProcess>;

function readCosts(pid: number): Costs {
  const nanoseconds = readdirSync(`/proc/${pid}/task`).map((task) =>
    Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]),
  );
  return { ...readProcess(pid), cpuSeconds: nanoseconds.reduce((sum, ran) => sum + ran, 0) / 1e9 };
}
