/**
 * Ticks one CPU has spent, since boot. Kernels before 2.6.11 have fewer columns; what a kernel does
 * not count is undefined. The guest columns are left out: they are already part of user and nice.
 */
export interface CpuTicks {
  user: number;
  nice: number;
  system: number;
  idle: number;
  iowait?: number;
  irq?: number;
  softirq?: number;
  steal?: number;
}

/** /proc/stat. */
export interface KernelStat {
  total?: CpuTicks;
  /** By the kernel's number of the core; a core that is switched off has no line. */
  cores: Map<number, CpuTicks>;
  /** Epoch milliseconds. */
  bootAt?: number;
  running?: number;
  blocked?: number;
}

/** Cores of one machine that are read at most. */
export const CORE_LIMIT = 512;

export function parseKernelStat(text: string): KernelStat {
  const stat: KernelStat = { cores: new Map() };
  let bootSeconds: number | undefined;
  for (const line of text.split("\n")) {
    if (line.startsWith("cpu")) readCpu(line, stat);
    else if (line.startsWith("btime ")) bootSeconds = numberOf(line);
    else if (line.startsWith("procs_running ")) stat.running = numberOf(line);
    else if (line.startsWith("procs_blocked ")) stat.blocked = numberOf(line);
  }
  if (bootSeconds !== undefined) stat.bootAt = bootSeconds * 1000;
  return stat;
}

function readCpu(line: string, stat: KernelStat): void {
  const [name = "", ...columns] = line.split(/\s+/, 9);
  const [user, nice, system, idle, iowait, irq, softirq, steal] = columns.map(Number);
  if (user === undefined || nice === undefined || system === undefined || idle === undefined) return;
  if (![user, nice, system, idle].every(Number.isFinite)) return;
  const ticks: CpuTicks = { user, nice, system, idle, iowait, irq, softirq, steal };
  if (name === "cpu") stat.total = ticks;
  else if (/^cpu\d{1,5}$/.test(name) && stat.cores.size < CORE_LIMIT) {
    stat.cores.set(Number(name.slice(3)), ticks);
  }
}

/** The number of a line that holds a name and one number. */
function numberOf(line: string): number | undefined {
  const value = Number(line.slice(line.indexOf(" ") + 1) || Number.NaN);
  return Number.isFinite(value) ? value : undefined;
}
