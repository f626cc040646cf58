/** Through which shares one org sees something of others, decided anew each time. Memory only. */
import type { DirectoryChange } from "../contract/directory.ts";
import type { DoorWatch } from "../contract/doors.ts";
import { DEFAULT_ORG, type OrgId } from "../contract/ids.ts";
import { type Role, roleCovers } from "../contract/roles.ts";
import type { SharedFrom, ShareEntry } from "../contract/shares.ts";
import type { Clock } from "../lib/clock.ts";
import type { Directory } from "./directory.ts";
import type { Features } from "./features.ts";

interface Gate {
  directory: Directory;
  features: Features;
  clock: Clock;
}

const NONE: readonly ShareEntry[] = [];

/** The shares a member of that role sees through, oldest first. */
export function visibleShares(gate: Gate, orgId: OrgId, role: Role): readonly ShareEntry[] {
  const into = gate.directory.sharesInto(orgId);
  if (into.length === 0) return NONE;
  return into.filter((share) => roleCovers(role, share.role) && stands(gate, share));
}

/** What the actor of the source is told about its shares that stand. */
export function doorsFrom(gate: Gate, sourceOrgId: OrgId): DoorWatch[] {
  return gate.directory
    .sharesFrom(sourceOrgId)
    .filter((share) => stands(gate, share))
    .map((share) => ({
      targetOrgId: share.targetOrgId,
      resourceId: share.resourceId,
      sharedFrom: sharedFrom(gate.directory, share),
    }));
}

export function sharedFrom(directory: Directory, { id, sourceOrgId, role }: ShareEntry): SharedFrom {
  const { slug = "", name = "" } = directory.findOrg(sourceOrgId) ?? {};
  return { shareId: id, org: { slug, name }, role };
}

/** Accepted, in time, and both sides are there: a share of a suspended org shows nothing. */
function stands({ directory, features, clock }: Gate, share: ShareEntry): boolean {
  if (!share.accepted || (share.expiresAt !== undefined && clock() >= share.expiresAt)) return false;
  if (!features.multiTenant || !features.multiTenantLicensed) return false;
  return isActive(directory, share.sourceOrgId) && isActive(directory, share.targetOrgId);
}

function isActive(directory: Directory, orgId: OrgId): boolean {
  return orgId === DEFAULT_ORG || directory.findOrg(orgId)?.state === "active";
}

/** Orgs whose doors may have to be opened or shut after these changes. */
export function sourcesTouchedBy(changes: readonly DirectoryChange[], directory: Directory): Set<OrgId> {
  const sources = new Set<OrgId>();
  for (const change of changes) {
    if (change.kind === "share") sources.add(change.share.sourceOrgId);
    else if (change.kind === "share_gone") sources.add(change.sourceOrgId);
    else if (change.kind === "license" || change.kind === "multi_tenant_switch")
      for (const sourceOrgId of directory.sharingOrgs()) sources.add(sourceOrgId);
    else if (change.kind === "org") {
      if (directory.sharesFrom(change.org.id).length > 0) sources.add(change.org.id);
      for (const { sourceOrgId } of directory.sharesInto(change.org.id)) sources.add(sourceOrgId);
    }
  }
  return sources;
}
