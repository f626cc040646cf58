/** From what is kept to what is typed, and from what is typed to what is sent. Pure. */
import type { FieldErrors } from "../../../server/contract/errors.ts";
import type { ShownMetric } from "../../../server/contract/sources/prometheus.ts";
import type { FormField, Values } from "./field.ts";
import { metricLines, metricsIn } from "./metric-lines.ts";
import { findSpan, spanText } from "./spans.ts";

export interface Kept {
  config: Record<string, unknown>;
  secretsSet: readonly string[];
}

export interface Sent {
  config: Record<string, unknown>;
  secrets: Record<string, unknown>;
}

/** What stands in a form at first: what is kept, or what is usual. */
export function valuesOf(fields: readonly FormField[], kept?: Kept): Values {
  const values: Values = {};
  for (const field of fields) values[field.key] = typedFor(field, kept);
  return values;
}

function typedFor(field: FormField, kept: Kept | undefined): string | boolean {
  const known = kept && at(kept.config, field.key);
  switch (field.input) {
    case "secret":
      return "";
    case "switch":
      return typeof known === "boolean" ? known : field.standard;
    case "choice":
      if (field.local) return localChoice(field.key, kept) ?? field.standard;
      return typeof known === "string" ? known : field.standard;
    case "number":
      return typeof known === "number"
        ? String(known / (field.times ?? 1))
        : kept || field.standard === undefined
          ? ""
          : String(field.standard);
    case "span": {
      const ms = typeof known === "number" ? known : kept ? undefined : field.standardMs;
      return ms === undefined ? "" : spanText(ms);
    }
    case "headers":
      return Object.entries((known ?? {}) as Record<string, string>)
        .map(([name, value]) => `${name}: ${value}`)
        .join("\n");
    case "lines":
      return Array.isArray(known) ? known.join("\n") : "";
    case "metrics":
      return metricLines((known ?? []) as ShownMetric[]);
    case "scalar":
      // A text that looks like a number stays told apart from one.
      return known === undefined ? "" : isOddText(known) ? JSON.stringify(known) : String(known);
    default:
      return typeof known === "string" ? known : "";
  }
}

/** How one signs in is said by what is kept. */
function localChoice(key: string, kept: Kept | undefined): string | undefined {
  if (key !== "auth" || !kept) return undefined;
  if (kept.secretsSet.includes("bearer")) return "bearer";
  return kept.config["user"] !== undefined || kept.secretsSet.includes("password") ? "basic" : "none";
}

/** What is sent: nothing of fields that are not asked now, and of secrets only what was typed. */
export function sentFrom(
  fields: readonly FormField[],
  values: Values,
  secretsSet: readonly string[] = [],
): Sent {
  const config: Record<string, unknown> = {};
  const secrets: Record<string, unknown> = {};
  for (const field of fields) {
    const isAsked = field.when?.(values) ?? true;
    const value = values[field.key];
    if (field.input === "secret") {
      if (isAsked && typeof value === "string" && value !== "")
        secrets[field.key] = secretFrom(field.of, value);
      // What is kept and not wanted any more is taken back.
      else if ((!isAsked || value === false) && secretsSet.includes(field.key)) secrets[field.key] = "";
      continue;
    }
    if (!isAsked) continue;
    const sent = configValue(field, value);
    if (sent !== undefined) put(config, field.key, sent);
  }
  return { config, secrets };
}

function configValue(field: FormField, value: string | boolean | undefined): unknown {
  if (field.input === "switch") return value;
  if (field.input === "choice" && field.local) return undefined;
  const text = String(value ?? "").trim();
  if (text === "") return undefined;
  switch (field.input) {
    case "number":
      return Number.isFinite(Number(text)) ? Number(text) * (field.times ?? 1) : text;
    case "span":
      return findSpan(text) ?? text;
    case "headers":
      return headersIn(text);
    case "lines":
      return text
        .split(/[\n,;]/)
        .map((line) => line.trim())
        .filter(Boolean);
    case "metrics":
      return metricsIn(text);
    case "scalar":
      return scalarIn(text);
    case "area":
      return value;
    default:
      return text;
  }
}

/** What can be told without the server, by the key of the field. */
export function faultsIn(fields: readonly FormField[], values: Values, kept?: Kept): Record<string, string> {
  const faults: Record<string, string> = {};
  for (const field of fields) {
    if (!(field.when?.(values) ?? true)) continue;
    const value = values[field.key];
    const text = typeof value === "string" ? value.trim() : "";
    const fault = faultOf(field, text, kept?.secretsSet.includes(field.key) ?? false);
    if (fault) faults[field.key] = fault;
  }
  return faults;
}

function faultOf(field: FormField, text: string, isKept: boolean): string | undefined {
  if (field.input === "switch" || field.input === "choice") return undefined;
  if (text === "") return field.optional || isKept ? undefined : "Must not be empty.";
  if (field.input === "number") {
    const number = Number(text);
    const isWithin = Number.isFinite(number) && number >= field.least && number <= field.most;
    if (!isWithin) return `Must be a number from ${field.least} to ${field.most}.`;
  }
  if (field.input === "span") {
    const ms = findSpan(text);
    if (ms === undefined) return "Must be a length of time: 90 s, 30 min, 24 h or 7 d.";
    if (ms < field.leastMs || ms > field.mostMs)
      return `Must be from ${spanText(field.leastMs)} to ${spanText(field.mostMs)}.`;
  }
  const isHeader = field.input === "headers" || (field.input === "secret" && field.of === "header");
  if (isHeader && !text.split("\n").every((line) => /^\s*[^\s:]+\s*:/.test(line) || !line.trim()))
    return "Must be like Name: value, one a line.";
  return undefined;
}

/** What the server says is wrong, by the key of the field; the rest belongs to the form as a whole. */
export function placed(
  fields: readonly FormField[],
  errors: FieldErrors,
): { under: Record<string, string>; rest: string[] } {
  const under: Record<string, string> = {};
  const rest: string[] = [];
  for (const [path, words] of Object.entries(errors)) {
    const within = path.replace(/^(?:config|secrets)\./, "");
    const place =
      path === within ? undefined : fields.find(({ key }) => within === key || within.startsWith(`${key}.`));
    if (place) under[place.key] ??= words;
    else rest.push(path);
  }
  return { under, rest };
}

function secretFrom(of: "header" | undefined, value: string): unknown {
  return of === "header" ? headersIn(value) : value;
}

function headersIn(text: string): Record<string, string> {
  const lines = text.split("\n").filter((line) => line.trim());
  return Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return colon < 0 ? [line.trim(), ""] : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
    }),
  );
}

function scalarIn(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (value === null || typeof value !== "object") return value;
  } catch {
    // It is a text.
  }
  return text;
}

function isOddText(value: unknown): boolean {
  return typeof value === "string" && scalarIn(value) !== value;
}

function at(config: Record<string, unknown>, key: string): unknown {
  let here: unknown = config;
  for (const step of key.split(".")) here = (here as Record<string, unknown> | undefined)?.[step];
  return here;
}

function put(config: Record<string, unknown>, key: string, value: unknown): void {
  const steps = key.split(".");
  const last = steps.pop() ?? key;
  let here = config;
  for (const step of steps) {
    here[step] ??= {};
    here = here[step] as Record<string, unknown>;
  }
  here[last] = value;
}
