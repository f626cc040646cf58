/** The decision as a table: every way to be refused in the order of the contract, and what is handed over. */
import { describe, expect, test } from "bun:test";
import type { OrgEntry, PersonEntry, SessionEntry } from "../contract/directory.ts";
import { DEFAULT_ORG, OrgId, SessionId, UserId } from "../contract/ids.ts";
import { ROLES, type Role } from "../contract/roles.ts";
import { DomainError } from "../lib/domain-error.ts";
import { admit, type Caller, type Claims, endReasonFor, type Gatekeepers, type Need } from "./admission.ts";
import { Directory } from "./directory.ts";
import type { Features } from "./features.ts";
import type { Sessions } from "./sessions.ts";

const acme = OrgId.parse(`o${"a".repeat(19)}`);
const unknownId = `o${"z".repeat(19)}`;
const FLAGS = {
  off: { multiTenant: false, multiTenantLicensed: false },
  unlicensed: { multiTenant: true, multiTenantLicensed: false },
  on: { multiTenant: true, multiTenantLicensed: true },
};

interface World {
  flag: keyof typeof FLAGS;
  /** The session is good. */
  signedIn: boolean;
  operator: boolean;
  roles: Partial<Record<string, Role>>;
  state: OrgEntry["state"];
}

const person = (operator: boolean): PersonEntry => ({
  id: UserId.parse(`u${"a".repeat(19)}`),
  email: "a@example.org",
  name: "A",
  operator,
  disabled: false,
});
const session: SessionEntry = {
  idHash: "hash",
  id: SessionId.parse(`s${"a".repeat(19)}`),
  userId: person(false).id,
  createdAt: 0,
  lastSeenAt: 0,
  idleEndsAt: 1,
  endsAt: 1,
  address: "",
  userAgent: "",
};

function build(world: Partial<World> = {}): Gatekeepers {
  const { flag = "on", signedIn = true, operator = false, roles = {}, state = "active" } = world;
  const directory = new Directory();
  directory.apply([
    { kind: "person", person: person(operator) },
    { kind: "org", org: { id: DEFAULT_ORG, slug: "default", state } },
    { kind: "org", org: { id: acme, slug: "acme", state } },
    ...Object.entries(roles).map(
      ([orgId, role]) =>
        ({ kind: "member", orgId: OrgId.parse(orgId), userId: session.userId, role: role as Role }) as const,
    ),
  ]);
  return {
    directory,
    features: FLAGS[flag] as Features,
    sessions: {
      validate: async () => (signedIn ? { session, person: person(operator) } : undefined),
      stands: () => signedIn,
    } as unknown as Sessions,
  };
}

const claims = (given: Partial<Claims> = {}): Claims => ({
  requestedOrgs: [],
  rawSession: "session",
  bearer: undefined,
  address: "127.0.0.1",
  onThisMachine: true,
  secure: false,
  ...given,
});
const VIEWER: Need = { who: "viewer", surface: "always" };

async function outcome(gate: Gatekeepers, asked: Claims, need: Need): Promise<string> {
  try {
    return (await admit(gate, asked, need, () => {})).orgId;
  } catch (error) {
    if (error instanceof DomainError) return error.reason;
    throw error;
  }
}

/**
 * Each row breaks everything that the rows below it break too, and one thing more: so each row proves that its check
 * comes before all the later ones.
 */
describe("the first check that fails answers:", () => {
  const org = (reference: string) => claims({ requestedOrgs: [reference], rawSession: undefined });
  const rows: [step: string, gate: Partial<World>, asked: Claims, answer: string][] = [
    ["a malformed org", { flag: "off", signedIn: false }, org("NOT AN ORG"), "invalid_org"],
    ["the feature is off", { flag: "off", signedIn: false }, org(acme), "feature_disabled"],
    ["there is no licence", { flag: "unlicensed", signedIn: false }, org(acme), "license_required"],
    ["a token that is not valid", { signedIn: false }, { ...org(acme), bearer: "x" }, "token_invalid"],
    ["no credential", { signedIn: false }, org(acme), "authentication_required"],
    ["a session that has ended", { signedIn: false }, claims({ requestedOrgs: [acme] }), "session_expired"],
    ["no membership", { state: "suspended" }, claims({ requestedOrgs: [acme] }), "access_denied"],
    [
      "an org that is suspended",
      { state: "suspended", roles: { [acme]: "viewer" } },
      claims({ requestedOrgs: [acme] }),
      "org_suspended",
    ],
    [
      "a role that does not suffice",
      { roles: { [acme]: "viewer" } },
      claims({ requestedOrgs: [acme] }),
      "role_required",
    ],
    ["nothing", { roles: { [acme]: "admin" } }, claims({ requestedOrgs: [acme] }), acme],
  ];
  for (const [step, gate, asked, answer] of rows) {
    test(step, async () => {
      expect(await outcome(build(gate), asked, { who: "admin", surface: "multi_tenant" })).toBe(answer);
    });
  }
});

describe("whoever is not a member cannot tell", () => {
  const messageFor = async (gate: Gatekeepers, reference: string) => {
    const refused = await admit(gate, claims({ requestedOrgs: [reference] }), VIEWER, () => {}).catch(
      (error: DomainError) => error,
    );
    return refused instanceof DomainError ? [refused.reason, refused.message, refused.fields] : "admitted";
  };

  test("an org that exists, one that never did, one that is suspended and one that was deleted apart", async () => {
    const answers = [
      await messageFor(build(), acme),
      await messageFor(build(), "acme"),
      await messageFor(build(), unknownId),
      await messageFor(build(), "nobody-here"),
      await messageFor(build({ state: "suspended" }), acme),
      await messageFor(build({ state: "deleted" }), acme),
    ];
    for (const answer of answers) expect(answer).toEqual(answers[0] as never);
    expect(answers[0]?.[0]).toBe("access_denied");
  });

  test("nor can a former member of one that was deleted", async () => {
    const deleted = build({ state: "deleted", roles: { [acme]: "owner" } });
    expect(await messageFor(deleted, acme)).toEqual(await messageFor(build(), unknownId));
  });
});

describe("roles", () => {
  for (const held of ROLES) {
    for (const needed of ROLES) {
      const may = ROLES.indexOf(held) >= ROLES.indexOf(needed);
      test(`${held} ${may ? "may" : "may not"} do what needs ${needed}`, async () => {
        const gate = build({ roles: { default: held } });
        expect(await outcome(gate, claims(), { who: needed, surface: "always" })).toBe(
          may ? "default" : "role_required",
        );
      });
    }
  }

  test("in one org say nothing about another: default needs a membership like every org", async () => {
    const gate = build({ roles: { [acme]: "owner" }, operator: true });
    expect(await outcome(gate, claims(), VIEWER)).toBe("access_denied");
    expect(await outcome(gate, claims({ requestedOrgs: ["acme"] }), VIEWER)).toBe(acme);
  });

  test("of an operator open no org, and of an owner no instance", async () => {
    const operates: Need = { who: "operator", surface: "always" };
    expect(await outcome(build({ operator: true }), claims(), operates)).toBe("default");
    expect(await outcome(build({ operator: true }), claims(), VIEWER)).toBe("access_denied");
    expect(await outcome(build({ roles: { default: "owner" } }), claims(), operates)).toBe("role_required");
  });
});

describe("what is requested", () => {
  const both: Partial<World> = { roles: { default: "viewer", [acme]: "viewer" } };
  const rows: [requested: string[], answer: string][] = [
    [[], "default"],
    [["default"], "default"],
    [["default", "default"], "default"],
    [["acme"], acme],
    [[acme], acme],
    [["acme", "default"], "org_mismatch"],
    [["default", acme], "org_mismatch"],
    [["default", "NOT AN ORG"], "invalid_org"],
    [[""], "invalid_org"],
    [["__proto__"], "invalid_org"],
    [["acme "], "invalid_org"],
  ];
  for (const [requested, answer] of rows) {
    test(`${JSON.stringify(requested)} comes to ${answer}`, async () => {
      expect(await outcome(build(both), claims({ requestedOrgs: requested }), VIEWER)).toBe(answer);
    });
  }

  test("is checked for what is public too", async () => {
    const open: Need = { who: "public", surface: "always" };
    expect(await outcome(build({ flag: "off" }), claims({ requestedOrgs: ["acme"] }), open)).toBe(
      "feature_disabled",
    );
    expect(
      await outcome(build({ flag: "off", signedIn: false }), claims({ rawSession: undefined }), open),
    ).toBe("default");
  });
});

test("who it is becomes known also when they are then refused, and not before it is proven", async () => {
  const heard: (Caller | undefined)[] = [];
  const hear = (caller: Caller) => heard.push(caller);
  await admit(build(), claims(), VIEWER, hear).catch(() => {});
  expect(heard).toMatchObject([{ session: { idHash: "hash" } }]);
  await admit(build({ signedIn: false }), claims(), VIEWER, hear).catch(() => {});
  await admit(build({ flag: "off" }), claims({ requestedOrgs: ["acme"] }), VIEWER, hear).catch(() => {});
  expect(heard.length).toBe(1);
});

describe("a stream that is open", () => {
  const admitted = { orgId: acme, caller: { person: person(false), session } };
  const rows: [when: string, world: Partial<World>, needed: Role, reason: ReturnType<typeof endReasonFor>][] =
    [
      ["goes on while the right lasts", { roles: { [acme]: "viewer" } }, "viewer", undefined],
      ["ends with the feature", { flag: "off", roles: { [acme]: "viewer" } }, "viewer", "feature_disabled"],
      ["ends with the session", { signedIn: false, roles: { [acme]: "viewer" } }, "viewer", "signed_out"],
      ["ends with the membership", {}, "viewer", "access_changed"],
      ["ends with the role", { roles: { [acme]: "viewer" } }, "admin", "access_changed"],
      [
        "ends when the org is suspended",
        { state: "suspended", roles: { [acme]: "viewer" } },
        "viewer",
        "org_suspended",
      ],
      [
        "ends when the org is deleted",
        { state: "deleted", roles: { [acme]: "viewer" } },
        "viewer",
        "access_changed",
      ],
    ];
  for (const [when, world, needed, reason] of rows) {
    test(when, () => expect(endReasonFor(build(world), admitted, needed)).toBe(reason));
  }

  test("of default outlives the feature", () => {
    const gate = build({ flag: "off", roles: { default: "viewer" } });
    expect(endReasonFor(gate, { ...admitted, orgId: DEFAULT_ORG }, "viewer")).toBeUndefined();
  });
});
