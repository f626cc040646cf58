/**
 * Opens org files when they are needed and keeps the most recently used ones open. An open file costs
 * about 216 KiB and three descriptors, opening one about a millisecond, so only a bounded number
 * stays open. What `use` returns is good until control is given up: SQLite's calls do not wait, so
 * whoever works on a file is done before another can be asked for.
 */
import { existsSync, statSync } from "node:fs";
import type { Database } from "../../db/driver.ts";
import type { OrgId } from "../contract/ids.ts";
import { loadMigrations, type Migration } from "./migrate.ts";
import { openMigrated, replacedFile } from "./open.ts";
import { orgDir, orgFile } from "./paths.ts";
import { checkPrivateFolder, ensurePrivateFolder } from "./private-files.ts";

/** Files kept open per shard: 14 MB and 192 descriptors. */
const MAX_OPEN = 64;

export class OrgConnections {
  readonly #dataDir: string;
  readonly #maxOpen: number;
  readonly #migrations: Migration[];
  /** In the order of last use, oldest first. */
  readonly #files = new Map<OrgId, Database>();
  /** Which file an org's was when it was first opened; another one in its place is not the org. */
  readonly #inodes = new Map<OrgId, number>();

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

  /** The org's file, to be used now and asked for again later. */
  use(orgId: OrgId): Database {
    const file = this.#files.get(orgId) ?? this.#open(orgId);
    this.#files.delete(orgId);
    this.#files.set(orgId, file);
    for (const oldest of this.#files.keys()) {
      if (this.#files.size <= this.#maxOpen) break;
      this.#evict(oldest);
    }
    return file;
  }

  #open(orgId: OrgId): Database {
    checkPrivateFolder(orgDir(this.#dataDir, orgId));
    this.sizeOf(orgId);
    const file = openMigrated(orgFile(this.#dataDir, orgId), "existing", this.#migrations);
    this.#inodes.set(orgId, statSync(orgFile(this.#dataDir, orgId)).ino);
    return file;
  }

  /** A file that is going to be moved must not be held open. */
  close(orgId: OrgId): void {
    this.#evict(orgId);
    this.#inodes.delete(orgId);
  }

  /** Whatever is open; who goes on using it opens it again. */
  letGo(): void {
    for (const orgId of [...this.#files.keys()]) this.#evict(orgId);
  }

  #evict(orgId: OrgId): void {
    const file = this.#files.get(orgId);
    this.#files.delete(orgId);
    file?.close();
  }

  closeAll(): void {
    for (const orgId of [...this.#files.keys()]) this.close(orgId);
  }

  get openCount(): number {
    return this.#files.size;
  }

  /** Whether there is such an org's file; damaged or not. */
  has(orgId: OrgId): boolean {
    return existsSync(orgFile(this.#dataDir, orgId));
  }

  /**
   * Bytes of the org's file, without what waits beside it. Throws when it was removed or replaced since it
   * was first opened.
   */
  sizeOf(orgId: OrgId): number {
    const path = orgFile(this.#dataDir, orgId);
    const found = statSync(path, { throwIfNoEntry: false });
    const known = this.#inodes.get(orgId);
    if (known !== undefined && found?.ino !== known) throw replacedFile(path);
    return found?.size ?? 0;
  }
}
