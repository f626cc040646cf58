import type { ORG_LIMITS, OrgLimit, SetLimits } from "../../../server/contract/limits.ts";

interface LimitWords {
  label: string;
  standard: number;
  ceiling: number;
}

/** The figures are the server's; the types see to it that they stay the same. */
export const LIMIT_WORDS: {
  [name in OrgLimit]: LimitWords & {
    standard: (typeof ORG_LIMITS)[name]["standard"];
    ceiling: (typeof ORG_LIMITS)[name]["ceiling"];
  };
} = {
  members: { label: "Members and open invitations", standard: 100, ceiling: 10_000 },
  tokens: { label: "Tokens", standard: 100, ceiling: 1_000 },
  shares: { label: "Shares", standard: 100, ceiling: 1_000 },
  agents: { label: "Agents", standard: 500, ceiling: 10_000 },
  sources: { label: "Sources and checks", standard: 500, ceiling: 10_000 },
  resources: { label: "Resources", standard: 50_000, ceiling: 200_000 },
  reportsPerMinute: { label: "Reports per minute", standard: 6_000, ceiling: 600_000 },
  storedMegabytes: { label: "Stored megabytes", standard: 50_000, ceiling: 10_000_000 },
  streams: { label: "Open live streams", standard: 500, ceiling: 2_000 },
  requestsPerMinute: { label: "Requests per minute", standard: 12_000, ceiling: 120_000 },
  channels: { label: "Notification channels", standard: 50, ceiling: 500 },
  notificationsPerHour: { label: "Notifications per hour", standard: 500, ceiling: 10_000 },
};

export const LIMIT_NAMES = Object.keys(LIMIT_WORDS) as OrgLimit[];

export type LimitTexts = { [name in OrgLimit]: string };

export function textsOf(set: SetLimits): LimitTexts {
  const texts = LIMIT_NAMES.map((name) => [name, set[name] === undefined ? "" : String(set[name])]);
  return Object.fromEntries(texts) as LimitTexts;
}

/** What would be right; undefined: it is. */
export function limitFault(name: OrgLimit, text: string): string | undefined {
  const { ceiling } = LIMIT_WORDS[name];
  if (text.trim() === "") return undefined;
  if (!/^\d+$/.test(text.trim())) return "A whole number, or empty for the standard value.";
  return Number(text) > ceiling ? `At most ${ceiling.toLocaleString("en-US")}.` : undefined;
}

/** What differs from what is set; empty gives the standard value back. */
export function changesOf(set: SetLimits, texts: LimitTexts): Partial<Record<OrgLimit, number | null>> {
  const changes: Partial<Record<OrgLimit, number | null>> = {};
  for (const name of LIMIT_NAMES) {
    const text = texts[name].trim();
    const wanted = text === "" ? undefined : Number(text);
    if (wanted !== set[name]) changes[name] = wanted ?? null;
  }
  return changes;
}
