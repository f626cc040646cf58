import type { ReportedResource } from "../../contract/report.ts";
import type { CpuTicks, KernelStat } from "../proc/kernel-stat.ts";
import { type Figure, increase, known, percentOf, resourceKey } from "./figures.ts";

/** Shares of the time since the last look, in percent. */
export interface CpuShares {
  busy?: number;
  user?: number;
  system?: number;
  iowait?: number;
  steal?: number;
}

/**
 * The kernel says of `idle` and `iowait` that they may go back a little (a core that sleeps is counted
 * by whoever looks). That much is no reset of the counters.
 */
const BACKWARD_TICKS = 100;

/** Pure. Empty when a counter went back or no time has passed. */
export function cpuShares(before: CpuTicks | undefined, after: CpuTicks | undefined): CpuShares {
  if (!before || !after) return {};
  const user = sumOf(increase(before.user, after.user), increase(before.nice, after.nice));
  const irqs = sumOf(gained(before.irq, after.irq), gained(before.softirq, after.softirq));
  const system = sumOf(increase(before.system, after.system), irqs);
  const idle = gainedLoosely(before.idle, after.idle);
  const iowait = gainedLoosely(before.iowait, after.iowait);
  const steal = gained(before.steal, after.steal);
  const busy = sumOf(sumOf(user, system), steal);
  const total = sumOf(sumOf(busy, idle), iowait);
  if (total === undefined) return {};
  return {
    busy: percentOf(busy, total),
    user: percentOf(user, total),
    system: percentOf(system, total),
    iowait: after.iowait === undefined ? undefined : percentOf(iowait, total),
    steal: after.steal === undefined ? undefined : percentOf(steal, total),
  };
}

/** A column the kernel does not have adds nothing to the total. */
function gained(before: Figure, after: Figure): Figure {
  return after === undefined ? 0 : increase(before, after);
}

function gainedLoosely(before: Figure, after: Figure): Figure {
  const isSlip =
    before !== undefined && after !== undefined && after < before && before - after < BACKWARD_TICKS;
  return isSlip ? 0 : gained(before, after);
}

/** Unknown as soon as one part is. */
function sumOf(one: Figure, other: Figure): Figure {
  return one === undefined || other === undefined ? undefined : one + other;
}

/** The whole machine and each of its cores. */
export class Cpu {
  private before: KernelStat = { cores: new Map() };

  read(stat: KernelStat): { total: CpuShares; cores: ReportedResource[] } {
    const total = cpuShares(this.before.total, stat.total);
    const cores = [...stat.cores].map(([number, ticks]): ReportedResource => {
      const shares = cpuShares(this.before.cores.get(number), ticks);
      const isStolenFrom = ticks.steal !== undefined && ticks.steal > 0;
      return {
        kind: "core",
        key: resourceKey("host", "core", String(number)),
        parent: "host",
        name: `CPU ${number}`,
        status: "up",
        attributes: {},
        metrics: known({
          cpu_percent: shares.busy,
          cpu_iowait_percent: shares.iowait,
          cpu_steal_percent: isStolenFrom ? shares.steal : undefined,
        }),
      };
    });
    this.before = stat;
    return { total, cores };
  }
}
