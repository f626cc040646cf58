/**
 * Deletes what is not kept any longer and gives the room back. Samples go first, then what they were summarised to;
 * a file that comes near its limit loses its oldest samples before their time.
 *
 * How much goes at a time depends on who wanted it. What has become too old since the settings were made goes a
 * little at a time, so that a clock that is wrong does little before somebody notices. What was too old
 * when they were made goes at once: a person has seen what it is. It cannot be had back either way.
 */
import type { Database } from "../../db/driver.ts";
import type { KeptTier } from "../contract/retention-limits.ts";
import { DAY, TIERS, type Tier } from "./chunk-table.ts";
import { CHUNKS_OF, GIVING_WAY } from "./forecast.ts";
import type { Kept } from "./kept.ts";
import type { HistoryStore } from "./store.ts";
import { firstUsed } from "./use.ts";

/** By which setting the chunks of a tier are kept. */
const KEPT_AS = {
  hour: "samples",
  day: "samples",
  fiveMinutes: "fiveMinutes",
  hours: "hours",
  days: "days",
} as const satisfies Record<Tier, KeptTier>;

/** Of one source and tier, where nobody said so. */
const MOST_AT_ONCE = 2;
/** Chunks deleted by one transaction, which is synced once and takes a few milliseconds. */
const PER_TRANSACTION = 8;
/** Chunks deleted before whatever else is due has its turn: new samples are to be sealed meanwhile. */
const MOST_IN_ONE_GO = 20_000;
/** Pages left free for what comes next: giving them back and taking them again costs more. */
const SPARE_PAGES = 1_024;
/** Pages given back at a time: a millisecond or two. */
const PAGES_AT_ONCE = 128;

export interface Pruning {
  now: number;
  /** Whether also what has become too old since somebody said so. */
  unasked: boolean;
  /** Rows that are yet to be sealed. */
  isWaiting?: (source: string, at: number) => boolean;
}

/** Deletes what is older than it is kept. Returns whether that was all. */
export function* pruneByAge(
  db: () => Database,
  store: HistoryStore,
  { keepDays, changedAt = 0 }: Pick<Kept, "keepDays" | "changedAt">,
  { now, unasked, isWaiting = () => false }: Pruning,
): Generator<void, boolean> {
  let left = MOST_IN_ONE_GO;
  for (const source of new Set([...store.chunks.sources(), ...store.rowSources()])) {
    for (const tier of Object.keys(TIERS) as Tier[]) {
      const keptMs = keepDays[KEPT_AS[tier]] * DAY;
      const take = (endedBy: number, most: number): number => {
        const starts = startsOf(store, source, tier, { endedBy, most });
        if (starts.length > 0)
          db().transaction(() => {
            for (const startAt of starts) store.chunks.delete(source, tier, startAt);
          });
        return starts.length;
      };
      for (;;) {
        const taken = take(Math.min(changedAt, now) - keptMs, PER_TRANSACTION);
        if (taken === 0) break;
        left -= taken;
        if (left <= 0) return false;
        yield;
      }
      if (unasked && take(now - keptMs, MOST_AT_ONCE) > 0) yield;
    }
    const rows = store.rowsBetween(source);
    if (rows && !isWaiting(source, rows.oldestAt))
      deleteOldRows(db(), store, source, { rows, keepDays, now });
    yield;
  }
  return true;
}

/** When chunks that ended by then begin, the oldest first. */
function startsOf(
  { chunks }: HistoryStore,
  source: string,
  tier: Tier,
  { endedBy, most }: { endedBy: number; most: number },
): number[] {
  const starts: number[] = [];
  for (let from = 0; starts.length < most; ) {
    const startAt = chunks.firstAt(source, tier, from);
    if (startAt === undefined || endOf(tier, startAt) > endedBy) break;
    starts.push(startAt);
    from = startAt + TIERS[tier].spanMs;
  }
  return starts;
}

/** An hour belongs to its day until that is summarised, which is done within another. */
function endOf(tier: Tier, startAt: number): number {
  return tier === "hour" ? Math.floor(startAt / DAY) * DAY + 2 * DAY : startAt + TIERS[tier].spanMs;
}

/** The newest is what the source is known by: it stays as long as anything does. */
function deleteOldRows(
  db: Database,
  store: HistoryStore,
  source: string,
  {
    rows: { oldestAt, newestAt },
    keepDays,
    now,
  }: { rows: { oldestAt: number; newestAt: number }; keepDays: Kept["keepDays"]; now: number },
): void {
  const cutoff = now - keepDays.samples * DAY;
  const before = newestAt < now - keepDays.days * DAY ? cutoff : Math.min(cutoff, newestAt);
  if (oldestAt < before)
    db.transaction(() => store.deleteRows(source, oldestAt, Math.min(oldestAt + DAY, before)));
}

/** Deletes the oldest samples, of whatever source, while the file takes more than it may. */
export function* pruneBySize(db: () => Database, store: HistoryStore, limitBytes: number): Generator<void> {
  for (const tier of GIVING_WAY) {
    const kind = CHUNKS_OF[tier];
    for (let from = 0; usedBytes(db()) > limitBytes; ) {
      const startAt = firstUsed(db(), TIERS[kind].number, from);
      if (startAt === undefined) break;
      for (const source of store.chunks.sources()) {
        if (store.chunks.firstAt(source, kind, startAt) !== startAt) continue;
        db().transaction(() => store.chunks.delete(source, kind, startAt));
        yield;
        if (usedBytes(db()) <= limitBytes) return;
      }
      from = startAt + TIERS[kind].spanMs;
    }
  }
}

/** Gives free pages back to the disk, where the file was made to be able to. */
export function* giveBack(db: () => Database): Generator<void> {
  if (Number(db().pragma("auto_vacuum")) !== 2) return;
  while (Number(db().pragma("freelist_count")) > SPARE_PAGES) {
    db().execute(`pragma incremental_vacuum(${PAGES_AT_ONCE})`);
    yield;
  }
}

/** Bytes of the file that hold something. */
export function usedBytes(db: Database): number {
  const pages = Number(db.pragma("page_count")) - Number(db.pragma("freelist_count"));
  return pages * Number(db.pragma("page_size"));
}
