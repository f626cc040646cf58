/**
 * What it costs to rank many containers over a time: `history.top`, and against it what a page would do without it, a
 * `history.range` of each. Of the latter some are asked and the rest reckoned.
 *
 *   bun bench/top.ts [containers=2000] [days=90]
 *
 * Twenty machines with a report every 30 s; each container has five metrics, two of which never stand still. One day is
 * made and sealed as it would be, and the days before it are that one again. Times are those of the processor; ratios
 * within a run hold, absolute figures do not.
 */
import { join } from "node:path";
import { ResourceId } from "../server/contract/ids.ts";
import type { Resource } from "../server/contract/resource.ts";
import { DAY } from "../server/history/chunk-table.ts";
import { ChunkBuilder, summarise } from "../server/history/codec/chunk.ts";
import { encodeColumn } from "../server/history/codec/column.ts";
import type { Column } from "../server/history/layouts.ts";
import { range } from "../server/history/range.ts";
import { HistoryStore } from "../server/history/store.ts";
import { top, type WithRanking } from "../server/history/top.ts";
import { Limiter } from "../server/lib/limiter.ts";
import { loadMigrations } from "../server/tenancy/migrate.ts";
import { openMigrated } from "../server/tenancy/open.ts";
import { newFolder } from "../tests/faults/child-server.ts";
import { seeded } from "../tests/support/seeded.ts";
import { median, printTable } from "./table.ts";

const CONTAINERS = Number(process.argv[2] ?? 2_000);
const DAYS = Number(process.argv[3] ?? 90);
const MACHINES = 20;
const EVERY_MS = 30_000;
const METRICS = ["cpu_percent", "memory_used_bytes", "restart_count", "pids", "oom_kills"];
const RUNS = 5;
/** Ranges that are really asked. */
const ASKED = 40;
const END = Math.floor(Date.now() / DAY) * DAY;

using folder = newFolder("bench-top");
process.umask(0o077);
const db = openMigrated(join(folder.path, "org.db"), "create", loadMigrations("org"));
const history = new HistoryStore(() => db);
const random = seeded(1);

const idOf = (container: number) => {
  const digits = container.toString(8).replaceAll(/\d/g, (digit) => "abcdefgh"[Number(digit)] as string);
  return ResourceId.parse(`r${digits.padStart(19, "a")}`);
};
const sourceOf = (container: number) => `agent:${container % MACHINES}`;
const resources = Array.from(
  { length: CONTAINERS },
  (_, n): Resource => ({
    id: idOf(n),
    kind: "container",
    name: `c${n}`,
    status: "up",
    sources: [sourceOf(n)],
    lastSeenAt: END,
    attributes: {},
    metrics: {},
  }),
);
const numberOf = new Map(resources.map(({ id }, n) => [id, n]));
const org: WithRanking = {
  history,
  historyReads: new Limiter({ atOnce: 2, maxWaiting: 10, refusal: "busy" }),
  inventory: {
    get: (id) => resources[numberOf.get(id) ?? -1],
    all: () => resources,
    viewsOf: (id) => [{ id, source: sourceOf(numberOf.get(id) ?? 0) }],
    isWithin: () => false,
  },
  intervalOf: () => EVERY_MS,
  clock: () => END,
  isClosed: false,
};

function fill(): void {
  const rows = DAY / EVERY_MS;
  for (let machine = 0; machine < MACHINES; machine++) {
    const columns: Column[] = [];
    const series: { bytes: Uint8Array; summary: ReturnType<typeof summarise> }[] = [];
    for (let n = machine; n < CONTAINERS; n += MACHINES) {
      for (const [place, metric] of METRICS.entries()) {
        let level = random() * 50;
        const values = Float64Array.from({ length: rows }, () => {
          level = Math.max(0, level + random() - 0.5);
          return place === 0 ? Math.round(level * 100) / 100 : place === 1 ? Math.round(level * 1e6) : place;
        });
        columns.push([idOf(n), metric]);
        series.push({ bytes: encodeColumn(values).slice(), summary: summarise(values) });
      }
    }
    const layoutId = history.layouts.idOfColumns(columns);
    for (let startAt = END - DAYS * DAY; startAt < END; startAt += DAY) {
      const times = Float64Array.from({ length: rows }, (_, row) => startAt + row * EVERY_MS + machine);
      const builder = new ChunkBuilder(times, { summarised: true });
      for (const { bytes, summary } of series) builder.add(bytes, summary);
      const chunk = { rows, layoutId, ...builder.finish() };
      db.transaction(() => history.chunks.write(`agent:${machine}`, "day", startAt, chunk));
    }
  }
}

/** Of the processor: others run beside it. `turnMs`: the longest for which nobody else was heard. */
async function timed(work: () => Promise<unknown>): Promise<{ ms: number; turnMs: number }> {
  const used = () => (process.cpuUsage().user + process.cpuUsage().system) / 1_000;
  let turnMs = 0;
  let before = used();
  let isOver = false;
  const watch = () => {
    const now = used();
    turnMs = Math.max(turnMs, now - before);
    before = now;
    if (!isOver) setImmediate(watch);
  };
  setImmediate(watch);
  const startedAt = used();
  await work();
  isOver = true;
  return { ms: used() - startedAt, turnMs };
}

fill();
const spans: [name: string, from: number, to: number][] = [
  ["a night of 8 h", END - 10 * 3_600_000, END - 2 * 3_600_000],
  ["the last day, whole", END - DAY, END],
  [`${DAYS} days, whole`, END - DAYS * DAY, END],
  [`${DAYS} days, cut at both ends`, END - DAYS * DAY + 3_600_000, END - 3_600_000],
];
const lines: string[][] = [];
for (const [name, from, to] of spans) {
  const input = { metric: "memory_used_bytes", from, to };
  const runs = [];
  for (let run = 0; run < RUNS; run++) runs.push(await timed(() => top(org, { ...input, limit: 20 })));
  const each = await timed(async () => {
    for (let n = 0; n < ASKED; n++) {
      const resourceId = idOf((n * CONTAINERS) / ASKED);
      await range(org, { resourceId, metrics: [input.metric], from, to, maxPoints: 60 });
    }
  });
  const ms = median(runs.map((one) => one.ms));
  const ranges = (each.ms / ASKED) * CONTAINERS;
  lines.push([
    name,
    `${ms.toFixed(0)} ms`,
    `${median(runs.map((one) => one.turnMs)).toFixed(1)} ms`,
    `${(ranges / 1_000).toFixed(1)} s`,
    `${(ranges / ms).toFixed(0)} ×`,
  ]);
}
printTable(
  `${CONTAINERS} containers on ${MACHINES} machines`,
  ["range", "history.top", "longest turn", "a history.range of each", "faster"],
  lines,
);
