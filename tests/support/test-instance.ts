/** An instance for unit tests: the real schema in memory, its surroundings written down instead of done. */
import { randomBytes } from "node:crypto";
import { openDatabase } from "../../db/driver.ts";
import { membership, org as orgTable } from "../../db/instance/orgs.ts";
import { user } from "../../db/instance/people.ts";
import type { DirectoryChange } from "../../server/contract/directory.ts";
import { DEFAULT_ORG, OrgId, UserId } from "../../server/contract/ids.ts";
import type { Role } from "../../server/contract/roles.ts";
import type { Instance } from "../../server/instance/instance.ts";
import { mintId } from "../../server/lib/random-id.ts";
import { loadMigrations, migrate } from "../../server/tenancy/migrate.ts";

export interface TestInstance extends Instance {
  /** Milliseconds that pass only when a test says so. */
  time: { now: number };
  /** What the edge was told, in order, only what is on disk. */
  heard: DirectoryChange[];
  /** What was asked of actors and folders, in order: `halt o…`, `trash o…`. */
  asked: string[];
  trashed: Set<OrgId>;
  addPerson(email: string, facts?: { operator?: boolean; disabled?: boolean }): UserId;
  addOrg(facts: { slug: string; owner: UserId }): OrgId;
  addMember(orgId: OrgId, userId: UserId, role: Role): void;
}

export interface TestInstanceOptions {
  multiTenantAllowed?: boolean;
  pinnedLicenseKey?: string;
}

export function testInstance(options: TestInstanceOptions = {}): TestInstance {
  const db = openDatabase(":memory:", "create");
  migrate(db, loadMigrations("instance"));
  const time = { now: 1_790_000_000_000 };
  const heard: DirectoryChange[] = [];
  const asked: string[] = [];
  const trashed = new Set<OrgId>();
  const secret = randomBytes(32);
  let licenseKeys: { privateKey: string; publicKey: string } | undefined;
  let unheard: DirectoryChange[] | undefined;
  const insertOrg = (id: OrgId, slug: string) =>
    db.orm.insert(orgTable).values({ id, slug, name: slug, state: "active", createdAt: time.now }).run();
  insertOrg(DEFAULT_ORG, "default");

  return {
    db,
    time,
    heard,
    asked,
    trashed,
    clock: () => time.now,
    pinnedLicenseKey: options.pinnedLicenseKey,
    multiTenantAllowed: options.multiTenantAllowed ?? true,
    write(work) {
      if (unheard) return db.transaction(work);
      unheard = [];
      try {
        const result = db.transaction(work);
        heard.push(...unheard);
        return result;
      } finally {
        unheard = undefined;
      }
    },
    announce: (changes) => void (unheard ?? heard).push(...changes),
    orgFiles: {
      create: (orgId) => void asked.push(`create ${orgId}`),
      discard: (orgId) => void asked.push(`discard ${orgId}`),
      isTrashed: (orgId) => trashed.has(orgId),
      trash(orgId) {
        asked.push(`trash ${orgId}`);
        trashed.add(orgId);
      },
      restore(orgId) {
        asked.push(`restore ${orgId}`);
        trashed.delete(orgId);
      },
      purge(orgId) {
        asked.push(`purge ${orgId}`);
        trashed.delete(orgId);
      },
    },
    actors: {
      halt: async (orgs) => void asked.push(`halt ${orgs}`),
      admit: async (orgs) => void asked.push(`admit ${orgs}`),
    },
    keys: {
      derive: (purpose) => Buffer.concat([secret, Buffer.from(purpose)]).subarray(0, 32),
      license: () => licenseKeys,
      writeLicense(keys) {
        licenseKeys = keys;
      },
    },
    addPerson(email, facts = {}) {
      const id = UserId.parse(mintId("u"));
      db.orm
        .insert(user)
        .values({
          id,
          email,
          name: email.split("@")[0] ?? email,
          passwordHash: "none",
          operator: facts.operator ?? false,
          disabledAt: facts.disabled ? time.now : null,
          authEpoch: 1,
          createdAt: time.now,
        })
        .run();
      return id;
    },
    addOrg({ slug, owner }) {
      const id = OrgId.parse(mintId("o"));
      insertOrg(id, slug);
      this.addMember(id, owner, "owner");
      return id;
    },
    addMember(orgId, userId, role) {
      db.orm.insert(membership).values({ orgId, userId, role, createdAt: time.now }).run();
    },
  };
}
