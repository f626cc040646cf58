/**
 * How long a report waits for its acknowledgement while people read a lot of history in the same org, against nobody
 * reading: two years of five series, and a day of fifty, over and over by several callers at once.
 *
 *   bun bench/reading-beside-ingest.ts [rounds=5]
 *
 * Fifty machines report once a second over HTTP, each report on disk before it is acknowledged. Rounds of ten seconds
 * alone and ten with readers take turns, so that whatever else the machine does falls on both. About a minute for the
 * data and twenty seconds a round.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { newFolder } from "../tests/faults/child-server.ts";
import { EVERY_MS, machineData } from "./history-data.ts";
import { pulse, type Question } from "./history-peers.ts";
import { printTable, quantile, spread } from "./table.ts";

const ROUNDS = Number(process.argv[2] ?? 5);
const ROUND_MS = 10_000;
/** Fewer than an org is let have on their way at once. */
const AGENTS = 50;
const REPORT_EVERY_MS = 1_000;
const SERIES = 50;
const DAY = 86_400_000;
const YEARS_MS = 730 * DAY;
/** Years in fewer reports: what is read of them are summaries either way. */
const COARSE_MS = 300_000;
const metrics = Array.from({ length: SERIES }, (_, n) => `m${n}`);

process.umask(0o077);
using folder = newFolder("bench-reading");
const peer = await pulse(join(folder.path, "data"), AGENTS);
const endAt = Math.floor(Date.now() / DAY) * DAY;
const long = machineData(1, 0, YEARS_MS / COARSE_MS, 5);
const times = long.times.map((_, row) => endAt - YEARS_MS + row * COARSE_MS);
await peer.add("long", { ...long, times });
await peer.add("wide", machineData(2, endAt - DAY, DAY / EVERY_MS, SERIES));
const server = await peer.serve();

const questions: [name: string, question: Question][] = [
  [
    "two years, 5 series",
    { ids: ["long"], metrics: metrics.slice(0, 5), from: endAt - YEARS_MS, to: endAt, points: 1_000 },
  ],
  ["24 hours, 50 series", { ids: ["wide"], metrics, from: endAt - DAY, to: endAt, points: 1_000 }],
];
/** Two callers for each. */
const callers = [...questions, ...questions];

let seq = 0;
async function report(token: string): Promise<number> {
  const host = { kind: "host", key: "host", name: token.slice(-6), status: "up", attributes: {} };
  const figures = Object.fromEntries(
    metrics.map((metric) => [metric, Math.round(Math.random() * 10_000) / 100]),
  );
  const body = { v: 1, boot: "boot-0001", seq: ++seq, at: Date.now(), intervalMs: REPORT_EVERY_MS };
  const sentAt = performance.now();
  const response = await fetch(`${peer.url}/api/agent/report`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ ...body, resources: [{ ...host, metrics: figures }] }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status}: ${text}`);
  return performance.now() - sentAt;
}

async function round(reading: boolean): Promise<{ acknowledged: number[]; reads: Map<string, number[]> }> {
  const endsAt = performance.now() + ROUND_MS;
  const acknowledged: number[] = [];
  const reads = new Map<string, number[]>();
  const agent = async (token: string, index: number) => {
    await sleep((index / AGENTS) * REPORT_EVERY_MS);
    while (performance.now() < endsAt) {
      const ms = await report(token);
      acknowledged.push(ms);
      await sleep(Math.max(0, REPORT_EVERY_MS - ms));
    }
  };
  const reader = async ([name, question]: (typeof questions)[number]) => {
    while (performance.now() < endsAt) {
      const { ms } = await server.ask(question);
      reads.set(name, [...(reads.get(name) ?? []), ms]);
    }
  };
  await Promise.all([...peer.tokens.map(agent), ...(reading ? callers.map(reader) : [])]);
  return { acknowledged, reads };
}

await round(true);
const alone: number[][] = [];
const beside: number[][] = [];
const reads = new Map<string, number[]>();
for (let n = 0; n < ROUNDS; n++) {
  alone.push((await round(false)).acknowledged);
  const both = await round(true);
  beside.push(both.acknowledged);
  for (const [name, ms] of both.reads) reads.set(name, [...(reads.get(name) ?? []), ...ms]);
}
await server.stop();

const row = (name: string, rounds: number[][]) => [
  name,
  rounds.flat().length,
  ...[0.5, 0.9, 0.99].map((share) => spread(rounds.map((one) => quantile(one, share)))),
  Math.max(...rounds.flat()).toFixed(0),
];
printTable(
  `A report's acknowledgement, ms: of ${ROUNDS} rounds each, median (10-90 %) over the rounds`,
  ["", "reports", "p50", "p90", "p99", "longest"],
  [row("nobody reads", alone), row(`${callers.length} read all the time`, beside)],
);
for (const [name, ms] of reads)
  console.log(
    `${name}: ${(ms.length / ROUNDS / (ROUND_MS / 1_000)).toFixed(1)} reads a second, ${spread(ms)} ms each`,
  );
