/**
 * Which backups in a Proxmox Backup Server are those of a guest. A guest's number says little: every cluster
 * has a 100, and several may back up to one server. What is certain is where the guest's own cluster puts its
 * backups: its storages name the server, the datastore, the namespace, and as whom. So a group of backups is
 * a guest's when its type and number are, and one of the storages of the guest's cluster leads exactly there:
 *
 * - to that server: by the certificate the storage trusts, or else by the name it is reached by;
 * - to that datastore and that namespace, not one above or below;
 * - as the owner of the group, or as the user whose token owns it.
 *
 * Where the cluster is not watched nothing is certain, and nothing is matched. Pure.
 */
import type { Resource } from "./resource.ts";

type Known = Pick<Resource, "id" | "kind" | "sources" | "attributes" | "parentId" | "name">;

const TYPE_OF_KIND: Partial<Record<Resource["kind"], string>> = { vm: "vm", lxc: "ct" };

/** The groups of backups of this guest, among everything that is known. */
export function findBackups<R extends Known>(guest: Known, resources: Iterable<R>): R[] {
  const type = TYPE_OF_KIND[guest.kind];
  const id = guest.attributes.guest_id;
  if (type === undefined || id === undefined) return [];
  const storages: Known[] = [];
  const groups: R[] = [];
  const datastores = new Map<string, Known>();
  for (const resource of resources) {
    const { attributes } = resource;
    if (resource.kind === "datastore") datastores.set(resource.id, resource);
    else if (resource.kind === "storage" && attributes.pbs_datastore !== undefined) {
      if (resource.sources.some((source) => guest.sources.includes(source))) storages.push(resource);
    } else if (resource.kind === "backup" && attributes.backup_type === type) {
      if (attributes.backup_id === String(id)) groups.push(resource);
    }
  }
  return groups.filter((group) => {
    const datastore = group.parentId && datastores.get(group.parentId);
    return datastore && storages.some((storage) => leadsTo(storage, datastore, group));
  });
}

function leadsTo(storage: Known, datastore: Known, group: Known): boolean {
  const from = storage.attributes;
  return (
    from.pbs_datastore === datastore.name &&
    from.pbs_namespace === group.attributes.namespace &&
    isServer(storage, datastore) &&
    isOwner(from.pbs_user, group.attributes.owner)
  );
}

function isServer({ attributes: from }: Known, { attributes: to }: Known): boolean {
  if (from.pbs_fingerprint !== undefined && to.pbs_fingerprint !== undefined) {
    return from.pbs_fingerprint === to.pbs_fingerprint;
  }
  return from.pbs_server !== undefined && from.pbs_server === to.pbs_server;
}

/** What a token backs up belongs to the token, and its user has a hand in it. */
function isOwner(user: unknown, owner: unknown): boolean {
  if (typeof user !== "string" || typeof owner !== "string") return false;
  return owner === user || owner.startsWith(`${user}!`);
}
