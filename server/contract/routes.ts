/** Who is told of which alerts, when, and how often; and why somebody was told, or was not. */
import { z } from "zod";
import { AlertLevel, RuleName, SilenceScope, WeeklyTime } from "./alerts.ts";
import { AlertId, ChannelId, ResourceId } from "./ids.ts";
import { Moment } from "./moment.ts";
import type { AlertEventKind, ChannelType, DeliveryFailure, ToldLevel } from "./notifications.ts";
import { ROUTE_LIMITS } from "./route-limits.ts";

const Name = z
  .string()
  .trim()
  .min(1, "must not be empty")
  .max(ROUTE_LIMITS.nameLength, "must have at most 80 characters")
  .regex(/^[^\p{Cc}\p{Cf}]+$/u, "has characters that cannot be shown");

const between = ({ least, most }: { least: number; most: number }) => z.int().min(least).max(most);

/** Held until it ends, and told then, together, where it is still so. */
export const QuietTime = WeeklyTime.extend({ breaksThrough: z.enum(["critical", "nothing"]) });
export type QuietTime = z.infer<typeof QuietTime>;

const Channels = z.array(ChannelId).max(ROUTE_LIMITS.channels, "are at most 20");

/** Where it goes and how. */
const Policy = z.strictObject({
  /** Empty: nobody is told. */
  channels: Channels,
  quiet: z.array(QuietTime).max(ROUTE_LIMITS.quietTimes, "are at most 7").optional(),
  /** The first message goes at once; what happens within this time after it goes together. */
  togetherMs: between(ROUTE_LIMITS.togetherMs).optional(),
  /** While it is open and nobody has acknowledged it. Left out: never. */
  repeatMs: between(ROUTE_LIMITS.repeatMs).optional(),
  /** Whom it goes to as well when nobody has acknowledged it for so long. */
  escalate: z
    .strictObject({
      afterMs: between(ROUTE_LIMITS.escalateAfterMs),
      channels: Channels.min(1, "needs a channel"),
    })
    .optional(),
});

/** All that is named has to fit, of a list one. */
export const RouteMatch = SilenceScope.extend({ leastLevel: AlertLevel.optional() });
export type RouteMatch = z.infer<typeof RouteMatch>;

export const Route = Policy.extend({
  name: Name,
  match: RouteMatch,
  /** What fits goes by the routes below as well; each channel is told once. */
  goesOn: z.boolean().optional(),
  enabled: z.boolean().optional(),
});
export type Route = z.infer<typeof Route>;

/** What no route has kept. `all`: every channel there is. */
export const RestPolicy = Policy.extend({ channels: z.union([z.literal("all"), Channels]) });
export type RestPolicy = z.infer<typeof RestPolicy>;

export const RouteSettings = z.strictObject({
  /** In order: the first that fits counts. */
  routes: z.array(Route).max(ROUTE_LIMITS.routes, "are at most 50"),
  rest: RestPolicy,
  /** Until then nobody is told of anything; what is still so is told then, together. */
  observeUntil: Moment.optional(),
});
export type RouteSettings = z.infer<typeof RouteSettings>;

/** `revision` is that of the answer this was made from: what somebody else changed meanwhile is not lost. */
export const SetRoutesInput = z.strictObject({ revision: z.int().min(0), settings: RouteSettings });
export type SetRoutesInput = z.infer<typeof SetRoutesInput>;

export interface RouteList {
  settings: RouteSettings;
  revision: number;
}

/** An alert there is or was; or what would become of one. */
export const DiagnoseInput = z.union([
  z.strictObject({ alertId: AlertId }),
  z.strictObject({
    resourceId: ResourceId,
    rule: RuleName,
    level: AlertLevel,
    at: Moment.optional(),
  }),
]);
export type DiagnoseInput = z.infer<typeof DiagnoseInput>;

/**
 * `waiting`: it will be told unless it is over before. `failed`: it was tried and given up, or is being tried
 * again. `untold`: it is not told here, and `why` says for what reason.
 */
export type TellingState = "told" | "waiting" | "failed" | "untold";

/** What became, or would become, of one piece of news at one channel. */
export interface Telling {
  channel: { id: ChannelId; name: string; type: ChannelType };
  /** Which route decided; left out: what no route has kept. */
  route?: string;
  state: TellingState;
  /** One plain sentence. */
  why: string;
  /** When it was told, or will be at the earliest. */
  at?: number;
  failure?: DeliveryFailure;
  /** What to do about it. */
  fix?: string;
}

/** One moment at which somebody could have been told, and what was decided then. */
export interface DiagnosedMoment {
  at: number;
  event: AlertEventKind | "repeated" | "escalated";
  level: ToldLevel;
  /** Why nobody at all was told; left out: see the tellings. */
  why?: string;
  tellings: Telling[];
}

export interface Diagnosis {
  /** The answer in a sentence: "Told to Ops mail at once, and to Phone after 30 minutes." */
  answer: string;
  /** Oldest first. */
  moments: DiagnosedMoment[];
  /** What comes next if nothing changes: a repeat, an escalation, the end of a quiet time. */
  next?: { at: number; says: string };
}

/** A channel whose messages do not arrive, for whoever relies on being told. */
export interface ChannelTrouble {
  id: ChannelId;
  name: string;
  since: number;
  failure: DeliveryFailure;
  fix: string;
}
