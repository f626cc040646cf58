/** Deliveries as they are on disk. Who decides is the queue; here is only how it is written and found. */
import { and, desc, eq, gt, inArray, isNotNull, lt, ne, type SQL, sql } from "drizzle-orm";
import type { Database } from "../../db/driver.ts";
import { delivery, told } from "../../db/org/notifications.ts";
import { preparedOn } from "../../db/prepared.ts";
import { ChannelId } from "../contract/ids.ts";

import {
  DELIVERY_FAILURES,
  DELIVERY_LIMITS,
  DELIVERY_STATES,
  type DeliveriesInput,
  type Delivery,
  type DeliveryList,
  type DeliveryState,
  type NotificationMessage,
  type ToldLevel,
} from "../contract/notifications.ts";
import { failureNamed } from "./channel-book.ts";
import { wordingOf } from "./wording.ts";

export type DeliveryRow = typeof delivery.$inferSelect;

const SENT_KEPT_MS = 7 * 86_400_000;
const DEAD_KEPT_MS = 30 * 86_400_000;
/** That it was told of what is not open any more: its end may still be on its way. */
const TOLD_KEPT_MS = 90 * 86_400_000;

const waitingOf = preparedOn((db) =>
  db.orm
    .select()
    .from(delivery)
    .where(and(eq(delivery.channelId, sql.placeholder("channelId")), eq(delivery.state, "waiting")))
    .orderBy(delivery.seq)
    .limit(DELIVERY_LIMITS.waitingPerChannel)
    .prepare(),
);

/** In the order they were decided on. */
export function waitingFor(db: Database, channelId: ChannelId): DeliveryRow[] {
  return waitingOf(db).all({ channelId });
}

/** The channels something waits for. */
export function channelsWaitedFor(db: Database): Map<string, number> {
  const rows = db.orm
    .select({ channelId: delivery.channelId, count: sql<number>`count(*)` })
    .from(delivery)
    .where(eq(delivery.state, "waiting"))
    .groupBy(delivery.channelId)
    .all();
  return new Map(rows.map(({ channelId, count }) => [channelId, count]));
}

export function findDelivery(db: Database, id: string): DeliveryRow | undefined {
  return db.orm.select().from(delivery).where(eq(delivery.id, id)).get();
}

/** When something was last sent to it, or tried. */
export function lastTriedAt(db: Database, channelId: ChannelId): number | undefined {
  const row = db.orm
    .select({ at: delivery.triedAt })
    .from(delivery)
    .where(and(eq(delivery.channelId, channelId), isNotNull(delivery.triedAt)))
    .orderBy(desc(delivery.seq))
    .limit(1)
    .get();
  return row?.at ?? undefined;
}

export function insertDelivery(
  db: Database,
  {
    channelId,
    message,
    createdAt,
    dueAt,
  }: { channelId: ChannelId; message: NotificationMessage; createdAt: number; dueAt: number },
): void {
  db.orm
    .insert(delivery)
    .values({
      id: message.id,
      channelId,
      state: "waiting",
      message: written(message),
      attempts: 0,
      isUncertain: false,
      createdAt,
      dueAt,
    })
    .run();
}

export function changeDelivery(db: Database, seq: number, values: Partial<DeliveryRow>): void {
  db.orm.update(delivery).set(values).where(eq(delivery.seq, seq)).run();
}

/** What has not been sent to this channel is not sent any more. */
export function cancelAll(db: Database, channelId: ChannelId, now: number): void {
  db.orm
    .update(delivery)
    .set({ state: "cancelled", doneAt: now })
    .where(and(eq(delivery.channelId, channelId), eq(delivery.state, "waiting")))
    .run();
}

/** Whatever it waited for, it is tried again now. */
export function makeDue(db: Database, channelId: ChannelId, now: number): void {
  db.orm
    .update(delivery)
    .set({ dueAt: now })
    .where(and(eq(delivery.channelId, channelId), eq(delivery.state, "waiting"), gt(delivery.attempts, 0)))
    .run();
}

export function forgetChannel(db: Database, channelId: ChannelId): void {
  db.orm.delete(delivery).where(eq(delivery.channelId, channelId)).run();
  db.orm.delete(told).where(eq(told.channelId, channelId)).run();
}

const askingTold = preparedOn((db) =>
  db.orm
    .select({ level: told.level })
    .from(told)
    .where(
      and(eq(told.channelId, sql.placeholder("channelId")), eq(told.alertId, sql.placeholder("alertId"))),
    )
    .prepare(),
);

/** How bad a channel was told that it is, last; undefined: it was not, or that it is over. */
export function toldAs(db: Database, channelId: ChannelId, alertId: string): ToldLevel | undefined {
  const row = askingTold(db).get({ channelId, alertId });
  return row && levelNamed(row.level);
}

/** All that a channel was told of and that is not over, as far as it knows. */
export function toldOf(db: Database, channelId: ChannelId): Map<string, ToldLevel> {
  const { alertId: id, level } = told;
  const rows = db.orm.select({ id, level }).from(told).where(eq(told.channelId, channelId)).all();
  return new Map(rows.map((row) => [row.id, levelNamed(row.level)]));
}

function levelNamed(name: string): ToldLevel {
  return name === "warning" ? "warning" : "critical";
}

export function noteTold(
  db: Database,
  channelId: ChannelId,
  { alerts }: NotificationMessage,
  now: number,
): void {
  for (const { id: alertId, event, level } of alerts) {
    if (event === "test") continue;
    if (event === "resolved") {
      db.orm
        .delete(told)
        .where(and(eq(told.channelId, channelId), eq(told.alertId, alertId)))
        .run();
    } else {
      db.orm
        .insert(told)
        .values({ channelId, alertId, at: now, level })
        .onConflictDoUpdate({ target: [told.channelId, told.alertId], set: { level } })
        .run();
    }
  }
}

/** The clock was set, by so much: what waits goes on waiting for as long as it would have. */
export function shiftWaiting(db: Database, byMs: number): void {
  db.orm
    .update(delivery)
    .set({ createdAt: sql`${delivery.createdAt} + ${byMs}`, dueAt: sql`${delivery.dueAt} + ${byMs}` })
    .where(eq(delivery.state, "waiting"))
    .run();
}

/** Lines nobody looks at any more. */
export function throwAway(db: Database, now: number, isOpen: (alertId: string) => boolean): void {
  const over = and(eq(delivery.state, "dead"), lt(delivery.doneAt, now - DEAD_KEPT_MS));
  const done = and(inArray(delivery.state, ["sent", "cancelled"]), lt(delivery.doneAt, now - SENT_KEPT_MS));
  db.orm.delete(delivery).where(over).run();
  db.orm.delete(delivery).where(done).run();
  const isOld = lt(told.at, now - TOLD_KEPT_MS);
  for (const { id } of db.orm.selectDistinct({ id: told.alertId }).from(told).where(isOld).all())
    if (!isOpen(id)) db.orm.delete(told).where(eq(told.alertId, id)).run();
  const oldestKept = db.orm
    .select({ seq: delivery.seq })
    .from(delivery)
    .where(ne(delivery.state, "waiting"))
    .orderBy(desc(delivery.seq))
    .limit(1)
    .offset(DELIVERY_LIMITS.remembered)
    .get();
  if (!oldestKept) return;
  db.orm
    .delete(delivery)
    .where(and(ne(delivery.state, "waiting"), lt(delivery.seq, oldestKept.seq + 1)))
    .run();
}

export function listDeliveries(db: Database, input: DeliveriesInput): DeliveryList {
  const { channelId, state, limit = DELIVERY_LIMITS.perPage, cursor } = input ?? {};
  const wanted: (SQL | undefined)[] = [
    channelId && eq(delivery.channelId, channelId),
    state && eq(delivery.state, state),
    cursor === undefined ? undefined : lt(delivery.seq, cursor),
  ];
  const rows = db.orm
    .select()
    .from(delivery)
    .where(and(...wanted))
    .orderBy(desc(delivery.seq))
    .limit(limit + 1)
    .all();
  const deliveries = rows.slice(0, limit).map(shown);
  const last = deliveries.at(-1);
  return { deliveries, ...(rows.length > limit && last && { nextCursor: last.seq }) };
}

export function messageOf(row: Pick<DeliveryRow, "message">): NotificationMessage {
  const { counted, ...message } = JSON.parse(row.message) as NotificationMessage & { counted?: string[] };
  return { ...message, ...(counted && { counted: new Set(counted) }) };
}

export function written({ counted, ...message }: NotificationMessage): string {
  return JSON.stringify({ ...message, ...(counted && { counted: [...counted] }) });
}

function shown(row: DeliveryRow): Delivery {
  const { seq, id, attempts, createdAt, dueAt, doneAt, triedAt, status, tookMs } = row;
  const state = stateNamed(row.state);
  const message = messageOf(row);
  const failure = row.failure === null ? undefined : failureNamed(row.failure);
  return {
    seq,
    id,
    channelId: ChannelId.parse(row.channelId),
    state,
    title: wordingOf(message).headline,
    alerts: message.alerts.length + message.more,
    attempts,
    createdAt,
    ...(state === "waiting" && { dueAt }),
    ...(doneAt !== null && { doneAt }),
    ...(triedAt !== null && { triedAt }),
    ...(status !== null && { status }),
    ...(tookMs !== null && { tookMs }),
    ...(failure && {
      problem: {
        at: triedAt ?? createdAt,
        failure,
        message: row.problem ?? "",
        fix: DELIVERY_FAILURES[failure],
      },
    }),
  };
}

function stateNamed(name: string): DeliveryState {
  return DELIVERY_STATES.find((one) => one === name) ?? "dead";
}
