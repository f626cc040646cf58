/** What was decided at each moment at which somebody could have been told, on disk: for whoever asks why. */
import { and, desc, eq, lt, lte, sql } from "drizzle-orm";
import type { Database } from "../../db/driver.ts";
import { decision } from "../../db/org/notifications.ts";
import { preparedOn } from "../../db/prepared.ts";
import type { ChannelId } from "../contract/ids.ts";
import type { ToldLevel } from "../contract/notifications.ts";
import { ROUTE_LIMITS } from "../contract/route-limits.ts";
import type { DiagnosedMoment } from "../contract/routes.ts";
import type { Hold } from "./routing.ts";

/** Why a channel that is named was not told. `heard`: it had been told before. `behind`: it has not taken that yet. */
export type NotTold = "level" | "off" | "heard" | "unheard" | "too_many" | "behind";

/** What was decided for one channel. Channels that are missing were named by nothing. */
export interface Decided {
  channelId: ChannelId;
  /** The name of the route; left out: what no route has kept. */
  route?: string;
  messageId?: string;
  hold?: Hold;
  not?: NotTold;
}

export interface Decision {
  alertId: string;
  at: number;
  event: DiagnosedMoment["event"];
  level: ToldLevel;
  /** Why nobody was told. */
  why?: string;
  tellings: Decided[];
}

const noting = preparedOn((db) =>
  db.orm
    .insert(decision)
    .values({
      alertId: sql.placeholder("alertId"),
      at: sql.placeholder("at"),
      event: sql.placeholder("event"),
      level: sql.placeholder("level"),
      why: sql.placeholder("why"),
      tellings: sql.placeholder("tellings"),
    })
    .prepare(),
);

export function note(
  db: Database,
  { why = null, ...rest }: Omit<Decision, "why"> & { why?: string | null },
): void {
  noting(db).run({ ...rest, why });
}

/** The last of them, oldest first. */
export function decisionsOf(db: Database, alertId: string): Decision[] {
  const rows = db.orm
    .select()
    .from(decision)
    .where(eq(decision.alertId, alertId))
    .orderBy(desc(decision.seq))
    .limit(ROUTE_LIMITS.moments)
    .all();
  return rows.reverse().map(({ seq: _, why, level, event, tellings, ...row }) => ({
    ...row,
    event: event as Decision["event"],
    level: level === "critical" ? "critical" : "warning",
    ...(why !== null && { why }),
    tellings: tellings as unknown as Decided[],
  }));
}

export function throwAwayDecisions(db: Database, now: number): void {
  db.orm
    .delete(decision)
    .where(lt(decision.at, now - ROUTE_LIMITS.decisionsMs))
    .run();
  const oldestKept = db.orm
    .select({ seq: decision.seq })
    .from(decision)
    .orderBy(desc(decision.seq))
    .limit(1)
    .offset(ROUTE_LIMITS.decisions)
    .get();
  if (oldestKept)
    db.orm
      .delete(decision)
      .where(and(lte(decision.seq, oldestKept.seq)))
      .run();
}
