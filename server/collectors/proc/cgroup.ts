/** Control groups of version 2. */

/** Path of the group in /proc/<pid>/cgroup; undefined on a machine that has only version 1. */
export function parseCgroupPath(text: string): string | undefined {
  return /^0::(\/.*)$/m.exec(text)?.[1];
}

/** `memory.max` and its like: a number of bytes, or `max` for no limit, which is undefined here. */
export function parseLimit(text: string): number | undefined {
  return /^\d+$/.test(text.trim()) ? Number(text.trim()) : undefined;
}

/** `cpu.max`: how many cores' worth of time the group may use; undefined without a limit. */
export function parseCpuMax(text: string): number | undefined {
  const [, quota, period] = /^(\d+) (\d+)$/.exec(text.trim()) ?? [];
  if (quota === undefined || Number(period) === 0) return undefined;
  return Number(quota) / Number(period);
}

/** `cpu.stat`, `memory.stat`: lines of a name and a number. */
export function parseFlatKeyed(text: string): Map<string, number> {
  const values = new Map<string, number>();
  for (const line of text.split("\n")) {
    const space = line.indexOf(" ");
    const value = Number(line.slice(space + 1) || Number.NaN);
    if (space > 0 && Number.isFinite(value)) values.set(line.slice(0, space), value);
  }
  return values;
}
