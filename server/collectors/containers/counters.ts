import type { Metrics } from "../../contract/resource.ts";
import { type Figure, increase, known, percentOf, perSecond } from "../host/figures.ts";

/** What one container has used since it was started, and holds now. */
export interface Counters {
  /** When they were taken, on a clock that only goes forward. */
  atMs: number;
  cpuMicroseconds?: number;
  memoryUsedBytes?: number;
  /** Left out where there is none: then only the machine's memory bounds it. */
  memoryLimitBytes?: number;
  diskReadBytes?: number;
  diskWrittenBytes?: number;
  networkReceivedBytes?: number;
  networkTransmittedBytes?: number;
  processes?: number;
  oomKills?: number;
}

/**
 * Pure. `cpu_percent` is a share of the whole machine, as on the host's page, so that containers add up to it; Docker's
 * own `stats` calls one core 100 %. How much of its own limit a container uses stands beside it.
 */
export function containerMetrics(
  before: Counters | undefined,
  after: Counters,
  cores: number,
  cpuLimit: Figure,
): Metrics {
  const seconds = before === undefined ? 0 : (after.atMs - before.atMs) / 1000;
  const cpu = increase(before?.cpuMicroseconds, after.cpuMicroseconds);
  const rate = (one: Figure, other: Figure) => perSecond(one, other, seconds);
  return known({
    cpu_percent: percentOf(cpu, seconds * 1e6 * cores),
    cpu_limit_percent: cpuLimit === undefined ? undefined : percentOf(cpu, seconds * 1e6 * cpuLimit),
    memory_used_bytes: after.memoryUsedBytes,
    memory_limit_bytes: after.memoryLimitBytes,
    memory_used_percent: percentOf(after.memoryUsedBytes, after.memoryLimitBytes),
    disk_read_bytes_per_second: rate(before?.diskReadBytes, after.diskReadBytes),
    disk_write_bytes_per_second: rate(before?.diskWrittenBytes, after.diskWrittenBytes),
    network_receive_bytes_per_second: rate(before?.networkReceivedBytes, after.networkReceivedBytes),
    network_transmit_bytes_per_second: rate(before?.networkTransmittedBytes, after.networkTransmittedBytes),
    process_count: after.processes,
    oom_kill_count: after.oomKills,
  });
}
