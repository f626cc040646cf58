/** The rules of an org, why they find what they find, and silences. Answered when it is on disk. */
import {
  ALERT_LIMITS,
  type CreateSilenceInput,
  type ExplainInput,
  type Explanation,
  type NamedSilenceInput,
  type RuleList,
  type RuleSettings,
  type SetRulesInput,
  type Silence,
  type SilenceList,
} from "../contract/alerts.ts";
import type { FieldErrors } from "../contract/errors.ts";
import { type ResourceId, SilenceId } from "../contract/ids.ts";
import type { Resource } from "../contract/resource.ts";
import { DomainError } from "../lib/domain-error.ts";
import { mintId } from "../lib/random-id.ts";
import { DEFAULT_RULES, infoOf } from "./defaults.ts";
import type { Deed, WithAlerts } from "./incidents.ts";
import { asItComes, RuleBook } from "./rule-book.ts";
import { covers, isPast } from "./silence-windows.ts";
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
  requireSense(settings);
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

export function silences(org: WithRules): SilenceList {
  return { silences: org.alerts.silences().map((silence) => shown(org, silence)) };
}

export async function silence(
  org: WithRules,
  { input, by }: Deed<CreateSilenceInput>,
): Promise<{ silence: Silence }> {
  requireResources(org, input.scope.resourceIds ?? [], "scope.resourceIds");
  const now = org.clock();
  /* Those that are over make room. */
  for (const { id, when } of org.alerts.silences()) if (isPast(when, now)) org.alerts.removeSilence(id, now);
  if (org.alerts.silences().length >= ALERT_LIMITS.silences)
    throw new DomainError(
      "limit_reached",
      `There are ${ALERT_LIMITS.silences} silences, and no more may be.`,
    );
  if (isPast(input.when, now))
    throw new DomainError("invalid_request", "It would be over already.", {
      fields: { "when.to": "is in the past" },
    });
  const made: StoredSilence = { ...input, id: SilenceId.parse(mintId("q")), createdAt: now, by };
  org.alerts.addSilence(made, now);
  await org.commit.durable(DURABLE_WITHIN_MS);
  return { silence: shown(org, made) };
}

export async function unsilence(org: WithRules, { id }: NamedSilenceInput): Promise<{ name: string }> {
  const found = org.alerts.silences().find((one) => one.id === id);
  if (!found) throw new DomainError("not_found", "There is no such silence.");
  org.alerts.removeSilence(id, org.clock());
  await org.commit.durable(DURABLE_WITHIN_MS);
  return { name: found.name };
}

function shown({ clock }: WithRules, silence: StoredSilence): Silence {
  return { ...silence, active: covers(silence.when, clock()) };
}

/** What could not mean anything is refused with the place where it stands. */
function requireSense(settings: RuleSettings): void {
  const book = new RuleBook(settings);
  const fields: FieldErrors = {};
  const seen = new Set<string>();
  for (const [index, { name }] of settings.own.entries()) {
    if (seen.has(name)) fields[`own.${index}.name`] = "is there twice";
    seen.add(name);
  }
  for (const name of Object.keys(settings.rules)) if (!book.has(name)) fields[`rules.${name}`] = "is no rule";
  for (const [index, { rule }] of settings.overrides.entries())
    if (rule !== "*" && !book.has(rule)) fields[`overrides.${index}.rule`] = "is no rule";
  for (const { rule, warning, critical } of book.everywhere) {
    if (rule.type !== "threshold") continue;
    const isAbove = rule.direction === "above";
    const isOdd = (one: number | undefined, other: number | undefined) =>
      one !== undefined && other !== undefined && (isAbove ? one > other : one < other);
    for (const level of [warning, critical])
      if (isOdd(level?.clear, level?.trigger))
        fields[`rules.${rule.name}`] = `clears ${isAbove ? "above" : "below"} what triggers it`;
    if (isOdd(warning?.trigger, critical?.trigger))
      fields[`rules.${rule.name}`] = "is critical before it warns";
  }
  const [where, what] = Object.entries(fields)[0] ?? [];
  if (where) throw new DomainError("invalid_request", `${where} ${what}.`, { fields });
}

function requireResources({ inventory }: WithRules, ids: readonly ResourceId[], field: string): void {
  if (ids.every((id) => inventory.get(id))) return;
  throw new DomainError("not_found", "There is no such resource.", {
    fields: { [field]: "names what is not there" },
  });
}
