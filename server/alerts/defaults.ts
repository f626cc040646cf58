/** The rules Pulse comes with, in the order in which they are told of. */
import type { RuleInfo, RuleSettings } from "../contract/alerts.ts";
import type { Applied, Rule } from "./rule.ts";
import { STATE_RULES } from "./state-rules.ts";
import { THRESHOLD_RULES } from "./threshold-rules.ts";
import { UNLIKE_RULES } from "./unlike-rules.ts";

export const DEFAULT_RULES: readonly Rule[] = [...STATE_RULES, ...THRESHOLD_RULES, ...UNLIKE_RULES];

export const NO_SETTINGS: RuleSettings = { rules: {}, overrides: [], own: [] };

export function infoOf({ rule, off, warning, critical, clearAfterMs }: Omit<Applied, "from">): RuleInfo {
  const { name, title, says, kinds } = rule;
  return {
    name,
    title,
    says,
    ...(kinds && { kinds: [...kinds] }),
    ...(rule.type === "threshold" && { direction: rule.direction }),
    ...(rule.type === "threshold" && (rule.baseline ? { baseline: rule.metric } : { metric: rule.metric })),
    off,
    ...(warning && { warning: shown(warning) }),
    ...(critical && { critical: shown(critical) }),
    clearAfterMs,
  };
}

function shown({ trigger, clear, delayMs }: NonNullable<RuleInfo["warning"]>) {
  return { ...(trigger !== undefined && { trigger }), ...(clear !== undefined && { clear }), delayMs };
}
