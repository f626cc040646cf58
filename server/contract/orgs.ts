import { z } from "zod";
import { OrgId } from "./ids.ts";
import type { LicenseStatus } from "./license.ts";
import type { LimitUse, SetLimits } from "./limits.ts";
import type { Role } from "./roles.ts";

/** Would be mistaken for something of Pulse's own in an address, or for nothing at all. */
const RESERVED_SLUGS = new Set(
  (
    "default admin api assets help instance invitation invite join live login machine machines me new null " +
    "operator org orgs pulse resource resources root settings setup sign-in signin static support system " +
    "undefined user users www"
  ).split(" "),
);

export const OrgSlug = z
  .string()
  .min(2, "must have at least 2 characters")
  .max(40, "must have at most 40 characters")
  .regex(/^[a-z0-9](?:-?[a-z0-9])*$/, "has lower-case letters, digits and single hyphens between them")
  .refine((slug) => !RESERVED_SLUGS.has(slug), "is reserved")
  .refine((slug) => !OrgId.safeParse(slug).success, "looks like an id");
export type OrgSlug = z.infer<typeof OrgSlug>;

export const OrgName = z
  .string()
  .trim()
  .min(1, "must not be empty")
  .max(80, "must have at most 80 characters")
  .regex(/^[^\p{Cc}\p{Cf}]+$/u, "has characters that cannot be shown");

/** A host name of at least two labels, in lower case: no port, no address. */
export const PrimaryDomain = z
  .string()
  .max(253, "is too long")
  .regex(
    /^(?=.*[a-z])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    "must be a host name like monitoring.example.org",
  );

export const CreateOrgInput = z.strictObject({ slug: OrgSlug, name: OrgName });
export type CreateOrgInput = z.infer<typeof CreateOrgInput>;

export const UpdateOrgInput = z
  .strictObject({
    name: OrgName.optional(),
    slug: OrgSlug.optional(),
    /** Null takes it away. */
    primaryDomain: PrimaryDomain.nullable().optional(),
  })
  .refine((change) => Object.keys(change).length > 0, "says nothing to change");
export type UpdateOrgInput = z.infer<typeof UpdateOrgInput>;

export const ORG_STATES = ["active", "suspended", "deleted"] as const;
export type OrgState = (typeof ORG_STATES)[number];

/** What somebody who is no operator may own, where creating is open to everybody. */
export const MAX_OWN_ORGS = 10;

/** A deleted org can be restored for this long, then it is purged. */
export const DELETED_KEPT_MS = 30 * 86_400_000;

export interface Org {
  id: OrgId;
  slug: string;
  name: string;
  /** Of whoever asks. */
  role: Role;
  state: OrgState;
  createdAt: number;
  primaryDomain?: string;
  /** Of a deleted one, told to its owner: it is purged then. */
  purgeAt?: number;
}

/** What an operator names an org by, for whom there is no effective org. */
export const NamedOrgInput = z.strictObject({ org: OrgId });
export type NamedOrgInput = z.infer<typeof NamedOrgInput>;

/** Of one org, for operators: how it is, never what is in it. */
export interface OrgOverview {
  id: OrgId;
  slug: string;
  name: string;
  state: OrgState;
  createdAt: number;
  purgeAt?: number;
  members: number;
  /** Machines and other resources that are part of nothing, by status; absent until its actor has run. */
  resources?: { up: number; degraded: number; down: number; unknown: number };
  limits: SetLimits;
}

export type HealthCounts = NonNullable<OrgOverview["resources"]>;

/** Licence, limits and what is used of them, for the members of one org. */
export interface OrgPlan {
  license: { status: LicenseStatus; holder?: string; expiresAt?: number; graceEndsAt?: number };
  limits: LimitUse[];
}

/** Whether anybody signed in may create an org, or operators only. */
export const OrgCreationInput = z.strictObject({ open: z.boolean() });
