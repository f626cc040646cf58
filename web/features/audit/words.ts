import type { AuditEntry } from "../../../server/contract/audit.ts";
import type { AuditWords } from "../../state/extension.ts";

/** Actions every server knows; the first part of an action alone names its kind, in the filter. */
export const BASIC_WORDS: AuditWords = {
  person: "People",
  "person.created": "Created an account",
  "person.disabled": "Switched off an account",
  "person.password_reset": "Gave somebody a new password",
  "person.password_changed": "Changed their own password",
  token: "Tokens",
  "token.created": "Created a token",
  "token.revoked": "Revoked a token",
  agent: "Agents",
  "agent.added": "Made a token for a machine",
  "agent.enrolled": "Began to report",
  "agent.revoked": "Revoked an agent",
  enrolment: "Tokens for many machines",
  "enrolment.created": "Made a token for any number of machines",
  "enrolment.revoked": "Revoked a token for any number of machines",
  source: "Sources and checks",
  "source.created": "Added a source or a check",
  "source.changed": "Changed a source or a check",
  "source.removed": "Removed a source or a check",
  history: "History",
  "history.retention_set": "Changed how long history is kept",
  channel: "Notification channels",
  "channel.created": "Added a notification channel",
  "channel.changed": "Changed a notification channel",
  "channel.removed": "Removed a notification channel",
  resource: "Resources",
  "resource.forgotten": "Forgot a resource",
  alert: "Alerts",
  "alert.closed": "Closed an alert by hand",
  alert_rules: "Rules",
  "alert_rules.changed": "Changed the rules of alerts",
  silence: "Silences",
  "silence.created": "Made a silence",
  "silence.changed": "Changed a silence",
  "silence.removed": "Removed a silence",
  instance: "This server",
};

/** What stands for the second part of an action where the first is nothing this server speaks of. */
const PLAIN_WORDS: Record<string, string> = {
  added: "Gave access",
  removed: "Took access away",
  left: "Gave up access",
  role_changed: "Changed a role",
};

/**
 * What was done; an action nobody wrote words for says itself. `plainly`: only what it says of the deed,
 * for servers whose past knows of things they do not offer now.
 */
export function deedWords(words: AuditWords, action: string, plainly: boolean): string {
  const known = words[action];
  if (known) return known;
  if (!plainly) return action;
  const deed = action.split(".").at(-1) ?? "";
  return PLAIN_WORDS[deed] ?? sentence(deed);
}

function sentence(words: string): string {
  const spaced = words.replaceAll("_", " ");
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** What the ids of people and things are called, as far as the entries themselves tell. */
export function namesIn(entries: readonly AuditEntry[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const { actor, subject, details } of entries) {
    if (actor.id && actor.name) names.set(actor.id, actor.name);
    const called = details["name"] ?? details["email"];
    if (subject && !names.has(subject) && typeof called === "string") names.set(subject, called);
  }
  return names;
}

export function kindOf(action: string): string {
  return action.split(".")[0] ?? action;
}

export interface Detail {
  label: string;
  value: string;
}

/** What an entry says besides, readable: a change is one line with an arrow. */
export function detailsOf(details: Record<string, unknown>, time: (at: number) => string): Detail[] {
  const { from, to, ...rest } = details;
  const changed = from !== undefined || to !== undefined;
  const lines = changed ? [{ label: "", value: `${wordsOf(from, time)} → ${wordsOf(to, time)}` }] : [];
  for (const [name, value] of Object.entries(rest)) {
    const isTime = typeof value === "number" && /At$|_at$|^until$/.test(name);
    lines.push({ label: labelOf(name), value: isTime ? time(value) : wordsOf(value, time) });
  }
  return lines.filter(({ value }) => value !== "");
}

/** `purgeAt` and `purge_at` both read "purge at". */
function labelOf(name: string): string {
  return name
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replaceAll("_", " ")
    .toLowerCase();
}

function wordsOf(value: unknown, time: (at: number) => string): string {
  if (value === null || value === undefined) return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.map((each) => wordsOf(each, time)).join(", ");
  if (typeof value !== "object") return String(value);
  return detailsOf(value as Record<string, unknown>, time)
    .map(({ label, value: said }) => (label ? `${label} ${said}` : said))
    .join(", ");
}
