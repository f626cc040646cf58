import { z } from "zod";
import type { Alert, IncidentUpdated } from "./alerts.ts";
import type { AgentId, ResourceId } from "./ids.ts";
import type { DeliveryFailed } from "./notifications.ts";
import type { Resource, ResourceChange } from "./resource.ts";

export const LiveInput = z.strictObject({ lastEventId: z.string().max(64).nullish() }).optional();
export type LiveInput = z.infer<typeof LiveInput>;

/** Why a stream ends, and when. */
export const END_REASONS = {
  access_changed:
    "the right to the org, or to what another org shows in it, is gone or less; the org is deleted",
  org_suspended: "the org is suspended",
  feature_disabled: "multi-tenancy is off, or its licence has run out; never in `default`",
  signed_out: "the session or the token has ended, or the person is disabled",
  shutting_down: "the server stops, or the org cannot be read",
  max_age: "the stream is six hours old; another may be opened",
} as const;
export type EndReason = keyof typeof END_REASONS;

interface EventOf<Type extends string, Data> {
  id: string;
  type: Type;
  /** The server's clock, epoch milliseconds. */
  at: number;
  data: Data;
}

export interface Snapshot {
  resources: Resource[];
  /** Those that are open: the worst first. */
  alerts: Alert[];
  /** Epoch milliseconds. */
  serverTime: number;
}

export interface ResourcesChanged {
  changed: ResourceChange[];
  removed: ResourceId[];
}

/** An agent has begun to report, or has got its own identity. */
export interface AgentEnrolled {
  agent: { id: AgentId; name: string };
}

/** An alert as it is from then on. */
export interface AlertChanged {
  alert: Alert;
}

export type LiveEvent =
  | EventOf<"snapshot", Snapshot>
  | EventOf<"resources", ResourcesChanged>
  | EventOf<"alert.fired", AlertChanged>
  | EventOf<"alert.updated", AlertChanged>
  | EventOf<"alert.resolved", AlertChanged>
  | EventOf<"incident.updated", IncidentUpdated>
  | EventOf<"agent.enrolled", AgentEnrolled>
  | EventOf<"delivery.failed", DeliveryFailed>
  | EventOf<"end", { reason: EndReason }>;

/** Who is sent what, and when. */
export const EVENT_AUDIENCES: Record<LiveEvent["type"], { to: string; when: string }> = {
  snapshot: {
    to: "one stream of a viewer: the org's resources and open alerts, and those shown to it that this member's role sees",
    when: "first, and after what cannot be replayed",
  },
  resources: {
    to: "every stream of the org; what another org shows, only streams whose member sees the share",
    when: "at most four times a second, never later than a quarter",
  },
  "alert.fired": {
    to: "every stream of the org; of what another org shows, only streams whose member sees the share",
    when: "as soon as it is on disk, within a tenth of a second",
  },
  "alert.updated": {
    to: "the same",
    when: "its level is another, a person did something, it is silenced or hidden, or its value moved: then at most once a minute",
  },
  "alert.resolved": { to: "the same", when: "as soon as it is on disk" },
  "incident.updated": {
    to: "every stream of the org",
    when: "a person acknowledged, snoozed, closed or wrote a note",
  },
  "agent.enrolled": { to: "every stream of the org", when: "at once" },
  "delivery.failed": {
    to: "every stream of the org: the channel by its name, never where it leads",
    when: "when a message does not arrive at once, and when it is given up",
  },
  end: { to: "one stream", when: "last, exactly once" },
};
