/** What a block device has done since boot. Times are milliseconds. */
export interface DiskCounters {
  reads: number;
  readBytes: number;
  readMs: number;
  writes: number;
  writtenBytes: number;
  writeMs: number;
  /** Time during which at least one request was under way. */
  busyMs: number;
  /** Time summed over the requests: divided by the time that passed it is the mean queue depth. */
  weightedMs: number;
}

/** The unit of /proc/diskstats whatever the sector size of the device is. */
const SECTOR_BYTES = 512;

/** Lines that are read at most: a machine with 256 disks and their partitions and volumes. */
const LINE_LIMIT = 4_096;

/**
 * /proc/diskstats, partitions and virtual devices included. Kernels add columns at the end (14 until
 * 4.17, 18 with discards, 20 with flushes); the ones read here have been the same since 2.6.25.
 * Before that partitions had 7 columns: such lines are passed over.
 */
export function parseDiskstats(text: string): Map<string, DiskCounters> {
  const disks = new Map<string, DiskCounters>();
  for (const line of text.split("\n", LINE_LIMIT)) {
    const columns = line.trim().split(/\s+/);
    const name = columns[2];
    if (!name || columns.length < 14) continue;
    const column = (index: number) => Number(columns[index]);
    const counters: DiskCounters = {
      reads: column(3),
      readBytes: column(5) * SECTOR_BYTES,
      readMs: column(6),
      writes: column(7),
      writtenBytes: column(9) * SECTOR_BYTES,
      writeMs: column(10),
      busyMs: column(12),
      weightedMs: column(13),
    };
    if (Object.values(counters).every(Number.isFinite)) disks.set(name, counters);
  }
  return disks;
}
