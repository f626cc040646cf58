/**
 * Which rules apply to a resource, and how: the default, then what is different everywhere, for its
 * kind, for its tags, for what it is a part of, for itself. The later one counts, field by field. What
 * was worked out once is kept: nearly every resource of a kind has the same.
 */
import type { LevelChange, LevelInfo, RuleChange, RuleOverride, RuleSettings } from "../contract/alerts.ts";
import type { Resource, ResourceKind } from "../contract/resource.ts";
import { DEFAULT_RULES } from "./defaults.ts";
import type { Applied, AppliedLevel, Rule } from "./rule.ts";
import { ownRuleOf } from "./threshold-rules.ts";

/** Combinations that are kept worked out. */
const MAX_KEPT = 2_000;

export class RuleBook {
  readonly settings: RuleSettings;
  readonly #everywhere: Applied[];
  readonly #byTag = new Map<string, RuleOverride[]>();
  readonly #byResource = new Map<string, RuleOverride[]>();
  readonly #byKind = new Map<string, RuleOverride[]>();
  readonly #ofKind = new Map<ResourceKind, Applied[]>();
  readonly #kept = new Map<string, Applied[]>();

  constructor(settings: RuleSettings) {
    this.settings = settings;
    const rules: Rule[] = [...DEFAULT_RULES, ...settings.own.map(ownRuleOf)];
    this.#everywhere = rules.map((rule) => {
      const change = settings.rules[rule.name];
      const plain = asItComes(rule);
      return change ? changed(plain, change, "everywhere") : plain;
    });
    for (const override of settings.overrides) {
      const { tag, kind, resourceId } = override.scope;
      if (tag !== undefined) push(this.#byTag, tag, override);
      else if (kind !== undefined) push(this.#byKind, kind, override);
      else if (resourceId !== undefined) push(this.#byResource, resourceId, override);
    }
  }

  /** With what is different everywhere. */
  get everywhere(): readonly Applied[] {
    return this.#everywhere;
  }

  has(name: string): boolean {
    return this.#everywhere.some(({ rule }) => rule.name === name);
  }

  for(resource: Resource, parent: Resource | undefined): readonly Applied[] {
    if (this.#byTag.size === 0 && this.#byResource.size === 0) return this.#forKind(resource.kind);
    const overrides = this.#overridesFor(resource, parent);
    if (overrides.length === 0) return this.#forKind(resource.kind);
    const key = JSON.stringify([resource.kind, overrides.map(([at]) => at)]);
    let applied = this.#kept.get(key);
    if (!applied) {
      applied = this.#forKind(resource.kind).map((one) =>
        overrides.reduce((so, [, override, from]) => overridden(so, override, from), one),
      );
      if (this.#kept.size >= MAX_KEPT) this.#kept.clear();
      this.#kept.set(key, applied);
    }
    return applied;
  }

  #forKind(kind: ResourceKind): Applied[] {
    let applied = this.#ofKind.get(kind);
    if (!applied) {
      applied = this.#everywhere
        .filter(({ rule }) => !rule.kinds || rule.kinds.includes(kind))
        .map((one) =>
          (this.#byKind.get(kind) ?? []).reduce(
            (so, override) => overridden(so, override, `kind ${kind}`),
            one,
          ),
        );
      this.#ofKind.set(kind, applied);
    }
    return applied;
  }

  /** By tag, by what it is a part of, by itself; each with its place among all of them. */
  #overridesFor(
    resource: Resource,
    parent: Resource | undefined,
  ): [at: number, RuleOverride, from: string][] {
    const found: [RuleOverride, string][] = [];
    const tags = new Set([...(parent?.own?.tags ?? []), ...(resource.own?.tags ?? [])]);
    for (const tag of tags)
      for (const override of this.#byTag.get(tag) ?? []) found.push([override, `tag ${tag}`]);
    const order = this.settings.overrides;
    found.sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
    for (const one of [parent, resource])
      for (const override of (one && this.#byResource.get(one.id)) ?? [])
        found.push([override, `resource ${one?.name}`]);
    return found.map(([override, from]) => [order.indexOf(override), override, from]);
  }
}

function push(map: Map<string, RuleOverride[]>, key: string, override: RuleOverride): void {
  const list = map.get(key);
  if (list) list.push(override);
  else map.set(key, [override]);
}

export function asItComes(rule: Rule): Applied {
  return {
    rule,
    off: rule.off === true,
    warning: rule.warning,
    critical: rule.critical,
    clearAfterMs: 0,
    from: ["default"],
  };
}

function overridden(applied: Applied, { rule, change }: RuleOverride, from: string): Applied {
  return rule === "*" || rule === applied.rule.name ? changed(applied, change, from) : applied;
}

/** Giving a rule a level says that it is wanted, where it would be off. */
function changed(applied: Applied, change: RuleChange, from: string): Applied {
  const { off, warning, critical, clearAfterMs } = change;
  return {
    rule: applied.rule,
    off: off ?? (warning || critical ? false : applied.off),
    warning: levelOf(applied.warning, warning, applied.rule.warning),
    critical: levelOf(applied.critical, critical, applied.rule.critical),
    clearAfterMs: clearAfterMs ?? applied.clearAfterMs,
    from: [...applied.from, from],
  };
}

function levelOf(
  current: AppliedLevel | undefined,
  change: LevelChange | null | undefined,
  given: LevelInfo | undefined,
): AppliedLevel | undefined {
  if (change === undefined) return current;
  if (change === null) return undefined;
  const base = current ?? given ?? { delayMs: 0 };
  const trigger = change.trigger ?? base.trigger;
  const delayMs = change.delayMs ?? base.delayMs;
  if (trigger === undefined) return { delayMs };
  const margin = (base.clear ?? base.trigger ?? trigger) - (base.trigger ?? trigger);
  const isMoved = change.trigger !== undefined || change.clear !== undefined;
  return {
    trigger,
    clear: change.clear ?? trigger + margin,
    delayMs,
    ...((isMoved || current?.isSet) && { isSet: true as const }),
  };
}
