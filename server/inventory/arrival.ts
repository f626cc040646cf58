/**
 * What a report is that has just arrived: new, late, a repeat, or from a second machine that uses the
 * same token. Pure.
 *
 * A reporter numbers its reports within one start of it (`boot`, `seq`) and sends them in order, each
 * until it is acknowledged. So a number that was seen is a repeat; one that was skipped may still
 * come, and is remembered as missing. Earlier starts are remembered too: what comes from one of them
 * is a repeat, or late, unless it was made after the newer start began. Then two machines are alive,
 * and the one that came second is refused until the first has been silent for ten minutes.
 */
export interface Cursor {
  boot: string;
  seq: number;
  /** The reporter's clock. */
  at: number;
  intervalMs: number;
  /** Numbers below `seq` that never came, as `[first, last]`, in order. */
  missing?: [first: number, last: number][];
}

/** What is known of a source while it is remembered; all but `cursor` is lost with a restart. */
export interface SourceMemory {
  cursor: Cursor | undefined;
  /** When the current start of it made its first report. */
  bootBeganAt: number;
  /** Earlier starts, newest first. */
  earlier: Cursor[];
  /** When a second machine was found to use its token. */
  clonedAt: number | undefined;
  /** The start that goes on while there are two: of the machine that was there first. */
  keptBoot: string | undefined;
  /** The server's clock at its last report that was not refused. */
  heardAt: number;
}

export type Arrival = "new" | "late" | "duplicate" | "clone";

interface Arriving {
  boot: string;
  seq: number;
  at: number;
}

const MAX_EARLIER = 4;
/** Gaps remembered per start; of more, the oldest count as come. */
const MAX_MISSING = 32;
export const CLONE_REFUSED_MS = 10 * 60_000;

export function newMemory(cursor?: Cursor): SourceMemory {
  return {
    cursor,
    bootBeganAt: cursor?.at ?? 0,
    earlier: [],
    clonedAt: undefined,
    keptBoot: undefined,
    heardAt: 0,
  };
}

/** `hasSampleAt` says whether the source has a sample of exactly that time already. */
export function judgeArrival(
  memory: SourceMemory,
  report: Arriving,
  hasSampleAt: (at: number) => boolean,
): Arrival {
  const { cursor } = memory;
  if (!cursor) return "new";
  if (cursor.boot === report.boot) {
    if (report.seq > cursor.seq) return "new";
    return isMissing(cursor, report.seq) ? "late" : "duplicate";
  }
  const earlier = memory.earlier.find(({ boot }) => boot === report.boot);
  if (!earlier) {
    if (report.at > cursor.at) return "new";
    return hasSampleAt(report.at) ? "duplicate" : "late";
  }
  if (report.at > memory.bootBeganAt && report.seq > earlier.seq) return "clone";
  if (report.seq <= earlier.seq && !isMissing(earlier, report.seq)) return "duplicate";
  return hasSampleAt(report.at) ? "duplicate" : "late";
}

/** Makes of the memory what it is after a report that is new or late. */
export function remember(memory: SourceMemory, report: Arriving & { intervalMs: number }, now: number): void {
  memory.heardAt = now;
  const { cursor } = memory;
  const { boot, seq, at, intervalMs } = report;
  if (cursor?.boot === boot) {
    memory.cursor = advanced(cursor, report);
    return;
  }
  const known = memory.earlier.findIndex((one) => one.boot === boot);
  if (known >= 0) {
    memory.earlier[known] = advanced(memory.earlier[known] as Cursor, report);
    return;
  }
  const begun: Cursor = { boot, seq, at, intervalMs, ...(seq > 0 && { missing: [[0, seq - 1]] }) };
  if (cursor && at <= cursor.at) memory.earlier.push(begun);
  else {
    if (cursor) memory.earlier.unshift(cursor);
    memory.cursor = begun;
    memory.bootBeganAt = at;
  }
  memory.earlier.length = Math.min(memory.earlier.length, MAX_EARLIER);
}

/**
 * A second machine was found: `boot` is alive although a newer start has begun. Whoever was there first
 * goes on; once that is known, the others are refused. Returns whether this report is to be taken.
 */
export function noticeClone(memory: SourceMemory, boot: string, now: number): boolean {
  memory.clonedAt = now;
  const { cursor } = memory;
  const first = memory.earlier.find((one) => one.boot === boot);
  if (!first || !cursor) return false;
  if (memory.keptBoot === cursor.boot && now - memory.heardAt < CLONE_REFUSED_MS) return false;
  memory.keptBoot = boot;
  memory.earlier = [cursor, ...memory.earlier.filter((one) => one !== first)];
  memory.bootBeganAt = first.at;
  memory.cursor = { ...first, at: Math.max(first.at, cursor.at) };
  return true;
}

function isMissing({ missing = [] }: Cursor, seq: number): boolean {
  return missing.some(([first, last]) => first <= seq && seq <= last);
}

function advanced(cursor: Cursor, { seq, at, intervalMs }: Arriving & { intervalMs: number }): Cursor {
  const ahead = seq > cursor.seq;
  const gap: [number, number][] = ahead && seq > cursor.seq + 1 ? [[cursor.seq + 1, seq - 1]] : [];
  const missing = [...without(cursor.missing ?? [], seq), ...gap].slice(-MAX_MISSING);
  return {
    boot: cursor.boot,
    seq: Math.max(seq, cursor.seq),
    at: ahead ? at : cursor.at,
    intervalMs: ahead ? intervalMs : cursor.intervalMs,
    ...(missing.length > 0 && { missing }),
  };
}

function without(ranges: [number, number][], seq: number): [number, number][] {
  return ranges.flatMap(([first, last]): [number, number][] => {
    if (seq < first || seq > last) return [[first, last]];
    const rest: [number, number][] = [
      [first, seq - 1],
      [seq + 1, last],
    ];
    return rest.filter(([from, to]) => from <= to);
  });
}
