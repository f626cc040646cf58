/** The decision as tables: every way to be refused in the order of the contract, and what is handed over. */
import { describe, expect, test } from "bun:test";
import type { OrgEntry, PersonEntry, SessionEntry, TokenEntry } from "../contract/directory.ts";
import { DEFAULT_ORG, OrgId, SessionId, TokenId, UserId } from "../contract/ids.ts";
import { LICENSE_GRACE_MS } from "../contract/license.ts";
import { ROLES, type Role } from "../contract/roles.ts";
import type { Scope } from "../contract/tokens.ts";
import { DomainError } from "../lib/domain-error.ts";
import { sha256Hex } from "../lib/random-id.ts";
import {
  type Admitted,
  admit,
  byOf,
  type Caller,
  type CallKind,
  type Claims,
  endReasonFor,
  type Gatekeepers,
  keyOf,
  type Need,
  roleOf,
  type Witness,
} from "./admission.ts";
import { Directory } from "./directory.ts";
import { Features } from "./features.ts";
import { OrgCookie } from "./org-cookie.ts";
import type { RequestedOrg } from "./requested-org.ts";
import { Sessions } from "./sessions.ts";

const START = Date.UTC(2026, 10, 1);
const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const FAR = Date.UTC(2200, 0, 1);

const idOf = (prefix: string, letter: string) => prefix + letter.repeat(19);
const orgIds = {
  default: DEFAULT_ORG,
  acme: OrgId.parse(idOf("o", "a")),
  beta: OrgId.parse(idOf("o", "b")),
};
type OrgName = keyof typeof orgIds;
const { acme, beta } = orgIds;
const unknownId = idOf("o", "z");

const ann = UserId.parse(idOf("u", "a"));
const MINE = "m".repeat(40);
/** Another session of the same person. */
const OTHER = "o".repeat(40);
const TOKEN = `pulse_${"k".repeat(32)}`;
const tokenId = TokenId.parse(idOf("t", "a"));

/** The flag, the hot switch, and when the licence ends after `START`; undefined: there is none. */
const MODES = {
  on: { allowed: true, switched: true, licensedFor: 100 * DAY },
  off: { allowed: false, switched: true, licensedFor: 100 * DAY },
  "switched off": { allowed: true, switched: false, licensedFor: 100 * DAY },
  unlicensed: { allowed: true, switched: true, licensedFor: undefined },
} as const;

interface World {
  mode: keyof typeof MODES;
  /** The session is known. */
  signedIn: boolean;
  signedInAt: number;
  operator: boolean;
  disabled: boolean;
  creationOpen: boolean;
  roles: Partial<Record<OrgName, Role>>;
  states: Partial<Record<OrgName, OrgEntry["state"]>>;
  domains: Partial<Record<OrgName, string>>;
  token: Partial<TokenEntry>;
}

function person(operator: boolean, disabled = false): PersonEntry {
  return { id: ann, email: "a@example.org", name: "A", operator, disabled };
}

function sessionOf(raw: string, createdAt: number): SessionEntry {
  return {
    idHash: sha256Hex(raw),
    id: SessionId.parse(idOf("s", raw.slice(0, 1))),
    userId: ann,
    createdAt,
    lastSeenAt: FAR,
    idleEndsAt: FAR,
    endsAt: FAR,
    address: "",
    userAgent: "",
  };
}

function tokenOf(given: Partial<TokenEntry> = {}): TokenEntry {
  return {
    id: tokenId,
    secretHash: sha256Hex(TOKEN),
    madeBy: ann,
    scopes: ["admin"],
    orgIds: [acme],
    ...given,
  };
}

function build(world: Partial<World> = {}) {
  const { mode = "on", signedIn = true, signedInAt = START, roles = {}, states = {}, domains = {} } = world;
  const { allowed, switched, licensedFor } = MODES[mode];
  let now = START;
  const clock = () => now;
  const moveTo = (time: number) => {
    now = time;
  };
  const directory = new Directory();
  directory.apply([
    { kind: "person", person: person(world.operator ?? false, world.disabled) },
    { kind: "org_creation", open: world.creationOpen ?? false },
    { kind: "multi_tenant_switch", on: switched },
  ]);
  for (const [slug, id] of Object.entries(orgIds) as [OrgName, OrgId][]) {
    const primaryDomain = domains[slug];
    const state = states[slug] ?? "active";
    const org: OrgEntry = { id, slug, name: slug, state, createdAt: START, limits: {} };
    directory.apply([{ kind: "org", org: { ...org, ...(primaryDomain && { primaryDomain }) } }]);
    const role = roles[slug];
    if (role) directory.apply([{ kind: "member", member: { orgId: id, userId: ann, role, since: START } }]);
  }
  if (signedIn) {
    for (const raw of [MINE, OTHER]) {
      directory.apply([{ kind: "session", session: sessionOf(raw, signedInAt) }]);
    }
  }
  if (world.token) directory.apply([{ kind: "token", token: tokenOf(world.token) }]);
  if (licensedFor !== undefined) {
    const license = {
      id: "l",
      holder: "h",
      features: ["multi_tenant"],
      limits: {},
      issuedAt: START,
      expiresAt: START + licensedFor,
    };
    directory.apply([{ kind: "license", license }]);
  }
  const orgCookie = new OrgCookie();
  orgCookie.use(Buffer.from("a key of this instance"));
  const gate: Gatekeepers = {
    directory,
    features: new Features({ multiTenantAllowed: allowed, directory, clock }),
    sessions: new Sessions({ directory, instance: {} as never, clock, onFailure: () => {} }),
    orgCookie,
    clock,
  };
  /** What the browser sends as `pulse_org`. */
  const cookie = (orgId: OrgId, raw = MINE) =>
    /=([^;]*)/.exec(orgCookie.make(orgId, sha256Hex(raw), false))?.[1] ?? "";
  return { gate, directory, cookie, moveTo };
}

const claims = (given: Partial<Claims> = {}): Claims => ({
  headerOrgs: [],
  rawOrgCookie: undefined,
  host: "pulse.example.org",
  rawSession: MINE,
  bearer: undefined,
  address: "127.0.0.1",
  onThisMachine: true,
  secure: false,
  ...given,
});
const header = (...headerOrgs: string[]) => claims({ headerOrgs });
/** A token and a session beside it, which is never looked at. */
const bearer = (given: Partial<Claims> = {}) => claims({ bearer: TOKEN, ...given });

const VIEWER: Need = { who: "viewer", surface: "always" };
const PUBLIC: Need = { who: "public", surface: "always" };
const SELF: Need = { who: "self", surface: "always" };
const OPERATOR: Need = { who: "operator", surface: "always" };
const CREATOR: Need = { who: "creator", surface: "multi_tenant" };
const unheard: Witness = { recognised: () => {}, requested: () => {} };

/** The org a call is let into, or the reason it is refused for. */
async function outcome(
  gate: Gatekeepers,
  asked: Claims,
  need: Need = VIEWER,
  kind: CallKind = "query",
): Promise<string> {
  const came = await attempt(gate, asked, need, kind);
  return came instanceof DomainError ? came.reason : came.orgId;
}

async function attempt(
  gate: Gatekeepers,
  asked: Claims,
  need: Need,
  kind: CallKind = "query",
): Promise<Admitted | DomainError> {
  try {
    return await admit(gate, asked, need, kind, unheard);
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}

/**
 * Each row breaks everything that the rows below it break too, and one thing more: so each row proves that its check
 * comes before all the later ones.
 */
describe("the first check that fails answers", () => {
  const need: Need = { who: "admin", surface: "multi_tenant", session: "fresh" };
  type Row = [step: string, world: Partial<World>, asked: Claims, answer: string];

  describe("somebody in a browser:", () => {
    const anonymous = claims({ headerOrgs: [acme], rawSession: undefined });
    const suspended = { acme: "suspended" } as const;
    const signedInAt = START - DAY;
    const rows: Row[] = [
      ["a malformed org", { mode: "off" }, { ...anonymous, headerOrgs: ["NOT AN ORG"] }, "invalid_org"],
      ["two orgs at once", { mode: "off" }, { ...anonymous, headerOrgs: [acme, beta] }, "org_mismatch"],
      ["the feature is off", { mode: "off" }, anonymous, "feature_disabled"],
      ["it was switched off", { mode: "switched off" }, anonymous, "feature_disabled"],
      ["there is no licence", { mode: "unlicensed" }, anonymous, "license_required"],
      ["no credential", { states: suspended }, anonymous, "authentication_required"],
      ["a session that has ended", { signedIn: false, states: suspended }, header(acme), "session_expired"],
      ["no membership", { states: suspended, signedInAt }, header(acme), "access_denied"],
      [
        "an org that is suspended",
        { states: suspended, roles: { acme: "viewer" }, signedInAt },
        header(acme),
        "org_suspended",
      ],
      [
        "a role that does not suffice",
        { roles: { acme: "viewer" }, signedInAt },
        header(acme),
        "role_required",
      ],
      ["a session of yesterday", { roles: { acme: "admin" }, signedInAt }, header(acme), "session_expired"],
      ["nothing", { roles: { acme: "admin" } }, header(acme), acme],
    ];
    for (const [step, world, asked, answer] of rows) {
      test(step, async () => expect(await outcome(build(world).gate, asked, need, "mutation")).toBe(answer));
    }
  });

  describe("a token:", () => {
    const writes: Need = { who: "admin", surface: "multi_tenant" };
    const token: Partial<TokenEntry> = { scopes: ["read"] };
    const bad = { ...token, orgIds: [beta], expiresAt: START };
    const suspended = { acme: "suspended" } as const;
    const asked = bearer({ headerOrgs: [acme] });
    const rows: Row[] = [
      ["a malformed org", { mode: "off", token: bad }, bearer({ headerOrgs: ["-"] }), "invalid_org"],
      ["the feature is off", { mode: "off", token: bad }, asked, "feature_disabled"],
      ["there is no licence", { mode: "unlicensed", token: bad }, asked, "license_required"],
      ["that has run out", { token: bad, states: suspended }, asked, "token_invalid"],
      [
        "that is bound elsewhere",
        { token: { ...token, orgIds: [beta] }, states: suspended, roles: { acme: "viewer", beta: "viewer" } },
        asked,
        "access_denied",
      ],
      [
        "an org that is suspended",
        { token, states: suspended, roles: { acme: "viewer" } },
        asked,
        "org_suspended",
      ],
      ["whose maker's role does not suffice", { token, roles: { acme: "viewer" } }, asked, "role_required"],
      ["without the scope", { token, roles: { acme: "admin" } }, asked, "scope_missing"],
      ["nothing", { token: {}, roles: { acme: "admin" } }, asked, acme],
    ];
    for (const [step, world, claimed, answer] of rows) {
      test(step, async () => {
        expect(await outcome(build(world).gate, claimed, writes, "mutation")).toBe(answer);
      });
    }

    test("where a person is needed, whatever its maker's role", async () => {
      const { gate } = build({ token, roles: { acme: "viewer" } });
      expect(await outcome(gate, asked, need)).toBe("session_required");
    });
  });

  test("a cookie that was tampered with comes after who it is and before where they belong", async () => {
    const asked = claims({ rawOrgCookie: `${acme}.x` });
    const rows: [Partial<World>, Claims, string][] = [
      [{ mode: "off" }, { ...asked, rawSession: undefined }, "feature_disabled"],
      [{ mode: "unlicensed" }, { ...asked, rawSession: undefined }, "license_required"],
      [{}, { ...asked, rawSession: undefined }, "authentication_required"],
      [{ signedIn: false }, asked, "session_expired"],
      [{}, asked, "org_cookie_invalid"],
    ];
    for (const [world, claimed, answer] of rows)
      expect(await outcome(build(world).gate, claimed)).toBe(answer);
  });
});

describe("whoever is not a member cannot tell", () => {
  const facts = (came: Admitted | DomainError) =>
    came instanceof DomainError
      ? [came.name, came.reason, came.httpStatus, came.message, came.fields, came.retryAfterMs, came.cause]
      : "admitted";
  const denied = [
    "DomainError",
    "access_denied",
    403,
    "You have no access here.",
    undefined,
    undefined,
    undefined,
  ];
  const restores: Need = { who: "owner", surface: "multi_tenant", session: "fresh", deletedToo: true };
  const rows: [who: string, world: Partial<World>, asked: Claims, need?: Need][] = [
    ["an org that exists, by id", {}, header(acme)],
    ["and by name", {}, header("acme")],
    ["an id nobody has", {}, header(unknownId)],
    ["a name nobody has", {}, header("nobody-here")],
    ["a suspended one", { states: { acme: "suspended" } }, header(acme)],
    ["a deleted one", { states: { acme: "deleted" } }, header(acme)],
    ["default, to whom does not belong there", {}, header()],
    [
      "a deleted one, to its former owner",
      { states: { acme: "deleted" }, roles: { acme: "owner" } },
      header(acme),
    ],
    ["a deleted one, to whom would restore it", { states: { acme: "deleted" } }, header(acme), restores],
    [
      "a deleted one, to an admin of it who would restore it",
      { states: { acme: "deleted" }, roles: { acme: "admin" } },
      header(acme),
      restores,
    ],
    ["an unknown one, to whom would restore it", {}, header(unknownId), restores],
    [
      "one behind its own domain",
      { domains: { acme: "acme.example.org" } },
      claims({ host: "acme.example.org" }),
    ],
    [
      "one a token is not bound to",
      { token: {}, roles: { beta: "owner" } },
      bearer({ headerOrgs: ["beta"] }),
    ],
    ["an unknown one, with a token", { token: {} }, bearer({ headerOrgs: [unknownId] })],
    ["one the token's maker was removed from", { token: {} }, bearer()],
    ["any to an operator", { operator: true }, header(acme)],
  ];
  for (const [who, world, asked, need] of rows) {
    test(who, async () => {
      expect(facts(await attempt(build(world).gate, asked, need ?? VIEWER))).toEqual(denied);
    });
  }
});

describe("roles", () => {
  for (const held of ROLES) {
    for (const needed of ROLES) {
      const may = ROLES.indexOf(held) >= ROLES.indexOf(needed);
      test(`${held} ${may ? "may" : "may not"} do what needs ${needed}`, async () => {
        const { gate } = build({ roles: { default: held } });
        expect(await outcome(gate, claims(), { who: needed, surface: "always" })).toBe(
          may ? "default" : "role_required",
        );
      });
    }
  }

  test("in one org say nothing about another: default needs a membership like every org", async () => {
    const { gate } = build({ roles: { acme: "owner" }, operator: true });
    expect(await outcome(gate, claims())).toBe("access_denied");
    expect(await outcome(gate, header("acme"))).toBe(acme);
  });

  test("of an operator open no org, and of an owner no instance", async () => {
    const operator = build({ operator: true }).gate;
    expect(await outcome(operator, claims(), OPERATOR)).toBe("default");
    expect(await outcome(operator, claims())).toBe("access_denied");
    expect(await outcome(build({ roles: { default: "owner" } }).gate, claims(), OPERATOR)).toBe(
      "role_required",
    );
  });

  test("are handed over with the org they are held in, and none where the need is about no org", async () => {
    const { gate } = build({ roles: { acme: "editor" } });
    expect(await attempt(gate, header("acme"), VIEWER)).toMatchObject({ orgId: acme, role: "editor" });
    const self = await attempt(gate, header("acme"), SELF);
    expect(self).toMatchObject({ orgId: DEFAULT_ORG, role: undefined, caller: { person: { id: ann } } });
    expect(await attempt(gate, claims(), PUBLIC)).toEqual({
      orgId: DEFAULT_ORG,
      caller: undefined,
      role: undefined,
    });
  });
});

describe("who may create orgs:", () => {
  const rows: [who: string, world: Partial<World>, answer: string][] = [
    ["operators", { operator: true }, "default"],
    ["nobody else", { roles: { default: "owner", acme: "owner" } }, "role_required"],
    ["anybody, where operators allow it", { creationOpen: true }, "default"],
    ["nobody while the feature is off", { operator: true, mode: "off" }, "feature_disabled"],
    ["nobody without a licence", { operator: true, mode: "unlicensed" }, "license_required"],
  ];
  for (const [who, world, answer] of rows) {
    test(who, async () => expect(await outcome(build(world).gate, claims(), CREATOR)).toBe(answer));
  }

  test("no token, whoever made it", async () => {
    const { gate } = build({ operator: true, creationOpen: true, token: {}, roles: { acme: "owner" } });
    for (const need of [CREATOR, OPERATOR])
      expect(await outcome(gate, bearer(), need, "mutation")).toBe("session_required");
  });
});

describe("the owner of a deleted org", () => {
  const world = { states: { acme: "deleted" }, roles: { acme: "owner" } } as const;
  const restores: Need = { who: "owner", surface: "multi_tenant", session: "fresh", deletedToo: true };

  test("may bring it back, and nothing else", async () => {
    const { gate } = build(world);
    expect(await outcome(gate, header("acme"), restores, "mutation")).toBe(acme);
    for (const who of ROLES)
      expect(await outcome(gate, header("acme"), { who, surface: "multi_tenant" })).toBe("access_denied");
  });

  test("has to have signed in a moment ago", async () => {
    const { gate } = build({ ...world, signedInAt: START - DAY });
    expect(await outcome(gate, header("acme"), restores, "mutation")).toBe("session_expired");
  });

  test("does not find one that is suspended any less suspended", async () => {
    const { gate } = build({ ...world, states: { acme: "suspended" } });
    expect(await outcome(gate, header("acme"), restores, "mutation")).toBe("org_suspended");
  });
});

describe("a fresh session", () => {
  const fresh: Need = { who: "viewer", surface: "always", session: "fresh" };

  test.each([
    [0, "default"],
    [5 * MINUTE, "default"],
    [5 * MINUTE + 1, "session_expired"],
  ])("is one of somebody who signed in up to five minutes ago: %i ms", async (ago, answer) => {
    const { gate } = build({ roles: { default: "viewer" }, operator: true, signedInAt: START - ago });
    expect(await outcome(gate, claims(), fresh)).toBe(answer);
    expect(await outcome(gate, claims(), { ...OPERATOR, session: "fresh" })).toBe(answer);
    expect(await outcome(gate, claims(), { ...fresh, session: "any" })).toBe("default");
  });

  test("is asked only of those who may: signing in again would not help the others", async () => {
    const { gate } = build({ roles: { default: "owner" }, signedInAt: START - DAY });
    expect(await outcome(gate, claims(), { ...OPERATOR, session: "fresh" })).toBe("role_required");
  });

  test("does not stay fresh by being used", async () => {
    const { gate, moveTo } = build({ roles: { default: "viewer" } });
    for (let minute = 0; minute <= 5; minute++) {
      moveTo(START + minute * MINUTE);
      expect(await outcome(gate, claims(), fresh)).toBe("default");
    }
    moveTo(START + 5 * MINUTE + 1);
    expect(await outcome(gate, claims(), fresh)).toBe("session_expired");
  });
});

describe("the header", () => {
  const both: Partial<World> = { roles: { default: "viewer", acme: "viewer" } };
  const rows: [values: string[], answer: string][] = [
    [[], "default"],
    [["default"], "default"],
    [["default", "default"], "default"],
    [["acme"], acme],
    [[acme], acme],
    [["acme", "acme"], acme],
    [["acme", "default"], "org_mismatch"],
    [["default", acme], "org_mismatch"],
    [["default", "NOT AN ORG"], "invalid_org"],
    [[""], "invalid_org"],
    [["a"], "invalid_org"],
    [["a".repeat(40)], "access_denied"],
    [["a".repeat(41)], "invalid_org"],
    [["Acme"], "invalid_org"],
    [["ACME"], "invalid_org"],
    [["аcme"], "invalid_org"], // a Cyrillic first letter
    [["acme․example"], "invalid_org"], // a dot that is none
    [["acme."], "invalid_org"],
    [["../bad"], "invalid_org"],
    [["a,b"], "invalid_org"],
    [["acme\0"], "invalid_org"],
    [["acme\n"], "invalid_org"],
    [["acme "], "invalid_org"],
    [["-acme"], "invalid_org"],
    [["ac--me"], "invalid_org"],
    [["__proto__"], "invalid_org"],
    [["constructor"], "access_denied"],
  ];
  for (const [values, answer] of rows) {
    test(`${JSON.stringify(values)} comes to ${answer}`, async () => {
      expect(await outcome(build(both).gate, header(...values))).toBe(answer);
    });
  }

  test.each(["off", "switched off"] as const)("is checked for what is public too: %s", async (mode) => {
    const { gate } = build({ mode });
    expect(await outcome(gate, header("acme"), PUBLIC)).toBe("feature_disabled");
    expect(await outcome(gate, header("nobody-here"), PUBLIC)).toBe("feature_disabled");
    expect(await outcome(gate, header("default"), PUBLIC)).toBe("default");
    expect(await outcome(gate, claims({ rawSession: undefined }), PUBLIC)).toBe("default");
  });
});

describe("the feature", () => {
  const everywhere: Partial<World> = { roles: { default: "owner", acme: "owner" }, operator: true };
  const surface: Need = { who: "viewer", surface: "multi_tenant" };

  test.each(["off", "switched off", "unlicensed"] as const)("%s leaves default as it was", async (mode) => {
    const { gate } = build({ ...everywhere, mode });
    for (const need of [VIEWER, SELF, OPERATOR, PUBLIC]) {
      expect(await outcome(gate, claims(), need)).toBe("default");
      expect(await outcome(gate, header("default"), need)).toBe("default");
    }
  });

  test.each([
    ["off", "feature_disabled"],
    ["switched off", "feature_disabled"],
    ["unlicensed", "license_required"],
  ] as const)("%s: its surface is not there, for anybody", async (mode, answer) => {
    for (const asked of [claims(), header("default"), claims({ rawSession: undefined }), bearer()]) {
      for (const who of ["public", "self", "operator", "creator", "viewer", "owner"] as const) {
        const { gate } = build({ ...everywhere, mode });
        expect(await outcome(gate, asked, { ...surface, who })).toBe(answer);
      }
    }
  });

  test("goes on for seven days after the licence has run out, and comes back with another", async () => {
    const { gate, moveTo, directory } = build(everywhere);
    const endsAt = START + 100 * DAY;
    for (const [now, answer] of [
      [endsAt - 1, acme],
      [endsAt, acme],
      [endsAt + 6 * DAY, acme],
      [endsAt + LICENSE_GRACE_MS - 1, acme],
      [endsAt + LICENSE_GRACE_MS, "license_required"],
      [endsAt + 8 * DAY, "license_required"],
    ] as const) {
      moveTo(now);
      expect(await outcome(gate, header("acme"))).toBe(answer);
      expect(await outcome(gate, claims())).toBe("default");
    }
    const { license } = directory;
    directory.apply([{ kind: "license", license: license && { ...license, expiresAt: endsAt + 9 * DAY } }]);
    expect(await outcome(gate, header("acme"))).toBe(acme);
  });

  test("is not licensed by a licence for something else", async () => {
    const { gate, directory } = build(everywhere);
    const { license } = directory;
    directory.apply([{ kind: "license", license: license && { ...license, features: ["another"] } }]);
    expect(await outcome(gate, header("acme"))).toBe("license_required");
  });
});

describe("a domain of an org", () => {
  const host = "acme.example.org";
  const world: Partial<World> = {
    domains: { acme: host },
    roles: { default: "viewer", acme: "viewer", beta: "viewer" },
  };

  test("asks for that org where nothing else does", async () => {
    const { gate } = build(world);
    expect(await outcome(gate, claims({ host }))).toBe(acme);
    expect(await outcome(gate, claims({ host: "other.example.org" }))).toBe("default");
    expect(await outcome(gate, claims({ host: "" }))).toBe("default");
  });

  test.each([
    ["acme", acme],
    [acme, acme],
    ["beta", "org_mismatch"],
    ["default", "org_mismatch"],
    ["nobody-here", "org_mismatch"],
  ])("beside the header %s comes to %s", async (named, answer) => {
    expect(await outcome(build(world).gate, claims({ host, headerOrgs: [named] }))).toBe(answer);
  });

  test("counts less than the cookie, and more than what a token is bound to", async () => {
    const { gate, cookie } = build({ ...world, token: { orgIds: [beta] } });
    expect(await outcome(gate, claims({ host, rawOrgCookie: cookie(beta) }))).toBe(beta);
    expect(await outcome(gate, bearer({ host }))).toBe("access_denied");
    expect(await outcome(gate, bearer())).toBe(beta);
  });

  test("speaks only for calls that work on an org: there, too, one can sign in while it is off", async () => {
    const { gate } = build({ ...world, mode: "off" });
    for (const need of [PUBLIC, SELF]) expect(await outcome(gate, claims({ host }), need)).toBe("default");
    expect(await outcome(gate, claims({ host }))).toBe("feature_disabled");
  });
});

describe("the cookie", () => {
  const world: Partial<World> = { roles: { default: "viewer", acme: "viewer" } };

  test("of this session asks for its org", async () => {
    const { gate, cookie } = build(world);
    expect(await outcome(gate, claims({ rawOrgCookie: cookie(acme) }))).toBe(acme);
    expect(await outcome(gate, claims({ rawOrgCookie: cookie(DEFAULT_ORG) }))).toBe("default");
  });

  test("grants nothing", async () => {
    const { gate, cookie } = build({ roles: { default: "viewer" } });
    expect(await outcome(gate, claims({ rawOrgCookie: cookie(acme) }))).toBe("access_denied");
  });

  const forged: [what: string, make: (cookie: (orgId: OrgId, raw?: string) => string) => string][] = [
    ["of another session", (cookie) => cookie(acme, OTHER)],
    ["that is cut short", (cookie) => cookie(acme).slice(0, -1)],
    ["with something after it", (cookie) => `${cookie(acme)}A`],
    ["with another part after it", (cookie) => `${cookie(acme)}.${acme}`],
    ["of one org with the signature of another", (cookie) => `${acme}.${cookie(beta).split(".")[1]}`],
    ["without a signature", () => acme],
    ["with an empty signature", () => `${acme}.`],
    ["with a name instead of an id", (cookie) => `acme.${cookie(acme).split(".")[1]}`],
    ["in capitals", (cookie) => cookie(acme).toUpperCase()],
    ["that is empty", () => ""],
    ["that is a dot", () => "."],
    ["that is garbage", () => "__proto__"],
    [
      "of other characters than ours, as many bytes",
      (cookie) => `${acme}.${"é".repeat(21)}${cookie(acme).at(-1)}`,
    ],
    ["for default that is made up", () => `${DEFAULT_ORG}.x`],
  ];
  for (const [what, make] of forged) {
    test(`${what} is refused as an attempt`, async () => {
      const { gate, cookie } = build(world);
      expect(await outcome(gate, claims({ rawOrgCookie: make(cookie) }))).toBe("org_cookie_invalid");
    });
  }

  test("made with another key is refused", async () => {
    const { gate, cookie } = build(world);
    const rawOrgCookie = cookie(acme);
    gate.orgCookie.use(Buffer.from("the key of another instance"));
    expect(await outcome(gate, claims({ rawOrgCookie }))).toBe("org_cookie_invalid");
  });

  test("counts only when nothing else names an org, good or bad", async () => {
    const { gate, cookie } = build({ roles: { acme: "viewer" } });
    for (const rawOrgCookie of [cookie(beta), cookie(acme, OTHER), "garbage"])
      expect(await outcome(gate, claims({ headerOrgs: ["acme"], rawOrgCookie }))).toBe(acme);
  });

  test("is nothing to a token, good or bad", async () => {
    const { gate, cookie } = build({ ...world, roles: { beta: "viewer" }, token: { orgIds: [beta] } });
    for (const rawOrgCookie of [cookie(acme), "garbage"])
      expect(await outcome(gate, bearer({ rawOrgCookie }))).toBe(beta);
  });

  test("is nothing to what works on no org, good or bad", async () => {
    for (const mode of ["on", "off", "switched off", "unlicensed"] as const) {
      const { gate, cookie } = build({ ...world, mode, operator: true });
      for (const rawOrgCookie of [cookie(acme), "garbage"]) {
        for (const need of [PUBLIC, SELF, OPERATOR])
          expect(await outcome(gate, claims({ rawOrgCookie }), need)).toBe("default");
      }
    }
  });

  test.each([
    ["off", "feature_disabled"],
    ["switched off", "feature_disabled"],
    ["unlicensed", "license_required"],
  ] as const)("%s: asks in vain, and default is still there for who asks for it", async (mode, answer) => {
    const { gate, cookie } = build({ ...world, mode });
    expect(await outcome(gate, claims({ rawOrgCookie: cookie(acme) }))).toBe(answer);
    expect(await outcome(gate, claims({ rawOrgCookie: cookie(acme), headerOrgs: ["default"] }))).toBe(
      "default",
    );
  });
});

describe("a token", () => {
  const everywhere: Partial<World> = { roles: { default: "owner", acme: "owner", beta: "owner" } };
  const rows: [what: string, token: Partial<TokenEntry>, asked: string[], answer: string][] = [
    ["bound to one org means it", { orgIds: [acme] }, [], acme],
    ["and may name it", { orgIds: [acme] }, ["acme"], acme],
    ["and no other", { orgIds: [acme] }, ["beta"], "access_denied"],
    ["nor default, unless bound to it", { orgIds: [acme] }, ["default"], "access_denied"],
    ["bound to default means it", { orgIds: [DEFAULT_ORG] }, [], "default"],
    ["bound to two orgs means default, which is neither", { orgIds: [acme, beta] }, [], "access_denied"],
    ["bound to two reaches the one it names", { orgIds: [acme, beta] }, ["beta"], beta],
    ["bound to default among others", { orgIds: [acme, DEFAULT_ORG] }, [], "default"],
    ["bound to nothing reaches nothing", { orgIds: [] }, [], "access_denied"],
    ["bound to nothing, on acme", { orgIds: [] }, ["acme"], "access_denied"],
    ["of somebody else", { madeBy: UserId.parse(idOf("u", "z")) }, [], "token_invalid"],
    ["that ends now", { expiresAt: START }, [], "token_invalid"],
    ["that ends in a moment", { expiresAt: START + 1 }, [], acme],
  ];
  for (const [what, token, headerOrgs, answer] of rows) {
    test(what, async () => {
      expect(await outcome(build({ ...everywhere, token }).gate, bearer({ headerOrgs }))).toBe(answer);
    });
  }

  describe("that is sent and is none ends the call, session or not:", () => {
    const bad = ["", "x", "pulse_", TOKEN.slice(0, -1), `${TOKEN}k`, TOKEN.toUpperCase(), ` ${TOKEN}`];
    const odd = [`pulse_${"k".repeat(200)}`, "pulse_agent_abcdefgh", sha256Hex(TOKEN), tokenId, MINE];
    test.each([...bad, ...odd])("%s", async (sent) => {
      const { gate } = build({ ...everywhere, token: {} });
      for (const need of [VIEWER, SELF, PUBLIC, OPERATOR])
        expect(await outcome(gate, claims({ bearer: sent }), need)).toBe("token_invalid");
    });
  });

  test("decides alone: the session beside it opens nothing", async () => {
    const { gate } = build({ roles: { beta: "owner" }, token: { orgIds: [acme] } });
    expect(await outcome(gate, bearer({ headerOrgs: ["beta"] }))).toBe("access_denied");
    expect(await outcome(gate, bearer())).toBe("access_denied");
    expect(await outcome(gate, claims({ headerOrgs: ["beta"] }))).toBe(beta);
  });

  test("needs no session", async () => {
    const { gate } = build({ ...everywhere, signedIn: false, token: {} });
    expect(await outcome(gate, bearer({ rawSession: undefined }))).toBe(acme);
  });

  test("ends with its maker's account, is revoked, and comes back with neither", async () => {
    const { gate, directory } = build({ ...everywhere, token: {} });
    directory.apply([{ kind: "person", person: person(false, true) }]);
    expect(await outcome(gate, bearer())).toBe("token_invalid");
    directory.apply([{ kind: "person", person: person(false) }]);
    expect(await outcome(gate, bearer())).toBe(acme);
    directory.apply([{ kind: "token_gone", id: tokenId }]);
    expect(await outcome(gate, bearer())).toBe("token_invalid");
  });

  describe("can do what its scopes say and its maker may:", () => {
    const kinds = ["query", "subscription", "mutation"] as const;
    /** What is needed of the token, for a call of this kind that needs this role. */
    const neededScope = (needed: Role, kind: CallKind): Scope =>
      needed === "admin" || needed === "owner" ? "admin" : kind === "mutation" ? "write" : "read";
    const covers: Record<Scope, Scope[]> = {
      read: ["read"],
      write: ["read", "write"],
      admin: ["read", "write", "admin"],
      report: ["report"],
    };
    for (const scope of ["read", "write", "admin", "report"] as const) {
      for (const held of ROLES) {
        test(`${scope}, made by ${held === "admin" || held === "editor" ? "an" : "a"} ${held}`, async () => {
          const { gate } = build({ roles: { acme: held }, token: { scopes: [scope] } });
          for (const needed of ROLES) {
            for (const kind of kinds) {
              const mayRole = ROLES.indexOf(held) >= ROLES.indexOf(needed);
              const mayScope = covers[scope].includes(neededScope(needed, kind));
              const answer = !mayRole ? "role_required" : mayScope ? acme : "scope_missing";
              expect(await outcome(gate, bearer(), { who: needed, surface: "always" }, kind)).toBe(answer);
            }
          }
        });
      }
    }

    test("several scopes add up", async () => {
      const { gate } = build({ ...everywhere, token: { scopes: ["report", "read"] } });
      expect(await outcome(gate, bearer())).toBe(acme);
      expect(await outcome(gate, bearer(), VIEWER, "mutation")).toBe("scope_missing");
    });

    test("of its maker only as much as the scope allows", async () => {
      const asked: [Scope[], CallKind, string][] = [
        [["read"], "query", "default"],
        [["read"], "mutation", "scope_missing"],
        [["write"], "mutation", "default"],
        [["report"], "query", "scope_missing"],
        [[], "query", "scope_missing"],
      ];
      for (const [scopes, kind, answer] of asked) {
        const { gate } = build({ ...everywhere, token: { scopes } });
        expect(await outcome(gate, bearer(), SELF, kind)).toBe(answer);
      }
    });

    test("its maker's role is the one of now: demoted, removed, promoted", async () => {
      const { gate, directory } = build({ roles: { acme: "admin" }, token: {} });
      const admin: Need = { who: "admin", surface: "always" };
      const role = (role: Role) =>
        directory.apply([{ kind: "member", member: { orgId: acme, userId: ann, role, since: START } }]);
      expect(await outcome(gate, bearer(), admin)).toBe(acme);
      role("viewer");
      expect(await outcome(gate, bearer(), admin)).toBe("role_required");
      expect(await outcome(gate, bearer())).toBe(acme);
      directory.apply([{ kind: "member_gone", orgId: acme, userId: ann }]);
      expect(await outcome(gate, bearer())).toBe("access_denied");
      role("admin");
      expect(await outcome(gate, bearer(), admin)).toBe(acme);
    });
  });

  test("never does what is for somebody in a browser", async () => {
    const { gate } = build({ ...everywhere, operator: true, token: {} });
    for (const session of ["any", "fresh"] as const) {
      for (const who of ["self", "viewer", "owner"] as const) {
        const need: Need = { who, surface: "always", session };
        for (const kind of ["query", "mutation"] as const)
          expect(await outcome(gate, bearer(), need, kind)).toBe("session_required");
      }
    }
  });
});

test("nothing is remembered from one call to the next, whoever makes it and whatever it came to", async () => {
  const { gate, cookie } = build({
    roles: { default: "viewer", acme: "viewer", beta: "viewer" },
    token: { orgIds: [acme] },
  });
  const asked: [Claims, string][] = [
    [header("acme"), acme],
    [header("beta"), beta],
    [claims(), "default"],
    [bearer(), acme],
    [bearer({ headerOrgs: ["beta"] }), "access_denied"],
    [claims({ rawOrgCookie: cookie(beta) }), beta],
    [claims({ rawOrgCookie: "garbage" }), "org_cookie_invalid"],
    [claims({ rawSession: undefined }), "authentication_required"],
    [claims({ bearer: "pulse_x" }), "token_invalid"],
    [header("nobody-here"), "access_denied"],
  ];
  const rounds = Array.from({ length: 1_000 }, (_, n) => asked[(n * 7) % asked.length] as [Claims, string]);
  const answers = await Promise.all(rounds.map(([claimed]) => outcome(gate, claimed)));
  expect(answers).toEqual(rounds.map(([, answer]) => answer));
});

describe("what is heard of a call", () => {
  async function heard(world: Partial<World>, asked: Claims, need: Need = VIEWER) {
    const callers: Caller[] = [];
    const orgs: RequestedOrg[] = [];
    const witness: Witness = {
      recognised: (caller) => void callers.push(caller),
      requested: (org) => void orgs.push(org),
    };
    await admit(build(world).gate, asked, need, "query", witness).catch(() => {});
    return { callers, orgs };
  }

  test("who it is, also when they are then refused", async () => {
    expect((await heard({}, claims())).callers).toMatchObject([{ session: { idHash: sha256Hex(MINE) } }]);
    const byToken = await heard({ token: {} }, bearer());
    expect(byToken.callers).toMatchObject([{ person: { id: ann }, token: { id: tokenId } }]);
    expect(byToken.callers[0]?.session).toBeUndefined();
  });

  test("not who it may be, before that is proven", async () => {
    const rows: [Partial<World>, Claims][] = [
      [{ signedIn: false }, claims()],
      [{ mode: "off" }, header("acme")],
      [{ token: { expiresAt: START } }, bearer()],
      [{}, claims({ bearer: "pulse_x" })],
      [{}, header("NOT AN ORG")],
    ];
    for (const [world, asked] of rows) expect((await heard(world, asked)).callers).toEqual([]);
  });

  test("which org was asked for and by what, whatever it comes to", async () => {
    const domains = { acme: "acme.example.org" };
    const rows: [Partial<World>, Claims, RequestedOrg][] = [
      [{}, claims(), { reference: "default", carrier: "none" }],
      [{ mode: "off" }, header("acme"), { reference: "acme", carrier: "header" }],
      [{}, claims({ rawOrgCookie: `${acme}.x` }), { reference: acme, carrier: "cookie" }],
      [{ domains }, claims({ host: "acme.example.org" }), { reference: acme, carrier: "domain" }],
      [{ token: {} }, bearer(), { reference: acme, carrier: "token" }],
      [{ token: { orgIds: [acme, beta] } }, bearer(), { reference: "default", carrier: "none" }],
    ];
    for (const [world, asked, org] of rows) expect((await heard(world, asked)).orgs).toEqual([org]);
  });
});

test("a caller is named by the token where there is one, else by the person", async () => {
  const { gate } = build({ token: {}, roles: { default: "viewer", acme: "viewer" } });
  const callerOf = async (asked: Claims) =>
    (await admit(gate, asked, VIEWER, "query", unheard)).caller as Caller;
  const [inBrowser, byToken] = [await callerOf(claims()), await callerOf(bearer())];
  expect([byOf(inBrowser), keyOf(inBrowser)]).toEqual([{ kind: "person", id: ann }, ann]);
  expect([byOf(byToken), keyOf(byToken)]).toEqual([{ kind: "token", id: tokenId }, tokenId]);
  expect([roleOf(gate, DEFAULT_ORG, inBrowser), roleOf(gate, DEFAULT_ORG, byToken)]).toEqual([
    "viewer",
    undefined,
  ]);
});

describe("a stream that is open", () => {
  type Setting = ReturnType<typeof build>;
  const world: Partial<World> = { roles: { default: "viewer", acme: "viewer" }, token: {} };

  async function open(asked: Claims, given: Partial<World> = world) {
    const setting = build(given);
    const admitted = await admit(setting.gate, asked, VIEWER, "subscription", unheard);
    expect(endReasonFor(setting.gate, admitted, "viewer")).toBeUndefined();
    return { ...setting, admitted };
  }

  const org =
    (state: OrgEntry["state"]) =>
    ({ directory }: Setting) => {
      const entry = directory.findOrg(acme) as OrgEntry;
      directory.apply([{ kind: "org", org: { ...entry, state } }]);
    };
  const inBrowser: [cause: string, happens: (setting: Setting) => void, reason: string][] = [
    [
      "the session",
      ({ directory }) => directory.apply([{ kind: "session_ended", idHash: sha256Hex(MINE) }]),
      "signed_out",
    ],
    [
      "the session's time",
      ({ directory, moveTo }) => {
        directory.apply([{ kind: "session", session: { ...sessionOf(MINE, START), endsAt: START + DAY } }]);
        moveTo(START + DAY);
      },
      "signed_out",
    ],
  ];
  const byToken: typeof inBrowser = [
    ["the token", ({ directory }) => directory.apply([{ kind: "token_gone", id: tokenId }]), "signed_out"],
    ["the token's time", ({ moveTo }) => moveTo(START + DAY), "signed_out"],
  ];
  const either: typeof inBrowser = [
    [
      "the account",
      ({ directory }) => directory.apply([{ kind: "person", person: person(false, true) }]),
      "signed_out",
    ],
    [
      "the membership",
      ({ directory }) => directory.apply([{ kind: "member_gone", orgId: acme, userId: ann }]),
      "access_changed",
    ],
    ["the org, suspended", org("suspended"), "org_suspended"],
    ["the org, deleted", org("deleted"), "access_changed"],
    [
      "the org, purged",
      ({ directory }) => directory.apply([{ kind: "org_purged", orgId: acme }]),
      "access_changed",
    ],
    [
      "the kill switch",
      ({ directory }) => directory.apply([{ kind: "multi_tenant_switch", on: false }]),
      "feature_disabled",
    ],
    [
      "the licence, removed",
      ({ directory }) => directory.apply([{ kind: "license", license: undefined }]),
      "feature_disabled",
    ],
  ];
  const byBrowser = header("acme");
  const tokenClaims = bearer();
  for (const [name, asked, causes] of [
    ["in a browser", byBrowser, [...inBrowser, ...either]],
    ["of a token", tokenClaims, [...byToken, ...either]],
  ] as const) {
    describe(`${name} ends with`, () => {
      for (const [cause, happens, reason] of causes) {
        test(cause, async () => {
          const token = cause === "the token's time" ? { expiresAt: START + DAY } : {};
          const setting = await open(asked, { ...world, token });
          happens(setting);
          expect(endReasonFor(setting.gate, setting.admitted, "viewer")).toBe(reason as never);
        });
      }

      test("the licence, once its grace is over", async () => {
        const { gate, admitted, moveTo } = await open(asked);
        const endsAt = START + 100 * DAY + LICENSE_GRACE_MS;
        moveTo(endsAt - 1);
        expect(endReasonFor(gate, admitted, "viewer")).toBeUndefined();
        moveTo(endsAt);
        expect(endReasonFor(gate, admitted, "viewer")).toBe("feature_disabled");
      });

      test("the role, below what it needs", async () => {
        const { gate, admitted, directory } = await open(asked, { ...world, roles: { acme: "owner" } });
        for (const [role, reason] of [
          ["admin", undefined],
          ["editor", "access_changed"],
        ] as const) {
          directory.apply([{ kind: "member", member: { orgId: acme, userId: ann, role, since: START } }]);
          expect(endReasonFor(gate, admitted, "admin")).toBe(reason as never);
        }
      });
    });
  }

  const replaced: [by: string, token: Partial<TokenEntry>, reason: string][] = [
    ["for other orgs", { orgIds: [beta] }, "access_changed"],
    ["that does not read", { scopes: ["report"] }, "access_changed"],
    ["with another secret", { secretHash: sha256Hex("pulse_another") }, "signed_out"],
  ];
  for (const [by, token, reason] of replaced) {
    test(`ends where its token was replaced by one ${by}`, async () => {
      const { gate, admitted, directory } = await open(bearer());
      directory.apply([{ kind: "token", token: tokenOf(token) }]);
      expect(endReasonFor(gate, admitted, "viewer")).toBe(reason as never);
    });
  }

  test("ends where nobody was admitted", () => {
    const { gate } = build(world);
    const nobody = { orgId: DEFAULT_ORG, caller: undefined, role: undefined };
    expect(endReasonFor(gate, nobody, "viewer")).toBe("signed_out");
  });

  test("of default outlives the feature and the licence", async () => {
    const { gate, admitted, directory } = await open(claims());
    directory.apply([
      { kind: "multi_tenant_switch", on: false },
      { kind: "license", license: undefined },
    ]);
    expect(endReasonFor(gate, admitted, "viewer")).toBeUndefined();
  });

  test("goes on through what happens to others", async () => {
    const { gate, admitted, directory } = await open(header("acme"));
    directory.apply([
      { kind: "session_ended", idHash: sha256Hex(OTHER) },
      { kind: "token_gone", id: tokenId },
      { kind: "member_gone", orgId: DEFAULT_ORG, userId: ann },
      { kind: "org_purged", orgId: beta },
    ]);
    expect(endReasonFor(gate, admitted, "viewer")).toBeUndefined();
  });
});
