/** What an org's actor is told of what only the edge knows: where its pages are, how much it may send. */
import type { DirectoryChange } from "../contract/directory.ts";
import type { OrgId } from "../contract/ids.ts";
import { limitOf } from "../contract/limits.ts";
import type { OrgOutside } from "../contract/outside.ts";
import type { Directory } from "./directory.ts";

interface Gate {
  directory: Directory;
  features: { readonly multiTenant: boolean };
}

export function outsideOf(gate: Gate, orgId: OrgId, publicUrl: string | undefined): OrgOutside {
  const org = gate.directory.findOrg(orgId);
  const place = gate.features.multiTenant && org ? `/o/${org.slug}` : "";
  return {
    home: publicUrl === undefined ? undefined : publicUrl + place,
    notificationsPerHour: limitOf(org?.limits, "notificationsPerHour"),
  };
}

/** Orgs of which something of it is another after these changes. */
export function orgsSeenOtherwise(changes: readonly DirectoryChange[], directory: Directory): Set<OrgId> {
  if (changes.some(({ kind }) => kind === "multi_tenant_switch"))
    return new Set([...directory.orgs()].map(({ id }) => id));
  return new Set(changes.flatMap((change) => (change.kind === "org" ? [change.org.id] : [])));
}
