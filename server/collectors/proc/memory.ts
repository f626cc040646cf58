/** All in bytes; a line the kernel does not have is undefined. */
export interface Memory {
  total?: number;
  available?: number;
  /** What the kernel gives back when it is asked for memory: page cache, buffers, reclaimable slab. */
  cached?: number;
  swapTotal?: number;
  swapFree?: number;
}

/** /proc/meminfo. */
export function parseMeminfo(text: string): Memory {
  const bytes = new Map<string, number>();
  for (const line of text.split("\n")) {
    const match = /^([A-Za-z()_0-9]+):\s+(\d+)(?: kB)?$/.exec(line.trimEnd());
    if (match?.[1] && match[2]) bytes.set(match[1], Number(match[2]) * 1024);
  }
  return memoryOf(bytes);
}

/** By the kernel's names for what it counts, in bytes. */
export function memoryOf(bytes: Map<string, number>): Memory {
  const total = bytes.get("MemTotal");
  const free = bytes.get("MemFree");
  const cached = cachedBytes(bytes);
  // MemAvailable came with kernel 3.14 (RHEL has it in its later 3.10). Before, this is the closest.
  const estimated = free === undefined ? undefined : free + (cached ?? 0);
  const available = bytes.get("MemAvailable") ?? estimated;
  return {
    total,
    available: available === undefined || total === undefined ? available : Math.min(available, total),
    cached,
    swapTotal: bytes.get("SwapTotal"),
    swapFree: bytes.get("SwapFree"),
  };
}

/** Shared memory is counted by the kernel as page cache, yet it cannot be given back. */
function cachedBytes(bytes: Map<string, number>): number | undefined {
  const pages = bytes.get("Cached");
  if (pages === undefined) return undefined;
  const given = pages + (bytes.get("Buffers") ?? 0) + (bytes.get("SReclaimable") ?? 0);
  return Math.max(0, given - (bytes.get("Shmem") ?? 0));
}

export interface ArcSize {
  sizeBytes: number;
  /** ZFS gives back the cache down to its configured minimum; the kernel counts all of it as used. */
  reclaimableBytes: number;
}

/** /proc/spl/kstat/zfs/arcstats: lines of name, type, value. */
export function parseArcstats(text: string): ArcSize | undefined {
  const size = /^size\s+\d+\s+(\d+)$/m.exec(text)?.[1];
  const floor = /^c_min\s+\d+\s+(\d+)$/m.exec(text)?.[1];
  return size === undefined
    ? undefined
    : arcSize(Number(size), floor === undefined ? undefined : Number(floor));
}

export function arcSize(sizeBytes: number, floorBytes: number | undefined): ArcSize {
  return { sizeBytes, reclaimableBytes: floorBytes === undefined ? 0 : Math.max(0, sizeBytes - floorBytes) };
}
