/** The rules of an org, why they find what they find, and silences. Answered when it is on disk. */
import { ALERT_LIMITS } from "../contract/alert-limits.ts";
import type {
  CreateSilenceInput,
  ExplainInput,
  Explanation,
  NamedSilenceInput,
  RuleList,
  RuleOverride,
  RuleSettings,
  RuleTrial,
  SetRulesInput,
  Silence,
  SilenceList,
  SilenceScope,
  TryRuleInput,
  UpdateSilenceInput,
} from "../contract/alerts.ts";
import type { FieldErrors } from "../contract/errors.ts";
import { type ResourceId, SilenceId } from "../contract/ids.ts";
import type { Resource } from "../contract/resource.ts";
import { DomainError } from "../lib/domain-error.ts";
import { mintId } from "../lib/random-id.ts";
import { DEFAULT_RULES, infoOf } from "./defaults.ts";
import type { Deed, WithAlerts } from "./incidents.ts";
import type { Applied } from "./rule.ts";
import { asItComes, changed, RuleBook } from "./rule-book.ts";
import { covers, isPast, windowsBetween } from "./silence-windows.ts";
import type { StoredSilence } from "./stored-alerts.ts";

interface WithRules extends WithAlerts {
  inventory: { get(id: ResourceId): Resource | undefined };
}

const DURABLE_WITHIN_MS = 5;

export function list({ alerts }: WithRules): RuleList {
  return {
    defaults: DEFAULT_RULES.map((rule) => infoOf(asItComes(rule))),
    rules: alerts.rules.everywhere.map(infoOf),
    ...alerts.settings,
  };
}

export async function set(org: WithRules, { revision, settings }: SetRulesInput): Promise<RuleList> {
  if (revision !== org.alerts.settings.revision)
    throw new DomainError("conflict", "Somebody has changed the rules meanwhile. Look at them again.");
  requireSense(settings, org.alerts.settings.settings);
  org.alerts.setRules(settings, org.clock());
  await org.commit.durable(DURABLE_WITHIN_MS);
  return list(org);
}

/** Which rules apply to it, what made them so, and how each stands. */
export function explain(org: WithRules, { resourceId }: ExplainInput): Explanation {
  const resource = org.inventory.get(resourceId);
  if (!resource) throw new DomainError("not_found", "There is no such resource.");
  const { id, kind, name } = resource;
  return { resource: { id, kind, name }, rules: org.alerts.explain(resource, org.clock()) };
}

/** What a change would come to now; nothing is changed. */
export function tryOut(org: WithRules, { rule, everywhere, override, own }: TryRuleInput): RuleTrial {
  const settings = { ...org.alerts.settings.settings };
  if (everywhere !== undefined) {
    const { [rule]: _, ...others } = settings.rules;
    settings.rules = everywhere ? { ...others, [rule]: everywhere } : others;
  }
  if (override) settings.overrides = [...settings.overrides.filter((one) => !isFor(one, override)), override];
  if (own) settings.own = [...settings.own.filter(({ name }) => name !== own.name), own];
  return org.alerts.tryOut(settings, rule, override && whomOf(override));
}

function whomOf({ scope: { resourceId, kind, tag } }: RuleOverride): SilenceScope {
  return {
    ...(resourceId !== undefined && { resourceIds: [resourceId] }),
    ...(kind !== undefined && { kinds: [kind] }),
    ...(tag !== undefined && { tags: [tag] }),
  };
}

/** Of two that are for the same the one that is tried counts. */
function isFor(one: RuleOverride, other: RuleOverride): boolean {
  const { resourceId, kind, tag } = other.scope;
  const { scope } = one;
  return (
    one.rule === other.rule && scope.resourceId === resourceId && scope.kind === kind && scope.tag === tag
  );
}

export function silences(org: WithRules): SilenceList {
  const now = org.clock();
  const all = org.alerts.silences();
  const until = now + ALERT_LIMITS.comingMs;
  const windows = all
    .flatMap(({ id, when }) => windowsBetween(when, now, until).map((span) => ({ id, ...span })))
    .sort((a, b) => a.from - b.from);
  const coming = windows.slice(0, ALERT_LIMITS.coming);
  return {
    silences: all.map((silence) => shown(org, silence)),
    coming,
    comingUntil: windows[ALERT_LIMITS.coming]?.from ?? until,
  };
}

export async function silence(
  org: WithRules,
  { input, by }: Deed<CreateSilenceInput>,
): Promise<{ silence: Silence }> {
  const now = org.clock();
  requireSilence(org, input, now);
  /* Those that are over make room. */
  for (const { id, when } of org.alerts.silences()) if (isPast(when, now)) org.alerts.removeSilence(id, now);
  if (org.alerts.silences().length >= ALERT_LIMITS.silences)
    throw new DomainError(
      "limit_reached",
      `There are ${ALERT_LIMITS.silences} silences, and no more may be.`,
    );
  const made: StoredSilence = { ...input, id: SilenceId.parse(mintId("q")), createdAt: now, by };
  org.alerts.putSilence(made, now);
  await org.commit.durable(DURABLE_WITHIN_MS);
  return { silence: shown(org, made) };
}

export async function changeSilence(
  org: WithRules,
  { input, by }: Deed<UpdateSilenceInput>,
): Promise<{ silence: Silence }> {
  const now = org.clock();
  const { createdAt, scope } = requireNamed(org, input.id);
  requireSilence(org, input, now, scope);
  const changed: StoredSilence = { ...input, createdAt, by };
  org.alerts.putSilence(changed, now);
  await org.commit.durable(DURABLE_WITHIN_MS);
  return { silence: shown(org, changed) };
}

export async function unsilence(org: WithRules, { id }: NamedSilenceInput): Promise<{ name: string }> {
  const { name } = requireNamed(org, id);
  org.alerts.removeSilence(id, org.clock());
  await org.commit.durable(DURABLE_WITHIN_MS);
  return { name };
}

function requireNamed({ alerts }: WithRules, id: SilenceId): StoredSilence {
  const found = alerts.silences().find((one) => one.id === id);
  if (!found) throw new DomainError("not_found", "There is no such silence.");
  return found;
}

/** What it named before may be gone by now, and stays. */
function requireSilence(
  org: WithRules,
  { scope, when }: CreateSilenceInput,
  now: number,
  before: SilenceScope = {},
): void {
  const isNew =
    <Name>(known: readonly Name[] = []) =>
    (name: Name) =>
      !known.includes(name);
  requireResources(org, scope.resourceIds?.filter(isNew(before.resourceIds)) ?? [], "scope.resourceIds");
  if (scope.rules?.filter(isNew(before.rules)).some((rule) => !org.alerts.rules.has(rule)))
    throw new DomainError("invalid_request", "There is no such rule.", {
      fields: { "scope.rules": "names what is no rule" },
    });
  if (!isPast(when, now)) return;
  const field = when.type === "once" ? "when.to" : "when.lastDay";
  throw new DomainError("invalid_request", "It would be over already.", {
    fields: { [field]: "is in the past" },
  });
}

function shown({ clock }: WithRules, silence: StoredSilence): Silence {
  return { ...silence, active: covers(silence.when, clock()) };
}

/** What could not mean anything is refused with the place where it stands. */
function requireSense(settings: RuleSettings, before: RuleSettings): void {
  const book = new RuleBook(settings);
  const fields: FieldErrors = {};
  const seen = new Set<string>();
  for (const [index, { name }] of settings.own.entries()) {
    if (seen.has(name)) fields[`own.${index}.name`] = "is there twice";
    seen.add(name);
  }
  for (const name of Object.keys(settings.rules)) if (!book.has(name)) fields[`rules.${name}`] = "is no rule";
  /* Those that were there stay, whatever is different everywhere by now. */
  const known = new Set(before.overrides.map((one) => JSON.stringify(one)));
  for (const [index, override] of settings.overrides.entries()) {
    const at = `overrides.${index}`;
    const rule = book.everywhere.find((one) => one.rule.name === override.rule);
    if (override.rule === "*") {
      const { warning, critical } = override.change;
      if (warning || critical) fields[`${at}.change`] = "gives every rule the same limits";
    } else if (!rule) fields[`${at}.rule`] = "is no rule";
    else if (!known.has(JSON.stringify(override))) {
      const fault = faultOf(changed(rule, override.change, at));
      if (fault) fields[`${at}.change`] = fault;
    }
  }
  for (const applied of book.everywhere) {
    const fault = faultOf(applied);
    if (fault) fields[`rules.${applied.rule.name}`] = fault;
  }
  const [where, what] = Object.entries(fields)[0] ?? [];
  if (where) throw new DomainError("invalid_request", `${where} ${what}.`, { fields });
}

function faultOf({ rule, warning, critical }: Applied): string | undefined {
  if (rule.type !== "threshold") return undefined;
  const isAbove = rule.direction === "above";
  const isOdd = (one: number | undefined, other: number | undefined) =>
    one !== undefined && other !== undefined && (isAbove ? one > other : one < other);
  if ([warning, critical].some((level) => isOdd(level?.clear, level?.trigger)))
    return `clears ${isAbove ? "above" : "below"} what triggers it`;
  return isOdd(warning?.trigger, critical?.trigger) ? "is critical before it warns" : undefined;
}

function requireResources({ inventory }: WithRules, ids: readonly ResourceId[], field: string): void {
  if (ids.every((id) => inventory.get(id))) return;
  throw new DomainError("not_found", "There is no such resource.", {
    fields: { [field]: "names what is not there" },
  });
}
