/** What a message says, in words: the same in every channel, each of which only writes it its own way. */
import type {
  DeliveryFailure,
  NotificationMessage,
  ToldAlert,
  ToldLevel,
} from "../contract/notifications.ts";

/** What the message is about as a whole: the worst that is told in it. */
export type Tone = ToldLevel | "resolved" | "test";

export interface Wording {
  tone: Tone;
  headline: string;
  /** What is below the headline. */
  lines: string[];
  link?: string;
}

const WORDS: Record<Tone, string> = {
  critical: "Critical",
  warning: "Warning",
  resolved: "Resolved",
  test: "Test",
};
const ORDER: readonly Tone[] = ["critical", "warning", "resolved", "test"];

export function wordingOf({ alerts, more, link: all }: NotificationMessage): Wording {
  const tones = alerts.map(toneOf);
  const tone = ORDER.find((one) => tones.includes(one)) ?? "test";
  const [only] = alerts;
  if (only && alerts.length === 1 && more === 0) {
    const link = only.link ?? all;
    return { tone, headline: saidOf(only), lines: detailsOf(only), ...(link !== undefined && { link }) };
  }
  const counted = ORDER.flatMap((one) => {
    const count = tones.filter((each) => each === one).length;
    return count > 0 ? `${count} ${one}` : [];
  });
  const uncounted = more > 0 ? [`${more} more`] : [];
  const beyond = more > 0 ? [`and ${more} more`] : [];
  return {
    tone,
    headline: `${alerts.length + more} alerts: ${[...counted, ...uncounted].join(", ")}`,
    lines: [...alerts.map(saidOf), ...beyond],
    ...(all !== undefined && { link: all }),
  };
}

/** Of everything there is, as lines: for what is only text. */
export function textLines({ headline, lines, link }: Wording): string[] {
  return [headline, ...lines, ...(link !== undefined ? [link] : [])];
}

export function toneOf({ event, level }: ToldAlert): Tone {
  return event === "resolved" || event === "test" ? event : level;
}

/** "Critical: the CPU of nas is at 97 %" */
export function saidOf(alert: ToldAlert): string {
  return `${WORDS[toneOf(alert)]}: ${alert.title}`;
}

/** What is known of an alert besides its sentence, as label and value. */
export function factsOf({ resource, machine, value, threshold, since }: ToldAlert): [string, string][] {
  return [
    ...(resource ? [["Resource", resource.name] as [string, string]] : []),
    ...(machine ? [["Machine", machine.name] as [string, string]] : []),
    ...(value !== undefined ? [["Value", value] as [string, string]] : []),
    ...(threshold !== undefined ? [["Limit", threshold] as [string, string]] : []),
    ["Since", timeOf(since)],
  ];
}

/** Why messages do not arrive, after a colon. */
export const TROUBLE_WORDS: Record<DeliveryFailure, string> = {
  authentication: "the token or the password is not accepted",
  rate_limited: "the service takes no more for now",
  connectivity: "the service cannot be reached, or answers with an error",
  tls: "the certificate of the service is not trusted",
  configuration: "there is nothing that takes them where they are sent",
  rejected: "the service does not take them",
  unknown: "nobody knows why",
};

/** "2026-11-28 22:01 UTC": whoever reads it may be anywhere. */
export function timeOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

function detailsOf(alert: ToldAlert): string[] {
  return [...alert.lines, ...factsOf(alert).map(([label, value]) => `${label}: ${value}`)];
}
