import { cpus, freemem, hostname, loadavg, machine, release, totalmem, uptime, version } from "node:os";
import type { ReportedResource } from "../../contract/report.ts";
import type { CpuTicks } from "../proc/kernel-stat.ts";
import { cpuShares } from "./cpu.ts";
import { clip, known, knownAttributes, percentOf, rounded } from "./figures.ts";

/** Systems other than Linux: what the runtime knows of the machine, and nothing guessed. */
export class OtherSystem {
  private before: CpuTicks | undefined;
  private bootAt: number | undefined;

  read(now: number): ReportedResource[] {
    const cores = cpus();
    const ticks = cores.reduce<CpuTicks>(
      (all, { times }) => ({
        user: all.user + times.user,
        nice: all.nice + times.nice,
        system: all.system + times.sys,
        idle: all.idle + times.idle,
        irq: (all.irq ?? 0) + times.irq,
      }),
      { user: 0, nice: 0, system: 0, idle: 0, irq: 0 },
    );
    const shares = cpuShares(this.before, ticks);
    this.before = ticks;
    this.bootAt ??= Math.round(now / 1000 - uptime()) * 1000;
    const isWindows = process.platform === "win32";
    const [load1, load5, load15] = isWindows ? [] : loadavg();
    const total = totalmem();
    // Elsewhere "free" leaves out caches that would be given back, so nothing follows from it.
    const available = isWindows ? freemem() : undefined;
    const used = available === undefined ? undefined : total - available;
    return [
      {
        kind: "host",
        key: "host",
        name: clip(hostname()) || "host",
        status: "up",
        attributes: knownAttributes({
          os: clip(version()),
          kernel: clip(release()),
          architecture: machine(),
          cpu_model: clip(cores[0]?.model ?? "") || undefined,
          cpu_count: cores.length || undefined,
          boot_at: this.bootAt,
        }),
        metrics: known({
          cpu_percent: shares.busy,
          cpu_user_percent: shares.user,
          cpu_system_percent: shares.system,
          load1: rounded(load1),
          load5: rounded(load5),
          load15: rounded(load15),
          memory_total_bytes: total,
          memory_available_bytes: available,
          memory_used_bytes: used,
          memory_used_percent: percentOf(used, total),
          uptime_seconds: Math.floor(uptime()),
        }),
      },
    ];
  }
}
