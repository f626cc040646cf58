/**
 * What one collection of containers costs, here and in the engine: figures from the kernel against figures from the
 * engine. `bun bench/containers.ts` starts fifty containers in a Podman of its own; with the path of a socket it reads
 * the engine that listens there, and nothing else.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { createContainerCollector } from "../server/collectors/containers.ts";
import { Podman } from "../tests/support/podman.ts";
import { printTable, spread } from "./table.ts";

const CONTAINERS = 50;
const COLLECTIONS = 20;
/** Ticks of the kernel's clock of processes. */
const TICK_MS = 10;

const [given] = process.argv.slice(2);
const podman = given === undefined ? await Podman.start() : undefined;
const socket = given ?? podman?.socket ?? "";
const empty = mkdtempSync(join(tmpdir(), "pulse-bench-"));
try {
  for (let number = 0; podman && number < CONTAINERS; number++) await podman.run(`bench-${number}`);
  const kernel = await measure("from the kernel");
  const engine = await measure("from the engine", empty);
  const columns = ["figures", "containers", "here: CPU ms", "here: wall ms", "engine: CPU ms"];
  printTable(`One collection (${cpus().length} cores)`, columns, [kernel, engine]);
} finally {
  rmSync(empty, { recursive: true, force: true });
  await podman?.stop();
}

async function measure(name: string, root?: string): Promise<(string | number)[]> {
  const collector = createContainerCollector({ sockets: [socket], root, waitMs: 30_000 });
  const first = await collector.collect();
  await collector.collect();
  const cpu: number[] = [];
  const wall: number[] = [];
  const before = engineCpuMs();
  for (let round = 0; round < COLLECTIONS; round++) {
    const used = process.cpuUsage();
    const startMs = performance.now();
    await collector.collect();
    wall.push(performance.now() - startMs);
    const { user, system } = process.cpuUsage(used);
    cpu.push((user + system) / 1000);
  }
  const engine = gained(before, engineCpuMs()) / COLLECTIONS;
  return [name, first.length, spread(cpu), spread(wall), engine.toFixed(1)];
}

/** Of the processes an engine consists of, by their number, with what they started and has ended. */
function engineCpuMs(): Map<string, number> {
  const used = new Map<string, number>();
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
      if (!/^(?:dockerd|containerd|podman)/.test(name)) continue;
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      used.set(
        pid,
        fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * TICK_MS, 0),
      );
    } catch {
      // It has just ended.
    }
  }
  return used;
}

function gained(before: Map<string, number>, after: Map<string, number>): number {
  return [...after].reduce((sum, [pid, ms]) => sum + ms - (before.get(pid) ?? ms), 0);
}
