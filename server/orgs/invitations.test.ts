import { afterEach, describe, expect, test } from "bun:test";
import { type TestInstance, testInstance } from "../../tests/support/test-instance.ts";
import { list as auditOf } from "../audit/list.ts";
import type { Reason } from "../contract/errors.ts";
import { DEFAULT_ORG, InvitationId, type OrgId, UserId } from "../contract/ids.ts";
import { INVITATION_KEPT_MS } from "../contract/members.ts";
import { mintId, sha256Hex } from "../lib/random-id.ts";
import * as invitations from "./invitations.ts";
import { list as listMembers, roleIn } from "./members.ts";

const BOB = "bob@example.org";
const as = (id: UserId) => ({ kind: "person", id }) as const;
const refusedFor = (reason: Reason) => expect.objectContaining({ reason });

const open: TestInstance[] = [];
afterEach(() => {
  for (const { db } of open.splice(0)) db.close();
});

function furnished() {
  const instance = testInstance();
  open.push(instance);
  const alice = instance.addPerson("alice@example.org");
  const acme = instance.addOrg({ slug: "acme", owner: alice });
  const invite = (email = BOB, more: { role?: "viewer" | "editor" | "admin"; memberLimit?: number } = {}) =>
    invitations.invite(instance, {
      by: as(alice),
      orgId: acme,
      email,
      role: more.role ?? "editor",
      memberLimit: more.memberLimit ?? 100,
    }).invitation;
  const accept = (userId: UserId, code: string, memberLimit?: number) =>
    invitations.accept(instance, {
      by: as(userId),
      userId,
      code,
      ...(memberLimit !== undefined && { memberLimitOf: () => memberLimit }),
    });
  const actions = (orgId: OrgId = acme) =>
    auditOf(instance, { orgId })
      .entries.map(({ action }) => action)
      .reverse();
  const stored = () => instance.db.rows("select * from invitation");
  return { instance, alice, acme, invite, accept, actions, stored };
}

/** Accounts as `join` sees them. */
function accountsOf(instance: TestInstance) {
  const made: { email: string; name?: string | undefined; passwordHash: string }[] = [];
  let hashed = 0;
  return {
    made,
    hashed: () => hashed,
    hash: async (password: string) => {
      hashed++;
      return `hash of ${password}`;
    },
    insert: (person: { email: string; name?: string | undefined; passwordHash: string }) => {
      made.push(person);
      return { userId: instance.addPerson(person.email), authEpoch: 1 };
    },
  };
}

describe("inviting", () => {
  test("gives a secret of which only the hash is kept, for 72 hours", () => {
    const { instance, alice, acme, invite, stored, actions } = furnished();
    const { id, secret, expiresAt } = invite();
    expect(secret).toMatch(/^pulse_invite_[a-z2-7]{32}$/);
    expect(expiresAt).toBe(instance.time.now + INVITATION_KEPT_MS);
    expect(stored()).toMatchObject([
      { id, secret_hash: sha256Hex(secret), org_id: acme, email: BOB, role: "editor", invited_by: alice },
    ]);
    expect(JSON.stringify(stored())).not.toContain(secret);
    const { entries } = auditOf(instance, { orgId: acme });
    expect(entries).toMatchObject([
      { action: "invitation.created", subject: id, details: { email: BOB, role: "editor" } },
    ]);
    expect(JSON.stringify(entries)).not.toContain(secret);
    expect(actions()).toEqual(["invitation.created"]);
    expect(instance.heard).toEqual([]);
  });

  test("again replaces: the old link is dead, and it is not counted twice", () => {
    const { instance, acme, invite, stored } = furnished();
    const first = invite(BOB, { memberLimit: 2 });
    const second = invite(BOB, { memberLimit: 2, role: "viewer" });
    expect(stored().length).toBe(1);
    expect(() => invitations.preview(instance, { code: first.secret })).toThrow(refusedFor("not_found"));
    expect(invitations.preview(instance, { code: second.secret }).invitation.role).toBe("viewer");
    expect(invitations.list(instance, { orgId: acme }).invitations.map(({ id }) => id)).toEqual([second.id]);
  });

  test("stops at the limit, which members and open invitations share, and says what is used", () => {
    const { instance, invite, stored } = furnished();
    invite("one@example.org", { memberLimit: 3 });
    invite("two@example.org", { memberLimit: 3 });
    const further = () => invite("three@example.org", { memberLimit: 3 });
    expect(further).toThrow(refusedFor("limit_reached"));
    expect(further).toThrow(/^3 of at most 3 /);
    expect(stored().length).toBe(2);
    instance.time.now += INVITATION_KEPT_MS;
    expect(invite("three@example.org", { memberLimit: 3 }).id).toBeDefined();
  });

  test("a refusal leaves the invitation that was there", () => {
    const { instance, invite } = furnished();
    const { secret } = invite();
    expect(() => invite(BOB, { memberLimit: 1 })).toThrow(refusedFor("limit_reached"));
    expect(invitations.preview(instance, { code: secret }).invitation.email).toBe(BOB);
  });

  test("a member, or by somebody who is not admin any more, is refused", () => {
    const { instance, acme, invite, actions } = furnished();
    expect(() => invite("alice@example.org")).toThrow(refusedFor("already_exists"));
    const viewer = instance.addPerson("viewer@example.org");
    const input = { orgId: acme, email: BOB, role: "viewer", memberLimit: 9 } as const;
    const attempt = () => invitations.invite(instance, { ...input, by: as(viewer) });
    expect(attempt).toThrow(refusedFor("access_denied"));
    instance.addMember(acme, viewer, "viewer");
    expect(attempt).toThrow(refusedFor("role_required"));
    expect(actions()).toEqual([]);
  });
});

describe("what is open", () => {
  test("is listed with who invited, newest first, until it expires or is revoked", () => {
    const { instance, acme, alice, invite, actions } = furnished();
    const first = invite("one@example.org");
    instance.time.now += 1_000;
    const second = invite("two@example.org");
    const list = () => invitations.list(instance, { orgId: acme }).invitations;
    expect(list()).toEqual([
      {
        id: second.id,
        email: "two@example.org",
        role: "editor",
        invitedBy: "alice",
        createdAt: instance.time.now,
        expiresAt: second.expiresAt,
      },
      expect.objectContaining({ id: first.id }),
    ]);
    invitations.revoke(instance, { by: as(alice), orgId: acme, id: second.id });
    expect(list().map(({ id }) => id)).toEqual([first.id]);
    instance.time.now = first.expiresAt;
    expect(list()).toEqual([]);
    expect(actions()).toEqual(["invitation.created", "invitation.created", "invitation.revoked"]);
  });

  test("of another org is not found, and stays", () => {
    const { instance, alice, invite, stored } = furnished();
    const beta = instance.addOrg({ slug: "beta", owner: alice });
    const { id } = invite();
    for (const [orgId, given] of [
      [beta, id],
      [beta, InvitationId.parse(mintId("i"))],
    ] as const)
      expect(() => invitations.revoke(instance, { by: as(alice), orgId, id: given })).toThrow(
        refusedFor("not_found"),
      );
    expect(stored().length).toBe(1);
  });

  test("is dropped when it has expired, and only then", () => {
    const { instance, invite } = furnished();
    invite("one@example.org");
    instance.time.now += 1;
    invite("two@example.org");
    instance.time.now += INVITATION_KEPT_MS - 1;
    expect([invitations.dropExpired(instance), invitations.dropExpired(instance)]).toEqual([1, 0]);
  });
});

describe("seeing an invitation", () => {
  test("by its link tells what it is about, and whether there is an account", () => {
    const { instance, invite } = furnished();
    const { secret, expiresAt } = invite();
    const shown = {
      org: { slug: "acme", name: "acme" },
      email: BOB,
      role: "editor" as const,
      invitedBy: "alice",
      expiresAt,
    };
    const preview = () => invitations.preview(instance, { code: secret }).invitation;
    expect(preview()).toEqual({ ...shown, hasAccount: false });
    instance.addPerson(BOB);
    expect(preview()).toEqual({ ...shown, hasAccount: true });
  });

  test("in the inbox: those for this address, of active orgs, unexpired", () => {
    const { instance, alice, acme, invite } = furnished();
    const bob = instance.addPerson(BOB);
    const { id, expiresAt } = invite();
    invite("else@example.org");
    const inbox = (userId = bob) => invitations.inbox(instance, { userId }).invitations;
    expect(inbox()).toEqual([
      { id, org: { slug: "acme", name: "acme" }, role: "editor", invitedBy: "alice", expiresAt },
    ]);
    expect([inbox(alice), inbox(UserId.parse(mintId("u")))]).toEqual([[], []]);
    instance.db.execute(`update org set state = 'suspended' where id = '${acme}'`);
    expect(inbox()).toEqual([]);
    instance.db.execute(`update org set state = 'active' where id = '${acme}'`);
    instance.time.now = expiresAt;
    expect(inbox()).toEqual([]);
  });
});

describe("accepting", () => {
  test.each(["secret", "id"] as const)("by the %s makes a member with the role, once", (which) => {
    const { instance, acme, invite, accept, actions, stored } = furnished();
    const bob = instance.addPerson(BOB);
    const invitation = invite();
    expect(accept(bob, invitation[which])).toEqual({ orgId: acme });
    expect(roleIn(instance.db, acme, bob)).toBe("editor");
    expect(roleIn(instance.db, DEFAULT_ORG, bob)).toBeUndefined();
    expect(stored()).toEqual([]);
    expect(instance.heard).toEqual([
      { kind: "member", member: { orgId: acme, userId: bob, role: "editor", since: instance.time.now } },
    ]);
    expect(actions()).toEqual(["invitation.created", "invitation.accepted", "member.added"]);
    expect(() => accept(bob, invitation[which])).toThrow(refusedFor("not_found"));
  });

  test("50 times at once makes one member", async () => {
    const { instance, acme, invite, accept, actions } = furnished();
    const bob = instance.addPerson(BOB);
    const { secret } = invite();
    const outcomes = await Promise.allSettled(Array.from({ length: 50 }, async () => accept(bob, secret)));
    expect(outcomes.filter(({ status }) => status === "fulfilled").length).toBe(1);
    const { members } = listMembers(instance, { orgId: acme });
    expect(members.map(({ name }) => name)).toEqual(["alice", "bob"]);
    expect(actions().filter((action) => action === "member.added").length).toBe(1);
  });

  test("is refused in one and the same way, whatever is wrong", () => {
    const { instance, acme, invite, accept, stored } = furnished();
    const bob = instance.addPerson(BOB);
    const mallory = instance.addPerson("mallory@example.org");
    const off = instance.addPerson("off@example.org", { disabled: true });
    const { id, secret, expiresAt } = invite();
    const forOff = invite("off@example.org");
    const refusal = (work: () => unknown) => {
      try {
        work();
      } catch (error) {
        const { reason, message, fields } = error as { reason: string; message: string; fields: unknown };
        return { reason, message, fields };
      }
      throw new Error("it was not refused");
    };
    const refusals = [
      refusal(() => accept(bob, "pulse_invite_unknown")),
      refusal(() => accept(bob, sha256Hex(secret))),
      refusal(() => accept(mallory, secret)),
      refusal(() => accept(mallory, id)),
      refusal(() => accept(off, forOff.secret)),
      refusal(() => accept(UserId.parse(mintId("u")), secret)),
      refusal(() => invitations.decline(instance, { by: as(mallory), userId: mallory, code: secret })),
      refusal(() => invitations.preview(instance, { code: "pulse_invite_unknown" })),
      refusal(() => invitations.preview(instance, { code: id })),
    ];
    for (const state of ["suspended", "deleted"]) {
      instance.db.execute(`update org set state = '${state}' where id = '${acme}'`);
      refusals.push(refusal(() => accept(bob, secret)));
      refusals.push(refusal(() => invitations.preview(instance, { code: secret })));
    }
    instance.db.execute(`update org set state = 'active' where id = '${acme}'`);
    instance.time.now = expiresAt;
    refusals.push(refusal(() => accept(bob, secret)));
    refusals.push(refusal(() => invitations.preview(instance, { code: secret })));
    expect(refusals[0]?.reason).toBe("not_found");
    expect(new Set(refusals.map((one) => JSON.stringify(one))).size).toBe(1);
    expect([stored().length, instance.heard]).toEqual([2, []]);
  });

  test("by somebody who is a member already changes nothing, their role least of all", () => {
    const { instance, acme, invite, accept } = furnished();
    const bob = instance.addPerson(BOB);
    const { secret } = invite(BOB, { role: "admin" });
    instance.addMember(acme, bob, "viewer");
    expect(() => accept(bob, secret)).toThrow(refusedFor("already_exists"));
    expect(roleIn(instance.db, acme, bob)).toBe("viewer");
  });

  test("is refused when the org has become full, and works when there is room again", () => {
    const { instance, acme, invite, accept } = furnished();
    const bob = instance.addPerson(BOB);
    const { secret } = invite();
    expect(() => accept(bob, secret, 1)).toThrow(/^1 of at most 1 /);
    expect(roleIn(instance.db, acme, bob)).toBeUndefined();
    expect(accept(bob, secret, 2)).toEqual({ orgId: acme });
  });
});

test("declined, it is gone", () => {
  const { instance, acme, invite, accept, actions } = furnished();
  const bob = instance.addPerson(BOB);
  const { id, secret } = invite();
  expect(invitations.decline(instance, { by: as(bob), userId: bob, code: id })).toEqual({ declined: true });
  expect(() => accept(bob, secret)).toThrow(refusedFor("not_found"));
  expect(roleIn(instance.db, acme, bob)).toBeUndefined();
  expect(actions()).toEqual(["invitation.created", "invitation.declined"]);
});

describe("joining", () => {
  test("makes an account for the invited address, and a member of this org only", async () => {
    const { instance, acme, invite, actions, stored } = furnished();
    const { secret } = invite();
    const accounts = accountsOf(instance);
    const input = { code: secret, password: "a good password", name: "Bob" };
    const joined = await invitations.join(instance, input, accounts);
    expect([joined.orgId, joined.authEpoch]).toEqual([acme, 1]);
    expect(accounts.made).toEqual([{ email: BOB, name: "Bob", passwordHash: "hash of a good password" }]);
    expect(roleIn(instance.db, acme, joined.userId)).toBe("editor");
    expect(roleIn(instance.db, DEFAULT_ORG, joined.userId)).toBeUndefined();
    expect(stored()).toEqual([]);
    expect(auditOf(instance, { orgId: acme }).entries[0]).toMatchObject({
      action: "member.added",
      actor: { kind: "person", id: joined.userId },
    });
    expect(actions()).toEqual(["invitation.created", "invitation.accepted", "member.added"]);
  });

  test.each([
    ["an unknown code", "not_found", () => "pulse_invite_unknown", false],
    ["the id, which is no secret", "not_found", ({ id }: { id: string }) => id, false],
    ["a good link, but there is an account", "conflict", ({ secret }: { secret: string }) => secret, true],
  ] as const)("with %s is refused before any work is done", async (_, reason, codeOf, hasAccount) => {
    const { instance, invite, stored } = furnished();
    const invitation = invite();
    if (hasAccount) instance.addPerson(BOB);
    const accounts = accountsOf(instance);
    const input = { code: codeOf(invitation), password: "a good password" };
    const outcome = await invitations.join(instance, input, accounts).catch((error: unknown) => error);
    expect(outcome).toEqual(refusedFor(reason));
    expect([accounts.hashed(), accounts.made, stored().length]).toEqual([0, [], 1]);
  });

  test("20 times at once makes one account", async () => {
    const { instance, acme, invite } = furnished();
    const { secret } = invite();
    const accounts = accountsOf(instance);
    const input = { code: secret, password: "a good password" };
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, () => invitations.join(instance, input, accounts)),
    );
    expect(outcomes.filter(({ status }) => status === "fulfilled").length).toBe(1);
    expect([accounts.made.length, listMembers(instance, { orgId: acme }).members.length]).toEqual([1, 2]);
  });

  test("that fails half-way leaves no account and the invitation as it was", async () => {
    const { instance, invite, stored } = furnished();
    const { secret } = invite();
    const accounts = accountsOf(instance);
    instance.db.execute(
      "create trigger stop before insert on membership begin select raise(abort, 'stop'); end",
    );
    const input = { code: secret, password: "a good password" };
    const outcome = await invitations.join(instance, input, accounts).catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(Error);
    expect(instance.db.rows(`select * from user where email = '${BOB}'`)).toEqual([]);
    expect([stored().length, instance.heard]).toEqual([1, []]);
  });
});
