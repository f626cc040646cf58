/**
 * What one org may hold and do. An operator sets a limit per org, up to the ceiling, which holds for
 * every org of the instance; until then the standard value counts. A licence can only lower `members`.
 */
import { z } from "zod";
import { DEFAULT_ORG, OrgId } from "./ids.ts";
import type { LicensePayload } from "./license.ts";

export const ORG_LIMITS = {
  /** Members and open invitations together. */
  members: { standard: 100, ceiling: 10_000 },
  tokens: { standard: 100, ceiling: 1_000 },
  /** Shared by this org, whether accepted yet or not. */
  shares: { standard: 100, ceiling: 1_000 },
  agents: { standard: 500, ceiling: 10_000 },
  sources: { standard: 500, ceiling: 10_000 },
  resources: { standard: 50_000, ceiling: 200_000 },
  /** Of all its agents together. */
  reportsPerMinute: { standard: 6_000, ceiling: 600_000 },
  /** Size of the org's file from which on no more reports are taken. */
  storedMegabytes: { standard: 50_000, ceiling: 10_000_000 },
  /** Open live streams. */
  streams: { standard: 500, ceiling: 2_000 },
  /** Calls of all its people and tokens together. */
  requestsPerMinute: { standard: 12_000, ceiling: 120_000 },
  /** Where messages are sent to. */
  channels: { standard: 50, ceiling: 500 },
  notificationsPerHour: { standard: 500, ceiling: 10_000 },
} as const;

const MEGABYTE = 1024 * 1024;

export type OrgLimit = keyof typeof ORG_LIMITS;
export const ORG_LIMIT_NAMES = Object.keys(ORG_LIMITS) as OrgLimit[];

/** What an operator set. */
export type SetLimits = { [name in OrgLimit]?: number | undefined };

/** For operators, who name the org. Null gives a limit its standard value back. */
export const SetLimitsInput = z.strictObject({
  org: OrgId,
  limits: z.partialRecord(z.enum(ORG_LIMIT_NAMES), z.int().min(0, "must not be below 0").nullable()),
});
export type SetLimitsInput = z.infer<typeof SetLimitsInput>;

export function limitOf(set: SetLimits | undefined, name: OrgLimit): number {
  const { standard, ceiling } = ORG_LIMITS[name];
  return Math.min(set?.[name] ?? standard, ceiling);
}

/** What an org's file may take. */
export function storedBytesLimitOf(set: SetLimits | undefined): number {
  return limitOf(set, "storedMegabytes") * MEGABYTE;
}

/** What an operator set, or less where the licence says so. `default` needs no licence. */
export function memberLimitOf(
  orgId: OrgId,
  set: SetLimits | undefined,
  license: LicensePayload | undefined,
): number {
  const own = limitOf(set, "members");
  if (orgId === DEFAULT_ORG) return own;
  return Math.min(own, license?.limits.membersPerOrg ?? own);
}

/** How much of a limit is taken. `used` is absent where nothing is counted yet. */
export interface LimitUse {
  name: OrgLimit;
  used?: number;
  limit: number;
}
