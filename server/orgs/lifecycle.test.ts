import { afterAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { share } from "../../db/instance/orgs.ts";
import { token, tokenOrg } from "../../db/instance/tokens.ts";
import {
  type TestInstance,
  type TestInstanceOptions,
  testInstance,
} from "../../tests/support/test-instance.ts";
import { firstBrokenLink } from "../audit/record.ts";
import { DEFAULT_ORG, type OrgId, TokenId, type UserId } from "../contract/ids.ts";
import { DELETED_KEPT_MS } from "../contract/orgs.ts";
import type { OrgActors } from "../instance/instance.ts";
import { mintId } from "../lib/random-id.ts";
import { OrgConnections } from "../tenancy/connections.ts";
import { takeDataDir } from "../tenancy/data-dir.ts";
import { OrgFolders } from "../tenancy/org-folders.ts";
import { orgDir, orgFile, trashDir } from "../tenancy/paths.ts";
import * as invitations from "./invitations.ts";
import * as lifecycle from "./lifecycle.ts";

const BY = { kind: "command" } as const;
const PULSE = { kind: "pulse" } as const;
const UNKNOWN = "oaaaaaaaaaaaaaaaaaaa" as OrgId;

/** Two orgs, each with its owner. */
function furnished(options: TestInstanceOptions = {}) {
  const instance = testInstance(options);
  const alice = instance.addPerson("alice@example.org");
  const bob = instance.addPerson("bob@example.org");
  const acme = instance.addOrg({ slug: "acme", owner: alice });
  const beta = instance.addOrg({ slug: "beta", owner: bob });
  return { instance, alice, bob, acme, beta };
}

function rowOf({ db }: TestInstance, orgId: OrgId) {
  const rows = db.rows("select * from org") as { id: string; state: string; deleted_at: number | null }[];
  return rows.find(({ id }) => id === orgId);
}

function audited({ db }: TestInstance): string[] {
  expect(firstBrokenLink(db)).toBeUndefined();
  return (db.rows("select action from audit order by seq") as { action: string }[]).map(
    ({ action }) => action,
  );
}

function addToken({ db }: TestInstance, madeBy: UserId, orgIds: OrgId[]): TokenId {
  const id = TokenId.parse(mintId("t"));
  db.orm
    .insert(token)
    .values({ id, secretHash: `hash of ${id}`, name: "backup", madeBy, scopes: ["read"], createdAt: 1 })
    .run();
  for (const orgId of orgIds) db.orm.insert(tokenOrg).values({ tokenId: id, orgId }).run();
  return id;
}

function addShare({ db }: TestInstance, sourceOrgId: OrgId, targetOrgId: OrgId): string {
  const id = mintId("h");
  const resource = { resourceId: mintId("r"), resourceName: "nas", resourceKind: "host" };
  const terms = { role: "viewer", state: "accepted", createdAt: 1 } as const;
  db.orm
    .insert(share)
    .values({ id, sourceOrgId, targetOrgId, ...resource, ...terms })
    .run();
  return id;
}

/** Holds back what was asked of actors until it is let go; one after the other, as it was asked. */
function slowActors(): OrgActors & { let: () => Promise<void> } {
  const waiting: (() => void)[] = [];
  const wait = () => new Promise<void>((resolve) => void waiting.push(resolve));
  return {
    halt: wait,
    admit: wait,
    async let() {
      waiting.shift()?.();
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    },
  };
}

describe("creating", () => {
  test("makes row, owner, file and audit, and tells the edge", () => {
    const { instance, alice } = furnished();
    const by = { kind: "person", id: alice } as const;
    const { org } = lifecycle.create(instance, { by, owner: alice, slug: "gamma", name: "Gamma" });
    expect(org).toEqual({
      id: org.id,
      slug: "gamma",
      name: "Gamma",
      state: "active",
      createdAt: instance.time.now,
      limits: {},
    });
    expect(org.id).toMatch(/^o[a-z2-7]{19}$/);
    expect(instance.asked).toEqual([`create ${org.id}`]);
    expect(instance.heard).toEqual([
      { kind: "org", org },
      { kind: "member", member: { orgId: org.id, userId: alice, role: "owner", since: instance.time.now } },
    ]);
    expect(audited(instance)).toEqual(["org.created"]);
  });

  test("a taken short name is refused, also that of a deleted one, and leaves no trace", async () => {
    const { instance, alice, acme } = furnished();
    await lifecycle.remove(instance, { by: BY, orgId: acme });
    instance.heard.length = 0;
    instance.asked.length = 0;
    for (const slug of ["acme", "beta"]) {
      expect(() => lifecycle.create(instance, { by: BY, owner: alice, slug, name: "X" })).toThrow(
        expect.objectContaining({ reason: "already_exists", fields: { slug: "is taken" } }),
      );
    }
    expect(instance.heard).toEqual([]);
    expect(instance.asked).toEqual([]);
    expect(audited(instance)).toEqual(["org.deleted"]);
  });

  test("the licence counts every one but the first, deleted ones too, and purged ones not", async () => {
    const { instance, alice, acme } = furnished();
    const create = () =>
      lifecycle.create(instance, { by: BY, owner: alice, slug: "gamma", name: "Gamma", maxOrgs: 2 });
    const full = expect.objectContaining({
      reason: "limit_reached",
      message: "The licence allows 2, and 2 are there.",
    });
    expect(create).toThrow(full);
    await lifecycle.remove(instance, { by: BY, orgId: acme });
    expect(create).toThrow(full);
    await lifecycle.purge(instance, { by: BY, orgId: acme });
    create();
    expect(create).toThrow(full);
  });

  test("when the file cannot be made, there is no org and no folder", () => {
    const { instance, alice } = furnished();
    const discarded: OrgId[] = [];
    const orgFiles = {
      ...instance.orgFiles,
      create() {
        throw new Error("no room");
      },
      discard: (orgId: OrgId) => void discarded.push(orgId),
    };
    expect(() =>
      lifecycle.create({ ...instance, orgFiles }, { by: BY, owner: alice, slug: "gamma", name: "Gamma" }),
    ).toThrow("no room");
    expect(discarded).toHaveLength(1);
    expect(instance.heard).toEqual([]);
    expect(lifecycle.list(instance).orgs.map(({ slug }) => slug)).not.toContain("gamma");
  });

  test("when the commit fails after the file was made, the folder goes again", () => {
    const { instance, alice } = furnished();
    const announce = () => {
      throw new Error("no commit");
    };
    expect(() =>
      lifecycle.create({ ...instance, announce }, { by: BY, owner: alice, slug: "gamma", name: "Gamma" }),
    ).toThrow("no commit");
    const [made = ""] = instance.asked;
    expect(instance.asked).toEqual([made, made.replace("create", "discard")]);
    expect(lifecycle.list(instance).orgs.map(({ slug }) => slug)).not.toContain("gamma");
  });
});

describe("updating", () => {
  test("changes what is named and keeps the rest; null takes the domain away", () => {
    const { instance, acme } = furnished();
    const change = { name: "ACME", primaryDomain: "status.acme.example" };
    expect(lifecycle.update(instance, { by: BY, orgId: acme, change }).org).toMatchObject({
      slug: "acme",
      name: "ACME",
      primaryDomain: "status.acme.example",
    });
    const { org } = lifecycle.update(instance, { by: BY, orgId: acme, change: { primaryDomain: null } });
    expect(org.name).toBe("ACME");
    expect(org).not.toHaveProperty("primaryDomain");
    expect(instance.heard.at(-1)).toEqual({ kind: "org", org });
    expect(audited(instance)).toEqual(["org.renamed", "org.renamed"]);
  });

  test("what another one has is refused with its field; one's own is not", () => {
    const { instance, acme, beta } = furnished();
    const primaryDomain = "status.acme.example";
    lifecycle.update(instance, { by: BY, orgId: acme, change: { slug: "acme", primaryDomain } });
    lifecycle.update(instance, { by: BY, orgId: acme, change: { slug: "acme", primaryDomain } });
    for (const [field, change] of Object.entries({
      slug: { slug: "acme" },
      primaryDomain: { primaryDomain },
    }))
      expect(() => lifecycle.update(instance, { by: BY, orgId: beta, change })).toThrow(
        expect.objectContaining({ reason: "already_exists", fields: { [field]: "is taken" } }),
      );
  });

  test.each([{ slug: "home" }, { name: "Home" }, { primaryDomain: "pulse.example.org" }])(
    "of the default one, %j is refused",
    (change) => {
      const { instance } = furnished();
      expect(() => lifecycle.update(instance, { by: BY, orgId: DEFAULT_ORG, change })).toThrow(
        expect.objectContaining({ reason: "default_org_immutable" }),
      );
    },
  );

  test("whoever lost the role while the call was waiting changes nothing", () => {
    const { instance, bob, acme } = furnished();
    const by = { kind: "person", id: bob } as const;
    const change = { name: "Mine" };
    expect(() => lifecycle.update(instance, { by, orgId: acme, change })).toThrow(
      expect.objectContaining({ reason: "access_denied" }),
    );
    instance.addMember(acme, bob, "editor");
    expect(() => lifecycle.update(instance, { by, orgId: acme, change })).toThrow(
      expect.objectContaining({ reason: "role_required" }),
    );
    expect(audited(instance)).toEqual([]);
  });
});

const { remove, restore, purge, suspend, resume } = lifecycle;

test.each(Object.entries({ remove, restore, purge, suspend, resume }))(
  "%s is refused for the default one, and for one that is not there",
  async (_, verb) => {
    const { instance } = furnished();
    await expect(verb(instance, { by: BY, orgId: DEFAULT_ORG })).rejects.toThrow(
      expect.objectContaining({ reason: "default_org_immutable" }),
    );
    await expect(verb(instance, { by: BY, orgId: UNKNOWN })).rejects.toThrow(
      expect.objectContaining({ reason: "not_found" }),
    );
    expect(instance.asked).toEqual([]);
    expect(audited(instance)).toEqual([]);
  },
);

describe("deleting", () => {
  test("fences, halts and moves the folder, in this order", async () => {
    const { instance, acme } = furnished();
    const stateWhenHalted: unknown[] = [];
    const actors = {
      ...instance.actors,
      async halt() {
        instance.asked.push("halt");
        stateWhenHalted.push(rowOf(instance, acme)?.state, instance.heard.length);
      },
    };
    const { deletedAt } = await lifecycle.remove({ ...instance, actors }, { by: BY, orgId: acme });
    expect(deletedAt).toBe(instance.time.now);
    expect(instance.asked).toEqual(["halt", `trash ${acme}`]);
    expect(stateWhenHalted).toEqual(["deleted", 1]);
    expect(instance.heard).toMatchObject([{ kind: "org", org: { id: acme, state: "deleted", deletedAt } }]);
    expect(audited(instance)).toEqual(["org.deleted"]);
  });

  test("ends shares in both directions and open invitations, and nothing of others", async () => {
    const { instance, alice, acme, beta } = furnished();
    const carol = instance.addPerson("carol@example.org");
    const gamma = instance.addOrg({ slug: "gamma", owner: carol });
    const ended = [addShare(instance, acme, beta), addShare(instance, beta, acme)];
    const kept = addShare(instance, beta, gamma);
    const by = { kind: "person", id: alice } as const;
    const guest = { email: "guest@example.org", role: "viewer", memberLimit: 100 } as const;
    invitations.invite(instance, { by, orgId: acme, ...guest });
    invitations.invite(instance, { by: BY, orgId: beta, ...guest });
    addToken(instance, alice, [acme]);
    instance.heard.length = 0;
    await lifecycle.remove(instance, { by, orgId: acme });
    expect(instance.heard.map(({ kind }) => kind)).toEqual(["share_gone", "share_gone", "org"]);
    expect(
      instance.heard.flatMap((change) => (change.kind === "share_gone" ? change.id : [])).sort(),
    ).toEqual(ended.sort() as never);
    expect(instance.db.rows("select id from share")).toEqual([{ id: kept }]);
    expect(instance.db.rows("select org_id from invitation")).toEqual([{ org_id: beta }]);
    expect(instance.db.rows("select org_id from token_org")).toEqual([{ org_id: acme }]);
    await lifecycle.restore(instance, { by, orgId: acme });
    expect(instance.db.rows("select id from share")).toEqual([{ id: kept }]);
  });

  test("only the owner may, also when the call had to wait, and only once", async () => {
    const { instance, bob, acme } = furnished();
    instance.addMember(acme, bob, "admin");
    const by = { kind: "person", id: bob } as const;
    await expect(lifecycle.remove(instance, { by, orgId: acme })).rejects.toThrow(
      expect.objectContaining({ reason: "role_required" }),
    );
    await lifecycle.remove(instance, { by: BY, orgId: acme });
    await expect(lifecycle.restore(instance, { by, orgId: acme })).rejects.toThrow(
      expect.objectContaining({ reason: "role_required" }),
    );
    await expect(lifecycle.remove(instance, { by: BY, orgId: acme })).rejects.toThrow(
      expect.objectContaining({ reason: "conflict" }),
    );
  });

  test("restored while its actor was still closing, it stays where it is", async () => {
    const { instance, acme } = furnished();
    const actors = slowActors();
    const slow = { ...instance, actors };
    const removing = lifecycle.remove(slow, { by: BY, orgId: acme });
    const restoring = lifecycle.restore(slow, { by: BY, orgId: acme });
    await actors.let();
    await actors.let();
    await Promise.all([removing, restoring]);
    expect(instance.asked).toEqual([`restore ${acme}`]);
    expect(rowOf(instance, acme)).toMatchObject({ state: "active", deleted_at: null });
  });

  test("purged while its actor was still closing, its folder is purged too", async () => {
    const { instance, acme } = furnished();
    const actors = slowActors();
    const slow = { ...instance, actors };
    const removing = lifecycle.remove(slow, { by: BY, orgId: acme });
    const purging = lifecycle.purge(slow, { by: BY, orgId: acme });
    await actors.let();
    await actors.let();
    await Promise.all([removing, purging]);
    expect(instance.asked.at(-1)).toBe(`purge ${acme}`);
    expect(instance.trashed.size).toBe(0);
    expect(rowOf(instance, acme)).toBeUndefined();
  });
});

describe("restoring", () => {
  test("brings everything back and lets it in again", async () => {
    const { instance, acme } = furnished();
    await lifecycle.remove(instance, { by: BY, orgId: acme });
    instance.asked.length = 0;
    const { org } = await lifecycle.restore(instance, { by: BY, orgId: acme });
    expect(org).toMatchObject({ id: acme, slug: "acme", state: "active" });
    expect(org).not.toHaveProperty("deletedAt");
    expect(instance.asked).toEqual([`admit ${acme}`, `restore ${acme}`]);
    expect(instance.heard.at(-1)).toEqual({ kind: "org", org });
    expect(audited(instance)).toEqual(["org.deleted", "org.restored"]);
    await expect(lifecycle.restore(instance, { by: BY, orgId: acme })).rejects.toThrow(
      expect.objectContaining({ reason: "conflict" }),
    );
  });

  test("when its folder is nowhere, it stays deleted", async () => {
    const { instance, acme } = furnished();
    await lifecycle.remove(instance, { by: BY, orgId: acme });
    const orgFiles = {
      ...instance.orgFiles,
      restore() {
        throw new Error("nowhere");
      },
    };
    await expect(lifecycle.restore({ ...instance, orgFiles }, { by: BY, orgId: acme })).rejects.toThrow(
      "nowhere",
    );
    expect(rowOf(instance, acme)?.state).toBe("deleted");
    expect(audited(instance)).toEqual(["org.deleted"]);
  });
});

describe("purging", () => {
  test("takes folder, row, members and what is bound to nothing else", async () => {
    const { instance, alice, acme, beta } = furnished();
    instance.addMember(beta, alice, "viewer");
    const only = addToken(instance, alice, [acme]);
    const both = addToken(instance, alice, [acme, beta]);
    const other = addToken(instance, alice, [beta]);
    await lifecycle.remove(instance, { by: BY, orgId: acme });
    instance.heard.length = 0;
    expect(await lifecycle.purge(instance, { by: BY, orgId: acme })).toEqual({ purged: true });
    expect(instance.asked.at(-1)).toBe(`purge ${acme}`);
    expect(instance.heard[0]).toEqual({ kind: "org_purged", orgId: acme });
    expect(instance.heard).toContainEqual({ kind: "token_gone", id: only });
    expect(instance.heard).toContainEqual({
      kind: "token",
      token: { id: both, secretHash: `hash of ${both}`, madeBy: alice, scopes: ["read"], orgIds: [beta] },
    });
    expect(instance.heard).toHaveLength(3);
    const left = instance.db.rows("select id from token") as { id: string }[];
    expect(left.map(({ id }) => id).sort()).toEqual([both, other].sort());
    expect(instance.db.rows(`select * from membership where org_id = '${acme}'`)).toEqual([]);
    expect(audited(instance)).toEqual(["org.deleted", "org.purged"]);
  });

  test("is for deleted ones only", async () => {
    const { instance, acme } = furnished();
    await expect(lifecycle.purge(instance, { by: BY, orgId: acme })).rejects.toThrow(
      expect.objectContaining({ reason: "conflict" }),
    );
    expect(instance.asked).toEqual([]);
  });

  test("when the folder cannot be deleted, the row stays and says so", async () => {
    const { instance, acme } = furnished();
    await lifecycle.remove(instance, { by: BY, orgId: acme });
    const orgFiles = {
      ...instance.orgFiles,
      purge() {
        throw new Error("busy");
      },
    };
    await expect(lifecycle.purge({ ...instance, orgFiles }, { by: BY, orgId: acme })).rejects.toThrow("busy");
    expect(rowOf(instance, acme)?.state).toBe("deleted");
    await lifecycle.purge(instance, { by: BY, orgId: acme });
    expect(rowOf(instance, acme)).toBeUndefined();
  });
});

describe("suspending and resuming", () => {
  test("halts and admits, and is refused when it is so already", async () => {
    const { instance, acme } = furnished();
    const { org } = await lifecycle.suspend(instance, { by: BY, orgId: acme });
    expect(org.state).toBe("suspended");
    await expect(lifecycle.suspend(instance, { by: BY, orgId: acme })).rejects.toThrow(
      expect.objectContaining({ reason: "conflict" }),
    );
    expect((await lifecycle.resume(instance, { by: BY, orgId: acme })).org.state).toBe("active");
    await expect(lifecycle.resume(instance, { by: BY, orgId: acme })).rejects.toThrow(
      expect.objectContaining({ reason: "conflict" }),
    );
    expect(instance.asked).toEqual([`halt ${acme}`, `admit ${acme}`]);
    expect(audited(instance)).toEqual(["org.suspended", "org.resumed"]);
  });

  test.each(["before", "after"])(
    "one that is suspended %s its deletion comes back suspended",
    async (when) => {
      const { instance, acme } = furnished();
      const command = { by: { kind: "command" }, orgId: acme } as const;
      const suspend = () => lifecycle.suspend(instance, command);
      if (when === "before") await suspend();
      await lifecycle.remove(instance, command);
      if (when === "after") await suspend();
      await expect(suspend()).rejects.toThrow(expect.objectContaining({ reason: "conflict" }));
      instance.asked.length = 0;
      const { org } = await lifecycle.restore(instance, command);
      expect(org.state).toBe("suspended");
      expect(instance.asked).toEqual([`restore ${acme}`]);
      await lifecycle.resume(instance, command);
      expect(instance.asked.at(-1)).toBe(`admit ${acme}`);
    },
  );

  test("switched off meanwhile, no actor is let in", async () => {
    const { instance, acme } = furnished({ multiTenantAllowed: false });
    await lifecycle.suspend(instance, { by: BY, orgId: acme });
    await lifecycle.resume(instance, { by: BY, orgId: acme });
    expect(instance.asked).toEqual([`halt ${acme}`]);
  });
});

describe("settling", () => {
  test("moves what should be in the trash there, and what should not be out of it", async () => {
    const { instance, acme, beta } = furnished();
    await lifecycle.remove(instance, { by: BY, orgId: acme });
    instance.trashed.clear();
    instance.trashed.add(beta);
    expect(lifecycle.settle(instance)).toEqual([]);
    expect([...instance.trashed]).toEqual([acme]);
  });

  test("purges in time, not before, and says that it was Pulse", async () => {
    const { instance, acme } = furnished();
    await lifecycle.remove(instance, { by: BY, orgId: acme });
    instance.time.now += DELETED_KEPT_MS - 1;
    lifecycle.settle(instance);
    expect(await lifecycle.purgeDue(instance)).toEqual([]);
    expect(rowOf(instance, acme)?.state).toBe("deleted");
    instance.time.now++;
    lifecycle.settle(instance);
    expect(rowOf(instance, acme)).toBeUndefined();
    expect(instance.heard.at(-1)).toEqual({ kind: "org_purged", orgId: acme });
    expect(instance.db.rows("select actor_kind from audit where action = 'org.purged'")).toEqual([
      { actor_kind: PULSE.kind },
    ]);
  });

  test("while the server runs, the actor is halted before anything is purged", async () => {
    const { instance, acme } = furnished();
    await lifecycle.remove(instance, { by: BY, orgId: acme });
    instance.time.now += DELETED_KEPT_MS;
    instance.asked.length = 0;
    expect(await lifecycle.purgeDue(instance)).toEqual([]);
    expect(instance.asked[0]).toBe(`halt ${acme}`);
    expect(rowOf(instance, acme)).toBeUndefined();
  });

  test("trouble with one folder is told and does not stop the others", async () => {
    const { instance, acme, beta } = furnished();
    for (const orgId of [acme, beta]) await lifecycle.remove(instance, { by: BY, orgId });
    instance.time.now += DELETED_KEPT_MS;
    const orgFiles = {
      ...instance.orgFiles,
      purge(orgId: OrgId) {
        if (orgId === acme) throw new Error("a link");
        instance.orgFiles.purge(orgId);
      },
    };
    const damaged = { ...instance, orgFiles };
    expect(lifecycle.settle(damaged)).toEqual([{ orgId: acme, error: new Error("a link") }]);
    expect(await lifecycle.purgeDue(damaged)).toEqual([{ orgId: acme, error: new Error("a link") }]);
    expect(rowOf(instance, beta)).toBeUndefined();
    expect(rowOf(instance, acme)?.state).toBe("deleted");
  });
});

describe("limits and settings", () => {
  test("are set one by one; null gives the standard value back", () => {
    const { instance, acme } = furnished();
    const set = (limits: Parameters<typeof lifecycle.setLimits>[1]["limits"]) =>
      lifecycle.setLimits(instance, { by: BY, orgId: acme, limits }).org.limits;
    expect(set({ members: 5, tokens: 0 })).toEqual({ members: 5, tokens: 0 });
    expect(set({ members: null, shares: 7 })).toEqual({ tokens: 0, shares: 7 });
    expect(instance.heard.at(-1)).toMatchObject({ kind: "org", org: { limits: { tokens: 0, shares: 7 } } });
    expect(audited(instance)).toEqual(["org.limits_set", "org.limits_set"]);
  });

  test("above the ceiling nothing is set, and the ceiling is named", () => {
    const { instance, acme } = furnished();
    const limits = { tokens: 5, members: 10_001 };
    expect(() => lifecycle.setLimits(instance, { by: BY, orgId: acme, limits })).toThrow(
      expect.objectContaining({
        reason: "invalid_request",
        fields: { "limits.members": "must be at most 10000" },
      }),
    );
    expect(instance.heard).toEqual([]);
  });

  test("who may create is told and kept", () => {
    const { instance } = furnished();
    lifecycle.setCreation(instance, { by: BY, open: true });
    expect(instance.db.rows("select * from setting")).toEqual([{ key: "org_creation", value: "everyone" }]);
    lifecycle.setCreation(instance, { by: BY, open: false });
    expect(instance.db.rows("select * from setting")).toEqual([]);
    expect(instance.heard).toEqual([
      { kind: "org_creation", open: true },
      { kind: "org_creation", open: false },
    ]);
  });

  test("the list has every one, with its owner and how many belong to it", async () => {
    const { instance, bob, acme } = furnished();
    instance.addMember(acme, bob, "viewer");
    await lifecycle.remove(instance, { by: BY, orgId: acme });
    const { orgs } = lifecycle.list(instance);
    expect(orgs.map(({ slug, state, members, owner }) => [slug, state, members, owner])).toContainEqual([
      "acme",
      "deleted",
      2,
      "alice@example.org",
    ]);
    expect(orgs.find(({ id }) => id === DEFAULT_ORG)).toMatchObject({ members: 0 });
    expect(orgs).toHaveLength(3);
  });
});

describe("with real folders", () => {
  const folder = mkdtempSync(join(tmpdir(), "pulse-lifecycle-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  let made = 0;

  function real() {
    const dataDir = join(folder, String(made++));
    takeDataDir(dataDir).release();
    const connections = new OrgConnections(dataDir);
    const instance = { ...testInstance(), orgFiles: new OrgFolders(dataDir, connections) };
    const owner = instance.addPerson("alice@example.org");
    const { org } = lifecycle.create(instance, { by: BY, owner, slug: "acme", name: "Acme" });
    connections.use(org.id).execute("insert into sample_layout (columns) values ('[\"canary\"]')");
    connections.closeAll();
    return { dataDir, instance, orgId: org.id };
  }
  const bytes = (dataDir: string, orgId: OrgId) =>
    createHash("sha256")
      .update(readFileSync(orgFile(dataDir, orgId)))
      .digest("hex");

  test("deleted and restored, the file has the same bytes", async () => {
    const { dataDir, instance, orgId } = real();
    const before = bytes(dataDir, orgId);
    await lifecycle.remove(instance, { by: BY, orgId });
    expect(existsSync(orgDir(dataDir, orgId))).toBe(false);
    expect(readdirSync(trashDir(dataDir))).toEqual([`${orgId}-${instance.time.now}`]);
    await lifecycle.restore(instance, { by: BY, orgId });
    expect(bytes(dataDir, orgId)).toBe(before);
    expect(readdirSync(trashDir(dataDir))).toEqual([]);
  });

  test("purged, not a byte is left", async () => {
    const { dataDir, instance, orgId } = real();
    await lifecycle.remove(instance, { by: BY, orgId });
    await lifecycle.purge(instance, { by: BY, orgId });
    expect(readdirSync(trashDir(dataDir))).toEqual([]);
    expect(existsSync(orgDir(dataDir, orgId))).toBe(false);
  });

  const killed = () => {
    throw new Error("killed");
  };

  test("killed between deletion and move, the next start moves it", async () => {
    const { dataDir, instance, orgId } = real();
    const actors = { ...instance.actors, halt: async () => killed() };
    await expect(lifecycle.remove({ ...instance, actors }, { by: BY, orgId })).rejects.toThrow("killed");
    expect(existsSync(orgDir(dataDir, orgId))).toBe(true);
    expect(lifecycle.settle(instance)).toEqual([]);
    expect(existsSync(orgDir(dataDir, orgId))).toBe(false);
    await lifecycle.restore(instance, { by: BY, orgId });
    expect(existsSync(orgFile(dataDir, orgId))).toBe(true);
  });

  test("purged before it was moved, as after that, not a byte is left either", async () => {
    const { dataDir, instance, orgId } = real();
    const actors = { ...instance.actors, halt: async () => killed() };
    await expect(lifecycle.remove({ ...instance, actors }, { by: BY, orgId })).rejects.toThrow("killed");
    await lifecycle.purge(instance, { by: BY, orgId });
    expect(existsSync(orgDir(dataDir, orgId))).toBe(false);
    expect(readdirSync(trashDir(dataDir))).toEqual([]);
  });

  test("killed between the way back and its commit, it is deleted again and can be restored", async () => {
    const { dataDir, instance, orgId } = real();
    await lifecycle.remove(instance, { by: BY, orgId });
    instance.orgFiles.restore(orgId);
    expect(lifecycle.settle(instance)).toEqual([]);
    expect(existsSync(orgDir(dataDir, orgId))).toBe(false);
    await lifecycle.restore(instance, { by: BY, orgId });
    expect(existsSync(orgFile(dataDir, orgId))).toBe(true);
  });

  test("committed but not moved back, as after a power cut, the next start moves it back", async () => {
    const { dataDir, instance, orgId } = real();
    await lifecycle.remove(instance, { by: BY, orgId });
    instance.db.execute("update org set state = 'active', deleted_at = null");
    expect(lifecycle.settle(instance)).toEqual([]);
    expect(existsSync(orgFile(dataDir, orgId))).toBe(true);
    expect(readdirSync(trashDir(dataDir))).toEqual([]);
  });

  test("killed between the folder's end and the row's, it can be purged again", async () => {
    const { dataDir, instance, orgId } = real();
    await lifecycle.remove(instance, { by: BY, orgId });
    instance.orgFiles.purge(orgId);
    expect(lifecycle.settle(instance)).toEqual([]);
    await expect(lifecycle.restore(instance, { by: BY, orgId })).rejects.toThrow(
      "neither there nor in the trash",
    );
    expect(await lifecycle.purge(instance, { by: BY, orgId })).toEqual({ purged: true });
    expect(readdirSync(trashDir(dataDir))).toEqual([]);
  });
});
