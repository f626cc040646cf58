import type { Channel, Delivery, ToldLevel } from "../../../server/contract/notifications.ts";
import { ago, ahead, latency, plural, text } from "../../ui/format.ts";
import type { Level } from "../../ui/meter.tsx";

export const TOLD: Record<ToldLevel, string> = {
  warning: "told of everything",
  critical: "told of critical alerts only",
};

export interface Health {
  level: Level | "unknown";
  words: string;
}

/** Whether messages arrive, in one line. */
export function healthOf(channel: Channel, now: number): Health {
  const waiting = channel.waiting > 0 ? ` ${plural(channel.waiting, "message")} waiting.` : "";
  const last =
    channel.lastSentAt === undefined
      ? "Nothing was sent yet."
      : `Last message ${ago(channel.lastSentAt, now)}.`;
  if (!channel.enabled) return { level: "unknown", words: `Turned off: it is told nothing. ${last}` };
  if (channel.problem) return { level: "critical", words: `${last}${waiting}` };
  if (channel.lastSentAt === undefined) return { level: "unknown", words: `${last}${waiting}` };
  return { level: "fine", words: `${last}${waiting}` };
}

/** What became of a message. */
export function stateOf(delivery: Delivery, now: number): Health {
  const tries = delivery.attempts > 1 ? `, tried ${delivery.attempts} times` : "";
  switch (delivery.state) {
    case "sent": {
      const took = delivery.tookMs === undefined ? "" : ` in ${text(latency(delivery.tookMs / 1_000))}`;
      return { level: delivery.problem ? "warning" : "fine", words: `sent${took}${tries}` };
    }
    case "dead":
      return { level: "critical", words: `given up${tries}` };
    case "cancelled":
      return { level: "unknown", words: "not sent: over before it was told, or the channel was turned off" };
    default: {
      const next = delivery.dueAt === undefined ? "" : `, next try ${ahead(delivery.dueAt, now)}`;
      return {
        level: delivery.problem ? "warning" : "unknown",
        words: delivery.attempts === 0 ? "waits" : `waits${tries}${next}`,
      };
    }
  }
}
