/**
 * The instance, alive: `instance.db` and everything about people, sessions and orgs. One of it, in
 * the first shard. What it changes is announced to the edge before it answers.
 */
import { randomBytes } from "node:crypto";
import type { Database } from "../../db/driver.ts";
import * as agents from "../agents/agents.ts";
import type { DirectoryChange } from "../contract/directory.ts";
import type { OrgId } from "../contract/ids.ts";
import { memberLimitOf } from "../contract/limits.ts";
import type { JoinInput } from "../contract/members.ts";
import { dropOld } from "../instance/idempotency.ts";
import type { Instance, Keys, OrgActors, OrgFiles } from "../instance/instance.ts";
import { findSetting, setSetting } from "../instance/settings.ts";
import { multiTenantStatus, entries as switchEntries } from "../instance/switch.ts";
import type { Clock } from "../lib/clock.ts";
import * as license from "../licensing/license.ts";
import { ensureInstanceId } from "../licensing/license.ts";
import { ensureDefaultOrg } from "../orgs/default-org.ts";
import { limitsOf, entries as orgEntries } from "../orgs/directory.ts";
import * as invitations from "../orgs/invitations.ts";
import * as lifecycle from "../orgs/lifecycle.ts";
import * as shares from "../orgs/shares.ts";
import * as accounts from "../people/accounts.ts";
import type { PeopleInstance } from "../people/instance.ts";
import { Passwords } from "../people/passwords.ts";
import { SetupToken } from "../people/setup-token.ts";
import * as storedSessions from "../people/stored-sessions.ts";
import { loadMigrations } from "../tenancy/migrate.ts";
import { openMigrated } from "../tenancy/open.ts";
import { hasOrgFiles, instanceFile } from "../tenancy/paths.ts";
import { storageVersion } from "../tenancy/storage.ts";
import * as tokens from "../tokens/tokens.ts";

export interface InstanceOptions {
  dataDir: string;
  clock: Clock;
  /** Instead of a generated one. */
  setupToken?: string | undefined;
  announce: (changes: DirectoryChange[]) => void;
  orgFiles: OrgFiles;
  actors: OrgActors;
  keys: Keys;
  pinnedLicenseKey: string | undefined;
  multiTenantAllowed: boolean;
  /** Hears of an org whose folder could not be brought where it belongs. */
  onUnsettled: (trouble: lifecycle.Unsettled) => void;
}

/** What has run out is dropped this often: sessions, invitations, answers kept for repeats, deleted orgs. */
const TIDY_EVERY_MS = 3_600_000;

export class InstanceRuntime implements PeopleInstance {
  readonly clock: Clock;
  readonly db: Database;
  readonly passwords = new Passwords();
  readonly setupToken: SetupToken | undefined;
  readonly orgFiles: OrgFiles;
  readonly actors: OrgActors;
  readonly keys: Keys;
  readonly pinnedLicenseKey: string | undefined;
  readonly multiTenantAllowed: boolean;
  readonly #tell: (changes: DirectoryChange[]) => void;
  /** While a transaction is open: what is told when it is on disk. */
  #unheard: DirectoryChange[] | undefined;
  readonly #timer: ReturnType<typeof setInterval>;

  /** The data directory has been taken by the caller. */
  constructor(options: InstanceOptions) {
    this.clock = options.clock;
    this.#tell = options.announce;
    this.orgFiles = options.orgFiles;
    this.actors = options.actors;
    this.keys = options.keys;
    this.pinnedLicenseKey = options.pinnedLicenseKey;
    this.multiTenantAllowed = options.multiTenantAllowed;
    const mode = hasOrgFiles(options.dataDir) ? "existing" : "create";
    this.db = openMigrated(instanceFile(options.dataDir), mode, loadMigrations("instance"));
    ensureDefaultOrg(this.db, this.clock(), (orgId) => this.orgFiles.create(orgId));
    ensureInstanceId(this);
    this.#tidy();
    /* Switched off, orgs are left as they are, byte for byte. */
    if (multiTenantStatus(this).enabled) lifecycle.settle(this).forEach(options.onUnsettled);
    this.setupToken = accounts.needsSetup(this) ? new SetupToken(this.clock, options.setupToken) : undefined;
    this.#timer = setInterval(() => {
      this.#tidy();
      if (multiTenantStatus(this).enabled)
        void lifecycle.purgeDue(this).then((unsettled) => unsettled.forEach(options.onUnsettled));
    }, TIDY_EVERY_MS);
  }

  #tidy(): void {
    storedSessions.dropEnded(this);
    invitations.dropExpired(this);
    dropOld(this);
    agents.dropUnused(this);
  }

  write<T>(work: () => T): T {
    if (this.#unheard) return this.db.transaction(work);
    this.#unheard = [];
    try {
      const result = this.db.transaction(work);
      const heard = this.#unheard;
      this.#unheard = undefined;
      this.announce(heard);
      return result;
    } finally {
      this.#unheard = undefined;
    }
  }

  announce(changes: DirectoryChange[]): void {
    if (this.#unheard) this.#unheard.push(...changes);
    else if (changes.length > 0) this.#tell(changes);
  }

  close(): void {
    clearInterval(this.#timer);
    this.db.close();
  }
}

/** Everything the edge needs to know to begin with. */
export function directory(instance: InstanceRuntime): {
  changes: DirectoryChange[];
  orgCookieKey: Uint8Array;
  heartbeatKey: Uint8Array;
} {
  return {
    changes: [
      ...accounts.entries(instance),
      ...orgEntries(instance),
      ...shares.entries(instance),
      ...tokens.entries(instance),
      ...agents.entries(instance),
      ...storedSessions.entries(instance),
      ...license.entries(instance),
      ...switchEntries(instance),
      { kind: "setup", needed: accounts.needsSetup(instance) },
    ],
    orgCookieKey: instance.keys.derive("org-cookie"),
    heartbeatKey: heartbeatKey(instance),
  };
}

/** Not derived from the master key, which can be replaced: these addresses stand in people's scripts. */
function heartbeatKey(instance: InstanceRuntime): Buffer {
  const known = findSetting(instance.db, "heartbeat_key");
  if (known) return Buffer.from(known, "base64");
  const made = randomBytes(32);
  instance.write(() => setSetting(instance.db, "heartbeat_key", made.toString("base64")));
  return made;
}

/** Makes the account an invitation is for, and accepts it. */
export function join(
  instance: InstanceRuntime,
  input: JoinInput,
): Promise<accounts.Proven & { orgId: OrgId }> {
  return invitations.join(
    instance,
    input,
    {
      hash: (password) => instance.passwords.hash(password),
      insert: (person) => accounts.insertJoining(instance, person),
    },
    memberLimits(instance),
  );
}

/** How many members an org may have now. */
export function memberLimits(instance: Instance): invitations.LimitOf {
  return (orgId) => memberLimitOf(orgId, limitsOf(instance.db, orgId), license.current(instance));
}

/** The set-up token for the console; undefined once there is an account. */
export function setupLink(instance: InstanceRuntime): { token: string | undefined } {
  return { token: accounts.needsSetup(instance) ? instance.setupToken?.reveal() : undefined };
}

export function facts(_instance: InstanceRuntime): { sqlite: string } {
  return { sqlite: storageVersion() };
}
