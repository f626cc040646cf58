import { describe, expect, test } from "bun:test";
import { testInstance } from "../../tests/support/test-instance.ts";
import { list as auditOf } from "../audit/list.ts";
import { DEFAULT_ORG, type OrgId, type UserId } from "../contract/ids.ts";
import { roleIn } from "./members.ts";
import { transfer } from "./ownership.ts";

function furnished() {
  const instance = testInstance();
  const alice = instance.addPerson("alice@example.org");
  const bob = instance.addPerson("bob@example.org");
  const off = instance.addPerson("off@example.org", { disabled: true });
  const stranger = instance.addPerson("stranger@example.org");
  const acme = instance.addOrg({ slug: "acme", owner: alice });
  for (const orgId of [acme, DEFAULT_ORG]) {
    instance.addMember(orgId, bob, "viewer");
    instance.addMember(orgId, off, "admin");
  }
  instance.addMember(DEFAULT_ORG, alice, "owner");
  return { instance, acme, alice, bob, off, stranger };
}

const as = (id: UserId) => ({ kind: "person", id }) as const;

function roles({ instance, alice, bob }: ReturnType<typeof furnished>, orgId: OrgId) {
  return [alice, bob].map((person) => roleIn(instance.db, orgId, person));
}

test.each(["acme", "default"])("of %s goes to a member; the old owner becomes admin", (which) => {
  const all = furnished();
  const { instance, alice, bob } = all;
  const orgId = which === "acme" ? all.acme : DEFAULT_ORG;
  const since = instance.time.now;
  transfer(instance, { by: as(alice), orgId, from: alice, to: bob });
  expect(roles(all, orgId)).toEqual(["admin", "owner"]);
  expect(instance.heard).toEqual([
    { kind: "member", member: { orgId, userId: alice, role: "admin", since } },
    { kind: "member", member: { orgId, userId: bob, role: "owner", since } },
  ]);
  expect(auditOf(instance, { orgId }).entries).toMatchObject([
    { action: "ownership.transferred", subject: bob, details: { from: alice, to: bob } },
  ]);
});

describe("is refused, and nothing changed", () => {
  test.each(["stranger", "off", "alice"] as const)("to %s", (name) => {
    const all = furnished();
    const { instance, acme, alice } = all;
    expect(() => transfer(instance, { by: as(alice), orgId: acme, from: alice, to: all[name] })).toThrow(
      expect.objectContaining({ reason: "invalid_request", fields: { userId: expect.any(String) } }),
    );
    expect(roles(all, acme)).toEqual(["owner", "viewer"]);
    expect([instance.heard, auditOf(instance, { orgId: acme }).entries]).toEqual([[], []]);
  });

  test("to the second of two who were named at once", () => {
    const all = furnished();
    const { instance, acme, alice, bob, off } = all;
    transfer(instance, { by: as(alice), orgId: acme, from: alice, to: bob });
    expect(() => transfer(instance, { by: as(alice), orgId: acme, from: alice, to: off })).toThrow(
      expect.objectContaining({ reason: "conflict" }),
    );
    expect(roles(all, acme)).toEqual(["admin", "owner"]);
  });

  test("by somebody who never owned it", () => {
    const all = furnished();
    const { instance, acme, bob, off } = all;
    expect(() => transfer(instance, { by: as(bob), orgId: acme, from: bob, to: off })).toThrow(
      expect.objectContaining({ reason: "conflict" }),
    );
    expect(roles(all, acme)).toEqual(["owner", "viewer"]);
  });
});
