import { z } from "zod";

/** After its end a licence still counts for this long. */
export const LICENSE_GRACE_MS = 7 * 86_400_000;

/** What a licence says; signed as JSON in exactly this form. */
export const LicensePayload = z.strictObject({
  id: z.string().min(1).max(80),
  holder: z.string().min(1).max(200),
  features: z.array(z.string().min(1).max(40)).max(20),
  limits: z.strictObject({
    orgs: z.int().min(0).max(1_000_000).optional(),
    membersPerOrg: z.int().min(1).max(1_000_000).optional(),
  }),
  issuedAt: z.int().min(0),
  /** Epoch milliseconds; absent: it does not end. */
  expiresAt: z.int().min(0).optional(),
  /** Id of the only instance it is for; absent: for any. */
  instance: z.string().min(1).max(80).optional(),
});
export type LicensePayload = z.infer<typeof LicensePayload>;

export type LicenseStatus = "none" | "valid" | "grace" | "expired";

/** `license` has a signature that counts; only time decides here. `now` is epoch milliseconds. */
export function licenseStatus(license: LicensePayload | undefined, now: number): LicenseStatus {
  if (!license) return "none";
  if (license.expiresAt === undefined || now < license.expiresAt) return "valid";
  return now < license.expiresAt + LICENSE_GRACE_MS ? "grace" : "expired";
}

/** Everything an operator is told about the licence. */
export interface LicenseInfo {
  status: LicenseStatus;
  /** While multi-tenancy is off without what it is about. */
  license?: LicensePayload | Omit<LicensePayload, "features" | "limits">;
  graceEndsAt?: number;
  /** Whose signatures count: an outside authority, this instance itself, or nobody's yet. */
  authority: "pinned" | "own" | "none";
  /** For whoever issues a licence for this instance only. */
  instanceId: string;
  /** Why the licence that is installed does not count. */
  problem?: string;
}

/** What is said of a licence while there is nothing it could be about. */
export function withoutFeatures(info: LicenseInfo): LicenseInfo {
  if (!info.license) return info;
  const { id, holder, issuedAt, expiresAt, instance } = info.license;
  const license = {
    id,
    holder,
    issuedAt,
    ...(expiresAt !== undefined && { expiresAt }),
    ...(instance !== undefined && { instance }),
  };
  return { ...info, license };
}

/** A licence as it is handed over: `base64url(payload).base64url(signature)`. */
export const InstallLicenseInput = z.strictObject({ license: z.string().trim().min(1).max(8_192) });
export type InstallLicenseInput = z.infer<typeof InstallLicenseInput>;

export const IssueLicenseInput = z.strictObject({
  holder: z.string().trim().min(1).max(200),
  orgs: z.int().min(0).max(1_000_000).optional(),
  membersPerOrg: z.int().min(1).max(1_000_000).optional(),
  expiresAt: z.int().min(0).optional(),
  instance: z.string().min(1).max(80).optional(),
});
export type IssueLicenseInput = z.infer<typeof IssueLicenseInput>;
