/** Orgs as their members are shown them, from the directory. */
import { type Caller, keyOf, roleOf } from "../access/admission.ts";
import type { OrgEntry } from "../contract/directory.ts";
import type { OrgId } from "../contract/ids.ts";
import { memberLimitOf } from "../contract/limits.ts";
import { DELETED_KEPT_MS, type Org } from "../contract/orgs.ts";
import type { Role } from "../contract/roles.ts";
import type { Context, Edge } from "./edge.ts";

export function orgAnswer(org: OrgEntry, role: Role): Org {
  const { id, slug, name, state, createdAt, primaryDomain, deletedAt } = org;
  return {
    id,
    slug,
    name,
    role,
    state,
    createdAt,
    ...(primaryDomain && { primaryDomain }),
    ...(deletedAt !== undefined && { purgeAt: deletedAt + DELETED_KEPT_MS }),
  };
}

/** The caller's orgs, by name. A deleted one is told to its owner only, who can bring it back. */
export function orgsOf(edge: Edge, caller: Caller): Org[] {
  const orgs = edge.directory.orgsOf(caller.person.id).flatMap((org) => {
    const role = roleOf(edge, org.id, caller);
    const isHidden = !role || (org.state === "deleted" && role !== "owner");
    return isHidden ? [] : [orgAnswer(org, role)];
  });
  return orgs.sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

/** Not by the rules of a language: somebody may have thousands. */
function sortKey({ name, id }: Org): string {
  return `${name.toLowerCase()} ${id}`;
}

/** Orgs a licence allows besides `default`; undefined: as many as one likes. */
export function orgLimit({ directory }: Edge): number | undefined {
  return directory.license?.limits.orgs;
}

export function memberLimit({ directory }: Edge, orgId: OrgId): number {
  return memberLimitOf(orgId, directory.findOrg(orgId)?.limits, directory.license);
}

/** Under what a call that creates something is remembered, so that sending it again creates nothing. */
export function onceFor(
  { caller, idempotencyKey: key }: Context & { caller: Caller },
  orgId: OrgId,
  request: { procedure: string; input: unknown },
) {
  return { orgId, caller: keyOf(caller), key, request };
}

/** What a link that leaves the server begins with. */
export function linkBase({ edge, origin }: Context): string {
  return edge.publicUrl ?? origin;
}
