import { z } from "zod";
import type { ResourceId } from "./ids.ts";
import type { Resource, ResourceChange } from "./resource.ts";

export const LiveInput = z.strictObject({ lastEventId: z.string().max(64).nullish() }).optional();
export type LiveInput = z.infer<typeof LiveInput>;

export type EndReason =
  | "access_changed"
  | "org_suspended"
  | "feature_disabled"
  | "signed_out"
  | "shutting_down"
  | "max_age";

interface EventOf<Type extends string, Data> {
  id: string;
  type: Type;
  /** The server's clock, epoch milliseconds. */
  at: number;
  data: Data;
}

export interface Snapshot {
  resources: Resource[];
  alerts: never[];
  /** Epoch milliseconds. */
  serverTime: number;
}

export interface ResourcesChanged {
  changed: ResourceChange[];
  removed: ResourceId[];
}

export type LiveEvent =
  | EventOf<"snapshot", Snapshot>
  | EventOf<"resources", ResourcesChanged>
  | EventOf<"end", { reason: EndReason }>;
