import { parseDiskstats } from "../proc/diskstats.ts";
import { type DiskFacts, DiskReport } from "./disk-report.ts";
import { clip } from "./figures.ts";
import { Remembered } from "./remembered.ts";
import type { Tree } from "./tree.ts";

/** Devices in the list of block devices that are no disk: optical and floppy drives, boot areas, hidden paths. */
export const NO_DISK = /^(?:sr\d+|fd\d+|mmcblk\d+(?:boot\d+|rpmb)|nvme\d+c\d+n\d+)$/;

/** Physical disks and what they do. */
export class Disks {
  private readonly report = new DiskReport();
  private readonly facts: Remembered<DiskFacts | undefined>;

  constructor(private readonly tree: Tree) {
    this.facts = new Remembered((name) => findDisk(tree, name));
  }

  read(nowMs: number): ReturnType<DiskReport["read"]> {
    const counters = parseDiskstats(this.tree.text("/proc/diskstats") ?? "");
    return this.report.read(this.facts.of([...counters.keys()], nowMs), counters, nowMs);
  }
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
