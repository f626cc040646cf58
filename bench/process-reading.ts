/** What a process has used so far, from `/proc`. */
import { readdirSync, readFileSync } from "node:fs";

export interface Reading {
  rssMb: number;
  anonymousMb: number;
  cpuSeconds: number;
  writtenBytes: number;
  wakeups: number;
  threads: number;
  at: number;
}

export function readProcess(pid: number): Reading {
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
