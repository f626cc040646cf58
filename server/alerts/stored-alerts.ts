/** Alerts in the org's file. */
import { and, asc, desc, eq, gt, gte, inArray, isNotNull, isNull, lt, ne, or, sql } from "drizzle-orm";
import type { Database } from "../../db/driver.ts";
import {
  alertEntry,
  alertSettings,
  alertStand,
  alert as alertTable,
  silence as silenceTable,
} from "../../db/org/alerts.ts";
import { preparedOn } from "../../db/prepared.ts";
import { ALERT_LIMITS } from "../contract/alert-limits.ts";
import {
  type Alert,
  AlertLevel,
  type IncidentListInput,
  type RuleSettings,
  type Silence,
  type TimelineEntry,
} from "../contract/alerts.ts";
import { AlertId, ResourceId, SilenceId } from "../contract/ids.ts";
import { NO_SETTINGS } from "./defaults.ts";
import type { Stand } from "./evaluate.ts";

type Row = typeof alertTable.$inferSelect;
export type StoredSilence = Omit<Silence, "active">;

export function readOpen(db: Database): Alert[] {
  return db.orm.select().from(alertTable).where(isNull(alertTable.resolvedAt)).all().map(alertOf);
}

export function findAlert(db: Database, id: AlertId): Alert | undefined {
  const row = db.orm.select().from(alertTable).where(eq(alertTable.id, id)).get();
  return row && alertOf(row);
}

export function writeAlert(db: Database, one: Alert): void {
  const { id, rule, level, firedAt, resolvedAt, ...facts } = one;
  upsertAlert(db).run({
    id,
    rule,
    resourceId: one.resource.id,
    placeId: placeOf(one),
    level,
    firedAt,
    resolvedAt: resolvedAt ?? null,
    facts: JSON.stringify(facts),
  });
}

const upsertAlert = preparedOn((db) => {
  const { placeholder } = sql;
  return db.orm
    .insert(alertTable)
    .values({
      id: placeholder("id"),
      rule: placeholder("rule"),
      resourceId: placeholder("resourceId"),
      placeId: placeholder("placeId"),
      level: placeholder("level"),
      firedAt: placeholder("firedAt"),
      resolvedAt: sql`${placeholder("resolvedAt")}`,
      facts: sql`${placeholder("facts")}`,
    })
    .onConflictDoUpdate({
      target: alertTable.id,
      set: {
        placeId: sql`excluded.place_id`,
        level: sql`excluded.level`,
        resolvedAt: sql`excluded.resolved_at`,
        facts: sql`excluded.facts`,
      },
    })
    .prepare();
});

/** What Pulse writes ends at a limit; how it began and ended, and what people do, is always written. */
export function writeEntry(db: Database, id: AlertId, entry: TimelineEntry): void {
  const { at, type, ...facts } = entry;
  const isAlways = type === "fired" || type === "resolved" || entry.by !== undefined;
  if (!isAlways && countEntries(db, id) >= ALERT_LIMITS.timeline) return;
  insertEntry(db).run({ alertId: id, at, type, facts: JSON.stringify(facts) });
}

const insertEntry = preparedOn((db) => {
  const { placeholder } = sql;
  return db.orm
    .insert(alertEntry)
    .values({
      alertId: placeholder("alertId"),
      at: placeholder("at"),
      type: placeholder("type"),
      facts: sql`${placeholder("facts")}`,
    })
    .prepare();
});

export function countEntries(db: Database, id: AlertId): number {
  const found = db.orm
    .select({ total: sql<number>`count(*)` })
    .from(alertEntry)
    .where(eq(alertEntry.alertId, id))
    .get();
  return found?.total ?? 0;
}

export function readTimeline(db: Database, id: AlertId): TimelineEntry[] {
  const rows = db.orm
    .select()
    .from(alertEntry)
    .where(eq(alertEntry.alertId, id))
    .orderBy(asc(alertEntry.seq))
    .all();
  return rows.map(({ at, type, facts }) => ({ at, type, ...facts }) as TimelineEntry);
}

/** Newest first, one more than is asked for where there are more. */
export function listAlerts(
  db: Database,
  input: IncidentListInput,
  after: Alert | undefined,
  limit: number,
): Alert[] {
  const { state, level, rule, resourceId, from, to } = input;
  const older =
    after &&
    or(
      lt(alertTable.firedAt, after.firedAt),
      and(eq(alertTable.firedAt, after.firedAt), lt(alertTable.id, after.id)),
    );
  return db.orm
    .select()
    .from(alertTable)
    .where(
      and(
        older,
        state === undefined
          ? undefined
          : state === "open"
            ? isNull(alertTable.resolvedAt)
            : isNotNull(alertTable.resolvedAt),
        level === undefined ? undefined : eq(alertTable.level, level),
        rule === undefined ? undefined : eq(alertTable.rule, rule),
        resourceId === undefined
          ? undefined
          : or(eq(alertTable.resourceId, resourceId), eq(alertTable.placeId, resourceId)),
        from === undefined ? undefined : gte(alertTable.firedAt, from),
        to === undefined ? undefined : lt(alertTable.firedAt, to),
      ),
    )
    .orderBy(desc(alertTable.firedAt), desc(alertTable.id))
    .limit(limit + 1)
    .all()
    .map(alertOf);
}

export function similarTo(db: Database, one: Alert, limit: number): Alert[] {
  const isAlike = and(
    eq(alertTable.resourceId, one.resource.id),
    eq(alertTable.rule, one.rule),
    ne(alertTable.id, one.id),
  );
  return newest(db, isAlike, limit);
}

export function nearbyOf(db: Database, one: Alert, withinMs: number, limit: number): Alert[] {
  const isNear = and(
    eq(alertTable.placeId, placeOf(one)),
    gt(alertTable.firedAt, one.firedAt - withinMs),
    lt(alertTable.firedAt, one.firedAt + withinMs),
    ne(alertTable.id, one.id),
  );
  return newest(db, isNear, limit);
}

function newest(db: Database, where: ReturnType<typeof and>, limit: number): Alert[] {
  const rows = db.orm
    .select()
    .from(alertTable)
    .where(where)
    .orderBy(desc(alertTable.firedAt))
    .limit(limit)
    .all();
  return rows.map(alertOf);
}

/** Past ones that are too old, or too many; with their timelines. */
export function prune(db: Database, now: number): void {
  const isPast = isNotNull(alertTable.resolvedAt);
  const oldest = db.orm
    .select({ resolvedAt: alertTable.resolvedAt })
    .from(alertTable)
    .where(isPast)
    .orderBy(desc(alertTable.resolvedAt))
    .limit(1)
    .offset(ALERT_LIMITS.past)
    .get();
  const before = Math.max(now - ALERT_LIMITS.pastMs, (oldest?.resolvedAt ?? -1) + 1);
  const gone = db.orm
    .select({ id: alertTable.id })
    .from(alertTable)
    .where(and(isPast, lt(alertTable.resolvedAt, before)));
  db.orm.delete(alertEntry).where(inArray(alertEntry.alertId, gone)).run();
  db.orm
    .delete(alertTable)
    .where(and(isPast, lt(alertTable.resolvedAt, before)))
    .run();
}

export function readStands(db: Database): [ResourceId, rule: string, Stand][] {
  return db.orm
    .select()
    .from(alertStand)
    .all()
    .map(({ resourceId, rule, stand }) => [ResourceId.parse(resourceId), rule, stand as Stand]);
}

export function writeStand(
  db: Database,
  resourceId: ResourceId,
  rule: string,
  stand: Stand | undefined,
): void {
  if (stand) upsertStand(db).run({ resourceId, rule, stand: JSON.stringify(stand) });
  else deleteStand(db).run({ resourceId, rule });
}

const upsertStand = preparedOn((db) => {
  const { placeholder } = sql;
  return db.orm
    .insert(alertStand)
    .values({
      resourceId: placeholder("resourceId"),
      rule: placeholder("rule"),
      stand: sql`${placeholder("stand")}`,
    })
    .onConflictDoUpdate({
      target: [alertStand.resourceId, alertStand.rule],
      set: { stand: sql`excluded.stand` },
    })
    .prepare();
});

const deleteStand = preparedOn((db) => {
  const { placeholder } = sql;
  const isThat = and(
    eq(alertStand.resourceId, placeholder("resourceId")),
    eq(alertStand.rule, placeholder("rule")),
  );
  return db.orm.delete(alertStand).where(isThat).prepare();
});

export function readSettings(db: Database): { revision: number; settings: RuleSettings } {
  const row = db.orm.select().from(alertSettings).get();
  return row
    ? { revision: row.revision, settings: row.settings as RuleSettings }
    : { revision: 0, settings: NO_SETTINGS };
}

export function writeSettings(db: Database, revision: number, settings: RuleSettings): void {
  const row = { revision, settings };
  db.orm
    .insert(alertSettings)
    .values({ id: 1, ...row })
    .onConflictDoUpdate({ target: alertSettings.id, set: row })
    .run();
}

export function readSilences(db: Database): StoredSilence[] {
  const rows = db.orm.select().from(silenceTable).orderBy(asc(silenceTable.createdAt)).all();
  return rows.map(
    ({ id, facts, createdAt }) => ({ ...facts, id: SilenceId.parse(id), createdAt }) as StoredSilence,
  );
}

export function writeSilence(db: Database, { id, createdAt, ...facts }: StoredSilence): void {
  db.orm
    .insert(silenceTable)
    .values({ id, facts, createdAt })
    .onConflictDoUpdate({ target: silenceTable.id, set: { facts } })
    .run();
}

export function deleteSilence(db: Database, id: SilenceId): void {
  db.orm.delete(silenceTable).where(eq(silenceTable.id, id)).run();
}

/** The machine it is on, or what it is about itself. */
export function placeOf({ subject, on }: Pick<Alert, "subject" | "on">): ResourceId {
  return (on ?? subject).id;
}

function alertOf({ id, rule, level, firedAt, resolvedAt, facts }: Row): Alert {
  return {
    ...facts,
    id: AlertId.parse(id),
    rule,
    level: AlertLevel.parse(level),
    firedAt,
    ...(resolvedAt !== null && { resolvedAt }),
  } as Alert;
}
