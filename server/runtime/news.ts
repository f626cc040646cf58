/**
 * Which of what happens to an alert is news for somebody who is not looking, and how it is said: pure.
 *
 * That it fired, got worse and is over is told. A value that moves is not. What is silenced, snoozed, or about
 * something nobody can know about now is told when that ends, to those who have not heard of it. Whoever has taken
 * care of an alert is told of it again only when it gets worse.
 */
import type { Transition } from "../alerts/evaluate.ts";
import { bytes, celsius, percent, significant, span } from "../alerts/words.ts";
import type { Alert, TimelineType } from "../contract/alerts.ts";
import { unitOf } from "../contract/metrics.ts";
import type { AlertTransition } from "../contract/notifications.ts";

export function newsOf(transitions: readonly Transition[]): AlertTransition[] {
  return transitions.flatMap((transition) => {
    const news = eventOf(transition);
    return news ? [{ ...saidOf(transition.alert), ...news }] : [];
  });
}

function eventOf({
  type,
  alert,
  entries,
}: Transition): Pick<AlertTransition, "event" | "ifUntold"> | undefined {
  if (type === "resolved") return { event: "resolved" };
  if (isHeldBack(alert)) return undefined;
  const has = (...types: TimelineType[]) => entries.some((entry) => types.includes(entry.type));
  if (has("fired")) return { event: "fired" };
  if (entries.some((entry) => entry.type === "level" && entry.level === "critical"))
    return { event: "updated" };
  if (alert.acknowledged) return undefined;
  if (has("unsnoozed")) return { event: "updated" };
  return has("unsilenced", "shown") ? { event: "updated", ifUntold: true } : undefined;
}

function isHeldBack({ silencedBy, snoozedUntil, behind }: Alert): boolean {
  return silencedBy !== undefined || snoozedUntil !== undefined || behind !== undefined;
}

function saidOf(alert: Alert): Omit<AlertTransition, "event"> {
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
