/**
 * Opens org files and keeps the most recently used ones open. An open file costs about 216 KiB and
 * three descriptors, opening one about a millisecond, so only a bounded number stays open. A file
 * in use is pinned and never closed under its user.
 */
import type { Database } from "../../db/driver.ts";
import type { OrgId } from "../contract/ids.ts";
import { loadMigrations, type Migration } from "./migrate.ts";
import { openMigrated } from "./open.ts";
import { orgDir, orgFile } from "./paths.ts";
import { checkPrivateFolder, ensurePrivateFolder } from "./private-files.ts";

/** Unpinned files kept open per shard: 14 MB and 192 descriptors. */
const MAX_OPEN = 64;

interface Entry {
  db: Database;
  pins: number;
}

export class OrgConnections {
  readonly #dataDir: string;
  readonly #maxOpen: number;
  readonly #migrations: Migration[];
  /** In the order of last use, oldest first. */
  readonly #entries = new Map<OrgId, Entry>();

  constructor(dataDir: string, maxOpen: number = MAX_OPEN) {
    this.#dataDir = dataDir;
    this.#maxOpen = maxOpen;
    this.#migrations = loadMigrations("org");
  }

  /** Makes the file of a new org. Nothing else ever brings an org's file into being. */
  create(orgId: OrgId): void {
    ensurePrivateFolder(orgDir(this.#dataDir, orgId));
    openMigrated(orgFile(this.#dataDir, orgId), "create", this.#migrations).close();
  }

  /** The org's file, open until `unpin` was called as often as `pin`. */
  pin(orgId: OrgId): Database {
    const entry = this.#entries.get(orgId) ?? { db: this.#open(orgId), pins: 0 };
    this.#entries.delete(orgId);
    this.#entries.set(orgId, entry);
    entry.pins++;
    this.#closeSurplus();
    return entry.db;
  }

  #open(orgId: OrgId): Database {
    checkPrivateFolder(orgDir(this.#dataDir, orgId));
    return openMigrated(orgFile(this.#dataDir, orgId), "existing", this.#migrations);
  }

  unpin(orgId: OrgId): void {
    const entry = this.#entries.get(orgId);
    if (!entry || entry.pins === 0) throw new Error("unpin without pin");
    entry.pins--;
    this.#closeSurplus();
  }

  /** Closes what nobody uses: a file that is going to be moved must not be held open. */
  closeUnpinned(): void {
    for (const [orgId, entry] of this.#entries) {
      if (entry.pins > 0) continue;
      entry.db.close();
      this.#entries.delete(orgId);
    }
  }

  closeAll(): void {
    for (const entry of this.#entries.values()) entry.db.close();
    this.#entries.clear();
  }

  get openCount(): number {
    return this.#entries.size;
  }

  #closeSurplus(): void {
    for (const [orgId, entry] of this.#entries) {
      if (this.#entries.size <= this.#maxOpen) return;
      if (entry.pins > 0) continue;
      entry.db.close();
      this.#entries.delete(orgId);
    }
  }
}
