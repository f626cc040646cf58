import { describe, expect, test } from "bun:test";
import { testInstance } from "../../tests/support/test-instance.ts";
import { list as auditOf } from "../audit/list.ts";
import type { Reason } from "../contract/errors.ts";
import { DEFAULT_ORG, type OrgId, ResourceId, ShareId, type UserId } from "../contract/ids.ts";
import type { Role } from "../contract/roles.ts";
import type { ShareRole } from "../contract/shares.ts";
import { mintId } from "../lib/random-id.ts";
import * as shares from "./shares.ts";

const as = (id: UserId) => ({ kind: "person", id }) as const;
const refusedFor = (reason: Reason) => expect.objectContaining({ reason });

/** alice owns acme, bob owns beta. */
function furnished() {
  const instance = testInstance();
  const alice = instance.addPerson("alice@example.org");
  const bob = instance.addPerson("bob@example.org");
  const acme = instance.addOrg({ slug: "acme", owner: alice });
  const beta = instance.addOrg({ slug: "beta", owner: bob });
  const resource = { id: ResourceId.parse(mintId("r")), name: "nas", kind: "host" };
  const offer = (
    more: {
      role?: ShareRole;
      expiresAt?: number;
      targetOrg?: string;
      resource?: typeof resource;
      byRole?: Role;
      shareLimit?: number;
      by?: UserId;
    } = {},
  ) => {
    const { by = alice, ...rest } = more;
    return shares.create(instance, {
      by: as(by),
      byRole: "owner",
      sourceOrgId: acme,
      targetOrg: "beta",
      resource,
      role: "viewer",
      shareLimit: 10,
      ...rest,
    }).share;
  };
  const accept = (id: ShareId) => shares.accept(instance, { by: as(bob), orgId: beta, id }).share;
  const outgoing = (withPending = true) => shares.list(instance, { orgId: acme, withPending }).shares;
  const incoming = (withPending = true, orgId = beta) =>
    shares.incoming(instance, { orgId, withPending }).shares;
  const actions = (orgId: OrgId) =>
    auditOf(instance, { orgId })
      .entries.map(({ action }) => action)
      .reverse();
  const setState = (orgId: OrgId, state: string) =>
    instance.db.execute(`update org set state = '${state}' where id = '${orgId}'`);
  return { instance, alice, bob, acme, beta, resource, offer, accept, outgoing, incoming, actions, setState };
}

test("a share is pending until the target accepts; both sides see each other's name, and both audits tell", () => {
  const { instance, acme, beta, resource, offer, accept, outgoing, incoming, actions } = furnished();
  const share = offer();
  expect(share).toEqual({
    id: share.id,
    org: { slug: "beta", name: "beta" },
    resource,
    role: "viewer",
    state: "pending",
    createdAt: instance.time.now,
  });
  expect(outgoing()).toEqual([share]);
  expect(incoming()).toEqual([{ ...share, org: { slug: "acme", name: "acme" } }]);
  expect([outgoing(false), incoming(false)]).toEqual([[], []]);
  instance.time.now += 5;
  const accepted = accept(share.id);
  expect(accepted).toMatchObject({ org: { slug: "acme" }, state: "accepted", acceptedAt: instance.time.now });
  expect(incoming(false)).toEqual([accepted]);
  const entry = {
    id: share.id,
    sourceOrgId: acme,
    targetOrgId: beta,
    resourceId: resource.id,
    role: "viewer" as const,
  };
  expect(instance.heard).toEqual([
    { kind: "share", share: { ...entry, accepted: false } },
    { kind: "share", share: { ...entry, accepted: true } },
  ]);
  expect(shares.entries(instance)).toEqual([{ kind: "share", share: { ...entry, accepted: true } }]);
  expect(actions(acme)).toEqual(["share.created", "share.accepted"]);
  /* What nobody there has answered yet is not in the target's audit. */
  expect(actions(beta)).toEqual(["share.accepted"]);
  const described = (orgId: OrgId) => auditOf(instance, { orgId }).entries[0]?.details;
  expect([described(acme), described(beta)]).toEqual([
    { org: "beta", resource: "nas", role: "viewer" },
    { org: "acme", resource: "nas", role: "viewer" },
  ]);
});

test("accepting twice is accepting once", () => {
  const { beta, offer, accept, actions } = furnished();
  const { id } = offer();
  expect(accept(id)).toEqual(accept(id));
  expect(actions(beta)).toEqual(["share.accepted"]);
});

test("the target may be named by slug or id, and `default` may be either side", () => {
  const { instance, alice, beta, offer, incoming } = furnished();
  const byId = offer({ targetOrg: beta });
  expect(offer().id).toBe(byId.id);
  offer({ targetOrg: "default" });
  instance.addMember(DEFAULT_ORG, alice, "owner");
  shares.create(instance, {
    by: as(alice),
    byRole: "owner",
    sourceOrgId: DEFAULT_ORG,
    targetOrg: "beta",
    resource: { id: ResourceId.parse(mintId("r")), name: "pi", kind: "host" },
    role: "viewer",
    shareLimit: 10,
  });
  expect(incoming(true, DEFAULT_ORG).map(({ org }) => org.slug)).toEqual(["acme"]);
  expect(
    incoming()
      .map(({ org }) => org.slug)
      .sort(),
  ).toEqual(["acme", "default"]);
});

describe("is refused, and nothing changed:", () => {
  type All = ReturnType<typeof furnished>;
  const cases: [string, Reason, string | undefined, (all: All) => unknown][] = [
    ["with itself by slug", "invalid_request", "targetOrg", ({ offer }) => offer({ targetOrg: "acme" })],
    ["with itself by id", "invalid_request", "targetOrg", ({ offer, acme }) => offer({ targetOrg: acme })],
    ["with an unknown org", "not_found", "targetOrg", ({ offer }) => offer({ targetOrg: "nowhere" })],
    [
      "with a suspended org",
      "not_found",
      "targetOrg",
      ({ offer, beta, setState }) => {
        setState(beta, "suspended");
        offer();
      },
    ],
    [
      "with a deleted org",
      "not_found",
      "targetOrg",
      ({ offer, beta, setState }) => {
        setState(beta, "deleted");
        offer();
      },
    ],
    [
      "until a moment that has passed",
      "invalid_request",
      "expiresAt",
      ({ offer, instance }) => offer({ expiresAt: instance.time.now }),
    ],
    [
      "with more than one may do oneself",
      "role_required",
      undefined,
      ({ offer }) => offer({ role: "admin", byRole: "editor" }),
    ],
    ["by somebody who is no member", "access_denied", undefined, ({ offer, bob }) => offer({ by: bob })],
    [
      "by somebody who is not admin any more",
      "role_required",
      undefined,
      ({ instance, offer, acme, bob }) => {
        instance.addMember(acme, bob, "editor");
        offer({ by: bob });
      },
    ],
    ["past the limit", "limit_reached", undefined, ({ offer }) => offer({ shareLimit: 0 })],
  ];
  test.each(cases)("%s", (_, reason, field, attempt) => {
    const all = furnished();
    let refusal: { reason?: string; fields?: object } = {};
    try {
      attempt(all);
    } catch (error) {
      refusal = error as typeof refusal;
    }
    expect([refusal.reason, Object.keys(refusal.fields ?? {})]).toEqual([reason, field ? [field] : []]);
    expect(all.instance.db.rows("select * from share")).toEqual([]);
    expect([all.instance.heard, all.actions(all.acme), all.actions(all.beta)]).toEqual([[], [], []]);
  });

  test("past the limit says what is used; what is there can still be changed", () => {
    const { offer, resource } = furnished();
    offer({ shareLimit: 1 });
    const other = { ...resource, id: ResourceId.parse(mintId("r")) };
    expect(() => offer({ shareLimit: 1, resource: other })).toThrow(/^1 of at most 1 /);
    expect(offer({ shareLimit: 1, role: "editor" }).role).toBe("editor");
  });

  test("the id of somebody else's share, like one that never was", () => {
    const { instance, alice, acme, bob, beta, offer, outgoing } = furnished();
    const { id } = offer();
    const carol = instance.addPerson("carol@example.org");
    const gamma = instance.addOrg({ slug: "gamma", owner: carol });
    const unknown = ShareId.parse(mintId("h"));
    for (const attempt of [
      () => shares.accept(instance, { by: as(carol), orgId: gamma, id }),
      () => shares.decline(instance, { by: as(carol), orgId: gamma, id }),
      () => shares.remove(instance, { by: as(carol), orgId: gamma, id }),
      () => shares.accept(instance, { by: as(alice), orgId: acme, id }),
      () => shares.decline(instance, { by: as(alice), orgId: acme, id }),
      () => shares.remove(instance, { by: as(bob), orgId: beta, id }),
      () => shares.accept(instance, { by: as(bob), orgId: beta, id: unknown }),
      () => shares.decline(instance, { by: as(bob), orgId: beta, id: unknown }),
      () => shares.remove(instance, { by: as(alice), orgId: acme, id: unknown }),
    ])
      expect(attempt).toThrow(refusedFor("not_found"));
    expect(outgoing().map(({ state }) => state)).toEqual(["pending"]);
  });

  test("accepting, declining and withdrawing by who is not admin any more", () => {
    const { instance, acme, beta, offer } = furnished();
    const { id } = offer();
    const viewer = instance.addPerson("viewer@example.org");
    instance.addMember(acme, viewer, "viewer");
    instance.addMember(beta, viewer, "viewer");
    const by = as(viewer);
    for (const attempt of [
      () => shares.accept(instance, { by, orgId: beta, id }),
      () => shares.decline(instance, { by, orgId: beta, id }),
      () => shares.remove(instance, { by, orgId: acme, id }),
    ])
      expect(attempt).toThrow(refusedFor("role_required"));
  });
});

describe("sharing the same again", () => {
  const ranks: [ShareRole, ShareRole, "pending" | "accepted"][] = [
    ["viewer", "viewer", "accepted"],
    ["viewer", "editor", "pending"],
    ["editor", "admin", "pending"],
    ["editor", "viewer", "accepted"],
    ["admin", "editor", "accepted"],
  ];
  test.each(ranks)("from %s to %s is %s", (before, after, state) => {
    const { offer, accept, incoming } = furnished();
    const { id } = offer({ role: before });
    accept(id);
    expect(offer({ role: after })).toMatchObject({ id, role: after, state });
    expect(incoming().length).toBe(1);
  });

  test("with a lower role does not accept what is pending", () => {
    const { offer } = furnished();
    offer({ role: "editor" });
    expect(offer({ role: "viewer" }).state).toBe("pending");
  });

  test("with another end keeps it accepted, and is told; with nothing new it is not", () => {
    const { instance, acme, beta, offer, accept, actions } = furnished();
    accept(offer().id);
    instance.heard.length = 0;
    const expiresAt = instance.time.now + 1_000;
    expect(offer({ expiresAt })).toMatchObject({ state: "accepted", expiresAt });
    offer({ expiresAt });
    expect(instance.heard).toMatchObject([{ kind: "share", share: { accepted: true, expiresAt } }]);
    expect(actions(acme)).toEqual(["share.created", "share.accepted", "share.changed"]);
    expect(actions(beta)).toEqual(["share.accepted", "share.changed"]);
  });

  test("after its time ran out is asking anew", () => {
    const { instance, offer, accept, incoming } = furnished();
    accept(offer({ expiresAt: instance.time.now + 10 }).id);
    instance.time.now += 10;
    expect(incoming().map(({ state }) => state)).toEqual(["expired"]);
    const again = offer();
    expect([again.state, again.acceptedAt, again.createdAt]).toEqual([
      "pending",
      undefined,
      instance.time.now,
    ]);
  });
});

describe("ends", () => {
  test.each(["pending", "accepted"])("when the target gives it back, %s or not", (state) => {
    const { instance, acme, beta, bob, offer, accept, outgoing, incoming, actions } = furnished();
    const { id } = offer();
    if (state === "accepted") accept(id);
    expect(shares.decline(instance, { by: as(bob), orgId: beta, id })).toEqual({ declined: true });
    expect([outgoing(), incoming()]).toEqual([[], []]);
    expect(instance.heard.at(-1)).toEqual({ kind: "share_gone", id, sourceOrgId: acme });
    for (const orgId of [acme, beta]) expect(actions(orgId).at(-1)).toBe("share.declined");
  });

  test("when the source takes it back", () => {
    const { instance, acme, beta, alice, offer, accept, outgoing, incoming, actions } = furnished();
    const { id } = offer();
    accept(id);
    expect(shares.remove(instance, { by: as(alice), orgId: acme, id })).toEqual({ removed: true });
    expect([outgoing(), incoming()]).toEqual([[], []]);
    expect(instance.heard.at(-1)).toEqual({ kind: "share_gone", id, sourceOrgId: acme });
    for (const orgId of [acme, beta]) expect(actions(orgId).at(-1)).toBe("share.withdrawn");
  });

  test("at its time: it is shown as expired to admins only, and cannot be accepted", () => {
    const { instance, offer, accept, outgoing, incoming } = furnished();
    const { id, expiresAt } = offer({ expiresAt: instance.time.now + 10 });
    instance.time.now = expiresAt as number;
    expect(() => accept(id)).toThrow(refusedFor("conflict"));
    expect([outgoing(), incoming()].map(([share]) => share?.state)).toEqual(["expired", "expired"]);
    expect([outgoing(false), incoming(false)]).toEqual([[], []]);
  });

  test.each(["suspended", "deleted"])("for the target while the source is %s", (state) => {
    const { acme, offer, accept, incoming, setState } = furnished();
    const { id } = offer();
    setState(acme, state);
    expect(() => accept(id)).toThrow(refusedFor("not_found"));
    expect(incoming()).toEqual([]);
    setState(acme, "active");
    expect(incoming().length).toBe(1);
  });
});

test("who acts on the other side is told by id, never by name", () => {
  const { instance, acme, beta, alice, bob, offer, accept } = furnished();
  const { id } = accept(offer().id);
  const actorsIn = (orgId: OrgId) => auditOf(instance, { orgId }).entries.map(({ actor }) => actor);
  expect(actorsIn(acme)).toEqual([as(bob), { ...as(alice), name: "alice" }]);
  shares.remove(instance, { by: as(alice), orgId: acme, id });
  expect(actorsIn(beta)).toEqual([as(alice), { ...as(bob), name: "bob" }]);
});
