/** A route as it stands in its form, and back: pure. */
import type { ChannelId } from "../../../server/contract/ids.ts";
import { ROUTE_LIMITS } from "../../../server/contract/route-limits.ts";
import type {
  QuietTime,
  RestPolicy,
  Route,
  RouteMatch,
  RouteSettings,
} from "../../../server/contract/routes.ts";

export interface Draft {
  name: string;
  match: RouteMatch;
  isAll: boolean;
  channels: ChannelId[];
  quiet: QuietTime[];
  togetherMs: number;
  /** 0: never. */
  repeatMs: number;
  /** 0: nobody else is told. */
  escalateAfterMs: number;
  escalateTo: ChannelId[];
  goesOn: boolean;
}

/** Which of them: a place in the list, the last row, or one that is still to come. */
export type At = number | "rest" | "new";

export function atFrom(text: string | undefined): At | undefined {
  if (text === "rest" || text === "new") return text;
  return text !== undefined && /^\d{1,2}$/.test(text) ? Number(text) : undefined;
}

export function draftOf(policy: RestPolicy & Partial<Omit<Route, "channels">>): Draft {
  const { channels, escalate } = policy;
  return {
    name: policy.name ?? "",
    match: policy.match ?? {},
    isAll: channels === "all",
    channels: channels === "all" ? [] : channels,
    quiet: policy.quiet ?? [],
    togetherMs: policy.togetherMs ?? ROUTE_LIMITS.togetherMs.default,
    repeatMs: policy.repeatMs ?? 0,
    escalateAfterMs: escalate?.afterMs ?? 0,
    escalateTo: escalate?.channels ?? [],
    goesOn: policy.goesOn ?? false,
  };
}

/** What is as it is for most is left out. */
function policyFrom(draft: Draft) {
  const { quiet, togetherMs, repeatMs, escalateAfterMs, escalateTo } = draft;
  return {
    ...(quiet.length > 0 && { quiet }),
    ...(togetherMs !== ROUTE_LIMITS.togetherMs.default && { togetherMs }),
    ...(repeatMs > 0 && { repeatMs }),
    ...(escalateAfterMs > 0 && { escalate: { afterMs: escalateAfterMs, channels: escalateTo } }),
  };
}

/** With what stands in the form in its place. */
export function withDraft(settings: RouteSettings, at: At, draft: Draft): RouteSettings {
  const policy = policyFrom(draft);
  if (at === "rest")
    return { ...settings, rest: { channels: draft.isAll ? "all" : draft.channels, ...policy } };
  const { leastLevel, ...scope } = draft.match;
  const { routes } = settings;
  const enabled = at === "new" ? undefined : routes[at]?.enabled;
  const route: Route = {
    name: draft.name.trim(),
    match: { ...scope, ...(leastLevel === "critical" && { leastLevel }) },
    channels: draft.channels,
    ...policy,
    ...(draft.goesOn && { goesOn: true }),
    ...(enabled === false && { enabled }),
  };
  return { ...settings, routes: at === "new" ? [...routes, route] : routes.with(at, route) };
}

/** What has to be there before the server is asked, by the field of the form. */
export function missing({ name, escalateAfterMs, escalateTo }: Draft, at: At): Record<string, string> {
  return {
    ...(at !== "rest" && name.trim() === "" && { name: "What it is for, like Production at night." }),
    ...(escalateAfterMs > 0 && escalateTo.length === 0 && { "escalate.channels": "At least one of them." }),
  };
}

/** Without what was wrong below a field that is another now. */
export function withoutFaults(
  fields: Readonly<Record<string, string>>,
  field: string,
): Record<string, string> {
  const isOf = /^settings\.(?:rest|routes\.\d+)\.([^.]+)/;
  return Object.fromEntries(Object.entries(fields).filter(([path]) => isOf.exec(path)?.[1] !== field));
}

/** One step up or down. */
export function moved(settings: RouteSettings, at: number, step: 1 | -1): RouteSettings {
  const routes = [...settings.routes];
  const [route] = routes.splice(at, 1);
  if (route) routes.splice(at + step, 0, route);
  return { ...settings, routes };
}

/** What is wrong with this one, by the field of the form. */
export function faultsAt(fields: Readonly<Record<string, string>>, at: At, count: number) {
  const place = at === "rest" ? "settings.rest." : `settings.routes.${at === "new" ? count : at}.`;
  const own = Object.entries(fields).filter(([path]) => path.startsWith(place));
  return Object.fromEntries(own.map(([path, words]) => [path.slice(place.length), words]));
}

/** What is wrong below one field of them. */
export function faultsBelow(faults: Readonly<Record<string, string>>, field: string): Record<string, string> {
  const own = Object.entries(faults).filter(([path]) => path.startsWith(`${field}.`));
  return Object.fromEntries(own.map(([path, words]) => [path.slice(field.length + 1), words]));
}
