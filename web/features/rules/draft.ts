/** A rule while somebody changes it: as it is typed, what of it cannot be, and what it comes to. */
import { ALERT_LIMITS } from "../../../server/contract/alert-limits.ts";
import type { AlertLevel, LevelInfo, RuleInfo } from "../../../server/contract/alerts.ts";
import { followingClear, type Wanted } from "./change.ts";
import { DURATION_LIKE, durationOf, durationText, rangeOf, valueFormOf, valueWords } from "./values.ts";
import { isMeasured, LEVELS } from "./words.ts";

export interface LevelDraft {
  isSet: boolean;
  trigger: string;
  clear: string;
  /** Where it clears goes along with the trigger: nobody has moved it by itself. */
  follows: boolean;
  delay: string;
}

export interface Draft extends Record<AlertLevel, LevelDraft> {
  isOn: boolean;
  clearAfter: string;
}

export type LevelPart = "trigger" | "clear" | "delay";
export type Faults = Partial<Record<`${AlertLevel}.${LevelPart}` | "levels" | "clearAfter", string>>;

/** `given`: what a level was by default, for one that is switched off now. */
export function draftOf(rule: RuleInfo, given: Wanted = rule): Draft {
  const level = (name: AlertLevel): LevelDraft => {
    const info = rule[name] ?? given[name];
    const { text } = valueFormOf(rule.metric ?? "");
    return {
      isSet: rule[name] !== undefined,
      trigger: info?.trigger === undefined ? "" : text(info.trigger),
      clear: info?.trigger === undefined ? "" : text(info.clear ?? info.trigger),
      follows: true,
      delay: durationText(info?.delayMs ?? 0),
    };
  };
  return {
    isOn: !rule.off,
    warning: level("warning"),
    critical: level("critical"),
    clearAfter: durationText(rule.clearAfterMs),
  };
}

export function withTrigger(level: LevelDraft, typed: string, before: LevelInfo, metric = ""): LevelDraft {
  const { parse, text } = valueFormOf(metric);
  const trigger = parse(typed);
  const following = level.follows ? followingClear(trigger, before) : undefined;
  if (trigger === undefined || following === undefined) return { ...level, trigger: typed };
  const { least, most } = rangeOf(metric);
  /* What lies at the end of all there is, or beyond, is hardly ever come back to: then it is over beside the limit. */
  const clear = following > least && following < most ? following : trigger;
  return { ...level, trigger: typed, clear: text(clear) };
}

export interface Read {
  wanted: Wanted;
  faults: Faults;
}

export function readDraft(draft: Draft, rule: RuleInfo): Read {
  const faults: Faults = {};
  const levels: Partial<Record<AlertLevel, LevelInfo>> = {};
  for (const level of LEVELS) {
    if (!draft[level].isSet) continue;
    const read = readLevel(draft[level], rule);
    for (const [part, words] of Object.entries(read.faults)) faults[`${level}.${part as LevelPart}`] = words;
    levels[level] = read.info;
  }
  const { warning, critical } = levels;
  if (draft.isOn && !warning && !critical) faults.levels = "At least one of both; or switch it off.";
  if (isBeyond(rule, warning?.trigger, critical?.trigger) && !faults["critical.trigger"])
    faults["critical.trigger"] =
      `${rule.direction === "below" ? "At most" : "At least"} where it warns: ${valueWords(rule.metric ?? "", warning?.trigger ?? 0)}.`;
  const clearAfterMs = durationOf(draft.clearAfter);
  if (clearAfterMs === undefined) faults.clearAfter = DURATION_LIKE;
  else if (clearAfterMs > ALERT_LIMITS.delayMs) faults.clearAfter = "At most 30 days.";
  return {
    wanted: {
      off: !draft.isOn,
      clearAfterMs: clearAfterMs ?? 0,
      ...(warning && { warning }),
      ...(critical && { critical }),
    },
    faults,
  };
}

function readLevel(
  draft: LevelDraft,
  rule: RuleInfo,
): { info: LevelInfo; faults: Partial<Record<LevelPart, string>> } {
  const faults: Partial<Record<LevelPart, string>> = {};
  const delayMs = durationOf(draft.delay);
  if (delayMs === undefined) faults.delay = DURATION_LIKE;
  else if (delayMs > ALERT_LIMITS.delayMs) faults.delay = "At most 30 days.";
  const info: LevelInfo = { delayMs: delayMs ?? 0 };
  if (!isMeasured(rule)) return { info, faults };
  const { parse, like } = valueFormOf(rule.metric ?? "");
  const trigger = parse(draft.trigger);
  if (trigger === undefined) faults.trigger = like;
  else info.trigger = trigger;
  const clear = draft.clear.trim() === "" ? trigger : parse(draft.clear);
  if (clear !== undefined) info.clear = clear;
  else if (trigger !== undefined) faults.clear = like;
  if (isBeyond(rule, clear, trigger) && trigger !== undefined)
    faults.clear = `At ${rule.direction === "below" ? "least" : "most"} ${valueWords(rule.metric ?? "", trigger)}, where it begins.`;
  return { info, faults: { ...faults, ...impossible(rule, info) } };
}

/** What no value ever reaches, or comes back from. */
function impossible(
  { metric = "", direction }: RuleInfo,
  { trigger, clear = trigger }: LevelInfo,
): Partial<Record<LevelPart, string>> {
  if (trigger === undefined || clear === undefined) return {};
  const { least, most } = rangeOf(metric);
  const words = (value: number) => valueWords(metric, value);
  if (trigger < least) return { trigger: `At least ${words(least)}: there is no less.` };
  if (trigger > most) return { trigger: `At most ${words(most)}: there is no more.` };
  if (clear < least)
    return { clear: `At least ${words(least)}: there is no less, and it would never be over.` };
  if (clear > most) return { clear: `At most ${words(most)}: there is no more, and it would never be over.` };
  if (direction === "above" && trigger === least)
    return { trigger: `More than ${words(least)}: it is always so much, and would never be over.` };
  if (direction === "below" && trigger === most)
    return { trigger: `Less than ${words(most)}: it is never more, and would never be over.` };
  return {};
}

/** Whether the first is on the wrong side of the second. */
function isBeyond({ direction }: RuleInfo, one: number | undefined, other: number | undefined): boolean {
  if (one === undefined || other === undefined || direction === undefined) return false;
  return direction === "below" ? one < other : one > other;
}
