/**
 * What somebody changes, as it is kept: only what is different from what it would be otherwise. Whatever a
 * setting holds besides that this page does not know stays in it.
 */
import type {
  LevelChange,
  LevelInfo,
  OwnRule,
  RuleChange,
  RuleInfo,
  RuleOverride,
  RuleSettings,
} from "../../../server/contract/alerts.ts";
import { LEVELS } from "./words.ts";

/** In the place of a rule's name: every one. */
export const ALL_RULES = "*";

/** A rule as somebody wants it. */
export type Wanted = Pick<RuleInfo, "off" | "clearAfterMs" | "warning" | "critical">;

/** What has to be changed of `before` to have what is wanted; undefined where it is the same. */
export function changeTo(wanted: Wanted, before: Wanted): RuleChange | undefined {
  const change: RuleChange = {};
  if (wanted.clearAfterMs !== before.clearAfterMs) change.clearAfterMs = wanted.clearAfterMs;
  for (const level of LEVELS) {
    const found = levelChange(wanted[level], before[level]);
    if (found !== undefined) change[level] = found;
  }
  /* Giving it a level would switch it on. */
  const isGivenLevel = LEVELS.some((level) => change[level]);
  if (wanted.off !== (isGivenLevel ? false : before.off)) change.off = wanted.off;
  return Object.keys(change).length > 0 ? change : undefined;
}

/** The same for some: what is the same everywhere now is said as well, so that it stays when that changes. */
export function changeFrom(wanted: Wanted, everywhere: Wanted): RuleChange {
  return changeTo(wanted, everywhere) ?? wholeChange(wanted);
}

/** Everything that is wanted, whatever it would be otherwise. A rule that is off needs no levels. */
export function wholeChange({ off, clearAfterMs, warning, critical }: Wanted): RuleChange {
  if (off) return { off };
  return { off, clearAfterMs, warning: warning ?? null, critical: critical ?? null };
}

function levelChange(
  wanted: LevelInfo | undefined,
  before: LevelInfo | undefined,
): LevelChange | null | undefined {
  if (!wanted) return before ? null : undefined;
  if (!before) return { ...wanted };
  const change: LevelChange = {};
  if (wanted.trigger !== undefined && wanted.trigger !== before.trigger) change.trigger = wanted.trigger;
  if (wanted.delayMs !== before.delayMs) change.delayMs = wanted.delayMs;
  const following = followingClear(wanted.trigger, before);
  if (wanted.clear !== undefined && wanted.clear !== following) change.clear = wanted.clear;
  return Object.keys(change).length > 0 ? change : undefined;
}

/** Where a level clears when only its trigger is moved: as far from it as before. */
export function followingClear(trigger: number | undefined, before: LevelInfo): number | undefined {
  if (trigger === undefined) return undefined;
  const was = before.trigger ?? trigger;
  /* What is given in tenths stays in tenths. */
  return Number((trigger + ((before.clear ?? was) - was)).toFixed(6));
}

/** A rule with what an override, or everywhere, makes different. As the server applies it. */
export function applied<Rule extends Wanted>(rule: Rule, change: RuleChange, given: Wanted): Rule {
  const { off, warning, critical, clearAfterMs } = change;
  return {
    ...rule,
    off: off ?? (warning || critical ? false : rule.off),
    clearAfterMs: clearAfterMs ?? rule.clearAfterMs,
    warning: appliedLevel(rule.warning, warning, given.warning),
    critical: appliedLevel(rule.critical, critical, given.critical),
  };
}

function appliedLevel(
  current: LevelInfo | undefined,
  change: LevelChange | null | undefined,
  given: LevelInfo | undefined,
): LevelInfo | undefined {
  if (change === undefined) return current;
  if (change === null) return undefined;
  const base = current ?? given ?? { delayMs: 0 };
  const trigger = change.trigger ?? base.trigger;
  const clear = change.clear ?? followingClear(trigger, base);
  return {
    delayMs: change.delayMs ?? base.delayMs,
    ...(trigger !== undefined && { trigger }),
    ...(clear !== undefined && { clear }),
  };
}

/** What is wanted alone: a level that is switched off is not that of the rule before. */
export function asWanted({ warning: _, critical: __, ...rest }: RuleInfo, wanted: Wanted): RuleInfo {
  return { ...rest, ...wanted };
}

// The settings with one thing changed --------------------------------------------------------------------------

/** Undefined: as it comes. */
export function withRule(settings: RuleSettings, name: string, change: RuleChange | undefined): RuleSettings {
  const { [name]: _, ...rest } = settings.rules;
  return { ...settings, rules: change ? { ...rest, [name]: change } : rest };
}

/** In the place of one that is for the same, or after the others. */
export function withOverride(settings: RuleSettings, override: RuleOverride): RuleSettings {
  const at = settings.overrides.findIndex((one) => isSamePlace(one, override));
  const overrides = at < 0 ? [...settings.overrides, override] : settings.overrides.with(at, override);
  return { ...settings, overrides };
}

export function withoutOverride(
  settings: RuleSettings,
  place: Pick<RuleOverride, "rule" | "scope">,
): RuleSettings {
  return { ...settings, overrides: settings.overrides.filter((one) => !isSamePlace(one, place)) };
}

export function isSamePlace(
  one: Pick<RuleOverride, "rule" | "scope">,
  other: Pick<RuleOverride, "rule" | "scope">,
): boolean {
  return (
    one.rule === other.rule &&
    one.scope.resourceId === other.scope.resourceId &&
    one.scope.kind === other.scope.kind &&
    one.scope.tag === other.scope.tag
  );
}

/** What was said about it elsewhere goes with what it was: it is given whole. */
export function withOwn(settings: RuleSettings, own: OwnRule): RuleSettings {
  const at = settings.own.findIndex(({ name }) => name === own.name);
  const list = at < 0 ? [...settings.own, own] : settings.own.with(at, own);
  return withRule({ ...settings, own: list }, own.name, undefined);
}

export function withoutOwn(settings: RuleSettings, name: string): RuleSettings {
  return withRule(
    {
      ...settings,
      own: settings.own.filter((one) => one.name !== name),
      overrides: settings.overrides.filter(({ rule }) => rule !== name),
    },
    name,
    undefined,
  );
}

const NAME_MAX = 60;

/** A name for a new rule of one's own that no other has: `own_mail_queue`, `own_mail_queue_2`. */
export function nameFor(title: string, taken: readonly string[]): string {
  const slug = title
    .normalize("NFKD")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "")
    .slice(0, NAME_MAX - "own_".length - 4);
  const name = `own_${slug || "rule"}`;
  for (let number = 1; ; number++) {
    const found = number === 1 ? name : `${name}_${number}`;
    if (!taken.includes(found)) return found;
  }
}
