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
  readonly #byTag = new Map<string, Placed[]>();
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
    for (const [at, override] of settings.overrides.entries()) {
      const { tag, kind, resourceId } = override.scope;
      if (tag !== undefined) push(this.#byTag, tag, { at, override });
      else if (kind !== undefined) push(this.#byKind, kind, override);
      else if (resourceId !== undefined) push(this.#byResource, resourceId, override);
    }
  }

  /** With what is different everywhere. */
  get everywhere(): readonly Applied[] {
    return this.#everywhere;
  }

  /** Whether anything may be compared with what is usual for it. */
  get comparesAny(): boolean {
    const mayBeOn = new Set(this.settings.overrides.map(({ rule }) => rule));
    return this.#everywhere.some(
      ({ rule, off }) => rule.type === "threshold" && rule.baseline && (!off || mayBeOn.has(rule.name)),
    );
  }

  has(name: string): boolean {
    return this.#everywhere.some(({ rule }) => rule.name === name);
  }

  for(resource: Resource, parent: Resource | undefined): readonly Applied[] {
    if (this.#byTag.size === 0 && this.#byResource.size === 0) return this.#forKind(resource.kind);
    const tags = [...new Set([...(parent?.own?.tags ?? []), ...(resource.own?.tags ?? [])])];
    const tagged = tags.filter((tag) => this.#byTag.has(tag)).sort();
    const named = [parent, resource].flatMap((one) => (one && this.#byResource.has(one.id) ? [one] : []));
    if (tagged.length === 0 && named.length === 0) return this.#forKind(resource.kind);
    const key = JSON.stringify([resource.kind, tagged, named.map(({ id }) => id)]);
    let applied = this.#kept.get(key);
    if (!applied) {
      const overrides = this.#overridesFor(tagged, named);
      applied = this.#forKind(resource.kind).map((one) =>
        overrides.reduce((so, [override, from]) => overridden(so, override, from), one),
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

  /** By tag, in the order in which they were set; then by what it is a part of, by itself. */
  #overridesFor(tags: readonly string[], named: readonly Resource[]): [RuleOverride, from: string][] {
    const byTag = tags.flatMap((tag) => this.#byTag.get(tag) ?? []).sort((a, b) => a.at - b.at);
    return [
      ...byTag.map(({ override }): [RuleOverride, string] => [override, `tag ${override.scope.tag}`]),
      ...named.flatMap(({ id, name }) =>
        (this.#byResource.get(id) ?? []).map((override): [RuleOverride, string] => [
          override,
          `resource ${name}`,
        ]),
      ),
    ];
  }
}

/** With its place among all of them. */
interface Placed {
  at: number;
  override: RuleOverride;
}

function push<T>(map: Map<string, T[]>, key: string, one: T): void {
  const list = map.get(key);
  if (list) list.push(one);
  else map.set(key, [one]);
}

export function asItComes(rule: Rule): Applied {
  return {
    rule,
    off: rule.off === true,
    warning: rule.warning,
    critical: rule.critical,
    clearAfterMs: rule.clearAfterMs ?? 0,
    from: ["default"],
  };
}

function overridden(applied: Applied, { rule, change }: RuleOverride, from: string): Applied {
  if (rule !== "*" && rule !== applied.rule.name) return applied;
  const found = changed(applied, change, from);
  return {
    ...found,
    warning: inOrder(found.rule, found.warning),
    critical: inOrder(found.rule, found.critical),
  };
}

/** Of two overrides one may say when it fires and the other when it is over: beyond that it would come and go. */
function inOrder(rule: Rule, level: AppliedLevel | undefined): AppliedLevel | undefined {
  if (rule.type !== "threshold" || level?.trigger === undefined || level.clear === undefined) return level;
  const { trigger, clear } = level;
  return {
    ...level,
    clear: rule.direction === "above" ? Math.min(clear, trigger) : Math.max(clear, trigger),
  };
}

/** Giving a rule a level says that it is wanted, where it would be off. */
export function changed(applied: Applied, change: RuleChange, from: string): Applied {
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
