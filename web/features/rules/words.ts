/** A rule, said: a table that can be read aloud. */
import type {
  AlertLevel,
  LevelChange,
  LevelInfo,
  RuleChange,
  RuleInfo,
  RuleOverride,
} from "../../../server/contract/alerts.ts";
import { KINDS } from "../resource/kinds.ts";
import { listed } from "../scope/words.ts";
import { durationText, valueWords } from "./values.ts";

export const LEVELS: readonly AlertLevel[] = ["warning", "critical"];

const NO_BREAK = "\u00a0";

/** Goes by a value, not by a state: there is something to set. */
export function isMeasured({ metric, warning, critical }: RuleInfo): boolean {
  return metric !== undefined || warning?.trigger !== undefined || critical?.trigger !== undefined;
}

/** "at once", "after 15 min" */
export function delayWords(delayMs: number): string {
  return delayMs === 0 ? "at once" : `after ${durationText(delayMs).replace(" ", NO_BREAK)}`;
}

type Measured = Pick<RuleInfo, "metric" | "baseline">;

/** What is compared with itself has no values, but how far above what is usual it is. */
function amountWords({ metric = "", baseline }: Measured, value: number): string {
  return baseline === undefined ? valueWords(metric, value) : `${value}${NO_BREAK}spreads above its usual`;
}

/** "at 90 %, after 15 min"; of a state only how long it has lasted. */
export function levelWords(rule: Measured, { trigger, delayMs }: LevelInfo): string {
  if (trigger === undefined) return delayWords(delayMs);
  return `at ${amountWords(rule, trigger)}${delayMs === 0 ? "" : `, ${delayWords(delayMs)}`}`;
}

/** "at 88 %"; what clears where it triggers is over as soon as it is back on the other side. */
function clearWords(rule: RuleInfo, { trigger, clear }: LevelInfo): string {
  if (trigger === undefined) return "";
  if (clear === undefined || clear === trigger)
    return `${rule.direction === "below" ? "above" : "below"} ${amountWords(rule, trigger)}`;
  return `at ${amountWords(rule, clear)}`;
}

/** When each level is over, and how long that has to have lasted: "at 88 %, critical until 93 %"; nothing of a state that ends at once. */
export function overWords(rule: RuleInfo): string {
  const [first, ...others] = [
    ...new Set(LEVELS.map((level) => rule[level] && clearWords(rule, rule[level])).filter(Boolean)),
  ];
  const lasts = rule.clearAfterMs > 0 ? delayWords(rule.clearAfterMs) : "";
  const critical = others.length > 0 ? `critical until ${others[0]?.replace(/^at /, "")}` : "";
  return [first, critical, lasts].filter(Boolean).join(", ");
}

/** "warns at 90 %, critical at 95 %, at once; over at 88 %, critical until 93 %" */
export function ruleWords(rule: RuleInfo): string {
  if (rule.off) return "off";
  const { warning, critical } = rule;
  const parts = [
    warning && `warns ${levelWords(rule, warning)}`,
    critical && `critical ${levelWords(rule, critical)}`,
  ].filter(Boolean);
  if (parts.length === 0) return "no level: it says nothing";
  const isAtOnce = isMeasured(rule) && LEVELS.every((level) => (rule[level]?.delayMs ?? 0) === 0);
  const over = overWords(rule);
  return `${parts.join(", ")}${isAtOnce ? ", at once" : ""}${over ? `; over ${over}` : ""}`;
}

/** What an override makes different: "warns at 97 %, over at 95 %; critical off" */
export function changeWords(rule: Measured, change: RuleChange): string {
  const { off, warning, critical, clearAfterMs } = change;
  if (off) return "off";
  return [
    off === false && "on",
    warning !== undefined && `warns ${levelChangeWords(rule, warning)}`,
    critical !== undefined && `critical ${levelChangeWords(rule, critical)}`,
    clearAfterMs !== undefined && `over ${delayWords(clearAfterMs)}`,
  ]
    .filter(Boolean)
    .join("; ");
}

function levelChangeWords(rule: Measured, change: LevelChange | null): string {
  if (!change) return "never";
  const { trigger, clear, delayMs } = change;
  return [
    trigger !== undefined && `at ${amountWords(rule, trigger)}`,
    delayMs !== undefined && delayWords(delayMs),
    clear !== undefined && `over at ${amountWords(rule, clear)}`,
  ]
    .filter(Boolean)
    .join(", ");
}

/** For whom an override is: "tag db", "every disk", "nas". */
export function scopeOfOverride(
  { resourceId, kind, tag }: RuleOverride["scope"],
  nameOf: (id: string) => string | undefined,
): string {
  if (tag !== undefined) return `tag ${tag}`;
  if (kind !== undefined)
    return `every ${KINDS[kind].one.replace(/^[A-Z](?![A-Z])/, (letter) => letter.toLowerCase())}`;
  return nameOf(resourceId ?? "") ?? "something that is gone";
}

/** What made a rule as it is for one resource, the closest last: "by default", "tag db, then nas". */
export function fromWords(from: readonly string[]): string {
  const made = from.slice(1).map((one) => one.replace(/^resource /, ""));
  if (made.length === 0) return "as it comes";
  return [...new Set(made)].map((one) => (one === "everywhere" ? "changed everywhere" : one)).join(", then ");
}

export function kindsWords(kinds: RuleInfo["kinds"]): string {
  return kinds
    ? listed(
        kinds.map((kind) => KINDS[kind].many),
        "and",
      )
    : "Whatever has it";
}
