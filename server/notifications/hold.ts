/** Who is to be told of what later, on disk. An alert is at most once in it for a channel, so what is open bounds it. */
import { and, asc, eq, lte, sql } from "drizzle-orm";
import type { Database } from "../../db/driver.ts";
import { held } from "../../db/org/notifications.ts";
import { preparedOn } from "../../db/prepared.ts";
import { ChannelId } from "../contract/ids.ts";

const putting = preparedOn((db) =>
  db.orm
    .insert(held)
    .values({
      channelId: sql.placeholder("channelId"),
      alertId: sql.placeholder("alertId"),
      until: sql.placeholder("until"),
    })
    .onConflictDoUpdate({ target: [held.channelId, held.alertId], set: { until: sql`excluded.until` } })
    .prepare(),
);

const taking = preparedOn((db) =>
  db.orm
    .delete(held)
    .where(
      and(eq(held.channelId, sql.placeholder("channelId")), eq(held.alertId, sql.placeholder("alertId"))),
    )
    .prepare(),
);

const forgetting = preparedOn((db) =>
  db.orm
    .delete(held)
    .where(eq(held.alertId, sql.placeholder("alertId")))
    .prepare(),
);

export function hold(db: Database, channelId: ChannelId, alertId: string, until: number): void {
  putting(db).run({ channelId, alertId, until });
}

export function letGo(db: Database, channelId: ChannelId, alertId: string): void {
  taking(db).run({ channelId, alertId });
}

export function letGoOfAlert(db: Database, alertId: string): void {
  forgetting(db).run({ alertId });
}

export function letGoOfChannel(db: Database, channelId: ChannelId): void {
  db.orm.delete(held).where(eq(held.channelId, channelId)).run();
}

/** They are looked at again now, by what is set by now. */
export function letAllBeJudged(db: Database): void {
  db.orm.update(held).set({ until: 0 }).run();
}

export function isAnythingHeld(db: Database): boolean {
  return db.orm.select({ until: held.until }).from(held).limit(1).get() !== undefined;
}

/** In the order in which they were put, by alert. */
export function heldUntil(db: Database, now: number): Map<string, ChannelId[]> {
  const rows = db.orm.select().from(held).where(lte(held.until, now)).orderBy(sql`rowid`).all();
  const due = new Map<string, ChannelId[]>();
  for (const { alertId, channelId } of rows) {
    const id = ChannelId.parse(channelId);
    const list = due.get(alertId);
    if (list) list.push(id);
    else due.set(alertId, [id]);
  }
  return due;
}

export function heldOf(db: Database, alertId: string): Map<string, number> {
  const rows = db.orm.select().from(held).where(eq(held.alertId, alertId)).all();
  return new Map(rows.map(({ channelId, until }) => [channelId, until]));
}

/** When the next is due. */
export function nextHeldAt(db: Database): number {
  const next = db.orm.select({ at: held.until }).from(held).orderBy(asc(held.until)).limit(1).get();
  return next?.at ?? Number.POSITIVE_INFINITY;
}
