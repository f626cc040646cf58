/** What people see of alerts and do about them. Answered when it is on disk. */
import type { Database } from "../../db/driver.ts";
import { ALERT_LIMITS } from "../contract/alert-limits.ts";
import type {
  AcknowledgeAllInput,
  AcknowledgeInput,
  Alert,
  AlertList,
  Author,
  CloseAlertInput,
  Incident,
  IncidentList,
  IncidentListInput,
  NamedAlertInput,
  NoteInput,
  SnoozeInput,
  TimelineEntry,
} from "../contract/alerts.ts";
import type { AlertId } from "../contract/ids.ts";
import type { Clock } from "../lib/clock.ts";
import { DomainError } from "../lib/domain-error.ts";
import type { AlertBook } from "./alert-book.ts";
import { countEntries, listAlerts, nearbyOf, readTimeline, similarTo } from "./stored-alerts.ts";

export interface WithAlerts {
  clock: Clock;
  alerts: AlertBook;
  /** Its own file. */
  db(): Database;
  commit: { durable(withinMs: number): Promise<void>; flush(): void };
  publish(type: "incident.updated", data: unknown): void;
}

/** What somebody does, and who it is. */
export interface Deed<Input> {
  input: Input;
  by: Author;
}

const DURABLE_WITHIN_MS = 5;
const SIMILAR = 10;
const NEARBY = 20;
const NEARBY_WITHIN_MS = 10 * 60_000;

export function active({ alerts }: WithAlerts): AlertList {
  return { alerts: alerts.open() };
}

export async function list(org: WithAlerts, input: IncidentListInput): Promise<IncidentList> {
  const after = input.cursor && getAlert(org, input.cursor);
  await written(org);
  const limit = input.limit ?? ALERT_LIMITS.perPage;
  const found = listAlerts(org.db(), input, after, limit);
  const incidents = found.slice(0, limit);
  const last = incidents.at(-1);
  return { incidents, ...(found.length > limit && last && { nextCursor: last.id }) };
}

export async function get(org: WithAlerts, { id }: NamedAlertInput): Promise<{ incident: Incident }> {
  const alert = getAlert(org, id);
  await written(org);
  const db = org.db();
  return {
    incident: {
      alert,
      timeline: readTimeline(db, id),
      similar: similarTo(db, alert, SIMILAR),
      nearby: nearbyOf(db, alert, NEARBY_WITHIN_MS, NEARBY),
    },
  };
}

/** Somebody takes care of it. What is taken as it is stays so, unless there is more to say. */
export async function acknowledge(
  org: WithAlerts,
  { input: { id, note }, by }: Deed<AcknowledgeInput>,
): Promise<{ alert: Alert }> {
  const open = getOpen(org, id);
  if (open.acknowledged?.level === open.level && note === undefined) return { alert: open };
  const at = org.clock();
  const said = note === undefined ? {} : { note };
  const alert = { ...open, acknowledged: { at, level: open.level, by, ...said } };
  return done(org, alert, { at, type: "acknowledged", by, ...said });
}

/** Of many at once: one commit. How many of them had not been taken. */
export async function acknowledgeAll(
  org: WithAlerts,
  { input: { ids }, by }: Deed<AcknowledgeAllInput>,
): Promise<{ acknowledged: number }> {
  const at = org.clock();
  const taken = [...new Set(ids)].flatMap((id) => {
    const alert = org.alerts.find(id);
    const isFree = alert && alert.resolvedAt === undefined && !alert.acknowledged && hasRoom(org, id);
    return isFree ? alert : [];
  });
  const entry: TimelineEntry = { at, type: "acknowledged", by };
  for (const alert of taken)
    org.alerts.amend({ ...alert, acknowledged: { at, level: alert.level, by } }, entry);
  await org.commit.durable(DURABLE_WITHIN_MS);
  for (const { id } of taken) org.publish("incident.updated", { incident: { id, entry } });
  return { acknowledged: taken.length };
}

/** Nobody does, after all. */
export async function unacknowledge(
  org: WithAlerts,
  { input: { id }, by }: Deed<NamedAlertInput>,
): Promise<{ alert: Alert }> {
  const { acknowledged, ...alert } = getOpen(org, id);
  if (!acknowledged) return { alert };
  return done(org, alert, { at: org.clock(), type: "unacknowledged", by });
}

export async function snooze(
  org: WithAlerts,
  { input: { id, until }, by }: Deed<SnoozeInput>,
): Promise<{ alert: Alert }> {
  const { snoozedUntil, ...alert } = getOpen(org, id);
  const at = org.clock();
  if (until === null) {
    if (snoozedUntil === undefined) return { alert };
    return done(org, alert, { at, type: "unsnoozed", by });
  }
  if (until <= at || until > at + ALERT_LIMITS.snoozeMs) {
    throw new DomainError("invalid_request", "A snooze ends within 30 days, and not in the past.", {
      fields: { until: "must be within the next 30 days" },
    });
  }
  return done(org, { ...alert, snoozedUntil: until }, { at, type: "snoozed", until, by });
}

/** Also to what is over. */
export async function note(
  org: WithAlerts,
  { input: { id, note: text }, by }: Deed<NoteInput>,
): Promise<{ entry: TimelineEntry }> {
  getAlert(org, id);
  requireRoom(org, id);
  const entry: TimelineEntry = { at: org.clock(), type: "noted", note: text, by };
  org.alerts.note(id, entry);
  await told(org, id, entry);
  return { entry };
}

/** It is not told of again until it has been over. */
export async function close(
  org: WithAlerts,
  { input: { id, note: text }, by }: Deed<CloseAlertInput>,
): Promise<{ alert: Alert }> {
  const open = getOpen(org, id);
  const at = org.clock();
  const said = { by, ...(text !== undefined && { note: text }) };
  const alert = org.alerts.closeByHand(open, said, at);
  await told(org, id, { at, type: "resolved", end: "closed", ...said });
  return { alert };
}

async function done(org: WithAlerts, alert: Alert, entry: TimelineEntry): Promise<{ alert: Alert }> {
  requireRoom(org, alert.id);
  org.alerts.amend(alert, entry);
  await told(org, alert.id, entry);
  return { alert: org.alerts.find(alert.id) ?? alert };
}

async function told(org: WithAlerts, id: AlertId, entry: TimelineEntry): Promise<void> {
  await org.commit.durable(DURABLE_WITHIN_MS);
  org.publish("incident.updated", { incident: { id, entry } });
}

function hasRoom(org: WithAlerts, id: AlertId): boolean {
  return countEntries(org.db(), id) < ALERT_LIMITS.timeline * 2;
}

function requireRoom(org: WithAlerts, id: AlertId): void {
  if (hasRoom(org, id)) return;
  throw new DomainError("limit_reached", "So much was written about this incident that no more can be.");
}

/** What is in memory only would be missing from a list. */
async function written(org: WithAlerts): Promise<void> {
  if (org.alerts.hasUnwritten) await org.commit.durable(DURABLE_WITHIN_MS);
}

function getAlert({ alerts }: WithAlerts, id: AlertId): Alert {
  const alert = alerts.find(id);
  if (!alert) throw new DomainError("not_found", "There is no such alert.");
  return alert;
}

function getOpen(org: WithAlerts, id: AlertId): Alert {
  const alert = getAlert(org, id);
  if (alert.resolvedAt !== undefined) throw new DomainError("conflict", "It is over already.");
  return alert;
}
