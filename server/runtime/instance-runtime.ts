/**
 * The instance, alive: `instance.db` and everything about people, sessions and orgs. One of it, in
 * the first shard. What it changes is announced to the edge before it answers.
 */
import type { Database } from "../../db/driver.ts";
import type { DirectoryChange } from "../contract/directory.ts";
import type { OrgId } from "../contract/ids.ts";
import type { Clock } from "../lib/clock.ts";
import { ensureDefaultOrg } from "../orgs/default-org.ts";
import { entries as orgEntries } from "../orgs/directory.ts";
import * as accounts from "../people/accounts.ts";
import type { Instance } from "../people/instance.ts";
import { Passwords } from "../people/passwords.ts";
import { SetupToken } from "../people/setup-token.ts";
import * as storedSessions from "../people/stored-sessions.ts";
import { loadMigrations } from "../tenancy/migrate.ts";
import { openMigrated } from "../tenancy/open.ts";
import { hasOrgFiles, instanceFile } from "../tenancy/paths.ts";
import { storageVersion } from "../tenancy/storage.ts";

export interface InstanceOptions {
  dataDir: string;
  clock: Clock;
  /** Instead of a generated one. */
  setupToken?: string | undefined;
  announce: (changes: DirectoryChange[]) => void;
  /** Makes the file of a new org. */
  createOrgFile: (orgId: OrgId) => void;
}

const DROP_ENDED_SESSIONS_EVERY_MS = 3_600_000;

export class InstanceRuntime implements Instance {
  readonly clock: Clock;
  readonly db: Database;
  readonly passwords = new Passwords();
  readonly setupToken: SetupToken | undefined;
  readonly announce: (changes: DirectoryChange[]) => void;
  readonly #timer: ReturnType<typeof setInterval>;

  /** The data directory has been taken by the caller. */
  constructor(options: InstanceOptions) {
    this.clock = options.clock;
    this.announce = (changes) => changes.length > 0 && options.announce(changes);
    const mode = hasOrgFiles(options.dataDir) ? "existing" : "create";
    this.db = openMigrated(instanceFile(options.dataDir), mode, loadMigrations("instance"));
    ensureDefaultOrg(this.db, this.clock(), options.createOrgFile);
    storedSessions.dropEnded(this);
    this.setupToken = accounts.needsSetup(this) ? new SetupToken(this.clock, options.setupToken) : undefined;
    this.#timer = setInterval(() => storedSessions.dropEnded(this), DROP_ENDED_SESSIONS_EVERY_MS);
  }

  close(): void {
    clearInterval(this.#timer);
    this.db.close();
  }
}

/** Everything the edge needs to know to begin with. */
export function directory(instance: InstanceRuntime): { changes: DirectoryChange[] } {
  return {
    changes: [
      ...accounts.entries(instance),
      ...orgEntries(instance.db),
      ...storedSessions.entries(instance),
      { kind: "setup", needed: accounts.needsSetup(instance) },
    ],
  };
}

/** The set-up token for the console; undefined once there is an account. */
export function setupLink(instance: InstanceRuntime): { token: string | undefined } {
  return { token: accounts.needsSetup(instance) ? instance.setupToken?.reveal() : undefined };
}

export function facts(_instance: InstanceRuntime): { sqlite: string } {
  return { sqlite: storageVersion() };
}
