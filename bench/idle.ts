/**
 * What a Pulse costs that only watches its own machine: memory, processor, disk writes, wake-ups.
 *
 *   bun bench/idle.ts [seconds=180]
 *
 * Checkout and binary (where dist/pulse is) run side by side on their own data directories, with no page open. The
 * first ten seconds are not counted. Writes are what the processes handed to the disk (`write_bytes`).
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { CHECKOUT, FROM_CHECKOUT, newFolder, startServer } from "../tests/faults/child-server.ts";
import { printTable } from "./table.ts";

const SETTLE_SECONDS = 10;
const seconds = Math.min(3_600, Math.max(10, Number(process.argv[2] ?? 180)));
const binary = join(CHECKOUT, "dist/pulse");
const kinds = [
  { name: "checkout", command: FROM_CHECKOUT },
  ...(existsSync(binary) ? [{ name: "binary", command: [binary] }] : []),
];

interface Reading {
  rssMb: number;
  anonymousMb: number;
  cpuSeconds: number;
  writtenBytes: number;
  wakeups: number;
  threads: number;
  at: number;
}

function read(pid: number): Reading {
  const text = (path: string) => readFileSync(`/proc/${pid}/${path}`, "utf8");
  const number = (source: string, name: string) =>
    Number(new RegExp(`${name}:\\s+(\\d+)`).exec(source)?.[1] ?? Number.NaN);
  const memory = text("smaps_rollup");
  const fields = text("stat")
    .slice(text("stat").lastIndexOf(")") + 2)
    .split(" ");
  const tasks = readdirSync(`/proc/${pid}/task`);
  const wakeups = tasks.reduce((sum, task) => {
    const status = text(`task/${task}/status`);
    return sum + number(status, "voluntary_ctxt_switches");
  }, 0);
  return {
    rssMb: number(memory, "Rss") / 1024,
    anonymousMb: number(memory, "Anonymous") / 1024,
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100,
    writtenBytes: number(text("io"), "write_bytes"),
    wakeups,
    threads: tasks.length,
    at: performance.now(),
  };
}

const rows = await Promise.all(
  kinds.map(async ({ name, command }) => {
    using folder = newFolder("bench-idle");
    await using server = await startServer(join(folder.path, "data"), { command });
    await sleep(SETTLE_SECONDS * 1_000);
    const begin = read(server.pid);
    await sleep(seconds * 1_000);
    const end = read(server.pid);
    const passed = (end.at - begin.at) / 1_000;
    const perSecond = (what: "cpuSeconds" | "writtenBytes" | "wakeups") => (end[what] - begin[what]) / passed;
    const megabytesPerHour = (perSecond("writtenBytes") * 3_600) / 1e6;
    await server.stop();
    return [
      name,
      end.rssMb.toFixed(0),
      end.anonymousMb.toFixed(0),
      (perSecond("cpuSeconds") * 100).toFixed(2),
      megabytesPerHour.toFixed(2),
      (megabytesPerHour * 24).toFixed(0),
      perSecond("wakeups").toFixed(1),
      end.threads,
    ];
  }),
);
printTable(
  `Idle, watching its own machine, over ${seconds} s`,
  ["", "RSS MB", "anonymous MB", "CPU % of a core", "written MB/h", "MB/day", "wake-ups/s", "threads"],
  rows,
);
