import type { Resource } from "../../../server/contract/resource.ts";

/** What the overview shows of one machine. Undefined is not known. */
export interface MachineFigures {
  cpu: number | undefined;
  memory: number | undefined;
  memoryUsed: number | undefined;
  memoryTotal: number | undefined;
  /** The fullest filesystem that can be written to. */
  fullest: Resource | undefined;
  disk: number | undefined;
  receive: number | undefined;
  transmit: number | undefined;
  read: number | undefined;
  write: number | undefined;
  load: number | undefined;
  temperature: number | undefined;
  uptime: number | undefined;
}

export function figuresOf(machine: Resource, parts: readonly Resource[]): MachineFigures {
  const of = (metric: string) => machine.metrics[metric];
  const fullest = fullestFilesystem(parts);
  return {
    cpu: of("cpu_percent"),
    memory: of("memory_used_percent"),
    memoryUsed: of("memory_used_bytes"),
    memoryTotal: of("memory_total_bytes"),
    fullest,
    disk: fullest?.metrics["filesystem_used_percent"],
    receive: of("network_receive_bytes_per_second"),
    transmit: of("network_transmit_bytes_per_second"),
    read: of("disk_read_bytes_per_second"),
    write: of("disk_write_bytes_per_second"),
    load: of("load1"),
    temperature: of("temperature_celsius"),
    uptime: of("uptime_seconds"),
  };
}

export function fullestFilesystem(parts: readonly Resource[]): Resource | undefined {
  let fullest: Resource | undefined;
  let most = -1;
  for (const part of parts) {
    const used = part.metrics["filesystem_used_percent"];
    if (part.kind !== "filesystem" || part.attributes["read_only"] === true || used === undefined) continue;
    if (used > most) {
      most = used;
      fullest = part;
    }
  }
  return fullest;
}
