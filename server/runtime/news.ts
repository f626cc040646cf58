/**
 * Which of what happens to an alert is news for somebody who is not looking, and how it is said: pure.
 *
 * That it fired, got worse and is over is told. A value that moves is not, nor that something goes on being silent. What
 * is silenced, snoozed, or about something nobody can know about now is told when that ends, to those who have not heard
 * of it, or not that it is so bad. Whoever has taken care of an alert is told of it again only when it gets worse.
 */
import type { Transition } from "../alerts/evaluate.ts";
import { bytes, celsius, percent, significant } from "../alerts/words.ts";
import type { Alert, AlertFacts, AlertLevel, TimelineType } from "../contract/alerts.ts";
import type { ResourceId, SilenceId } from "../contract/ids.ts";
import { unitOf } from "../contract/metrics.ts";
import type { AlertNow, AlertTransition } from "../contract/notifications.ts";
import type { Resource } from "../contract/resource.ts";
import { DomainError } from "../lib/domain-error.ts";
import { span } from "../lib/spans.ts";

/** What news says beside the alert itself. */
export interface NewsAround {
  factsOf(alert: Alert): AlertFacts;
  silenceName(id: SilenceId): string | undefined;
  nameOf(id: ResourceId): string | undefined;
}

export function newsOf(transitions: readonly Transition[], around: NewsAround): AlertTransition[] {
  return transitions.flatMap((transition) => {
    const news = eventOf(transition, around);
    return news ? [{ ...saidOf(transition.alert, around), ...news }] : [];
  });
}

/** What could be said of an alert now, to whoever has not heard of it. */
export function nowOf(alert: Alert, around: NewsAround): AlertNow {
  const isOver = alert.resolvedAt !== undefined;
  const news = { ...saidOf(alert, around), event: isOver ? ("resolved" as const) : ("fired" as const) };
  if (isOver) return { news };
  const covered = heldBack(alert, around);
  const because = covered ?? takenCareOf(alert);
  return {
    news,
    ...(because !== undefined && { heldBack: because }),
    ...(covered === undefined && isWorseThanTaken(alert) && { isWorse: true }),
  };
}

interface Imagining {
  inventory: { get(id: ResourceId): Resource | undefined };
  alerts: {
    rules: { has(name: string): boolean };
    factsOf(resource: Resource, rule: string): AlertFacts;
    silencedBy(resource: Resource, rule: string, at: number): { name: string } | undefined;
  };
}

/** One that is not there, for whoever asks what would become of it. */
export function imagined(
  { inventory, alerts }: Imagining,
  { resourceId, rule, level }: { resourceId: ResourceId; rule: string; level: AlertLevel },
  at: number,
): AlertNow {
  const resource = inventory.get(resourceId);
  if (!resource) throw new DomainError("not_found", "There is no such resource.");
  if (!alerts.rules.has(rule))
    throw new DomainError("invalid_request", "There is no such rule.", { fields: { rule: "is no rule" } });
  const silence = alerts.silencedBy(resource, rule, at);
  const facts = alerts.factsOf(resource, rule);
  return {
    news: { id: "", event: "fired", level, title: "", lines: [], since: at, facts },
    ...(silence && { heldBack: silencedSaid(silence.name) }),
  };
}

type Event = Pick<AlertTransition, "event" | "ifUntold" | "untold" | "isLeft">;

function eventOf({ type, alert, entries }: Transition, around: NewsAround): Event | undefined {
  if (type === "resolved") return { event: "resolved" };
  const has = (...types: TimelineType[]) => entries.some((entry) => types.includes(entry.type));
  const isWorse = entries.some((entry) => entry.type === "level" && entry.level === "critical");
  const untold = heldBack(alert, around);
  if (untold !== undefined) {
    if (has("fired")) return { event: "fired", untold };
    return isWorse ? { event: "updated", untold } : undefined;
  }
  if (has("fired")) return { event: "fired" };
  /* That it goes on being silent is nothing new, however long it does. */
  const ifUntold = alert.rule === "silence" ? "at_all" : "so_bad";
  if (isWorse) return { event: "updated", ...(alert.rule === "silence" && { ifUntold }) };
  if (has("unacknowledged")) return { event: "updated", ifUntold, isLeft: true };
  if (alert.acknowledged && !isWorseThanTaken(alert)) return undefined;
  if (has("unsnoozed") && !alert.acknowledged) return { event: "updated" };
  return has("unsnoozed", "unsilenced", "shown") ? { event: "updated", ifUntold } : undefined;
}

/** Whoever took care of it took care of something less. */
function isWorseThanTaken({ acknowledged, level }: Alert): boolean {
  return acknowledged?.level === "warning" && level === "critical";
}

/** Why nobody is told of it now. */
function heldBack({ silencedBy, snoozedUntil, behind }: Alert, around: NewsAround): string | undefined {
  if (silencedBy !== undefined) return silencedSaid(around.silenceName(silencedBy));
  if (snoozedUntil !== undefined) return "Somebody has snoozed it.";
  if (behind === undefined) return undefined;
  return `${around.nameOf(behind) ?? "What it runs on"} is not heard of, so nobody knows whether it is so.`;
}

function silencedSaid(name = "a silence"): string {
  return `It is silenced by “${name}”.`;
}

function takenCareOf({ acknowledged }: Alert): string | undefined {
  if (!acknowledged) return undefined;
  const { by } = acknowledged;
  return `${by?.name ?? "Somebody"} has acknowledged it.`;
}

function saidOf(alert: Alert, around: NewsAround): Omit<AlertTransition, "event"> {
  const { id, level, resource, on, subject, firedAt, metric, value, threshold } = alert;
  const machine = on ?? (subject.id === resource.id ? undefined : subject);
  return {
    id,
    level,
    title: titleOf(alert),
    lines: linesOf(alert),
    resource: { id: resource.id, name: resource.name },
    ...(machine && { machine: { id: machine.id, name: machine.name } }),
    ...(metric && value !== undefined && { value: figure(metric, value) }),
    ...(metric && threshold !== undefined && { threshold: figure(metric, threshold) }),
    since: firedAt,
    path: `/alerts/${id}`,
    facts: around.factsOf(alert),
  };
}

function titleOf({ subject, on, words, about }: Alert): string {
  const name = on ? `${subject.name} on ${on.name}` : subject.name;
  return about === "itself" ? `${name} ${words}` : `${name}: ${words}`;
}

const ENDS: Record<NonNullable<Alert["end"]>, string> = {
  over: "It is over",
  closed: "Closed by hand",
  gone: "There is nothing left to look at",
  off: "Its rule is off now",
};

function linesOf({ firedAt, resolvedAt, end = "over", flapping, acknowledged }: Alert): string[] {
  if (resolvedAt !== undefined) return [`${ENDS[end]}, after ${span(Math.max(0, resolvedAt - firedAt))}.`];
  return [
    ...(flapping ? ["It comes and goes; it counts as over when it has been for a quarter of an hour."] : []),
    ...(acknowledged ? ["Somebody has acknowledged it; it has got worse since."] : []),
  ];
}

function figure(metric: string, value: number): string {
  switch (unitOf(metric)) {
    case "percent":
      return percent(value);
    case "bytes":
      return bytes(value);
    case "bytes_per_second":
      return `${bytes(value)}/s`;
    case "celsius":
      return celsius(value);
    case "seconds":
      return Math.abs(value) < 1 ? `${significant(value * 1_000)} ms` : span(value * 1_000);
    case "per_second":
      return `${significant(value)}/s`;
    case "rpm":
      return `${significant(value)} rpm`;
    case "count":
      return significant(value);
  }
}
