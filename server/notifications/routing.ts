/** Which routes an alert goes by, to whom, and until when it is held: pure. */
import type { AlertFacts } from "../contract/alerts.ts";
import type { ChannelId } from "../contract/ids.ts";
import type { ToldLevel } from "../contract/notifications.ts";
import { ROUTE_LIMITS } from "../contract/route-limits.ts";
import type { QuietTime, RestPolicy, Route, RouteSettings } from "../contract/routes.ts";
import { fits } from "../contract/scope.ts";
import { covers, endOf, spansBetween, weekly } from "../lib/wall-clock.ts";

/** Until somebody has set anything: everything to every channel, at once. */
export const NO_ROUTES: RouteSettings = { routes: [], rest: { channels: "all" } };

/** One way an alert goes. */
export interface Way {
  /** The name of the route; empty: what no route has kept. */
  route: string;
  policy: RestPolicy;
  /** Those that no way before this one names. */
  channels: ChannelId[];
}

/** Why it is not told now, and when that is over. */
export interface Hold {
  by: "quiet" | "observing";
  until: number;
}

export function waysOf(
  { routes, rest }: RouteSettings,
  { facts, level }: { facts?: AlertFacts; level: ToldLevel },
  all: Iterable<ChannelId>,
): Way[] {
  const ways: Way[] = [];
  const named = new Set<ChannelId>();
  const add = (route: string, policy: RestPolicy) => {
    const channels = [...(policy.channels === "all" ? all : policy.channels)].filter((id) => !named.has(id));
    for (const id of channels) named.add(id);
    ways.push({ route, policy, channels });
  };
  for (const route of routes) {
    if (route.enabled === false || !isFor(route, facts, level)) continue;
    add(route.name, route);
    if (!route.goesOn) return ways;
  }
  add("", rest);
  return ways;
}

function isFor({ match }: Route, facts: AlertFacts | undefined, level: ToldLevel): boolean {
  const { leastLevel, ...scope } = match;
  if (leastLevel === "critical" && level !== "critical") return false;
  return facts ? fits(scope, facts) : Object.keys(scope).length === 0;
}

/** Undefined: it may be told now. */
export function holdOf(
  { observeUntil }: RouteSettings,
  { quiet = [] }: Pick<RestPolicy, "quiet">,
  level: ToldLevel | undefined,
  now: number,
): Hold | undefined {
  const observed = observeUntil !== undefined && observeUntil > now ? observeUntil : undefined;
  const until = endOfQuiet(quiet, level, observed ?? now) ?? observed;
  if (until === undefined || until <= now) return undefined;
  return { by: observed === undefined ? "quiet" : "observing", until };
}

/** How long what is told now may be gathered: never into a time that is quiet for it. */
export function togetherMsOf(
  { togetherMs = ROUTE_LIMITS.togetherMs.default, quiet = [] }: Pick<RestPolicy, "togetherMs" | "quiet">,
  level: ToldLevel,
  now: number,
): number {
  const begins = quiet
    .filter((time) => isMeant(time, level))
    .flatMap((time) => spansBetween(weekly(time), now, now + togetherMs).map(({ from }) => from - now));
  return Math.max(0, Math.min(togetherMs, ...begins));
}

/** When all that is quiet from this moment on is over: the moment itself where nothing is; undefined: never. */
export function endOfQuiet(
  quiet: readonly QuietTime[],
  level: ToldLevel | undefined,
  at: number,
): number | undefined {
  const meant = quiet.filter((time) => isMeant(time, level));
  let until = at;
  /* One that begins before another is over is followed into it; more often than this they go round in a circle. */
  for (let nth = 0; nth <= quiet.length * 8; nth++) {
    const covering = meant.find((time) => covers(time, until));
    if (!covering) return until;
    const end = endOf(covering, until);
    if (end === undefined) return undefined;
    until = end;
  }
  return undefined;
}

function isMeant({ breaksThrough }: QuietTime, level: ToldLevel | undefined): boolean {
  return level !== "critical" || breaksThrough === "nothing";
}
