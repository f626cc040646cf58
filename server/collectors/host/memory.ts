import type { Metrics } from "../../contract/resource.ts";
import { type ArcSize, type Memory as Meminfo, parseArcstats, parseMeminfo } from "../proc/memory.ts";
import type { Container } from "./container.ts";
import { known, percentOf } from "./figures.ts";
import type { Tree } from "./tree.ts";

/** Memory that is used is memory nobody else can have: a cache that can be given back is not. */
export function readMemory(tree: Tree, container: Container): Metrics {
  const machine = parseMeminfo(tree.text("/proc/meminfo") ?? "");
  const limited = container.memory(machine.total);
  if (limited) {
    return known({
      memory_total_bytes: limited.totalBytes,
      memory_available_bytes: limited.totalBytes - limited.usedBytes,
      memory_used_bytes: limited.usedBytes,
      memory_used_percent: percentOf(limited.usedBytes, limited.totalBytes),
      memory_cached_bytes: limited.cachedBytes,
      ...swap(limited.swapTotalBytes, limited.swapUsedBytes),
    });
  }
  // In a system container memory is the container's, but ZFS and its cache are the machine's.
  const arcstats = container.isSystem ? undefined : tree.text("/proc/spl/kstat/zfs/arcstats");
  return machineMemory(machine, arcstats === undefined ? undefined : parseArcstats(arcstats));
}

/** Pure. */
export function machineMemory(machine: Meminfo, arc: ArcSize | undefined): Metrics {
  const { total } = machine;
  const available =
    machine.available === undefined || total === undefined
      ? undefined
      : Math.min(total, machine.available + (arc?.reclaimableBytes ?? 0));
  const used = total === undefined || available === undefined ? undefined : total - available;
  const swapUsed =
    machine.swapTotal === undefined || machine.swapFree === undefined
      ? undefined
      : Math.max(0, machine.swapTotal - machine.swapFree);
  return known({
    memory_total_bytes: total,
    memory_available_bytes: available,
    memory_used_bytes: used,
    memory_used_percent: percentOf(used, total),
    memory_cached_bytes: machine.cached,
    zfs_arc_bytes: arc?.sizeBytes,
    ...swap(machine.swapTotal, swapUsed),
  });
}

/** Nothing on a machine without swap. */
function swap(total: number | undefined, used: number | undefined): Record<string, number | undefined> {
  if (!total) return {};
  return { swap_total_bytes: total, swap_used_bytes: used, swap_used_percent: percentOf(used, total) };
}
