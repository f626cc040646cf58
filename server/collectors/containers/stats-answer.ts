/**
 * What an engine's `stats` says, for where the kernel's files are not in sight: an agent in a container, an engine in
 * a virtual machine (macOS).
 */
import { fieldsOf, listOf, momentOf, numberOf, positiveOf, textOf } from "./answer-fields.ts";
import type { Counters } from "./counters.ts";

/** Interfaces of one container that are added up. */
const INTERFACE_LIMIT = 64;
/** Block devices times operations. */
const DISK_LINE_LIMIT = 1_024;

export interface StatsAnswer {
  counters: Counters;
  /** Cores of the machine the engine runs on. */
  cores: number | undefined;
}

/** Undefined for a container that does not run: its figures are all zero, which is not what it uses. */
export function readStats(answer: unknown, machineBytes: number): StatsAnswer | undefined {
  const held = fieldsOf(answer);
  const cpu = fieldsOf(held.cpu_stats);
  const nanoseconds = positiveOf(fieldsOf(cpu.cpu_usage).total_usage);
  // When the engine measured, which may be a second before it answered.
  const atMs = momentOf(held.read);
  if (nanoseconds === undefined || atMs === undefined) return undefined;
  return {
    cores: positiveOf(cpu.online_cpus),
    counters: {
      atMs,
      cpuMicroseconds: nanoseconds / 1000,
      ...readMemory(fieldsOf(held.memory_stats), machineBytes),
      ...readDisk(fieldsOf(held.blkio_stats)),
      ...readNetworks(held.networks),
      processes: positiveOf(fieldsOf(held.pids_stats).current),
    },
  };
}

function readMemory(memory: Record<string, unknown>, machineBytes: number): Partial<Counters> {
  const usage = numberOf(memory.usage);
  const stats = fieldsOf(memory.stats);
  // Version 1 of control groups calls it the first, version 2 the second.
  const cached = numberOf(stats.total_inactive_file) ?? numberOf(stats.inactive_file) ?? 0;
  const limit = positiveOf(memory.limit);
  return {
    memoryUsedBytes: usage === undefined ? undefined : Math.max(0, usage - cached),
    memoryLimitBytes: limit !== undefined && limit < machineBytes ? limit : undefined,
  };
}

/** Where nothing has been read or written yet the list is empty or null. */
function readDisk(disk: Record<string, unknown>): Partial<Counters> {
  if (!("io_service_bytes_recursive" in disk)) return {};
  let diskReadBytes = 0;
  let diskWrittenBytes = 0;
  for (const entry of listOf(disk.io_service_bytes_recursive).slice(0, DISK_LINE_LIMIT)) {
    const line = fieldsOf(entry);
    const operation = textOf(line.op)?.toLowerCase();
    if (operation === "read") diskReadBytes += positiveOf(line.value) ?? 0;
    if (operation === "write") diskWrittenBytes += positiveOf(line.value) ?? 0;
  }
  return { diskReadBytes, diskWrittenBytes };
}

/** There are none for a container without a network of its own. */
function readNetworks(networks: unknown): Partial<Counters> {
  const interfaces = Object.values(fieldsOf(networks)).slice(0, INTERFACE_LIMIT).map(fieldsOf);
  if (interfaces.length === 0) return {};
  const total = (counter: string) =>
    interfaces.reduce((sum, held) => sum + (positiveOf(held[counter]) ?? 0), 0);
  return { networkReceivedBytes: total("rx_bytes"), networkTransmittedBytes: total("tx_bytes") };
}
