/** Where alerts and messages meet: what the rules have found, as those are told who are not looking. */
import type { AlertEventType } from "../alerts/alert-book.ts";
import type { Alert } from "../contract/alerts.ts";
import type { AlertTransition } from "../contract/notifications.ts";

const EVENTS = {
  "alert.fired": "fired",
  "alert.updated": "updated",
  "alert.resolved": "resolved",
} as const satisfies Record<AlertEventType, AlertTransition["event"]>;

export function toldByMessage(
  changes: readonly (readonly [AlertEventType, Alert])[],
  now: number,
): AlertTransition[] {
  return changes.flatMap(([type, alert]) => {
    const event = EVENTS[type];
    return event === "resolved" || mayBeTold(alert, now) ? [transitionOf(event, alert)] : [];
  });
}

/** What somebody has taken, put off or silenced is nobody's news; neither is what cannot be known now. */
function mayBeTold({ acknowledged, snoozedUntil = 0, silencedBy, behind }: Alert, now: number): boolean {
  return !acknowledged && snoozedUntil <= now && !silencedBy && !behind;
}

function transitionOf(event: AlertTransition["event"], alert: Alert): AlertTransition {
  const { id, level, resource, subject, on, words, about, firedAt } = alert;
  const machine = on ?? (subject.id === resource.id ? undefined : subject);
  return {
    id,
    event,
    level,
    title: about === "itself" ? `${subject.name} ${words}` : `${subject.name}: ${words}`,
    lines: [],
    resource: { id: resource.id, name: resource.name },
    ...(machine && { machine: { id: machine.id, name: machine.name } }),
    since: firedAt,
    path: `/resources/${subject.id}`,
  };
}
