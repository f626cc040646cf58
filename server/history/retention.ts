/**
 * What is kept how long. Samples go first, then what they were summarised to; a file that comes near its limit
 * loses its oldest samples before their time.
 */
import type { Database } from "../../db/driver.ts";
import { DAY, TIERS, type Tier } from "./chunk-table.ts";
import type { HistoryStore } from "./store.ts";

const YEAR = 365 * DAY;
export const KEPT_MS: Readonly<Record<Tier, number>> = {
  hour: 2 * YEAR,
  day: 2 * YEAR,
  fiveMinutes: 2 * YEAR,
  hours: 5 * YEAR,
  days: 10 * YEAR,
};

/** Of one source and tier at a time: a clock that is wrong does little before somebody notices. */
const MOST_AT_ONCE = 2;
/** From here on the oldest go, so that there is room before reports are refused. */
const FULL_SHARE = 0.9;
/** Pages left free for what comes next: giving them back and taking them again costs more. */
const SPARE_PAGES = 1_024;
/** Pages given back at a time: a millisecond or two. */
const PAGES_AT_ONCE = 128;

/** Deletes what is older than it is kept. */
export function* pruneByAge(db: () => Database, store: HistoryStore, now: number): Generator<void> {
  const sources = new Set([...store.chunks.sources(), ...store.rowSources()]);
  for (const source of sources) {
    for (const tier of Object.keys(TIERS) as Tier[]) {
      for (let n = 0; n < MOST_AT_ONCE; n++) {
        const startAt = store.chunks.firstAt(source, tier);
        if (startAt === undefined || startAt + TIERS[tier].spanMs > now - KEPT_MS[tier]) break;
        db().transaction(() => store.chunks.delete(source, tier, startAt));
        yield;
      }
    }
    const rowAt = store.firstRowAt(source, 0);
    if (rowAt !== undefined && rowAt < now - KEPT_MS.hour)
      db().transaction(() => store.deleteRows(source, rowAt, Math.min(rowAt + DAY, now - KEPT_MS.hour)));
    yield;
  }
}

/** Deletes the oldest samples, of whatever source, while the file is nearly as large as it may be. */
export function* pruneBySize(db: () => Database, store: HistoryStore, limitBytes: number): Generator<void> {
  while (usedBytes(db()) > limitBytes * FULL_SHARE) {
    const oldest = oldestOf(store, "day") ?? oldestOf(store, "fiveMinutes");
    if (!oldest) return;
    db().transaction(() => store.chunks.delete(oldest.source, oldest.tier, oldest.startAt));
    yield;
  }
}

function oldestOf(
  store: HistoryStore,
  tier: Tier,
): { source: string; tier: Tier; startAt: number } | undefined {
  let oldest: { source: string; tier: Tier; startAt: number } | undefined;
  for (const source of store.chunks.sources()) {
    const startAt = store.chunks.firstAt(source, tier);
    if (startAt !== undefined && !(oldest && oldest.startAt <= startAt)) oldest = { source, tier, startAt };
  }
  return oldest;
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
