import { describe, expect, test } from "bun:test";
import { type TestInstanceOptions, testInstance } from "../../tests/support/test-instance.ts";
import { list as auditOf } from "../audit/list.ts";
import type { Reason } from "../contract/errors.ts";
import { DEFAULT_ORG, type OrgId, TokenId, type UserId } from "../contract/ids.ts";
import type { Scope } from "../contract/tokens.ts";
import { setSetting } from "../instance/settings.ts";
import { mintId, sha256Hex } from "../lib/random-id.ts";
import * as tokens from "./tokens.ts";

const as = (id: UserId) => ({ kind: "person", id }) as const;
const refusedFor = (reason: Reason) => expect.objectContaining({ reason });

/** alice owns acme and `default`, and is admin in beta, which bob owns. */
function furnished(options: TestInstanceOptions = {}) {
  const instance = testInstance(options);
  const alice = instance.addPerson("alice@example.org");
  const bob = instance.addPerson("bob@example.org");
  const acme = instance.addOrg({ slug: "acme", owner: alice });
  const beta = instance.addOrg({ slug: "beta", owner: bob });
  instance.addMember(beta, alice, "admin");
  instance.addMember(DEFAULT_ORG, alice, "owner");
  const make = (
    more: { orgIds?: OrgId[]; name?: string; scopes?: Scope[]; expiresAt?: number; userId?: UserId } = {},
  ) =>
    tokens.create(instance, {
      by: as(more.userId ?? alice),
      userId: alice,
      orgIds: [acme],
      name: "script",
      scopes: ["read"],
      ...more,
    });
  const list = (orgId: OrgId = acme, visibleOrgIds: OrgId[] = [acme, beta], multiTenant = true) =>
    tokens.list(instance, { orgId, visibleOrgIds, multiTenant }).tokens;
  const actions = (orgId: OrgId) =>
    auditOf(instance, { orgId })
      .entries.map(({ action }) => action)
      .reverse();
  const stored = () => instance.db.rows("select * from token");
  return { instance, alice, bob, acme, beta, make, list, actions, stored };
}

describe("making a token", () => {
  test("gives a secret of which only the hash is kept", () => {
    const { instance, alice, acme, make, stored } = furnished();
    const { id, token } = make({ scopes: ["write", "report", "write"] });
    expect(token).toMatch(/^pulse_[a-z2-7]{40}$/);
    expect(stored()).toMatchObject([{ id, secret_hash: sha256Hex(token), made_by: alice }]);
    const entry = {
      id,
      secretHash: sha256Hex(token),
      madeBy: alice,
      scopes: ["write", "report"] as Scope[],
      orgIds: [acme],
    };
    expect(instance.heard).toEqual([{ kind: "token", token: entry }]);
    expect(tokens.entries(instance)).toEqual([{ kind: "token", token: entry }]);
    const { entries } = auditOf(instance, { orgId: acme });
    expect(entries).toMatchObject([
      { action: "token.created", subject: id, details: { name: "script", scopes: ["write", "report"] } },
    ]);
    expect(JSON.stringify([stored(), entries])).not.toContain(token);
    expect(make().token).not.toBe(token);
  });

  test("for two orgs tells both audits, and an org named twice counts once", () => {
    const { instance, acme, beta, make, actions } = furnished();
    make({ orgIds: [acme, beta, acme] });
    expect([actions(acme), actions(beta)]).toEqual([["token.created"], ["token.created"]]);
    const [entry] = tokens.entries(instance);
    expect(entry?.kind === "token" && [...entry.token.orgIds].sort()).toEqual([acme, beta].sort());
  });

  test("until a moment that has passed is refused", () => {
    const { instance, make, stored } = furnished();
    expect(() => make({ expiresAt: instance.time.now })).toThrow(
      expect.objectContaining({ reason: "invalid_request", fields: { expiresAt: expect.any(String) } }),
    );
    expect(stored()).toEqual([]);
    expect(make({ expiresAt: instance.time.now + 1 }).id).toBeDefined();
  });

  test("stops at the limit of the org it is made in, and says what is used", () => {
    const { instance, acme, beta, make, stored } = furnished();
    instance.db.execute(`update org set limits = '{"tokens":2}' where id = '${acme}'`);
    make();
    make();
    expect(() => make()).toThrow(refusedFor("limit_reached"));
    expect(() => make()).toThrow(/^2 of at most 2 /);
    expect(() => make({ orgIds: [beta, acme] })).toThrow(refusedFor("limit_reached"));
    expect(make({ orgIds: [beta] }).id).toBeDefined();
    expect(stored().length).toBe(3);
  });

  test("is refused to who is not admin everywhere by now", () => {
    const { instance, alice, bob, acme, beta, make, stored } = furnished();
    const cases: [Reason, () => unknown][] = [
      ["access_denied", () => make({ userId: bob, orgIds: [beta, acme] })],
      [
        "role_required",
        () => {
          instance.db.execute(
            `update membership set role = 'editor' where org_id = '${beta}' and user_id = '${alice}'`,
          );
          make({ orgIds: [acme, beta] });
        },
      ],
      [
        "access_denied",
        () => {
          instance.db.execute(`update org set state = 'suspended' where id = '${acme}'`);
          make();
        },
      ],
      [
        "access_denied",
        () => {
          instance.db.execute(`update org set state = 'active'`);
          instance.db.execute(`update user set disabled_at = 1 where id = '${alice}'`);
          make();
        },
      ],
      ["invalid_request", () => make({ orgIds: [] })],
    ];
    for (const [reason, attempt] of cases) expect(attempt).toThrow(refusedFor(reason));
    expect([stored(), instance.heard]).toEqual([[], []]);
  });
});

describe("the list", () => {
  test("has what is bound to this org, newest first, without any secret", () => {
    const { instance, acme, beta, make, list } = furnished();
    const first = make();
    make({ orgIds: [beta] });
    instance.time.now += 5;
    const expiresAt = instance.time.now + 9;
    const second = make({ name: "later", expiresAt, scopes: ["admin"] });
    tokens.noteUse(instance, { id: second.id, at: instance.time.now });
    expect(list()).toEqual([
      {
        id: second.id,
        name: "later",
        scopes: ["admin"],
        orgs: [{ slug: "acme", name: "acme" }],
        madeBy: { name: "alice", email: "alice@example.org" },
        createdAt: instance.time.now,
        expiresAt,
        lastUsedAt: instance.time.now,
      },
      expect.objectContaining({ id: first.id }),
    ]);
    expect(list(acme).every((info) => !("lastUsedAt" in info) || info.id === second.id)).toBe(true);
  });

  test("names only orgs that whoever asks belongs to, and none with multi-tenancy off", () => {
    const { acme, beta, make, list } = furnished();
    make({ orgIds: [acme, beta] });
    const named = (visible: OrgId[], on = true) => list(acme, visible, on)[0]?.orgs?.map(({ slug }) => slug);
    expect([named([acme, beta]), named([acme]), named([acme, beta], false)]).toEqual([
      ["acme", "beta"],
      ["acme"],
      undefined,
    ]);
  });
});

describe("revoking", () => {
  test("the only org's binding ends the token", () => {
    const { instance, alice, acme, make, list, actions, stored } = furnished();
    const { id } = make();
    expect(tokens.revoke(instance, { by: as(alice), orgId: acme, id })).toEqual({ revoked: true });
    expect([list(), stored()]).toEqual([[], []]);
    expect(instance.heard.at(-1)).toEqual({ kind: "token_gone", id });
    expect(actions(acme)).toEqual(["token.created", "token.revoked"]);
  });

  test("by an admin of one org leaves it bound to the others", () => {
    const { instance, bob, acme, beta, make, list, actions } = furnished();
    const { id } = make({ orgIds: [acme, beta] });
    tokens.revoke(instance, { by: as(bob), orgId: beta, id });
    expect([list(acme).length, list(beta).length]).toEqual([1, 0]);
    expect(instance.heard.at(-1)).toMatchObject({ kind: "token", token: { id, orgIds: [acme] } });
    expect([actions(acme), actions(beta)]).toEqual([["token.created"], ["token.created", "token.revoked"]]);
  });

  test("by its maker ends it everywhere", () => {
    const { instance, alice, acme, beta, make, list, actions } = furnished();
    const { id } = make({ orgIds: [acme, beta] });
    tokens.revoke(instance, { by: as(alice), orgId: beta, id });
    expect([list(acme), list(beta)]).toEqual([[], []]);
    expect(instance.heard.at(-1)).toEqual({ kind: "token_gone", id });
    for (const orgId of [acme, beta]) expect(actions(orgId)).toEqual(["token.created", "token.revoked"]);
  });

  test("what is bound elsewhere, or never was, is not found; and not by who is not admin any more", () => {
    const { instance, alice, bob, acme, beta, make, stored } = furnished();
    const { id } = make();
    const unknown = TokenId.parse(mintId("t"));
    const cases: [Reason, Parameters<typeof tokens.revoke>[1]][] = [
      ["not_found", { by: as(bob), orgId: beta, id }],
      ["not_found", { by: as(alice), orgId: beta, id }],
      ["not_found", { by: as(alice), orgId: acme, id: unknown }],
      ["access_denied", { by: as(bob), orgId: acme, id }],
    ];
    for (const [reason, input] of cases)
      expect(() => tokens.revoke(instance, input)).toThrow(refusedFor(reason));
    instance.addMember(acme, bob, "editor");
    expect(() => tokens.revoke(instance, { by: as(bob), orgId: acme, id })).toThrow(
      refusedFor("role_required"),
    );
    expect(stored().length).toBe(1);
  });
});

test("when it was used is noted without a word, and never goes back", () => {
  const { instance, make, list } = furnished();
  const { id } = make();
  instance.heard.length = 0;
  for (const at of [5, 9, 7]) tokens.noteUse(instance, { id, at });
  tokens.noteUse(instance, { id: TokenId.parse(mintId("t")), at: 1 });
  expect([list()[0]?.lastUsedAt, instance.heard]).toEqual([9, []]);
});

describe("pulse token", () => {
  const asked = { email: "Alice@example.org ", name: "cron", scopes: ["read"] };

  test("makes one for somebody, in `default` unless others are named", () => {
    const { instance, acme, beta, actions } = furnished();
    tokens.commandCreate(instance, asked);
    tokens.commandCreate(instance, { ...asked, orgs: ["acme", beta] });
    const all = tokens.commandList(instance, {}).tokens;
    expect(all.map(({ orgs }) => orgs?.map(({ slug }) => slug)).sort()).toEqual([
      ["acme", "beta"],
      ["default"],
    ]);
    expect(all[0]?.madeBy.email).toBe("alice@example.org");
    expect(tokens.commandList(instance, { org: "acme" }).tokens.length).toBe(1);
    expect(actions(acme)).toEqual(["token.created"]);
    expect(auditOf(instance, { orgId: acme }).entries[0]?.actor).toEqual({ kind: "command" });
  });

  test("may be made for somebody who is only a viewer: it can do no more than they can", () => {
    const { instance, bob } = furnished();
    instance.addMember(DEFAULT_ORG, bob, "viewer");
    expect(tokens.commandCreate(instance, { ...asked, email: "bob@example.org" }).id).toBeDefined();
  });

  test("stops at the limit an operator set", () => {
    const { instance } = furnished();
    instance.db.execute(`update org set limits = '{"tokens":1}' where id = 'default'`);
    tokens.commandCreate(instance, asked);
    expect(() => tokens.commandCreate(instance, asked)).toThrow(refusedFor("limit_reached"));
  });

  test.each([
    ["not_found", { email: "nobody@example.org" }],
    ["not_found", { email: "nobody" }],
    ["not_found", { orgs: ["nowhere"] }],
    ["access_denied", { email: "bob@example.org" }],
    ["access_denied", { email: "off@example.org" }],
    ["invalid_request", { name: " " }],
    ["invalid_request", { scopes: [] }],
    ["invalid_request", { scopes: ["everything"] }],
    ["invalid_request", { expiresAt: 1 }],
    ["invalid_request", { expiresAt: -1 }],
  ] as [Reason, object][])("is refused (%s) for %j", (reason, more) => {
    const { instance, stored } = furnished();
    const off = instance.addPerson("off@example.org", { disabled: true });
    instance.addMember(DEFAULT_ORG, off, "admin");
    expect(() => tokens.commandCreate(instance, { ...asked, ...more })).toThrow(refusedFor(reason));
    expect(stored()).toEqual([]);
  });

  test("revokes everywhere", () => {
    const { instance, acme, beta, make, stored } = furnished();
    const { id } = make({ orgIds: [acme, beta] });
    expect(tokens.commandRevoke(instance, { id })).toEqual({ revoked: true });
    expect([stored(), instance.heard.at(-1)]).toEqual([[], { kind: "token_gone", id }]);
    expect(() => tokens.commandRevoke(instance, { id })).toThrow(refusedFor("not_found"));
  });

  test.each(["environment", "switch"])("with multi-tenancy off (%s) knows of `default` only", (how) => {
    const { instance, make } = furnished({ multiTenantAllowed: how === "switch" });
    if (how === "switch") setSetting(instance.db, "multi_tenant_switch", "off");
    make();
    tokens.commandCreate(instance, asked);
    const refused = expect.objectContaining({
      reason: "feature_disabled",
      message: "This feature is not available.",
    });
    expect(() => tokens.commandCreate(instance, { ...asked, orgs: ["default"] })).toThrow(refused);
    expect(() => tokens.commandList(instance, { org: "acme" })).toThrow(refused);
    const { tokens: listed } = tokens.commandList(instance, {});
    expect([listed.map(({ name }) => name), "orgs" in (listed[0] ?? {})]).toEqual([["cron"], false]);
  });
});
