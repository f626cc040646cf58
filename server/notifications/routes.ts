/** Who is told of what, as people set it: input judged, written, answered. */
import type { FieldErrors } from "../contract/errors.ts";
import type { ResourceId } from "../contract/ids.ts";
import { ROUTE_LIMITS } from "../contract/route-limits.ts";
import type { RestPolicy, RouteList, RouteSettings, SetRoutesInput } from "../contract/routes.ts";
import { DomainError } from "../lib/domain-error.ts";
import type { ChannelBook } from "./channel-book.ts";
import type { DeliveryQueue } from "./queue.ts";
import { endOfQuiet } from "./routing.ts";

export interface WithRoutes {
  channels: ChannelBook;
  deliveries: DeliveryQueue;
  inventory: { get(id: ResourceId): unknown };
  alerts: { rules: { has(name: string): boolean } };
  clock: () => number;
}

export function list({ deliveries }: WithRoutes): RouteList {
  return deliveries.routes;
}

export function set(org: WithRoutes, { revision, settings }: SetRoutesInput): RouteList {
  if (revision !== org.deliveries.routes.revision)
    throw new DomainError("conflict", "Somebody has changed the routes meanwhile. Look at them again.");
  const now = org.clock();
  const { observeUntil, ...rest } = settings;
  const isOver = observeUntil === undefined || observeUntil <= now;
  const next: RouteSettings = isOver ? rest : { ...rest, observeUntil };
  requireSense(org, next, now);
  org.deliveries.setRoutes(next);
  return list(org);
}

/** What could not mean anything is refused with the place where it stands. */
function requireSense(org: WithRoutes, settings: RouteSettings, now: number): void {
  const { routes, rest, observeUntil } = settings;
  const fields: FieldErrors = {};
  const seen = new Set<string>();
  /* What was there when it was named may be gone by now: that stands in the way of no other change. */
  const known = org.deliveries.routes.settings.routes.map((route) => route.match);
  const isKnownThing = among(known.flatMap(({ resourceIds = [] }) => resourceIds));
  const isKnownRule = among(known.flatMap(({ rules = [] }) => rules));
  for (const [index, { name, match }] of routes.entries()) {
    const at = `settings.routes.${index}`;
    if (seen.has(name)) fields[`${at}.name`] = "is there twice";
    seen.add(name);
    if (match.resourceIds?.some((id) => !isKnownThing(id) && !org.inventory.get(id)))
      fields[`${at}.match.resourceIds`] = "names what is not there";
    if (match.rules?.some((rule) => !isKnownRule(rule) && !org.alerts.rules.has(rule)))
      fields[`${at}.match.rules`] = "names what is no rule";
  }
  for (const [index, route] of routes.entries()) judge(org, route, `settings.routes.${index}`, now, fields);
  judge(org, rest, "settings.rest", now, fields);
  if (observeUntil !== undefined && observeUntil > now + ROUTE_LIMITS.observeMs)
    fields["settings.observeUntil"] = "is more than 14 days away";
  const [where, what] = Object.entries(fields)[0] ?? [];
  if (where) throw new DomainError("invalid_request", `${where} ${what}.`, { fields });
}

function among(names: readonly string[]): (name: string) => boolean {
  const all = new Set(names);
  return (name) => all.has(name);
}

function judge(org: WithRoutes, policy: RestPolicy, at: string, now: number, fields: FieldErrors): void {
  const { channels, escalate, quiet = [] } = policy;
  const isThere = (ids: RestPolicy["channels"]) => ids === "all" || ids.every((id) => org.channels.get(id));
  if (!isThere(channels)) fields[`${at}.channels`] = "names a channel that is not there";
  if (endOfQuiet(quiet, undefined, now) === undefined)
    fields[`${at}.quiet`] = "leaves no time at which anybody could be told";
  if (!escalate) return;
  if (!isThere(escalate.channels)) fields[`${at}.escalate.channels`] = "names a channel that is not there";
  else if (channels === "all" || escalate.channels.every((id) => channels.includes(id)))
    fields[`${at}.escalate.channels`] = "names only those that are told anyway";
}
