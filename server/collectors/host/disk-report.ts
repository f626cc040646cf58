import type { ReportedResource } from "../../contract/report.ts";
import type { DiskCounters } from "../proc/diskstats.ts";
import {
  clip,
  type Figure,
  increase,
  known,
  knownAttributes,
  largest,
  percentOf,
  perSecond,
  resourceKey,
  rounded,
  sum,
} from "./figures.ts";

/** Disks of one machine that are reported. */
const DISK_LIMIT = 256;

export interface DiskFacts {
  model?: string;
  sizeBytes?: number;
  rotational?: boolean;
}

export interface DiskTotals {
  readBytes: Figure;
  writtenBytes: Figure;
  busyPercent: Figure;
}

/** Disks as they are reported, whoever read their counters: a rate is what lies between two looks. */
export class DiskReport {
  private before = new Map<string, DiskCounters>();
  private beforeMs = 0;

  /** Of the disks there are facts of. */
  read(
    facts: Map<string, DiskFacts | undefined>,
    counters: Map<string, DiskCounters>,
    nowMs: number,
  ): { totals: DiskTotals; disks: ReportedResource[] } {
    const seconds = (nowMs - this.beforeMs) / 1000;
    const disks: ReportedResource[] = [];
    for (const [name, fact] of facts) {
      const after = counters.get(name);
      if (!fact || !after || disks.length === DISK_LIMIT) continue;
      disks.push({
        kind: "disk",
        key: resourceKey("host", "disk", name),
        parent: "host",
        name: clip(name),
        status: "up",
        attributes: knownAttributes({
          model: fact.model,
          size_bytes: fact.sizeBytes,
          rotational: fact.rotational,
        }),
        metrics: diskMetrics(this.before.get(name), after, seconds),
      });
    }
    this.before = counters;
    this.beforeMs = nowMs;
    const metric = (name: string) => disks.map((disk) => disk.metrics[name]);
    return {
      disks,
      totals: {
        readBytes: sum(metric("disk_read_bytes_per_second")),
        writtenBytes: sum(metric("disk_write_bytes_per_second")),
        busyPercent: largest(metric("disk_busy_percent")),
      },
    };
  }
}

/** Pure. */
export function diskMetrics(before: DiskCounters | undefined, after: DiskCounters, seconds: number) {
  const gained = (counter: keyof DiskCounters) => increase(before?.[counter], after[counter]);
  const rate = (counter: keyof DiskCounters, decimals?: number) =>
    perSecond(before?.[counter], after[counter], seconds, decimals);
  const weighted = rate("weightedMs", 3);
  return known({
    disk_read_bytes_per_second: rate("readBytes"),
    disk_write_bytes_per_second: rate("writtenBytes"),
    disk_reads_per_second: rate("reads", 2),
    disk_writes_per_second: rate("writes", 2),
    disk_busy_percent: percentOf(gained("busyMs"), seconds * 1000),
    disk_queue_depth: weighted === undefined ? undefined : rounded(weighted / 1000, 3),
    disk_read_wait_seconds: meanWait(gained("readMs"), gained("reads")),
    disk_write_wait_seconds: meanWait(gained("writeMs"), gained("writes")),
  });
}

/** Without an operation there was nothing to wait for, which is not a wait of zero. */
function meanWait(milliseconds: Figure, operations: Figure): Figure {
  if (milliseconds === undefined || !operations) return undefined;
  return rounded(milliseconds / operations / 1000, 5);
}
