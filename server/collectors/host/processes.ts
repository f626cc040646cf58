import {
  fullName,
  type KernelUnits,
  parseAuxv,
  parseEffectiveUser,
  parsePasswd,
  parseProcessStat,
} from "../proc/processes.ts";
import { clip, known, rounded } from "./figures.ts";
import { Remembered } from "./remembered.ts";
import type { Tree } from "./tree.ts";

/** Processes that are named in a report. */
const TOP_LIMIT = 10;

/** Longest name of one. */
const NAME_LENGTH = 64;

/** Processes of one machine that are looked at. */
const PROCESS_LIMIT = 32_768;

/** Processes looked at before the thread is given back to whatever else waits: about 5 ms. */
const SLICE = 256;

/** A scan is not repeated before this many times its own length has passed: at most 0.2 % of a core. */
const REST = 500;
const LONGEST_REST_MS = 600_000;

/** Longest name the kernel keeps whole. */
const KERNEL_NAME_LENGTH = 15;

interface Seen {
  pid: number;
  name: string;
  cpuTicks: number;
  startTicks: number;
  residentBytes: number;
  /** Percent of one core, as top and ps say it. */
  cpuPercent?: number;
}

export interface TopProcess {
  pid: number;
  name: string;
  user?: string;
  cpu_percent?: number;
  memory_bytes: number;
}

/** Who uses the CPU and the memory. */
export class Processes {
  private before = new Map<number, Seen>();
  private beforeMs: number | undefined;
  private nextScanMs = 0;
  private top: TopProcess[] = [];
  private readonly units: KernelUnits;
  private readonly users: Remembered<Map<number, string>>;

  constructor(
    private readonly tree: Tree,
    private readonly stopwatch: () => number = () => performance.now(),
  ) {
    this.units = parseAuxv(tree.bytes("/proc/self/auxv") ?? new Uint8Array());
    this.users = new Remembered((path) => parsePasswd(tree.text(path) ?? ""));
  }

  async read(now: () => number): Promise<{ count?: number; top?: TopProcess[] }> {
    const pids = this.tree.names("/proc").filter(isPid);
    if (pids.length === 0) return {};
    const nowMs = now();
    if (nowMs >= this.nextScanMs) {
      const { seen, costMs } = await this.scan(pids.slice(0, PROCESS_LIMIT), nowMs);
      this.top = this.topOf(seen, nowMs);
      this.before = seen;
      this.beforeMs = nowMs;
      this.nextScanMs = nowMs + Math.min(LONGEST_REST_MS, costMs * REST);
    }
    return { count: pids.length, top: this.top };
  }

  /** Processes that end while they are looked at are not seen: that is not an error. */
  private async scan(pids: string[], nowMs: number): Promise<{ seen: Map<number, Seen>; costMs: number }> {
    const seen = new Map<number, Seen>();
    let costMs = 0;
    for (let from = 0; from < pids.length; from += SLICE) {
      if (from > 0) await new Promise((resolve) => setImmediate(resolve));
      const startMs = this.stopwatch();
      for (const pid of pids.slice(from, from + SLICE)) {
        const text = this.tree.text(`/proc/${pid}/stat`);
        const stat = text === undefined ? undefined : parseProcessStat(text);
        if (stat) this.add(seen, { pid: Number(pid), residentBytes: 0, ...stat }, stat.residentPages, nowMs);
      }
      costMs += this.stopwatch() - startMs;
    }
    return { seen, costMs };
  }

  private add(seen: Map<number, Seen>, process: Seen, residentPages: number, nowMs: number): void {
    process.residentBytes = residentPages * this.units.pageBytes;
    const before = this.before.get(process.pid);
    const isSame = before?.startTicks === process.startTicks;
    // One that was not there at the last look has done all it did since then.
    const ticks = process.cpuTicks - (isSame ? before.cpuTicks : 0);
    const seconds = this.beforeMs === undefined ? 0 : (nowMs - this.beforeMs) / 1000;
    if (seconds > 0 && ticks >= 0) {
      process.cpuPercent = rounded((ticks / this.units.ticksPerSecond / seconds) * 100);
    }
    seen.set(process.pid, process);
  }

  private topOf(seen: Map<number, Seen>, nowMs: number): TopProcess[] {
    const users = this.users.of(["/etc/passwd"], nowMs).get("/etc/passwd");
    const order = (a: Seen, b: Seen) =>
      (b.cpuPercent ?? 0) - (a.cpuPercent ?? 0) || b.residentBytes - a.residentBytes || a.pid - b.pid;
    const first = [...seen.values()].sort(order).slice(0, TOP_LIMIT);
    return first.map((process): TopProcess => {
      const user = parseEffectiveUser(this.tree.text(`/proc/${process.pid}/status`) ?? "");
      return {
        pid: process.pid,
        name: this.nameOf(process),
        ...(user === undefined ? {} : { user: clip(users?.get(user) ?? String(user), 32) }),
        ...known({ cpu_percent: process.cpuPercent }),
        memory_bytes: process.residentBytes,
      };
    });
  }

  private nameOf(process: Seen): string {
    const isCut = Buffer.byteLength(process.name) >= KERNEL_NAME_LENGTH;
    const name = isCut
      ? fullName(process.name, this.tree.text(`/proc/${process.pid}/cmdline`) ?? "")
      : process.name;
    return clip(name, NAME_LENGTH) || String(process.pid);
  }
}

function isPid(name: string): boolean {
  const first = name.charCodeAt(0);
  return first >= 48 && first <= 57;
}
