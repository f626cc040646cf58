/** Open alerts as they are listed: by the machine they are on, the worst machine first. */
import type { Alert, AlertSubject } from "../../../server/contract/alerts.ts";
import { grouped as inGroups, plural } from "../../ui/format.ts";
import { isTold, quietHeadline, whyQuiet } from "../overview/problems.ts";

export interface Group {
  place: AlertSubject;
  alerts: Alert[];
}

/** The worst first, then those nobody has taken, then the newest. */
export function byUrgency(a: Alert, b: Alert): number {
  return urgency(a) - urgency(b) || b.firedAt - a.firedAt;
}

function urgency({ level, acknowledged }: Alert): number {
  return (acknowledged ? 2 : 0) + (level === "critical" ? 0 : 1);
}

export function grouped(alerts: readonly Alert[]): Group[] {
  const groups = new Map<string, Group>();
  for (const alert of alerts.toSorted(byUrgency)) {
    const place = alert.on ?? alert.subject;
    const group = groups.get(place.id);
    if (group) group.alerts.push(alert);
    else groups.set(place.id, { place, alerts: [alert] });
  }
  return [...groups.values()];
}

/** Those to know about now, and those that are silenced, snoozed or hidden behind something silent. */
export function parted(alerts: readonly Alert[]): { told: Alert[]; quiet: Alert[] } {
  const { told = [], quiet = [] } = Object.groupBy(alerts, (alert) => (isTold(alert) ? "told" : "quiet"));
  return { told, quiet };
}

export function headline(told: readonly Alert[], quiet: readonly Alert[] = []): string {
  if (told.length === 0) return quiet.length > 0 ? quietHeadline(quiet) : "Nothing is wrong";
  const untaken = told.filter(({ acknowledged }) => !acknowledged).length;
  const sum = plural(told.length, "open alert");
  if (untaken === told.length) return sum;
  return untaken === 0 ? `${sum}, all acknowledged` : `${sum}, ${inGroups(untaken)} not acknowledged`;
}

/** Why somebody is not told of it now. */
export function quietWords(alert: Alert, at: (time: number) => string): string {
  const why = whyQuiet(alert);
  return why === "snoozed" ? `snoozed until ${at(alert.snoozedUntil as number)}` : why;
}
