import type { Database } from "../../db/driver.ts";
import type { DirectoryChange } from "../contract/directory.ts";
import type { OrgId } from "../contract/ids.ts";
import type { Clock } from "../lib/clock.ts";

/** What the verbs about people, orgs and the instance itself are handed: its own file and its surroundings. */
export interface Instance {
  readonly db: Database;
  readonly clock: Clock;
  /**
   * One transaction; inside another it is a part of that one. What is announced inside is heard when
   * all of it is on disk, and before the verb is answered; when it fails nothing is heard.
   */
  write<T>(work: () => T): T;
  /** Tells the edge. */
  announce(changes: DirectoryChange[]): void;
  readonly orgFiles: OrgFiles;
  readonly actors: OrgActors;
  readonly keys: Keys;
  /** PEM or base64 of the authority whose licences alone count; undefined: this instance's own. */
  readonly pinnedLicenseKey: string | undefined;
  /** The flag in the environment. */
  readonly multiTenantAllowed: boolean;
}

/** Folders of orgs, without a look inside. */
export interface OrgFiles {
  /** Makes the file of a new org. */
  create(orgId: OrgId): void;
  /** Removes the folder that `create` made, when the org did not come to be after all. */
  discard(orgId: OrgId): void;
  /** Moves the folder to the trash. Nothing happens when it is there already. */
  trash(orgId: OrgId, at: number): void;
  /** Whether a folder of this org lies in the trash. */
  isTrashed(orgId: OrgId): boolean;
  /** Moves it back. Nothing happens when it is back already; throws when it is nowhere. */
  restore(orgId: OrgId): void;
  /** Deletes it from the trash for good. */
  purge(orgId: OrgId): void;
}

/** The running actors of orgs, in whichever thread. With the server stopped there are none. */
export interface OrgActors {
  /** Writes what they have, closes their files, and refuses them until `admit`. `all`: every org but `default`. */
  halt(orgs: OrgId[] | "all"): Promise<void>;
  admit(orgs: OrgId[] | "all"): Promise<void>;
}

/** Files in `<dataDir>/keys`. */
export interface Keys {
  /** A key for one purpose, derived from the master key. */
  derive(purpose: "idempotency" | "org-cookie"): Buffer;
  /** The instance's own licence keys (PEM), once `license init` made them. */
  license(): { privateKey: string; publicKey: string } | undefined;
  writeLicense(keys: { privateKey: string; publicKey: string }): void;
}
