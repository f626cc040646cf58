import { describe, expect, test } from "bun:test";
import { testInstance } from "../../tests/support/test-instance.ts";
import { list as auditOf } from "../audit/list.ts";
import type { Reason } from "../contract/errors.ts";
import { DEFAULT_ORG, type OrgId, TokenId, type UserId } from "../contract/ids.ts";
import type { GivenRole } from "../contract/members.ts";
import { mintId } from "../lib/random-id.ts";
import * as members from "./members.ts";

function furnished() {
  const instance = testInstance();
  const [alice, bob, carol, stranger] = ["alice", "bob", "carol", "stranger"].map((name) =>
    instance.addPerson(`${name}@example.org`),
  ) as [UserId, UserId, UserId, UserId];
  const acme = instance.addOrg({ slug: "acme", owner: carol });
  instance.addMember(acme, bob, "admin");
  instance.addMember(acme, alice, "viewer");
  return { instance, acme, alice, bob, carol, stranger };
}

const as = (id: UserId) => ({ kind: "person", id }) as const;
const refusedFor = (reason: Reason) => expect.objectContaining({ reason });

function rolesIn({ instance }: Pick<ReturnType<typeof furnished>, "instance">, orgId: OrgId) {
  return members.list(instance, { orgId }).members.map(({ name, role }) => `${name} ${role}`);
}

test("the owner comes first, the others by name; who cannot sign in is marked", () => {
  const { instance, acme } = furnished();
  const dora = instance.addPerson("dora@example.org", { disabled: true });
  instance.addMember(acme, dora, "editor");
  const { members: found } = members.list(instance, { orgId: acme });
  expect(found.map(({ name }) => name)).toEqual(["carol", "alice", "bob", "dora"]);
  expect(found.at(-1)).toEqual({
    userId: dora,
    email: "dora@example.org",
    name: "dora",
    role: "editor",
    since: instance.time.now,
    disabled: true,
  });
  expect(found.filter(({ disabled }) => disabled).length).toBe(1);
});

test("a role is changed, told and written down", () => {
  const { instance, acme, alice, bob } = furnished();
  const { member } = members.setRole(instance, { by: as(bob), orgId: acme, userId: alice, role: "editor" });
  expect([member.userId, member.role]).toEqual([alice, "editor"]);
  expect(members.roleIn(instance.db, acme, alice)).toBe("editor");
  expect(instance.heard).toEqual([
    { kind: "member", member: { orgId: acme, userId: alice, role: "editor", since: instance.time.now } },
  ]);
  expect(auditOf(instance, { orgId: acme }).entries).toMatchObject([
    {
      action: "member.role_changed",
      actor: { kind: "person", id: bob, name: "bob" },
      subject: alice,
      details: { from: "viewer", to: "editor" },
    },
  ]);
});

test("the role somebody has already is no change", () => {
  const { instance, acme, alice, bob } = furnished();
  members.setRole(instance, { by: as(bob), orgId: acme, userId: alice, role: "viewer" });
  expect([instance.heard, auditOf(instance, { orgId: acme }).entries]).toEqual([[], []]);
});

describe("nothing changes, and nobody hears of it, when", () => {
  const cases: [string, Reason, (f: ReturnType<typeof furnished>) => unknown][] = [
    [
      "an admin demotes the owner",
      "owner_required",
      ({ instance, acme, bob, carol }) =>
        members.setRole(instance, { by: as(bob), orgId: acme, userId: carol, role: "viewer" }),
    ],
    [
      "the owner demotes themselves",
      "owner_required",
      ({ instance, acme, carol }) =>
        members.setRole(instance, { by: as(carol), orgId: acme, userId: carol, role: "admin" }),
    ],
    [
      "an admin removes the owner",
      "owner_required",
      ({ instance, acme, bob, carol }) =>
        members.remove(instance, { by: as(bob), orgId: acme, userId: carol }),
    ],
    [
      "the owner leaves",
      "owner_required",
      ({ instance, acme, carol }) => members.leave(instance, { by: as(carol), orgId: acme, userId: carol }),
    ],
    [
      "somebody who is not there gets a role",
      "not_found",
      ({ instance, acme, bob, stranger }) =>
        members.setRole(instance, { by: as(bob), orgId: acme, userId: stranger, role: "viewer" }),
    ],
    [
      "somebody who is not there is removed",
      "not_found",
      ({ instance, acme, bob, stranger }) =>
        members.remove(instance, { by: as(bob), orgId: acme, userId: stranger }),
    ],
    [
      "somebody who is not there leaves",
      "not_found",
      ({ instance, acme, stranger }) =>
        members.leave(instance, { by: as(stranger), orgId: acme, userId: stranger }),
    ],
    [
      "who asks is only a viewer by now",
      "role_required",
      ({ instance, acme, alice, bob }) =>
        members.remove(instance, { by: as(alice), orgId: acme, userId: bob }),
    ],
    [
      "who asks is no member by now",
      "access_denied",
      ({ instance, acme, alice, stranger }) =>
        members.setRole(instance, { by: as(stranger), orgId: acme, userId: alice, role: "admin" }),
    ],
    [
      "a token asks that is gone by now",
      "access_denied",
      ({ instance, acme, alice }) =>
        members.remove(instance, {
          by: { kind: "token", id: TokenId.parse(mintId("t")) },
          orgId: acme,
          userId: alice,
        }),
    ],
  ];
  test.each(cases)("%s", (_, reason, attempt) => {
    const all = furnished();
    const before = rolesIn(all, all.acme);
    expect(() => attempt(all)).toThrow(refusedFor(reason));
    expect(rolesIn(all, all.acme)).toEqual(before);
    expect([all.instance.heard, auditOf(all.instance, { orgId: all.acme }).entries]).toEqual([[], []]);
  });
});

test("a second owner is refused by the database itself", () => {
  const { instance, acme, alice, bob } = furnished();
  const role = "owner" as GivenRole;
  expect(() => members.setRole(instance, { by: as(bob), orgId: acme, userId: alice, role })).toThrow();
  expect(members.roleIn(instance.db, acme, alice)).toBe("viewer");
  expect(instance.heard).toEqual([]);
});

test("two admins demote each other: the first one wins, and one admin is left", () => {
  const { instance, acme, alice, bob } = furnished();
  members.setRole(instance, { by: { kind: "command" }, orgId: acme, userId: alice, role: "admin" });
  members.setRole(instance, { by: as(alice), orgId: acme, userId: bob, role: "viewer" });
  expect(() =>
    members.setRole(instance, { by: as(bob), orgId: acme, userId: alice, role: "viewer" }),
  ).toThrow(refusedFor("role_required"));
  expect(rolesIn({ instance }, acme)).toEqual(["carol owner", "alice admin", "bob viewer"]);
});

test("removed and gone: told, written down, and an outsider from then on", () => {
  const { instance, acme, alice, bob } = furnished();
  expect(members.remove(instance, { by: as(bob), orgId: acme, userId: alice })).toEqual({ removed: true });
  expect(members.leave(instance, { by: as(bob), orgId: acme, userId: bob })).toEqual({ left: true });
  expect(rolesIn({ instance }, acme)).toEqual(["carol owner"]);
  expect(instance.heard).toEqual([
    { kind: "member_gone", orgId: acme, userId: alice },
    { kind: "member_gone", orgId: acme, userId: bob },
  ]);
  expect(auditOf(instance, { orgId: acme }).entries.map(({ action, details }) => [action, details])).toEqual([
    ["member.left", { role: "admin" }],
    ["member.removed", { role: "viewer" }],
  ]);
});

test("anybody may leave `default` but its owner", () => {
  const { instance, alice, bob } = furnished();
  instance.addMember(DEFAULT_ORG, alice, "owner");
  instance.addMember(DEFAULT_ORG, bob, "admin");
  members.leave(instance, { by: as(bob), orgId: DEFAULT_ORG, userId: bob });
  expect(() => members.leave(instance, { by: as(alice), orgId: DEFAULT_ORG, userId: alice })).toThrow(
    refusedFor("default_org_immutable"),
  );
  expect(rolesIn({ instance }, DEFAULT_ORG)).toEqual(["alice owner"]);
});

test("what happens in one org leaves the same person's place in another as it is", () => {
  const { instance, acme, alice, bob } = furnished();
  const beta = instance.addOrg({ slug: "beta", owner: bob });
  instance.addMember(beta, alice, "editor");
  members.remove(instance, { by: as(bob), orgId: acme, userId: alice });
  expect(rolesIn({ instance }, beta)).toEqual(["bob owner", "alice editor"]);
});
