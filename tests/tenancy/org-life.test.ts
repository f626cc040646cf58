/** O: the life of an org and of its members. */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join as joinPath } from "node:path";
import { eq } from "drizzle-orm";
import { openDatabase } from "../../db/driver.ts";
import { invitation as invitationTable, membership } from "../../db/instance/orgs.ts";
import type { AuditList } from "../../server/contract/audit.ts";
import type { LimitUse } from "../../server/contract/limits.ts";
import type { InboxInvitation, Invitation, Member } from "../../server/contract/members.ts";
import type { Org, OrgOverview, OrgPlan } from "../../server/contract/orgs.ts";
import type { ResourceList } from "../../server/contract/resource.ts";
import type { Me } from "../../server/contract/session.ts";
import { instanceFile, orgDir, trashDir } from "../../server/tenancy/paths.ts";
import { PASSWORD, type Visitor } from "../support/calls.ts";
import { openRawStream, openRawStreams } from "../support/live.ts";
import { runPulse } from "../support/server.ts";
import { until } from "../support/until.ts";
import {
  ask,
  bringIn,
  buildHouseInProcess,
  byToken,
  DAY_MS,
  ENV_ON,
  emailOf,
  idOf,
  invite,
  join,
  marked,
  must,
  newOwnedOrg,
  newToken,
  newVisitor,
  offer,
  PATIENCE,
  type Role,
  refused,
  reported,
  said,
  signInAs,
} from "./house.ts";

setDefaultTimeout(60_000);

/** The edge's own time, to make sessions stale. */
let ahead = 0;
const house = await buildHouseInProcess({ clock: () => Date.now() + ahead });
const { server, olga, alice, bob, acme, beta } = house;
const { dataDir } = server;
afterAll(() => server.stop());

let made = 0;
async function newOrg(slug = `org-${++made}`): Promise<[Visitor, Org]> {
  return newOwnedOrg(server, olga, { slug, email: `${slug}@owners.example` });
}
const newMember = (by: Visitor, org: Org, role: Role) =>
  join(server, { by, org, email: `person${++made}@people.example`, role });
const membersOf = async (by: Visitor, org: Org) =>
  (await must<{ members: Member[] }>(ask(by, org, "members.list"))).members;
const slugsOf = async (who: Visitor) =>
  (await must<{ orgs: Org[] }>(who.call("orgs.list"))).orgs.map(({ slug }) => slug).sort();

/** Every file below a folder, with the hash of what is in it. */
function hashes(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true }).map(String).sort();
  return Object.fromEntries(
    names
      .filter((name) => statSync(joinPath(folder, name)).isFile())
      .map((name) => [
        name,
        createHash("sha256")
          .update(readFileSync(joinPath(folder, name)))
          .digest("hex"),
      ]),
  );
}

describe("O01 the life of an org", () => {
  test("created: who creates is owner and member; `default` is listed to its members only", async () => {
    const { org } = await must<{ org: Org }>(
      olga.call("orgs.create", { input: { slug: "life", name: "  Life Ltd " } }),
    );
    expect(org).toMatchObject({ slug: "life", name: "Life Ltd", role: "owner", state: "active" });
    expect(org.id).toMatch(/^o[a-z2-7]{19}$/);
    expect((await membersOf(olga, org)).map(({ role }) => role)).toEqual(["owner"]);
    expect(await slugsOf(olga)).toEqual(expect.arrayContaining(["default", "life"]));
    expect(await slugsOf(alice)).toEqual(["acme"]);
    expect((await must<Me>(alice.call("session.me"))).orgs?.map(({ slug }) => slug)).toEqual(["acme"]);
    expect(existsSync(joinPath(orgDir(dataDir, org.id), "org.db"))).toBe(true);
  });

  test("got, renamed, deleted, restored, deleted, purged", async () => {
    const [owner, org] = await newOrg();
    const viewer = await newMember(owner, org, "viewer");
    expect((await must<{ org: Org }>(ask(viewer, org, "orgs.get"))).org).toMatchObject({ role: "viewer" });
    const renamed = await must<{ org: Org }>(
      ask(owner, org, "orgs.update", { slug: `${org.slug}-new`, name: "New" }),
    );
    expect(renamed.org).toMatchObject({ id: org.id, slug: `${org.slug}-new`, name: "New" });
    await refused(ask(owner, org.slug, "orgs.get"), 403, "access_denied");
    await must(ask(owner, `${org.slug}-new`, "orgs.get"));

    const { purgeAt } = await must<{ purgeAt: number }>(ask(owner, org, "orgs.delete"));
    expect(Math.abs(purgeAt - Date.now() - 30 * DAY_MS)).toBeLessThan(60_000);
    await refused(ask(owner, org, "resources.list"), 403, "access_denied");
    await refused(ask(viewer, org, "resources.list"), 403, "access_denied");
    expect(await slugsOf(viewer)).toEqual([]);
    expect((await must<{ orgs: Org[] }>(owner.call("orgs.list"))).orgs).toMatchObject([
      { id: org.id, state: "deleted", purgeAt },
    ]);
    await refused(ask(viewer, org, "orgs.restore"), 403, "access_denied");

    await must(ask(owner, org, "orgs.restore"));
    await must(ask(viewer, org, "resources.list"));
    expect((await must<{ org: Org }>(ask(owner, org, "orgs.get"))).org).toMatchObject({
      name: "New",
      state: "active",
    });

    await refused(olga.call("orgs.purge", { input: { org: org.id } }), 409, "conflict");
    await must(ask(owner, org, "orgs.delete"));
    await must(olga.call("orgs.purge", { input: { org: org.id } }));
    await refused(ask(owner, org, "orgs.restore"), 403, "access_denied");
    expect(await slugsOf(owner)).toEqual([]);
    /* Its name is free again, its id is not. */
    const [, next] = await newOrg(`${org.slug}-new`);
    expect(next.id).not.toBe(org.id);
  });

  test("anybody may create one where the operator allows it, and nobody else where not", async () => {
    const creating = (slug: string) => alice.call("orgs.create", { input: { slug, name: "x" } });
    await refused(creating("alice-own"), 403, "role_required");
    await must(olga.call("orgs.setCreation", { input: { open: true } }));
    await must(creating("alice-own"));
    await must(olga.call("orgs.setCreation", { input: { open: false } }));
    await refused(creating("alice-own-2"), 403, "role_required");
  });
});

describe("O02 names", () => {
  const create = (slug: unknown, name: unknown = "x") => olga.call("orgs.create", { input: { slug, name } });

  test("a slug has 2 to 40 of a-z, 0-9 and single hyphens in between", async () => {
    for (const slug of ["ab", "a1", "1a", "a-b-c", "x".repeat(40)])
      expect([slug, ...said(await create(slug))]).toEqual([slug, 200, undefined]);
    const bad = [
      "",
      "a",
      "x".repeat(41),
      "-ab",
      "ab-",
      "a--b",
      "Ab",
      "a b",
      "a_b",
      "a.b",
      "../x",
      "ä",
      "а1",
      7,
      null,
    ];
    for (const slug of bad) {
      const answer = await create(slug);
      expect([slug, ...said(answer), Object.keys(answer.error?.fields ?? {})]).toEqual([
        slug,
        400,
        "invalid_request",
        ["slug"],
      ]);
    }
  });

  test("some are reserved, and nothing may look like an id", async () => {
    for (const slug of [
      "default",
      "api",
      "admin",
      "new",
      "settings",
      "instance",
      acme.id,
      "o222222222222222222a",
    ])
      expect([slug, ...said(await create(slug))]).toEqual([slug, 400, "invalid_request"]);
  });

  test("a display name has 1 to 80 characters that can be shown", async () => {
    await must(create("eighty", "x".repeat(80)));
    await must(create("umlauts", "Ärzte & Söhne 株式会社"));
    for (const name of ["x".repeat(81), "", "   ", "a\nb", "a\0b", "a\u202eb", 7])
      expect([name, ...said(await create("never", name))]).toEqual([name, 400, "invalid_request"]);
  });

  test("one that is taken: 409, also by renaming, also while its org lies in the trash", async () => {
    const [owner, org] = await newOrg();
    expect(said(await create("acme"))).toEqual([409, "already_exists"]);
    expect(said(await ask(owner, org, "orgs.update", { slug: "acme" }))).toEqual([409, "already_exists"]);
    await must(ask(owner, org, "orgs.update", { slug: org.slug }));
    await must(ask(owner, org, "orgs.delete"));
    expect(said(await create(org.slug))).toEqual([409, "already_exists"]);
  });

  test("50 at once with one slug make one org", async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => create("raced")));
    const counted = Object.groupBy(answers, ({ status }) => String(status));
    expect([counted["200"]?.length, counted["409"]?.length]).toEqual([1, 49]);
  });
});

describe("O03 `default`: 400 `default_org_immutable`", () => {
  const asked: [what: string, () => ReturnType<Visitor["call"]>][] = [
    ["rename", () => ask(olga, "default", "orgs.update", { name: "Other" })],
    ["another slug", () => ask(olga, "default", "orgs.update", { slug: "other" })],
    ["delete", () => ask(olga, "default", "orgs.delete")],
    ["restore", () => ask(olga, "default", "orgs.restore")],
    ["suspend", () => olga.call("orgs.suspend", { input: { org: "default" } })],
    ["resume", () => olga.call("orgs.resume", { input: { org: "default" } })],
    ["purge", () => olga.call("orgs.purge", { input: { org: "default" } })],
    ["leave by the owner", () => ask(olga, "default", "members.leave")],
  ];
  for (const [what, act] of asked) {
    test(what, async () => {
      await refused(act(), 400, "default_org_immutable");
      await must(ask(olga, "default", "resources.list"));
    });
  }

  test("by command", async () => {
    for (const words of [
      ["rename", "default", "--name", "x"],
      ["suspend", "default"],
      ["delete", "default", "--yes"],
      ["purge", "default", "--yes"],
    ]) {
      const { status, stdout } = await runPulse(dataDir, ["org", ...words], ENV_ON);
      expect([words[0], status, stdout]).toEqual([words[0], 1, ""]);
    }
    await must(ask(olga, "default", "resources.list"));
  });
});

describe("O04 an invitation", () => {
  const inboxOf = async (who: Visitor) =>
    (await must<{ invitations: InboxInvitation[] }>(who.call("members.inbox"))).invitations;
  const pendingOf = async (by: Visitor, org: Org) =>
    (await must<{ invitations: Invitation[] }>(ask(by, org, "members.invitations"))).invitations;
  const preview = (code: string) => newVisitor(server).call("members.preview", { input: { code } });
  const joinBy = (code: string) =>
    newVisitor(server).call("members.join", { input: { code, password: PASSWORD } });

  test("of a new person is pending, then gives the role it names and no other", async () => {
    const [owner, org] = await newOrg();
    for (const role of ["viewer", "editor", "admin"] as const) {
      const email = `new-${role}@people.example`;
      const code = await invite(owner, org, email, role);
      expect(await pendingOf(owner, org)).toMatchObject([{ email, role }]);
      expect((await membersOf(owner, org)).some((member) => member.email === email)).toBe(false);
      const { data } = await preview(code);
      expect(data).toMatchObject({ invitation: { email, role, hasAccount: false, org: { slug: org.slug } } });
      const visitor = newVisitor(server);
      await must(visitor.call("members.join", { input: { code, password: PASSWORD } }));
      expect((await must<{ org: Org }>(ask(visitor, org, "orgs.get"))).org.role).toBe(role);
      await refused(ask(visitor, "default", "resources.list"), 403, "access_denied");
      expect(await pendingOf(owner, org)).toEqual([]);
    }
  });

  test("of somebody with an account lets them read only once it is accepted", async () => {
    const [owner, org] = await newOrg();
    const code = await invite(owner, org, await emailOf(bob), "editor");
    await refused(ask(bob, org, "resources.list"), 403, "access_denied");
    expect(await slugsOf(bob)).not.toContain(org.slug);
    expect(await inboxOf(bob)).toMatchObject([{ org: { slug: org.slug }, role: "editor" }]);
    await refused(joinBy(code), 409, "conflict");
    await must(bob.call("members.accept", { input: { code } }));
    expect((await must<{ org: Org }>(ask(bob, org, "orgs.get"))).org.role).toBe("editor");
    expect(await inboxOf(bob)).toEqual([]);
    await must(ask(bob, org, "members.leave"));
    await refused(ask(bob, org, "resources.list"), 403, "access_denied");
  });

  test("declined, revoked or expired counts no more, and says the same as one that never was", async () => {
    const [owner, org] = await newOrg();
    const email = await emailOf(bob);
    const accept = (code: string) => bob.call("members.accept", { input: { code } });
    const never = await accept("pulse_invite_22222222222222222222222222222222");
    const endings: Record<string, (code: string, id: string) => Promise<unknown>> = {
      declined: (code) => must(bob.call("members.decline", { input: { code } })),
      revoked: (_, id) => must(ask(owner, org, "members.revokeInvitation", { id })),
      replaced: () => must(ask(owner, org, "members.invite", { email, role: "viewer" })),
      expired: async (_, id) => {
        const db = openDatabase(instanceFile(dataDir), "existing");
        const which = eq(invitationTable.id, id);
        db.orm
          .update(invitationTable)
          .set({ expiresAt: Date.now() - 1 })
          .where(which)
          .run();
        db.close();
      },
    };
    for (const [ending, end] of Object.entries(endings)) {
      const code = await invite(owner, org, email, "admin");
      const [pending] = await pendingOf(owner, org);
      await end(code, pending?.id ?? "");
      const late = await accept(code);
      expect([ending, ...said(late), late.error?.message]).toEqual([
        ending,
        404,
        "not_found",
        never.error?.message,
      ]);
      expect([ending, ...said(await preview(code))]).toEqual([ending, 404, "not_found"]);
      expect([ending, ...said(await joinBy(code))]).toEqual([ending, 404, "not_found"]);
      await refused(ask(bob, org, "resources.list"), 403, "access_denied");
    }
  });

  test("works once, and for the invited address only", async () => {
    const [owner, org] = await newOrg();
    const code = await invite(owner, org, await emailOf(bob), "viewer");
    for (const somebodyElse of [alice, olga]) {
      await refused(somebodyElse.call("members.accept", { input: { code } }), 404, "not_found");
      await refused(somebodyElse.call("members.decline", { input: { code } }), 404, "not_found");
      const [pending] = await pendingOf(owner, org);
      await refused(somebodyElse.call("members.accept", { input: { code: pending?.id } }), 404, "not_found");
    }
    await must(bob.call("members.accept", { input: { code } }));
    await refused(bob.call("members.accept", { input: { code } }), 404, "not_found");
    await must(ask(bob, org, "members.leave"));
    await refused(bob.call("members.accept", { input: { code } }), 404, "not_found");
  });

  test("accepted 50 times at once makes exactly one member row", async () => {
    const [owner, org] = await newOrg();
    const code = await invite(owner, org, await emailOf(bob), "viewer");
    const [pending] = await pendingOf(owner, org);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        bob.call("members.accept", { input: { code: index % 2 ? code : pending?.id } }),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const answer of answers.filter(({ status }) => status !== 200))
      expect(said(answer)).toEqual([404, "not_found"]);
    const db = openDatabase(instanceFile(dataDir), "readonly");
    expect(db.orm.select().from(membership).where(eq(membership.orgId, org.id)).all()).toHaveLength(2);
    db.close();
  });

  test("joined by 15 at once makes exactly one account", async () => {
    const [owner, org] = await newOrg();
    const code = await invite(owner, org, "raced@people.example", "viewer");
    const answers = await Promise.all(Array.from({ length: 15 }, () => joinBy(code)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status >= 500)).toEqual([]);
    expect(await membersOf(owner, org)).toHaveLength(2);
  });
});

test("O05 role `member` or any unknown: 400", async () => {
  const member = await newMember(alice, acme, "viewer");
  const userId = await idOf(member);
  for (const role of ["member", "owner", "Viewer", "root", "", null, 1, ["admin"]]) {
    const email = `x${++made}@people.example`;
    expect([role, ...said(await ask(alice, acme, "members.invite", { email, role }))]).toEqual([
      role,
      400,
      "invalid_request",
    ]);
    expect([role, ...said(await ask(alice, acme, "members.setRole", { userId, role }))]).toEqual([
      role,
      400,
      "invalid_request",
    ]);
  }
  expect((await membersOf(alice, acme)).find((one) => one.userId === userId)?.role).toBe("viewer");
});

describe("O06 transfer of ownership", () => {
  test("with a fresh session to a member: 200, the old owner is admin", async () => {
    const [owner, org] = await newOrg();
    const next = await newMember(owner, org, "viewer");
    await must(ask(owner, org, "orgs.transferOwnership", { userId: await idOf(next) }));
    const roles = (await membersOf(owner, org)).map(({ userId, role }) => [userId, role]);
    expect(roles).toEqual([
      [await idOf(next), "owner"],
      [await idOf(owner), "admin"],
    ]);
    await refused(ask(owner, org, "orgs.delete"), 403, "role_required");
  });

  test("to somebody who is no member: 400; to oneself: 400; by an admin: 403", async () => {
    const [owner, org] = await newOrg();
    const admin = await newMember(owner, org, "admin");
    const to = (who: Visitor, userId: unknown) => ask(who, org, "orgs.transferOwnership", { userId });
    const foreign = await refused(to(owner, await idOf(bob)), 400, "invalid_request");
    const unknown = await refused(to(owner, "u222222222222222222a"), 400, "invalid_request");
    expect(foreign.error?.message).toBe(unknown.error?.message ?? "");
    await refused(to(owner, await idOf(owner)), 400, "invalid_request");
    await refused(to(admin, await idOf(admin)), 403, "role_required");
    expect((await membersOf(owner, org)).map(({ role }) => role)).toEqual(["owner", "admin"]);
  });

  test("with a stale session: 401 `session_expired` and nothing changed; signed in again: 200", async () => {
    const [owner, org] = await newOrg();
    const next = await newMember(owner, org, "admin");
    const userId = await idOf(next);
    ahead = 6 * 60_000;
    try {
      await refused(ask(owner, org, "orgs.transferOwnership", { userId }), 401, "session_expired");
      await refused(ask(owner, org, "orgs.delete"), 401, "session_expired");
      await must(ask(owner, org, "resources.list"));
      expect((await membersOf(owner, org)).map(({ role }) => role)).toEqual(["owner", "admin"]);
      await refused(ask(next, org, "orgs.transferOwnership", { userId }), 403, "role_required");
      const again = await signInAs(server, await emailOf(owner));
      await must(ask(again, org, "orgs.transferOwnership", { userId }));
    } finally {
      ahead = 0;
    }
  });

  test("20 at once to 20 people leave exactly one owner", async () => {
    const [owner, org] = await newOrg();
    const people = await Promise.all(Array.from({ length: 4 }, () => newMember(owner, org, "viewer")));
    const ids = await Promise.all(people.map(idOf));
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        ask(owner, org, "orgs.transferOwnership", { userId: ids[index % 4] }),
      ),
    );
    const roles = (await membersOf(owner, org)).map(({ role }) => role);
    expect(roles.filter((role) => role === "owner")).toHaveLength(1);
    expect(roles.filter((role) => role === "admin")).toHaveLength(1);
  });
});

describe("O07 the owner", () => {
  test("cannot be demoted, removed, or leave", async () => {
    const [owner, org] = await newOrg();
    const admin = await newMember(owner, org, "admin");
    const userId = await idOf(owner);
    for (const by of [owner, admin]) {
      await refused(ask(by, org, "members.setRole", { userId, role: "viewer" }), 409, "owner_required");
      await refused(ask(by, org, "members.remove", { userId }), 409, "owner_required");
    }
    await refused(ask(owner, org, "members.leave"), 409, "owner_required");
    expect((await membersOf(owner, org)).map(({ role }) => role)).toEqual(["owner", "admin"]);
  });

  test("two admins who demote or remove each other at once leave a consistent org", async () => {
    const [owner, org] = await newOrg();
    for (let round = 0; round < 5; round++) {
      const [one, other] = await Promise.all([
        newMember(owner, org, "admin"),
        newMember(owner, org, "admin"),
      ]);
      const [oneId, otherId] = await Promise.all([idOf(one), idOf(other)]);
      const strike = (by: Visitor, userId: string) =>
        round % 2
          ? ask(by, org, "members.remove", { userId })
          : ask(by, org, "members.setRole", { userId, role: "viewer" });
      const answers = await Promise.all([strike(one, otherId), strike(other, oneId)]);
      /* The first one's blow takes the other's right to strike: never both. */
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 403]);
      const members = await membersOf(owner, org);
      expect(members.filter(({ role }) => role === "owner")).toHaveLength(1);
      expect(
        members.filter(({ userId, role }) => [oneId, otherId].includes(userId) && role === "admin"),
      ).toHaveLength(1);
      for (const { userId, role } of members)
        if (role !== "owner") await must(ask(owner, org, "members.remove", { userId }));
    }
  });
});

describe("O08 limits", () => {
  const limit = (org: Org, limits: object) =>
    must(olga.call("orgs.setLimits", { input: { org: org.id, limits } }));
  const planOf = async (who: Visitor, org: Org) =>
    Object.fromEntries(
      (await must<OrgPlan>(ask(who, org, "orgs.plan"))).limits.map((use: LimitUse) => [use.name, use]),
    );

  test("members, open invitations included: 402 naming used and limit; a role change never counts", async () => {
    const [owner, org] = await newOrg();
    const member = await newMember(owner, org, "viewer");
    await limit(org, { members: 3 });
    await invite(owner, org, "third@people.example", "viewer");
    const full = await refused(
      ask(owner, org, "members.invite", { email: "fourth@people.example", role: "viewer" }),
      402,
      "limit_reached",
    );
    expect(full.error?.message).toMatch(/3 .*3/);
    /* The same address again takes the place of its own invitation. */
    await invite(owner, org, "third@people.example", "editor");
    await limit(org, { members: 1 });
    const userId = await idOf(member);
    for (const role of ["admin", "editor", "viewer"])
      await must(ask(owner, org, "members.setRole", { userId, role }));
    expect((await planOf(owner, org)).members).toEqual({ name: "members", used: 3, limit: 1 });
  });

  test("an invitation from before the limit was lowered does not go past it", async () => {
    const [owner, org] = await newOrg();
    const code = await invite(owner, org, "late@people.example", "viewer");
    const codeOfBob = await invite(owner, org, await emailOf(bob), "viewer");
    await limit(org, { members: 1 });
    const accepted = await bob.call("members.accept", { input: { code: codeOfBob } });
    const joined = await newVisitor(server).call("members.join", { input: { code, password: PASSWORD } });
    expect([said(accepted), said(joined)]).toEqual([
      [402, "limit_reached"],
      [402, "limit_reached"],
    ]);
    expect(await membersOf(owner, org)).toHaveLength(1);
  });

  test("tokens and shares: 402 naming used and limit", async () => {
    const [owner, org] = await newOrg();
    const resources = await reported(house, owner, org, [marked("one", "x"), marked("two", "x")]);
    await limit(org, { tokens: 1, shares: 1 });
    await newToken(owner, org);
    const token = await ask(owner, org, "tokens.create", { name: "x", scopes: ["read"] });
    expect([...said(token), /1 .*1/.test(token.error?.message ?? "")]).toEqual([402, "limit_reached", true]);
    await offer({ from: org, by: owner, to: beta, resourceId: resources[0]!.id });
    const input = { targetOrg: "beta", resourceId: resources[1]!.id, role: "viewer" };
    const share = await ask(owner, org, "shares.create", input);
    expect([...said(share), /1 .*1/.test(share.error?.message ?? "")]).toEqual([402, "limit_reached", true]);
    expect(await planOf(owner, org)).toMatchObject({
      tokens: { used: 1, limit: 1 },
      shares: { used: 1, limit: 1 },
    });
  });

  test("open streams and calls a minute: 429 naming used and limit, and when to come back", async () => {
    const [owner, org] = await newOrg();
    await limit(org, { streams: 2 });
    const streams = await openRawStreams(server, 2, {
      cookie: owner.cookie,
      headers: { "x-pulse-org-id": org.id },
    });
    const third = await refused(ask(owner, org, "live.events"), 429, "rate_limited");
    expect([third.error?.message, third.headers.get("retry-after")]).toEqual([
      expect.stringMatching(/2 .*2/),
      expect.stringMatching(/^[1-9]\d*$/),
    ]);
    for (const stream of streams) stream.close();
    await until(() => server.edge.bus.streamsOf(org.id) === 0);
    using _again = await openRawStream(server, {
      cookie: owner.cookie,
      headers: { "x-pulse-org-id": org.id },
    });

    expect(
      said(await olga.call("orgs.setLimits", { input: { org: org.id, limits: { members: 10_001 } } })),
    ).toEqual([400, "invalid_request"]);
  });

  test("orgs and members by the licence: 402 naming used and limit", async () => {
    const instance = server.edge.shards.instance;
    const { orgs } = await must<{ orgs: OrgOverview[] }>(olga.call("orgs.overview"));
    const there = orgs.length - 1;
    const wanted = { by: { kind: "command" }, holder: "olga", orgs: there, membersPerOrg: 1 } as const;
    const { license } = await instance.license.issue(wanted);
    await must(olga.call("system.licenseInstall", { input: { license } }));
    try {
      const refusal = await refused(
        olga.call("orgs.create", { input: { slug: "one-more", name: "x" } }),
        402,
        "limit_reached",
      );
      expect(refusal.error?.message.match(/\d+/g)).toEqual([String(there), String(there)]);
      await refused(
        ask(bob, beta, "members.invite", { email: "n@x.example", role: "viewer" }),
        402,
        "limit_reached",
      );
      /* `default` needs no licence. */
      await must(ask(olga, "default", "members.invite", { email: "n@x.example", role: "viewer" }));
      await must(ask(alice, acme, "resources.list"));
    } finally {
      await must(olga.call("system.licenseInit"));
    }
  });
});

describe("O09 delete", () => {
  const CANARY = "canary-of-the-deleted-9f2c";

  test("ends streams and jobs, refuses what is in flight, moves the file; nothing re-creates the folder", async () => {
    const [owner, org] = await newOrg();
    const member = await newMember(owner, org, "editor");
    const token = await newToken(owner, org, { scopes: ["read", "report"] });
    const resources = await reported(house, owner, org, [marked("kept", CANARY, 7)]);
    const options = { cookie: member.cookie, headers: { "x-pulse-org-id": org.id } };
    const streams = await openRawStreams(server, 10, options);
    const folder = orgDir(dataDir, org.id);

    let sending = true;
    const late: Record<string, number> = {};
    const note = (outcome: string) => {
      late[outcome] = (late[outcome] ?? 0) + 1;
    };
    /* 100 that do not know and go on: reports past the edge, people and tokens through it. */
    const hammering = Array.from({ length: 100 }, async (_, index) => {
      while (sending) {
        if (index % 4 === 0) note(String((await ask(member, org, "resources.list")).status));
        else if (index % 4 === 1) note(String((await byToken(server, token, "resources.list")).status));
        else
          await server.ingest([marked("kept", CANARY, index)], org.id, { source: `agent-${index}` }).then(
            () => note("stored"),
            (error: { reason: string }) => note(error.reason),
          );
      }
    });
    let storedWhenDeleted = 0;
    try {
      await until(() => (late.stored ?? 0) > 50 && (late["200"] ?? 0) > 20, PATIENCE);
      await must(ask(owner, org, "orgs.delete"));
      storedWhenDeleted = late.stored ?? 0;
      expect(existsSync(folder)).toBe(false);
      await until(() => (late.org_unavailable ?? 0) > 200 && (late["403"] ?? 0) > 50, PATIENCE);
      /* The stream's owner hears it once; nothing comes back to life meanwhile. */
      await until(() => streams.every(({ closedAt }) => closedAt !== undefined), PATIENCE);
    } finally {
      sending = false;
      await Promise.all(hammering);
    }
    expect(existsSync(folder)).toBe(false);
    for (const { ends } of streams) expect(ends).toMatchObject([{ data: { reason: "access_changed" } }]);
    /* Answers that were on their way when the deletion was answered may still arrive; no more than those. */
    expect((late.stored ?? 0) - storedWhenDeleted).toBeLessThanOrEqual(100);
    expect(Object.keys(late).sort()).toEqual(["200", "403", "org_unavailable", "stored"]);
    const trashed = readdirSync(trashDir(dataDir)).filter((name) => name.startsWith(org.id));
    expect(trashed).toHaveLength(1);

    await must(ask(owner, org, "orgs.restore"));
    const back = (await must<ResourceList>(ask(member, org, "resources.list"))).resources;
    expect(back.map(({ id }) => id)).toContain(resources[0]!.id);
    expect(back.filter(({ name, attributes }) => name !== "kept" || attributes.canary !== CANARY)).toEqual(
      [],
    );
    await server.ingest([marked("kept", CANARY, 3)], org.id);
    await must(byToken(server, token, "resources.list"));
  });

  test("restore brings back identical content, to the byte", async () => {
    const [owner, org] = await newOrg();
    await reported(house, owner, org, [marked("kept", CANARY), marked("too", CANARY)]);
    const answers = async () => {
      const { resources } = await must<ResourceList>(ask(owner, org, "resources.list"));
      return JSON.stringify(resources);
    };
    const before = await answers();
    await must(ask(owner, org, "orgs.delete"));
    const [name = ""] = readdirSync(trashDir(dataDir)).filter((found) => found.startsWith(org.id));
    const inTrash = hashes(joinPath(trashDir(dataDir), name));
    await must(ask(owner, org, "orgs.restore"));
    expect(hashes(orgDir(dataDir, org.id))).toEqual(inTrash);
    expect(await answers()).toBe(before);
  });

  test("purge leaves no byte of it", async () => {
    const [owner, org] = await newOrg();
    const canary = "canary-of-the-purged-71ab";
    await reported(house, owner, org, [marked("secret-machine-71ab", canary)]);
    const holding = () => {
      const found: string[] = [];
      for (const name of readdirSync(dataDir, { recursive: true }).map(String)) {
        const path = joinPath(dataDir, name);
        if (!statSync(path).isFile()) continue;
        const bytes = readFileSync(path);
        if (bytes.includes(canary) || bytes.includes("secret-machine-71ab")) found.push(name);
      }
      return found;
    };
    expect(holding().length).toBeGreaterThan(0);
    await must(ask(owner, org, "orgs.delete"));
    await must(olga.call("orgs.purge", { input: { org: org.id } }));
    expect(holding()).toEqual([]);
    expect(readdirSync(trashDir(dataDir)).filter((name) => name.startsWith(org.id))).toEqual([]);
    expect(existsSync(orgDir(dataDir, org.id))).toBe(false);
  });
});

describe("O10 suspend", () => {
  test("members 403 `org_suspended`, others 403 `access_denied`, tokens and reports are told; resume: as before", async () => {
    const [owner, org] = await newOrg();
    const viewer = await newMember(owner, org, "viewer");
    const token = await newToken(owner, org, { scopes: ["read", "report"] });
    const resources = await reported(house, owner, org, [marked("m", "x")]);
    using stream = await openRawStream(server, {
      cookie: viewer.cookie,
      headers: { "x-pulse-org-id": org.id },
    });
    await must(olga.call("orgs.suspend", { input: { org: org.id } }));
    for (const who of [owner, viewer])
      for (const path of ["resources.list", "orgs.get", "orgs.delete", "live.events"])
        expect([path, ...said(await ask(who, org, path))]).toEqual([path, 403, "org_suspended"]);
    await refused(byToken(server, token, "resources.list"), 403, "org_suspended");
    for (const who of [bob, olga]) {
      const foreign = await refused(ask(who, org, "resources.list"), 403, "access_denied");
      const unknown = await refused(ask(who, "never-was", "resources.list"), 403, "access_denied");
      expect(foreign.error?.message).toBe(unknown.error?.message ?? "");
    }
    expect(server.ingest([marked("m", "x")], org.id)).rejects.toMatchObject({ reason: "org_unavailable" });
    await until(() => stream.closedAt !== undefined, PATIENCE);
    expect(stream.ends).toMatchObject([{ data: { reason: "org_suspended" } }]);
    /* Its members still see that it is there, and how it is. */
    expect((await must<{ orgs: Org[] }>(viewer.call("orgs.list"))).orgs).toMatchObject([
      { state: "suspended" },
    ]);
    await refused(olga.call("orgs.suspend", { input: { org: org.id } }), 409, "conflict");

    await must(olga.call("orgs.resume", { input: { org: org.id } }));
    expect((await must<ResourceList>(ask(viewer, org, "resources.list"))).resources).toEqual(resources);
    await server.ingest([marked("m", "x", 2)], org.id);
    await must(byToken(server, token, "resources.list"));
  });

  test("whoever is due just then is refused as suspended or answered, never told that it cannot be now", async () => {
    const [owner, org] = await newOrg();
    await reported(house, owner, org, [marked("m", "x")]);
    const seen = new Set<number>();
    for (let round = 0; round < 20; round++) {
      await must(olga.call("orgs.suspend", { input: { org: org.id } }));
      let isBack = false;
      const calls = (async () => {
        while (!isBack) {
          const answers = await Promise.all([1, 2, 3].map(() => ask(owner, org, "resources.list")));
          for (const { status } of answers) seen.add(status);
        }
      })();
      await must(olga.call("orgs.resume", { input: { org: org.id } }));
      isBack = true;
      await calls;
    }
    expect([...seen].filter((status) => status !== 200 && status !== 403)).toEqual([]);
    expect(seen.has(200)).toBe(true);
  });
});

describe("O11 an operator who is no member", () => {
  test("sees counts of health, never names or values", async () => {
    const [owner, org] = await newOrg();
    await reported(house, owner, org, [
      marked("machine-name-c0ffee", "attribute-c0ffee", 12.25),
      { ...marked("other-name-c0ffee", "attribute-c0ffee"), status: "down" },
    ]);
    /* How it is, is told when its actor begins and every ten seconds: a new beginning is sooner. */
    await must(olga.call("orgs.suspend", { input: { org: org.id } }));
    await must(olga.call("orgs.resume", { input: { org: org.id } }));
    await must(ask(owner, org, "resources.list"));
    const overview = await until(
      async () => {
        const answer = await olga.call<{ orgs: OrgOverview[] }>("orgs.overview");
        const found = answer.data.orgs.find(({ id }) => id === org.id);
        return (
          found?.resources && found.resources.down + found.resources.up === 2 && { found, body: answer.body }
        );
      },
      { withinMs: 25_000, what: "the health of the org in the overview" },
    );
    expect(overview.found).toMatchObject({
      members: 1,
      resources: { up: 1, down: 1, degraded: 0, unknown: 0 },
    });
    expect(overview.body).not.toMatch(/c0ffee|12\.25|owners\.example/);
  });

  test("is refused every read and write of an org", async () => {
    for (const path of [
      "orgs.get",
      "orgs.plan",
      "orgs.update",
      "orgs.delete",
      "orgs.restore",
      "orgs.transferOwnership",
      "members.list",
      "members.invite",
      "members.invitations",
      "members.setRole",
      "members.remove",
      "members.leave",
      "resources.list",
      "resources.get",
      "history.range",
      "history.latest",
      "history.retention",
      "history.setRetention",
      "history.top",
      "live.events",
      "audit.list",
      "shares.list",
      "shares.incoming",
      "shares.create",
      "shares.accept",
      "tokens.list",
      "tokens.create",
      "tokens.revoke",
    ]) {
      expect([path, ...said(await ask(olga, acme, path, {}))]).toEqual([path, 403, "access_denied"]);
    }
    /* What is done to orgs as wholes is an operator's business; what is done in them is not. */
    const { entries } = await must<AuditList>(olga.call("system.audit"));
    const inside = /^(?:member|invitation|share|token|ownership)\./;
    expect(entries.filter(({ action, orgId }) => inside.test(action) && orgId !== undefined)).toEqual([]);
  });

  test("may not look through somebody who is: no token, no share, no invitation to themselves", async () => {
    await refused(
      olga.call("tokens.create", { input: { name: "x", scopes: ["read"], orgs: ["acme"] } }),
      403,
      "access_denied",
    );
    await refused(
      ask(olga, acme, "members.invite", { email: "olga@example.org", role: "viewer" }),
      403,
      "access_denied",
    );
    await bringIn(alice, acme, olga, "viewer");
    await must(ask(olga, acme, "resources.list"));
    await must(ask(olga, acme, "members.leave"));
    await refused(ask(olga, acme, "resources.list"), 403, "access_denied");
  });
});
