import { parseFlatKeyed } from "../proc/cgroup.ts";
import { type KernelKill, numberOf, parseKill } from "../proc/kernel-log.ts";
import { clip } from "./figures.ts";
import type { Tree } from "./tree.ts";

const GROUPS = "/sys/fs/cgroup";
/** So long a kill is told of. */
const TOLD_FOR_MS = 3_600_000;
/** Kills that are remembered. */
const MOST = 100;
/** Processes that are named. */
const NAMED = 10;

export interface MemoryKills {
  /** Within the last hour, as far as we were there. */
  count: number;
  /** Of whom, where the kernel's log may be read. */
  processes: string[];
}

/** What a counter of kills gained since it was first read, for as long as it is told of. */
export class RecentKills {
  private counted: number | undefined;
  private kills: { atMs: number; process: string | undefined }[] = [];

  /** `whom`: of so many more, those that are to be told of. */
  read(counted: number, nowMs: number, whom: (more: number) => (string | undefined)[]): MemoryKills {
    const more = counted - (this.counted ?? counted);
    this.counted = counted;
    if (more > 0) this.kills.push(...whom(more).map((process) => ({ atMs: nowMs, process })));
    this.kills = this.kills.filter(({ atMs }) => nowMs - atMs < TOLD_FOR_MS).slice(-MOST);
    const names = this.kills.flatMap(({ process }) => process ?? []);
    return { count: this.kills.length, processes: [...new Set(names)].slice(-NAMED) };
  }
}

/** Of whom nothing is known but that they were killed. */
export function nameless(count: number): undefined[] {
  return Array.from({ length: Math.min(count, MOST) }, () => undefined);
}

/**
 * Processes the kernel killed because the machine had no memory left. It counts them, together with those that reached
 * a limit somebody has set (of a container, of a unit): these are nobody's want of memory but their own, and are told of
 * by whoever set the limit. The log of the kernel says which is which, and whom it befell. Where it may not be read the
 * groups say how often a limit was reached (version 2 only: with version 1 every kill counts).
 */
export class MemoryKillCounter {
  private readonly recent = new RecentKills();
  private limited: number | undefined;
  private seen = 0;

  constructor(
    private readonly tree: Tree,
    private readonly readLog: () => string[] | undefined,
  ) {}

  /** Undefined where the kernel does not count them (before 4.13). */
  read(nowMs: number): MemoryKills | undefined {
    const counted = parseFlatKeyed(this.tree.text("/proc/vmstat") ?? "").get("oom_kill");
    if (counted === undefined) return undefined;
    this.limited ??= this.readLimited();
    return this.recent.read(counted, nowMs, (more) => this.whom(more));
  }

  private whom(more: number): (string | undefined)[] {
    const before = this.limited ?? 0;
    this.limited = this.readLimited();
    const named = this.newInLog(more);
    if (named) return named.filter(({ isOfLimit }) => !isOfLimit).map(({ process }) => clip(process));
    return nameless(more - Math.min(more, Math.max(0, this.limited - before)));
  }

  /** The last so many in the log; undefined where it cannot be read, or knows of fewer. */
  private newInLog(more: number): KernelKill[] | undefined {
    const records = this.readLog();
    if (!records) return undefined;
    const later = records.filter((record) => numberOf(record) > this.seen);
    this.seen = Math.max(this.seen, numberOf(records.at(-1) ?? "") || 0);
    const summedUp = later.flatMap((record) => parseKill(record, true) ?? []);
    const all = summedUp.length > 0 ? summedUp : later.flatMap((record) => parseKill(record, false) ?? []);
    return all.length < more ? undefined : all.slice(-more);
  }

  /** How often a limit was reached and nothing could be given back; a group counts what is in it, also what is gone. */
  private readLimited(): number {
    let times = 0;
    for (const name of this.tree.names(GROUPS))
      times += parseFlatKeyed(this.tree.text(`${GROUPS}/${name}/memory.events`) ?? "").get("oom") ?? 0;
    return times;
  }
}
