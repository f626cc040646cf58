import { z } from "zod";
import { type OrgId, OrgReference, ResourceId, ShareId } from "./ids.ts";
import { Moment } from "./moment.ts";

export const ShareRole = z.enum(["viewer", "editor", "admin"]);
export type ShareRole = z.infer<typeof ShareRole>;

export const CreateShareInput = z.strictObject({
  /** Id or slug. */
  targetOrg: OrgReference,
  resourceId: ResourceId,
  role: ShareRole,
  /** Epoch milliseconds. */
  expiresAt: Moment.optional(),
});
export type CreateShareInput = z.infer<typeof CreateShareInput>;

export const NamedShareInput = z.strictObject({ id: ShareId });
export type NamedShareInput = z.infer<typeof NamedShareInput>;

export interface Share {
  id: ShareId;
  /** The other side: of an outgoing share the target, of an incoming one the source. */
  org: { slug: string; name: string };
  resource: { id: ResourceId; name: string; kind: string };
  /** Members of the target with this role or a higher one see it, and may do what this role may. */
  role: ShareRole;
  /** `expired`: its time has run out; it can be shared again. */
  state: "pending" | "accepted" | "expired";
  createdAt: number;
  acceptedAt?: number;
  expiresAt?: number;
}

/** Marks a resource that another org shows here. */
export interface SharedFrom {
  shareId: ShareId;
  org: { slug: string; name: string };
  role: ShareRole;
}

/** A share that may stand, as the edge and the actors know it. */
export interface ShareEntry {
  id: ShareId;
  sourceOrgId: OrgId;
  targetOrgId: OrgId;
  resourceId: ResourceId;
  role: ShareRole;
  accepted: boolean;
  expiresAt?: number;
}
