/**
 * When an alert that is open is looked at again, on disk: to tell it once more, or others as well. A line goes when
 * somebody takes care of its alert, and comes back with the news that nobody does any more.
 */
import { asc, eq, isNotNull, lte, sql } from "drizzle-orm";
import type { Database } from "../../db/driver.ts";
import { followUp } from "../../db/org/notifications.ts";
import { preparedOn } from "../../db/prepared.ts";
import type { RestPolicy } from "../contract/routes.ts";
import type { Way } from "./routing.ts";

export type FollowUpKind = "repeat" | "escalate";

export interface FollowUp {
  alertId: string;
  kind: FollowUpKind;
  /** The name of the route; empty: what no route has kept. */
  route: string;
  /** From when it counts. */
  since: number;
  /** Null: it has been done, and is done once. */
  dueAt: number | null;
}

export const KINDS: readonly FollowUpKind[] = ["repeat", "escalate"];

const values = {
  alertId: sql.placeholder("alertId"),
  kind: sql.placeholder("kind"),
  route: sql.placeholder("route"),
  since: sql.placeholder("since"),
  dueAt: sql.placeholder("dueAt"),
};
const key = [followUp.alertId, followUp.kind, followUp.route];

/** One that is there stays, unless this one is earlier; one that is done stays done. */
const beginning = preparedOn((db) =>
  db.orm
    .insert(followUp)
    .values(values)
    .onConflictDoUpdate({
      target: key,
      set: { since: sql`excluded.since`, dueAt: sql`excluded.due_at` },
      setWhere: sql`${followUp.dueAt} > excluded.due_at`,
    })
    .prepare(),
);

const putting = preparedOn((db) =>
  db.orm
    .insert(followUp)
    .values(values)
    .onConflictDoUpdate({
      target: key,
      set: { since: sql`excluded.since`, dueAt: sql`excluded.due_at` },
    })
    .prepare(),
);

const removing = preparedOn((db) =>
  db.orm
    .delete(followUp)
    .where(
      sql`${followUp.alertId} = ${sql.placeholder("alertId")} and ${followUp.kind} = ${sql.placeholder("kind")} and ${followUp.route} = ${sql.placeholder("route")}`,
    )
    .prepare(),
);

const forgetting = preparedOn((db) =>
  db.orm
    .delete(followUp)
    .where(eq(followUp.alertId, sql.placeholder("alertId")))
    .prepare(),
);

/** How long after `since` it is due; undefined: this way has no such thing. */
export function spanOf(policy: RestPolicy, kind: FollowUpKind): number | undefined {
  return kind === "repeat" ? policy.repeatMs : policy.escalate?.afterMs;
}

/** Of an alert that is told this way, or would be. */
export function begin(db: Database, alertId: string, { route, policy }: Way, since: number): void {
  for (const kind of KINDS) {
    const spanMs = spanOf(policy, kind);
    if (spanMs !== undefined) beginning(db).run({ alertId, kind, route, since, dueAt: since + spanMs });
  }
}

export function put(db: Database, one: FollowUp): void {
  putting(db).run({ ...one });
}

export function remove(db: Database, { alertId, kind, route }: FollowUp): void {
  removing(db).run({ alertId, kind, route });
}

export function removeAllOf(db: Database, alertId: string): void {
  forgetting(db).run({ alertId });
}

export function removeAll(db: Database): void {
  db.orm.delete(followUp).run();
}

export function dueBy(db: Database, now: number): FollowUp[] {
  return db.orm
    .select()
    .from(followUp)
    .where(lte(followUp.dueAt, now))
    .orderBy(followUp.dueAt)
    .all()
    .map(asOne);
}

export function all(db: Database): FollowUp[] {
  return db.orm.select().from(followUp).all().map(asOne);
}

export function followUpsOf(db: Database, alertId: string): FollowUp[] {
  return db.orm.select().from(followUp).where(eq(followUp.alertId, alertId)).all().map(asOne);
}

/** When the next is due. */
export function nextFollowUpAt(db: Database): number {
  const next = db.orm
    .select({ at: followUp.dueAt })
    .from(followUp)
    .where(isNotNull(followUp.dueAt))
    .orderBy(asc(followUp.dueAt))
    .limit(1)
    .get();
  return next?.at ?? Number.POSITIVE_INFINITY;
}

/** The clock was set, by so much: what waits goes on waiting for as long as it would have. */
export function shiftAll(db: Database, byMs: number): void {
  db.orm
    .update(followUp)
    .set({ since: sql`${followUp.since} + ${byMs}`, dueAt: sql`${followUp.dueAt} + ${byMs}` })
    .run();
}

function asOne(row: typeof followUp.$inferSelect): FollowUp {
  return { ...row, kind: row.kind === "repeat" ? "repeat" : "escalate" };
}
