/**
 * What history takes, kept account of as it is written and deleted: for each tier and each time at which chunks of it
 * begin, how many there are of all sources together and how many bytes they hold. A row is changed in the transaction
 * that changes the chunks, so it is never off. It answers at once, from some thousand rows for tens of years, what
 * adding up a file of gigabytes would: what is used, since when, how much a day adds, and what goes when less is
 * kept.
 */
import { and, asc, eq, gte, lte, sql } from "drizzle-orm";
import type { Database } from "../../db/driver.ts";
import { historyUse } from "../../db/org/history.ts";

/** All chunks of a tier that begin at one time. */
export interface UsedSpan {
  startAt: number;
  bytes: number;
}

/** Inside the caller's transaction. */
export function addUse({ orm }: Database, tier: number, startAt: number, bytes: number): void {
  orm
    .insert(historyUse)
    .values({ tier, startAt, chunks: 1, bytes })
    .onConflictDoUpdate({
      target: [historyUse.tier, historyUse.startAt],
      set: { chunks: sql`${historyUse.chunks} + 1`, bytes: sql`${historyUse.bytes} + ${bytes}` },
    })
    .run();
}

/** Likewise. */
export function takeUse({ orm }: Database, tier: number, startAt: number, bytes: number): void {
  const here = and(eq(historyUse.tier, tier), eq(historyUse.startAt, startAt));
  orm
    .update(historyUse)
    .set({ chunks: sql`${historyUse.chunks} - 1`, bytes: sql`${historyUse.bytes} - ${bytes}` })
    .where(here)
    .run();
  orm
    .delete(historyUse)
    .where(and(here, lte(historyUse.chunks, 0)))
    .run();
}

/** In the order of time. */
export function usedSpans({ orm }: Database, tier: number): UsedSpan[] {
  return orm
    .select({ startAt: historyUse.startAt, bytes: historyUse.bytes })
    .from(historyUse)
    .where(eq(historyUse.tier, tier))
    .orderBy(asc(historyUse.startAt))
    .all();
}

/** When the first chunk of a tier from then on begins, whoever's it is. */
export function firstUsed({ orm }: Database, tier: number, from: number): number | undefined {
  return orm
    .select({ startAt: historyUse.startAt })
    .from(historyUse)
    .where(and(eq(historyUse.tier, tier), gte(historyUse.startAt, from)))
    .orderBy(asc(historyUse.startAt))
    .limit(1)
    .get()?.startAt;
}
