/** The machine Proxmox runs on, which VE and Backup Server tell in nearly the same words. Pure. */
import { z } from "zod";
import type { ReportedResource } from "../../contract/report.ts";
import { clip, known, percentOf, resourceKey, rounded } from "../host/figures.ts";
import { figure, text } from "./answers.ts";

export const Space = z
  .object({ total: figure, used: figure, available: figure, avail: figure })
  .optional()
  .catch(undefined);
export type Space = z.infer<typeof Space>;

export const MachineStatus = z.object({
  uptime: figure,
  cpu: figure,
  wait: figure,
  loadavg: z.array(figure).max(10).optional().catch(undefined),
  memory: Space,
  swap: Space,
  kversion: text,
  "current-kernel": z.object({ release: text }).optional().catch(undefined),
  cpuinfo: z.object({ model: text, cpus: figure }).optional().catch(undefined),
});
export type MachineStatus = z.infer<typeof MachineStatus>;

export function machineAttributes(status: MachineStatus | undefined) {
  // "Linux 6.8.12-4-pve #1 SMP …" before there was a field of its own.
  const kernel = status?.["current-kernel"]?.release ?? status?.kversion?.split(" ")[1];
  return {
    kernel: kernel && clip(kernel),
    cpu_model: status?.cpuinfo?.model && clip(status.cpuinfo.model),
    cpu_count: status?.cpuinfo?.cpus,
  };
}

export function machineMetrics(status: MachineStatus | undefined) {
  const [load1, load5, load15] = status?.loadavg ?? [];
  const swap = status?.swap?.total ? status.swap : undefined;
  return known({
    cpu_percent: share(status?.cpu),
    cpu_iowait_percent: share(status?.wait),
    load1,
    load5,
    load15,
    ...memoryMetrics(status?.memory?.total, memoryUsed(status?.memory)),
    swap_total_bytes: swap?.total,
    swap_used_bytes: swap?.used,
    swap_used_percent: percentOf(swap?.used, swap?.total),
    uptime_seconds: status?.uptime || undefined,
  });
}

export function memoryMetrics(total: number | undefined, used: number | undefined) {
  if (!total) return {};
  return {
    memory_total_bytes: total,
    memory_used_bytes: used,
    memory_available_bytes: used === undefined ? undefined : Math.max(0, total - used),
    memory_used_percent: percentOf(used, total),
  };
}

/** What is available is told since VE 9; before, what is used already leaves caches out. */
function memoryUsed(memory: Space): number | undefined {
  if (memory?.total !== undefined && memory.available !== undefined) {
    return Math.max(0, memory.total - memory.available);
  }
  return memory?.used;
}

/** Proxmox counts a processor's work from 0 to 1. */
export function share(fraction: number | undefined): number | undefined {
  return fraction === undefined ? undefined : percentOf(rounded(fraction, 6), 1);
}

export function rootFilesystem(machineKey: string, root: Space): ReportedResource[] {
  if (!root?.total) return [];
  const available = root.avail ?? (root.used === undefined ? undefined : root.total - root.used);
  return [
    {
      kind: "filesystem",
      key: resourceKey(machineKey, "filesystem", "/"),
      parent: machineKey,
      name: "/",
      status: "up",
      attributes: {},
      metrics: known({
        filesystem_total_bytes: root.total,
        filesystem_used_bytes: root.used,
        filesystem_available_bytes: available,
        filesystem_used_percent:
          root.used === undefined || available === undefined
            ? undefined
            : percentOf(root.used, root.used + available),
      }),
    },
  ];
}
