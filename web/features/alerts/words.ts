import type { Author, TimelineEntry } from "../../../server/contract/alerts.ts";

/** What an entry of a timeline says, without who and when. */
export function entryWords(
  { type, level, words, end, until }: TimelineEntry,
  at: (time: number) => string,
): string {
  switch (type) {
    case "fired":
      return `${level === "critical" ? "Critical" : "Warning"}: ${words ?? ""}`;
    case "level":
      return `${level === "critical" ? "Now critical" : "Now a warning"}: ${words ?? ""}`;
    case "resolved":
      return END_WORDS[end ?? "over"];
    case "acknowledged":
      return "Acknowledged";
    case "unacknowledged":
      return "Acknowledgement taken back";
    case "snoozed":
      return until === undefined ? "Snoozed" : `Snoozed until ${at(until)}`;
    case "unsnoozed":
      return "Snooze over";
    case "noted":
      return "Note";
    case "silenced":
      return "Covered by a silence";
    case "unsilenced":
      return "Silence over";
    case "hidden":
      return "Not heard of any more";
    case "shown":
      return "Heard of again";
    case "flapping":
      return "Comes and goes: it is over when it has been for a quarter of an hour";
  }
}

const END_WORDS = {
  over: "Over",
  closed: "Closed by hand",
  gone: "Over: what it was about is not there any more",
  off: "Over: the rule does not apply any more",
} as const;

export function authorWords(by: Author | undefined): string {
  if (!by) return "";
  return by.name ?? (by.kind === "token" ? "a token" : "somebody");
}
