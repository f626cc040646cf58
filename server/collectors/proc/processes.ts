/** /proc/<pid>/stat, as far as it is used. */
export interface ProcessStat {
  /** At most 15 bytes: the kernel cuts it. */
  name: string;
  /** Ticks in user and in kernel mode since the start. */
  cpuTicks: number;
  /** Ticks after boot; together with the pid it names one process for good. */
  startTicks: number;
  residentPages: number;
}

/** The name stands in parentheses and may itself hold spaces and parentheses: the last one closes it. */
export function parseProcessStat(text: string): ProcessStat | undefined {
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  if (open < 0 || close < open) return undefined;
  // Columns from the third of the manual page on: state is 0 here, utime 11, starttime 19, rss 21.
  const columns = text.slice(close + 2).split(" ", 22);
  const cpuTicks = Number(columns[11]) + Number(columns[12]);
  const startTicks = Number(columns[19]);
  const residentPages = Number(columns[21]);
  if (!Number.isFinite(cpuTicks + startTicks + residentPages)) return undefined;
  return {
    name: text.slice(open + 1, close),
    cpuTicks,
    startTicks,
    residentPages: Math.max(0, residentPages),
  };
}

/** Effective user of /proc/<pid>/status. */
export function parseEffectiveUser(text: string): number | undefined {
  const user = /^Uid:\s+\d+\s+(\d+)/m.exec(text)?.[1];
  return user === undefined ? undefined : Number(user);
}

/**
 * The full name behind one that the kernel cut, from /proc/<pid>/cmdline. Only the program's own name
 * is taken: arguments may hold passwords.
 */
export function fullName(cut: string, cmdline: string): string {
  const program = cmdline.split("\0", 1)[0] ?? "";
  const name = (program.split("/").at(-1) ?? "").split(/\s/, 1)[0] ?? "";
  return name.startsWith(cut) ? name : cut;
}

/** Users of /etc/passwd that are read at most. */
const USER_LIMIT = 10_000;

/** /etc/passwd: user number to name. Of two names with one number the first counts, as in libc. */
export function parsePasswd(text: string): Map<number, string> {
  const names = new Map<number, string>();
  for (const line of text.split("\n", USER_LIMIT)) {
    const [name, , number] = line.split(":", 3);
    if (name && number && /^\d+$/.test(number) && !names.has(Number(number))) names.set(Number(number), name);
  }
  return names;
}

export interface KernelUnits {
  pageBytes: number;
  ticksPerSecond: number;
}

/**
 * /proc/self/auxv: pairs of machine words, from which libc itself learns the page size (6) and the
 * tick (17). Only 64-bit little-endian machines are read; others have the usual values.
 */
export function parseAuxv(bytes: Uint8Array): KernelUnits {
  const units: KernelUnits = { pageBytes: 4096, ticksPerSecond: 100 };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 16 <= bytes.byteLength; at += 16) {
    const value = Number(view.getBigUint64(at + 8, true));
    const type = view.getBigUint64(at, true);
    if (type === 6n && value >= 1024 && value <= 1_048_576) units.pageBytes = value;
    if (type === 17n && value >= 1 && value <= 10_000) units.ticksPerSecond = value;
  }
  return units;
}
