import type { ReportedResource } from "../../contract/report.ts";
import { type DiskCounters, parseDiskstats } from "../proc/diskstats.ts";
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
import { Remembered } from "./remembered.ts";
import type { Tree } from "./tree.ts";

/** Disks of one machine that are reported. */
const DISK_LIMIT = 256;

/** Devices in the list of block devices that are no disk: optical and floppy drives, boot areas, hidden paths. */
const NO_DISK = /^(?:sr\d+|fd\d+|mmcblk\d+(?:boot\d+|rpmb)|nvme\d+c\d+n\d+)$/;

interface DiskFacts {
  model?: string;
  sizeBytes?: number;
  rotational?: boolean;
}

export interface DiskTotals {
  readBytes: Figure;
  writtenBytes: Figure;
  busyPercent: Figure;
}

/** Physical disks and what they do. */
export class Disks {
  private before = new Map<string, DiskCounters>();
  private beforeMs = 0;
  private readonly facts: Remembered<DiskFacts | undefined>;

  constructor(private readonly tree: Tree) {
    this.facts = new Remembered((name) => findDisk(tree, name));
  }

  read(nowMs: number): { totals: DiskTotals; disks: ReportedResource[] } {
    const counters = parseDiskstats(this.tree.text("/proc/diskstats") ?? "");
    const seconds = (nowMs - this.beforeMs) / 1000;
    const disks: ReportedResource[] = [];
    for (const [name, facts] of this.facts.of([...counters.keys()], nowMs)) {
      const after = counters.get(name);
      if (!facts || !after || disks.length === DISK_LIMIT) continue;
      disks.push({
        kind: "disk",
        key: resourceKey("host", "disk", name),
        parent: "host",
        name: clip(name),
        status: "up",
        attributes: knownAttributes({
          model: facts.model,
          size_bytes: facts.sizeBytes,
          rotational: facts.rotational,
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

/**
 * A physical disk has a device behind it; partitions are not in /sys/block at all, and loop, ram,
 * zram, dm and md devices have none: what they move, a disk below them moves and counts.
 */
function findDisk(tree: Tree, name: string): DiskFacts | undefined {
  const folder = `/sys/block/${name.replaceAll("/", "!")}`;
  if (NO_DISK.test(name) || !tree.has(`${folder}/device`)) return undefined;
  const sectors = tree.number(`${folder}/size`);
  // A card reader without a card.
  if (sectors === 0) return undefined;
  const rotational = tree.number(`${folder}/queue/rotational`);
  const model = tree.value(`${folder}/device/model`) ?? tree.value(`${folder}/device/name`);
  return {
    model: model === undefined ? undefined : clip(model),
    // Counted in 512 bytes whatever the disk's own sectors are.
    sizeBytes: sectors === undefined ? undefined : sectors * 512,
    rotational: rotational === undefined ? undefined : rotational === 1,
  };
}
