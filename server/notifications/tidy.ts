/**
 * Names come from machines that may be anybody's. Before any encoder sees a message, every text in it is
 * one line of characters that can be seen: nothing that ends a header, moves a cursor or reads from right
 * to left is left to be handled by thirteen encoders. What a service gives a meaning to (`<`, `@`, `*`)
 * stays: that is the encoder's to write so that it means nothing.
 */
import { MESSAGE_LIMITS, type NotificationMessage, type ToldAlert } from "../contract/notifications.ts";
import { fit } from "./fit.ts";

/** Also what joins emoji: without it a family is several people, which is no harm. */
const UNSEEN = /[\p{Cc}\p{Cf}\u2028\u2029\u115f\u1160\u3164\uffa0]+/gu;
const BREAKS = /[\r\n\t\v\f\u0085\u2028\u2029]+/g;

export function tidyText(text: string, most: number): string {
  const line = text.toWellFormed().replace(BREAKS, " ").replace(UNSEEN, "").replaceAll(/ {2,}/g, " ").trim();
  return fit(line, most);
}

export function tidy({ counted: _, ...message }: NotificationMessage): NotificationMessage {
  return { ...message, alerts: message.alerts.slice(0, MESSAGE_LIMITS.alerts).map(tidyAlert) };
}

function tidyAlert(alert: ToldAlert): ToldAlert {
  const { titleLength, nameLength, lineLength, lines: most } = MESSAGE_LIMITS;
  const named = (thing: { id: string; name: string }) => ({
    id: tidyText(thing.id, nameLength),
    name: tidyText(thing.name, nameLength),
  });
  const { resource, machine, value, threshold, link } = alert;
  return {
    id: tidyText(alert.id, nameLength),
    event: alert.event,
    level: alert.level,
    title: tidyText(alert.title, titleLength) || "An alert",
    lines: alert.lines
      .slice(0, most)
      .map((line) => tidyText(line, lineLength))
      .filter(Boolean),
    since: alert.since,
    ...(resource && { resource: named(resource) }),
    ...(machine && { machine: named(machine) }),
    ...(value !== undefined && { value: tidyText(value, nameLength) }),
    ...(threshold !== undefined && { threshold: tidyText(threshold, nameLength) }),
    ...(link !== undefined && { link }),
  };
}
