/**
 * Templates of webhooks: text with fixed places, `{{title}}`. No conditions, no loops, no expressions: a
 * template is data. It is gone through once, so a name that itself looks like a place stays what it is, and
 * every value is written so that it cannot leave the place it was put in.
 */
import type { NotificationMessage } from "../../contract/notifications.ts";
import { wordingOf } from "../wording.ts";

export const TEMPLATE_KINDS = ["json", "text", "form"] as const;
export type TemplateKind = (typeof TEMPLATE_KINDS)[number];

type Place = (message: NotificationMessage) => string | number | undefined;

/** Those that may stand in JSON without quotes. */
const NUMBERS = new Set(["at", "count", "since"]);
const PLACES: Record<string, Place> = {
  id: ({ id }) => id,
  at: ({ at }) => at,
  time: ({ at }) => new Date(at).toISOString(),
  level: (message) => wordingOf(message).tone,
  title: (message) => wordingOf(message).headline,
  text: (message) => wordingOf(message).lines.join("\n"),
  link: (message) => wordingOf(message).link,
  count: ({ alerts, more }) => alerts.length + more,
  alert: ({ alerts }) => alerts[0]?.id,
  event: ({ alerts }) => alerts[0]?.event,
  resource: ({ alerts }) => alerts[0]?.resource?.name,
  machine: ({ alerts }) => alerts[0]?.machine?.name ?? alerts[0]?.resource?.name,
  value: ({ alerts }) => alerts[0]?.value,
  threshold: ({ alerts }) => alerts[0]?.threshold,
  since: ({ alerts }) => alerts[0]?.since,
};

/** JSON's escapes, without the quotes around them: those are the template's. */
const WRITERS: Record<TemplateKind, (value: string) => string> = {
  json: (value) => JSON.stringify(value).slice(1, -1),
  text: (value) => value,
  form: (value) => encodeURIComponent(value),
};

const PLACE = /\{\{\s*(\w+)\s*\}\}/g;

export function fillTemplate(template: string, kind: TemplateKind, message: NotificationMessage): string {
  return template.replaceAll(PLACE, (_, name: string) =>
    WRITERS[kind](String(PLACES[name]?.(message) ?? "")),
  );
}

/** What would be right; undefined: it is. */
export function faultOfTemplate(template: string, kind: TemplateKind): string | undefined {
  for (const [, name = ""] of template.matchAll(PLACE)) {
    if (!Object.hasOwn(PLACES, name))
      return `has no place {{${name.slice(0, 40)}}}: there are ${Object.keys(PLACES).join(", ")}`;
  }
  const sample = template.replaceAll(PLACE, (_, name: string) => (NUMBERS.has(name) ? "1" : "x"));
  if (kind === "json" && !isJson(sample)) return "is not JSON: every place for text stands in quotes";
  return undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
