/**
 * Folders of orgs as wholes: made, moved to the trash and back, deleted for good. A folder in the
 * trash is named `<org id>-<time>`. One that is being deleted has a further ending, so that a deletion
 * which was cut off is finished and never taken for something to bring back.
 */
import { readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_ORG, OrgId } from "../contract/ids.ts";
import type { OrgFiles } from "../instance/instance.ts";
import type { OrgConnections } from "./connections.ts";
import { MissingFileError } from "./open.ts";
import { orgDir, trashDir, trashedOrgDir } from "./paths.ts";
import { checkPrivateFolder, ensurePrivateFolder } from "./private-files.ts";

const BEING_DELETED = ".deleted";

export class OrgFolders implements OrgFiles {
  readonly #dataDir: string;
  readonly #connections: OrgConnections;

  constructor(dataDir: string, connections: OrgConnections) {
    this.#dataDir = dataDir;
    this.#connections = connections;
  }

  create(orgId: OrgId): void {
    this.#connections.create(orgId);
  }

  discard(orgId: OrgId): void {
    this.#remove(orgDir(this.#dataDir, requireOther(orgId)));
  }

  isTrashed(orgId: OrgId): boolean {
    return this.#trashed(orgId) !== undefined;
  }

  trash(orgId: OrgId, at: number): void {
    const from = orgDir(this.#dataDir, requireOther(orgId));
    if (!checkPrivateFolder(from)) return;
    ensurePrivateFolder(trashDir(this.#dataDir));
    renameSync(from, trashedOrgDir(this.#dataDir, orgId, at));
  }

  restore(orgId: OrgId): void {
    const to = orgDir(this.#dataDir, requireOther(orgId));
    if (checkPrivateFolder(to)) return;
    const from = this.#trashed(orgId);
    if (!from)
      throw new MissingFileError(`${to} is neither there nor in the trash; restore it from a backup`);
    checkPrivateFolder(from);
    renameSync(from, to);
  }

  purge(orgId: OrgId): void {
    requireOther(orgId);
    for (let found = this.#trashed(orgId); found; found = this.#trashed(orgId)) {
      checkPrivateFolder(found);
      renameSync(found, found + BEING_DELETED);
    }
    for (const folder of this.#inTrash(orgId, BEING_DELETED)) this.#remove(folder);
  }

  /** The one that was put there last. */
  #trashed(orgId: OrgId): string | undefined {
    return this.#inTrash(orgId, "").at(-1);
  }

  /** Oldest first. */
  #inTrash(orgId: OrgId, ending: string): string[] {
    const prefix = `${OrgId.parse(orgId)}-`;
    const folder = trashDir(this.#dataDir);
    if (!checkPrivateFolder(folder)) return [];
    const timeOf = (name: string) => name.slice(prefix.length, name.length - ending.length);
    return readdirSync(folder)
      .filter((name) => name.startsWith(prefix) && name.endsWith(ending) && /^\d+$/.test(timeOf(name)))
      .sort((a, b) => Number(timeOf(a)) - Number(timeOf(b)))
      .map((name) => join(folder, name));
  }

  /** A link is refused, not followed: only what Pulse made is deleted. */
  #remove(folder: string): void {
    if (checkPrivateFolder(folder)) rmSync(folder, { recursive: true });
  }
}

/** The default org's folder never moves, whoever asks. */
function requireOther(orgId: OrgId): OrgId {
  if (orgId === DEFAULT_ORG) throw new Error("the folder of the default org stays");
  return orgId;
}
