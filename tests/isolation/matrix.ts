/**
 * One row per procedure, written by hand from the contract. A procedure without a row and a row without a procedure
 * fail the type check, and `sweep.test.ts` once more.
 */
import type { AnyProcedure } from "@trpc/server";
import type { AppRouter } from "../../server/api/router.ts";
import type { By } from "../../server/contract/audit.ts";
import type { Reason } from "../../server/contract/errors.ts";
import { OrgId, UserId } from "../../server/contract/ids.ts";
import { mintId } from "../../server/lib/random-id.ts";
import { call } from "../support/calls.ts";
import { isToken, PRINCIPALS, type PrincipalName } from "./principals.ts";
import { type Ids, type Mode, textOf, type World } from "./world.ts";

type Paths<Routes, Prefix extends string = ""> = {
  [Key in keyof Routes & string]: Routes[Key] extends AnyProcedure
    ? `${Prefix}${Key}`
    : Paths<Routes[Key], `${Prefix}${Key}.`>;
}[keyof Routes & string];
export type ProcedurePath = Paths<AppRouter["_def"]["record"]>;

/** `in`: past every check of who and which org; then the row says what comes. */
export type Cell = "in" | Reason;
export type Cells = Record<PrincipalName, Cell>;
export type RefKind = keyof Ids | "org" | "email";

export interface Row {
  scope: "org" | "server" | "self" | "public";
  surface: "always" | "multi_tenant";
  /** Asked for acme, with the feature on and licensed. */
  cells: Cells;
  /** Valid, and such that little is changed by it; by default nothing. */
  input?: (world: World) => unknown;
  /** What those get who are let in: an answer, or the refusal that shows they came so far. */
  gives: "ok" | Reason;
  /** The same in `default`, where the objects of the input are not. */
  givesInDefault?: "ok" | Reason;
  /** The same where there is no licence. */
  givesUnlicensed?: Reason;
  /** Paths in the input that hold ids, and of what; `a|b`: of either. */
  refs?: { [path: string]: RefKind | "agent|enrolment" };
  /** `none`: answered or refused, no file changes by a single value. */
  effects: "none" | "writes";
  /** What it did is taken back before the next caller. */
  undo?: (world: World, who: PrincipalName) => Promise<unknown>;
  /** It cannot be taken back: tried when nothing else is left to try, in this order. */
  last?: number;
}

// Who is let in ------------------------------------------------------------------------------------------------

/** What those get who are nobody, whatever they ask for. */
const NOBODY = {
  anon: "authentication_required",
  garbageCookie: "session_expired",
  expiredSession: "session_expired",
  revokedSession: "session_expired",
  disabledUser: "session_expired",
  tokExpired: "token_invalid",
  tokRevoked: "token_invalid",
  /* What a machine comes with is worth something where machines come in, and nowhere else. */
  agent: "token_invalid",
  agentForeign: "token_invalid",
  enrolment: "token_invalid",
} as const satisfies Partial<Cells>;

/** Somebody, but not in the org they ask for. */
const OUTSIDE = {
  foreignOwner: "access_denied",
  formerMember: "access_denied",
  pendingInvite: "access_denied",
  operator: "access_denied",
  shareViewer: "access_denied",
  tokForeign: "access_denied",
  tokReportForeign: "access_denied",
  suspendedMember: "org_suspended",
} as const satisfies Partial<Cells>;

type Inside = Omit<Cells, keyof typeof NOBODY | keyof typeof OUTSIDE>;

const READ = ofOrg({
  viewer: "in",
  editor: "in",
  admin: "in",
  owner: "in",
  ownerLong: "in",
  dualMember: "in",
  tokRead: "in",
  tokWrite: "in",
  tokAdmin: "in",
  tokReport: "scope_missing",
  tokOwnerDemoted: "in",
});

/** Changes something, and asks for no more than membership. */
const TAKE_PART = ofOrg({
  viewer: "in",
  editor: "in",
  admin: "in",
  owner: "in",
  ownerLong: "in",
  dualMember: "in",
  tokRead: "scope_missing",
  tokWrite: "in",
  tokAdmin: "in",
  tokReport: "scope_missing",
  tokOwnerDemoted: "in",
});

const EDIT = ofOrg({
  viewer: "role_required",
  editor: "in",
  admin: "in",
  owner: "in",
  ownerLong: "in",
  dualMember: "role_required",
  tokRead: "scope_missing",
  tokWrite: "in",
  tokAdmin: "in",
  tokReport: "scope_missing",
  tokOwnerDemoted: "role_required",
});

const ADMIN = ofOrg({
  viewer: "role_required",
  editor: "role_required",
  admin: "in",
  owner: "in",
  ownerLong: "in",
  dualMember: "role_required",
  tokRead: "scope_missing",
  tokWrite: "scope_missing",
  tokAdmin: "in",
  tokReport: "scope_missing",
  tokOwnerDemoted: "role_required",
});

const NO_TOKENS = {
  tokRead: "session_required",
  tokWrite: "session_required",
  tokAdmin: "session_required",
  tokReport: "session_required",
  tokOwnerDemoted: "session_required",
} as const;

const READ_SESSION = ofOrg({
  viewer: "in",
  editor: "in",
  admin: "in",
  owner: "in",
  ownerLong: "in",
  dualMember: "in",
  ...NO_TOKENS,
});

const ADMIN_SESSION = ofOrg({
  viewer: "role_required",
  editor: "role_required",
  admin: "in",
  owner: "in",
  ownerLong: "in",
  dualMember: "role_required",
  ...NO_TOKENS,
});

const OWNER_FRESH = ofOrg({
  viewer: "role_required",
  editor: "role_required",
  admin: "role_required",
  owner: "in",
  ownerLong: "session_expired",
  dualMember: "role_required",
  ...NO_TOKENS,
});

/** About the caller alone: whoever is somebody, by whatever means. */
const SELF = ofPeople("in", { token: "in", tokReport: "scope_missing", tokReportForeign: "scope_missing" });
const SELF_SESSION = ofPeople("in", { token: "session_required" });
const OPERATOR = ofPeople("role_required", { token: "session_required", operator: "in" });
const OPERATOR_FRESH = OPERATOR;
const CREATOR = OPERATOR;
/** A token that does not stand is told so wherever it is sent. */
const PUBLIC: Cells = {
  ...allOf("in"),
  tokExpired: "token_invalid",
  tokRevoked: "token_invalid",
  agent: "token_invalid",
  agentForeign: "token_invalid",
  enrolment: "token_invalid",
};

function ofOrg(inside: Inside): Cells {
  return { ...NOBODY, ...OUTSIDE, ...inside };
}

function ofPeople(person: Cell, others: { token: Cell } & { [Name in PrincipalName]?: Cell }): Cells {
  const { token, ...named } = others;
  const each = PRINCIPALS.map((name) => [name, isToken(name) ? token : person]);
  return { ...(Object.fromEntries(each) as Cells), ...named, ...NOBODY };
}

function allOf(cell: Cell): Cells {
  return Object.fromEntries(PRINCIPALS.map((name) => [name, cell])) as Cells;
}

// The other modes ----------------------------------------------------------------------------------------------

/** What acme answers when there is no acme to speak of: the same to everybody, whatever they ask. */
const GATE: Record<Exclude<Mode, "on">, Reason> = {
  off: "feature_disabled",
  killed: "feature_disabled",
  unlicensed: "license_required",
};

export function expected(row: Row, who: PrincipalName, mode: Mode, asksForNothing: boolean): "ok" | Reason {
  if (mode !== "on") {
    if (!asksForNothing || row.surface === "multi_tenant") return GATE[mode];
    return inDefault(row, who, GATE[mode]);
  }
  const cell = row.cells[who];
  return cell === "in" ? row.gives : cell;
}

/** With nothing asked for: `default`, of which only the operator is a member, or what a token is bound to. */
function inDefault(row: Row, who: PrincipalName, gate: Reason): "ok" | Reason {
  const unlicensed = gate === "license_required" ? row.givesUnlicensed : undefined;
  const gives = unlicensed ?? row.givesInDefault ?? row.gives;
  if (row.scope !== "org") return row.cells[who] === "in" ? gives : (row.cells[who] as Reason);
  if (who === "tokRevoked") return "token_invalid";
  /* What a browser remembers is asked for too. */
  if (isToken(who) || who === "dualMember") return gate;
  if (Object.hasOwn(NOBODY, who)) return NOBODY[who as keyof typeof NOBODY];
  return who === "operator" ? gives : "access_denied";
}

// The rows -----------------------------------------------------------------------------------------------------

/** Of the right form, and nothing's. */
const NONE = {
  member: mintId("u"),
  invitation: mintId("i"),
  token: mintId("t"),
  share: mintId("h"),
  session: mintId("s"),
  agent: mintId("a"),
  source: mintId("p"),
  channel: mintId("c"),
  merge: mintId("m"),
  alert: mintId("l"),
  silence: mintId("q"),
  resource: mintId("r"),
  org: mintId("o"),
  code: `pulse_invite_${mintId("x")}${mintId("y")}`,
  email: "nobody@example.org",
};

let made = 0;
/** A name nobody has taken. */
function fresh(word: string): string {
  made++;
  return `${word}-${made}`;
}

const always = { surface: "always" } as const;
const multiTenant = { surface: "multi_tenant" } as const;
const reads = { gives: "ok", effects: "none" } as const;
const writes = { gives: "ok", effects: "writes" } as const;
const notFound = { gives: "not_found", effects: "none" } as const;

/** Back into acme, in the role they had. */
async function rejoin({ server, orgs, people }: World, who: PrincipalName): Promise<void> {
  const person = people[who];
  if (!person) throw new Error(`${who} is nobody who could come back`);
  const by: By = { kind: "command" };
  const role = ({ admin: "admin", tokWrite: "admin", tokAdmin: "admin", editor: "editor" } as const)[
    who as "admin"
  ];
  const { instance } = server.edge.shards;
  const { invitation } = await instance.invitations.invite({
    by,
    orgId: OrgId.parse(orgs.acme.id),
    email: person.email,
    role: role ?? "viewer",
    memberLimit: 100,
  });
  await instance.invitations.accept({ by, userId: UserId.parse(person.id), code: invitation.secret });
}

function asOperator(path: string): (world: World) => Promise<unknown> {
  return ({ server, headers }) => call(server, path, { headers: headers.operator });
}

export const matrix = {
  "session.setup": {
    ...always,
    scope: "public",
    cells: PUBLIC,
    input: () => ({ token: "none", email: NONE.email, password: "correct horse battery" }),
    gives: "conflict",
    effects: "none",
    refs: { email: "email" },
  },
  /* A wrong password costs a tenth of a second: one that is none shows that it is asked for. */
  "session.signIn": {
    ...always,
    scope: "public",
    cells: PUBLIC,
    input: () => ({ email: NONE.email, password: "" }),
    gives: "invalid_request",
    effects: "none",
    refs: { email: "email" },
  },
  "session.signOut": { ...always, ...writes, scope: "self", cells: SELF_SESSION, last: 3 },
  "session.me": { ...always, ...reads, scope: "self", cells: SELF },
  "session.changePassword": {
    ...always,
    scope: "self",
    cells: SELF_SESSION,
    input: () => ({ currentPassword: "", newPassword: "correct horse battery" }),
    gives: "invalid_request",
    effects: "none",
  },
  "session.list": { ...always, ...reads, scope: "self", cells: SELF_SESSION },
  "session.revoke": {
    ...always,
    ...notFound,
    scope: "self",
    cells: SELF_SESSION,
    input: () => ({ id: NONE.session }),
    refs: { id: "session" },
  },
  "features.list": { ...always, ...reads, scope: "public", cells: PUBLIC },

  "resources.list": { ...always, ...reads, scope: "org", cells: READ, refs: { cursor: "resource" } },
  "resources.get": {
    ...always,
    ...reads,
    scope: "org",
    cells: READ,
    input: ({ orgs }) => ({ id: orgs.acme.host }),
    givesInDefault: "not_found",
    refs: { id: "resource" },
  },
  /* Who looks is kept in memory, so no file changes. */
  "resources.watch": {
    ...always,
    ...reads,
    scope: "org",
    cells: TAKE_PART,
    input: ({ orgs }) => ({ id: orgs.acme.host }),
    givesInDefault: "not_found",
    refs: { id: "resource" },
  },
  "resources.unwatch": {
    ...always,
    ...reads,
    scope: "org",
    cells: TAKE_PART,
    input: ({ orgs }) => ({ id: orgs.acme.host }),
    givesInDefault: "not_found",
    refs: { id: "resource" },
  },
  "resources.update": {
    ...always,
    ...writes,
    scope: "org",
    cells: EDIT,
    input: ({ orgs }) => ({ id: orgs.acme.host, notes: fresh("swept") }),
    givesInDefault: "not_found",
    refs: { id: "resource" },
  },
  "resources.forget": {
    ...always,
    ...notFound,
    scope: "org",
    cells: EDIT,
    input: () => ({ id: NONE.resource }),
    refs: { id: "resource" },
  },
  "resources.merges": { ...always, ...reads, scope: "org", cells: READ },
  "resources.merge": {
    ...always,
    ...notFound,
    scope: "org",
    cells: EDIT,
    input: ({ orgs }) => ({ id: orgs.acme.host, absorbed: NONE.resource }),
    refs: { id: "resource", absorbed: "resource" },
  },
  "resources.separate": {
    ...always,
    ...notFound,
    scope: "org",
    cells: EDIT,
    input: () => ({ id: NONE.merge }),
    refs: { id: "merge" },
  },
  "agents.list": { ...always, ...reads, scope: "org", cells: READ },
  "agents.enroll": {
    ...always,
    ...writes,
    scope: "org",
    cells: ADMIN,
    input: () => ({ name: fresh("swept") }),
  },
  "agents.revoke": {
    ...always,
    ...notFound,
    scope: "org",
    cells: ADMIN,
    input: () => ({ id: NONE.agent }),
    refs: { id: "agent|enrolment" },
  },
  "sources.list": { ...always, ...reads, scope: "org", cells: READ },
  "sources.create": {
    ...always,
    ...writes,
    scope: "org",
    cells: ADMIN,
    input: () => ({
      type: "tcp",
      name: fresh("swept"),
      config: { host: "192.0.2.9", port: 80 },
      enabled: false,
    }),
    refs: { from: "agent" },
  },
  "sources.update": {
    ...always,
    ...writes,
    scope: "org",
    cells: ADMIN,
    input: ({ ids }) => ({ id: ids.acme.source, intervalMs: 60_000 }),
    givesInDefault: "not_found",
    refs: { id: "source", from: "agent" },
  },
  "sources.remove": {
    ...always,
    ...notFound,
    scope: "org",
    cells: ADMIN,
    input: () => ({ id: NONE.source }),
    refs: { id: "source" },
  },
  /* With the id of the one whose address this is, it would be asked with its own secret. */
  "sources.test": {
    ...always,
    ...notFound,
    scope: "org",
    cells: ADMIN,
    input: ({ canaries }) => ({
      id: NONE.source,
      type: "prometheus",
      config: { url: textOf(canaries, "acme", "source.config") },
    }),
    refs: { id: "source" },
  },
  "sources.setupScript": {
    ...always,
    ...reads,
    scope: "org",
    cells: ADMIN,
    input: () => ({ type: "proxmox-ve" }),
  },
  "notifications.channels": { ...always, ...reads, scope: "org", cells: ADMIN },
  "notifications.createChannel": {
    ...always,
    ...writes,
    scope: "org",
    cells: ADMIN,
    input: () => ({
      type: "webhook",
      name: fresh("swept"),
      config: { url: "http://192.0.2.9/hook" },
      enabled: false,
    }),
  },
  "notifications.updateChannel": {
    ...always,
    ...writes,
    scope: "org",
    cells: ADMIN,
    input: ({ ids }) => ({ id: ids.acme.channel, leastLevel: "critical" }),
    givesInDefault: "not_found",
    refs: { id: "channel" },
  },
  "notifications.removeChannel": {
    ...always,
    ...notFound,
    scope: "org",
    cells: ADMIN,
    input: () => ({ id: NONE.channel }),
    refs: { id: "channel" },
  },
  /* With the id of the one whose address this is, it would be sent to with its own secret. */
  "notifications.test": {
    ...always,
    ...notFound,
    scope: "org",
    cells: ADMIN,
    input: () => ({ id: NONE.channel, type: "webhook", config: { url: "http://192.0.2.9/hook" } }),
    refs: { id: "channel" },
  },
  "notifications.pushKey": { ...always, ...writes, scope: "org", cells: ADMIN },
  "notifications.deliveries": {
    ...always,
    ...reads,
    scope: "org",
    cells: ADMIN,
    refs: { channelId: "channel" },
  },
  "notifications.routes": { ...always, ...reads, scope: "org", cells: ADMIN },
  /* Made from an answer that nobody ever got. */
  "notifications.setRoutes": {
    ...always,
    scope: "org",
    cells: ADMIN,
    input: ({ orgs, ids }) => {
      const route = {
        name: "swept",
        match: { resourceIds: [orgs.acme.host] },
        channels: [ids.acme.channel],
        escalate: { afterMs: 60_000, channels: [ids.acme.channel] },
      };
      const rest = { channels: [ids.acme.channel], escalate: route.escalate };
      return { revision: 1_000_000, settings: { routes: [route], rest } };
    },
    gives: "conflict",
    effects: "none",
    refs: {
      "settings.routes.0.match.resourceIds.0": "resource",
      "settings.routes.0.channels.0": "channel",
      "settings.routes.0.escalate.channels.0": "channel",
      "settings.rest.channels.0": "channel",
      "settings.rest.escalate.channels.0": "channel",
    },
  },
  "notifications.diagnose": {
    ...always,
    ...reads,
    scope: "org",
    cells: READ,
    input: ({ ids }) => ({ alertId: ids.acme.alert }),
    givesInDefault: "not_found",
    refs: { alertId: "alert", resourceId: "resource" },
  },
  "notifications.trouble": { ...always, ...reads, scope: "org", cells: READ },
  "history.range": {
    ...always,
    ...reads,
    scope: "org",
    cells: READ,
    input: ({ orgs }) => ({
      resourceId: orgs.acme.host,
      metrics: ["cpu_percent"],
      from: Date.now() - 600_000,
      to: Date.now() + 600_000,
    }),
    givesInDefault: "not_found",
    refs: { resourceId: "resource" },
  },
  "history.latest": {
    ...always,
    ...reads,
    scope: "org",
    cells: READ,
    input: ({ orgs }) => ({ resourceId: orgs.acme.host }),
    givesInDefault: "not_found",
    refs: { resourceId: "resource" },
  },
  "history.retention": { ...always, ...reads, scope: "org", cells: READ },
  "history.setRetention": {
    ...always,
    ...writes,
    scope: "org",
    cells: ADMIN,
    input: () => ({ keepDays: { samples: 700 } }),
  },
  "history.exportTicket": {
    ...always,
    ...reads,
    scope: "org",
    cells: READ_SESSION,
    input: ({ orgs }) => ({
      resourceId: orgs.acme.host,
      parts: false,
      metrics: [],
      from: Date.now() - 600_000,
      to: Date.now(),
      format: "csv",
      step: "raw",
    }),
    givesInDefault: "not_found",
    refs: { resourceId: "resource" },
  },
  "history.top": {
    ...always,
    ...reads,
    scope: "org",
    cells: READ,
    input: ({ orgs }) => ({
      metric: "cpu_percent",
      from: Date.now() - 600_000,
      to: Date.now() + 600_000,
      within: orgs.acme.host,
      maxPoints: 10,
    }),
    givesInDefault: "not_found",
    refs: { within: "resource", "resources.0": "resource" },
  },
  "alerts.active": { ...always, ...reads, scope: "org", cells: READ },
  "alerts.incidents": {
    ...always,
    ...reads,
    scope: "org",
    cells: READ,
    refs: { cursor: "alert", resourceId: "resource" },
  },
  "alerts.get": {
    ...always,
    ...reads,
    scope: "org",
    cells: READ,
    input: ({ ids }) => ({ id: ids.acme.alert }),
    givesInDefault: "not_found",
    refs: { id: "alert" },
  },
  "alerts.acknowledge": {
    ...always,
    ...writes,
    scope: "org",
    cells: EDIT,
    input: ({ ids }) => ({ id: ids.acme.alert, note: fresh("swept") }),
    givesInDefault: "not_found",
    refs: { id: "alert" },
  },
  /* Ids that are not its own are not there, and left out. */
  "alerts.acknowledgeAll": {
    ...always,
    ...reads,
    scope: "org",
    cells: EDIT,
    input: () => ({ ids: [NONE.alert] }),
    refs: { "ids.0": "alert" },
  },
  "alerts.unacknowledge": {
    ...always,
    ...writes,
    scope: "org",
    cells: EDIT,
    input: ({ ids }) => ({ id: ids.acme.alert }),
    givesInDefault: "not_found",
    refs: { id: "alert" },
  },
  "alerts.snooze": {
    ...always,
    ...writes,
    scope: "org",
    cells: EDIT,
    input: ({ ids }) => ({ id: ids.acme.alert, until: Date.now() + 3_600_000 }),
    givesInDefault: "not_found",
    refs: { id: "alert" },
  },
  "alerts.note": {
    ...always,
    ...writes,
    scope: "org",
    cells: EDIT,
    input: ({ ids }) => ({ id: ids.acme.alert, note: fresh("swept") }),
    givesInDefault: "not_found",
    refs: { id: "alert" },
  },
  "alerts.close": {
    ...always,
    ...notFound,
    scope: "org",
    cells: EDIT,
    input: () => ({ id: NONE.alert }),
    refs: { id: "alert" },
  },
  "alerts.rules": { ...always, ...reads, scope: "org", cells: READ },
  /* Made from an answer that nobody ever got. */
  "alerts.setRules": {
    ...always,
    scope: "org",
    cells: ADMIN,
    input: ({ orgs }) => {
      const override = { scope: { resourceId: orgs.acme.host }, rule: "memory", change: { off: true } };
      return { revision: 1_000_000, settings: { rules: {}, overrides: [override], own: [] } };
    },
    gives: "conflict",
    effects: "none",
    refs: { "settings.overrides.0.scope.resourceId": "resource" },
  },
  "alerts.tryRule": {
    ...always,
    ...reads,
    scope: "org",
    cells: READ,
    input: ({ orgs }) => ({
      rule: "memory",
      override: { scope: { resourceId: orgs.acme.host }, rule: "memory", change: { off: true } },
    }),
    refs: { "override.scope.resourceId": "resource" },
  },
  "alerts.explain": {
    ...always,
    ...reads,
    scope: "org",
    cells: READ,
    input: ({ orgs }) => ({ resourceId: orgs.acme.host }),
    givesInDefault: "not_found",
    refs: { resourceId: "resource" },
  },
  "alerts.silences": { ...always, ...reads, scope: "org", cells: READ },
  /* Of a rule that is off, and soon over: it changes nothing else and makes room for the next. */
  "alerts.createSilence": {
    ...always,
    ...writes,
    scope: "org",
    cells: EDIT,
    input: () => ({
      name: fresh("swept"),
      scope: { rules: ["swap"] },
      when: { type: "once", from: 0, to: Date.now() + 2_000 },
    }),
    refs: { "scope.resourceIds.0": "resource" },
  },
  "alerts.updateSilence": {
    ...always,
    ...notFound,
    scope: "org",
    cells: EDIT,
    input: () => ({
      id: NONE.silence,
      name: fresh("swept"),
      scope: { rules: ["swap"] },
      when: { type: "once", from: 0, to: Date.now() + 2_000 },
    }),
    refs: { id: "silence", "scope.resourceIds.0": "resource" },
  },
  "alerts.removeSilence": {
    ...always,
    ...notFound,
    scope: "org",
    cells: EDIT,
    input: () => ({ id: NONE.silence }),
    refs: { id: "silence" },
  },
  "live.events": { ...always, ...reads, scope: "org", cells: READ },

  "orgs.list": { ...multiTenant, ...reads, scope: "self", cells: SELF },
  "orgs.create": {
    ...multiTenant,
    ...writes,
    scope: "server",
    cells: CREATOR,
    input: () => ({ slug: fresh("swept"), name: "Swept" }),
  },
  "orgs.get": { ...multiTenant, ...reads, scope: "org", cells: READ },
  "orgs.update": {
    ...multiTenant,
    ...writes,
    scope: "org",
    cells: ADMIN_SESSION,
    input: ({ orgs }) => ({ slug: orgs.acme.slug }),
  },
  "orgs.delete": { ...multiTenant, ...writes, scope: "org", cells: OWNER_FRESH, last: 2 },
  "orgs.restore": { ...multiTenant, scope: "org", cells: OWNER_FRESH, gives: "conflict", effects: "none" },
  "orgs.transferOwnership": {
    ...multiTenant,
    scope: "org",
    cells: OWNER_FRESH,
    input: () => ({ userId: NONE.member }),
    gives: "invalid_request",
    effects: "none",
    refs: { userId: "member" },
  },
  "orgs.plan": { ...multiTenant, ...reads, scope: "org", cells: READ },
  "orgs.suspend": {
    ...multiTenant,
    ...notFound,
    scope: "server",
    cells: OPERATOR,
    input: () => ({ org: NONE.org }),
    refs: { org: "org" },
  },
  "orgs.resume": {
    ...multiTenant,
    ...notFound,
    scope: "server",
    cells: OPERATOR,
    input: () => ({ org: NONE.org }),
    refs: { org: "org" },
  },
  "orgs.purge": {
    ...multiTenant,
    ...notFound,
    scope: "server",
    cells: OPERATOR_FRESH,
    input: () => ({ org: NONE.org }),
    refs: { org: "org" },
  },
  "orgs.overview": { ...multiTenant, ...reads, scope: "server", cells: OPERATOR },
  "orgs.setLimits": {
    ...multiTenant,
    ...writes,
    scope: "server",
    cells: OPERATOR,
    input: ({ orgs }) => ({ org: orgs.acme.id, limits: { shares: 50 } }),
    refs: { org: "org" },
  },
  "orgs.setCreation": {
    ...multiTenant,
    ...writes,
    scope: "server",
    cells: OPERATOR,
    input: () => ({ open: false }),
  },

  "members.list": { ...multiTenant, ...reads, scope: "org", cells: READ },
  "members.setRole": {
    ...multiTenant,
    scope: "org",
    cells: ADMIN_SESSION,
    input: ({ ids }) => ({ userId: ids.acme.member, role: "editor" }),
    gives: "ok",
    effects: "none",
    refs: { userId: "member" },
  },
  "members.remove": {
    ...multiTenant,
    ...notFound,
    scope: "org",
    cells: ADMIN_SESSION,
    input: () => ({ userId: NONE.member }),
    refs: { userId: "member" },
  },
  "members.leave": { ...multiTenant, ...writes, scope: "org", cells: TAKE_PART, undo: rejoin, last: 1 },
  "members.invite": {
    ...multiTenant,
    ...writes,
    scope: "org",
    cells: ADMIN_SESSION,
    input: () => ({ email: "invited@example.org", role: "viewer" }),
    refs: { email: "email" },
  },
  "members.invitations": { ...multiTenant, ...reads, scope: "org", cells: ADMIN_SESSION },
  "members.revokeInvitation": {
    ...multiTenant,
    ...notFound,
    scope: "org",
    cells: ADMIN_SESSION,
    input: () => ({ id: NONE.invitation }),
    refs: { id: "invitation" },
  },
  "members.inbox": { ...multiTenant, ...reads, scope: "self", cells: SELF_SESSION },
  "members.accept": {
    ...multiTenant,
    ...notFound,
    scope: "self",
    cells: SELF_SESSION,
    input: () => ({ code: NONE.code }),
    refs: { code: "invitation" },
  },
  "members.decline": {
    ...multiTenant,
    ...notFound,
    scope: "self",
    cells: SELF_SESSION,
    input: () => ({ code: NONE.code }),
    refs: { code: "invitation" },
  },
  "members.preview": {
    ...multiTenant,
    ...notFound,
    scope: "public",
    cells: PUBLIC,
    input: () => ({ code: NONE.code }),
    refs: { code: "invitation" },
  },
  "members.join": {
    ...multiTenant,
    ...notFound,
    scope: "public",
    cells: PUBLIC,
    input: () => ({ code: NONE.code, password: "correct horse battery" }),
    refs: { code: "invitation" },
  },

  "shares.list": { ...multiTenant, ...reads, scope: "org", cells: READ },
  "shares.incoming": { ...multiTenant, ...reads, scope: "org", cells: READ },
  "shares.create": {
    ...multiTenant,
    ...writes,
    scope: "org",
    cells: ADMIN,
    input: ({ orgs }) => ({ targetOrg: orgs.beta.slug, resourceId: orgs.acme.part, role: "viewer" }),
    refs: { resourceId: "resource", targetOrg: "org" },
  },
  "shares.remove": {
    ...multiTenant,
    ...notFound,
    scope: "org",
    cells: ADMIN,
    input: () => ({ id: NONE.share }),
    refs: { id: "share" },
  },
  "shares.accept": {
    ...multiTenant,
    ...notFound,
    scope: "org",
    cells: ADMIN,
    input: () => ({ id: NONE.share }),
    refs: { id: "share" },
  },
  "shares.decline": {
    ...multiTenant,
    ...notFound,
    scope: "org",
    cells: ADMIN,
    input: () => ({ id: NONE.share }),
    refs: { id: "share" },
  },

  "tokens.create": {
    ...always,
    ...writes,
    scope: "org",
    cells: ADMIN_SESSION,
    input: () => ({ name: fresh("swept"), scopes: ["read"] }),
    refs: { "orgs.0": "org" },
  },
  "tokens.list": { ...always, ...reads, scope: "org", cells: ADMIN_SESSION },
  "tokens.revoke": {
    ...always,
    ...notFound,
    scope: "org",
    cells: ADMIN_SESSION,
    input: () => ({ id: NONE.token }),
    refs: { id: "token" },
  },
  "audit.list": {
    ...always,
    ...reads,
    scope: "org",
    cells: ADMIN,
    refs: { actor: "member", subject: "share" },
  },

  "system.status": { ...always, ...reads, scope: "server", cells: OPERATOR },
  "system.audit": {
    ...always,
    ...reads,
    scope: "server",
    cells: OPERATOR,
    refs: { actor: "member", subject: "share" },
  },
  "system.people": { ...always, ...reads, scope: "server", cells: OPERATOR },
  "system.createPerson": {
    ...always,
    ...writes,
    scope: "server",
    cells: OPERATOR_FRESH,
    input: () => ({ email: `${fresh("swept")}@example.org` }),
    refs: { email: "email" },
  },
  "system.resetPassword": {
    ...always,
    ...notFound,
    scope: "server",
    cells: OPERATOR_FRESH,
    input: () => ({ email: NONE.email }),
    refs: { email: "email" },
  },
  "system.disablePerson": {
    ...always,
    ...notFound,
    scope: "server",
    cells: OPERATOR_FRESH,
    input: () => ({ email: NONE.email }),
    refs: { email: "email" },
  },
  "system.license": { ...always, ...reads, scope: "server", cells: OPERATOR },
  "system.licenseInit": {
    ...always,
    ...writes,
    scope: "server",
    cells: OPERATOR_FRESH,
    undo: (world) =>
      world.mode === "unlicensed" ? asOperator("system.licenseRemove")(world) : Promise.resolve(),
  },
  "system.licenseInstall": {
    ...always,
    scope: "server",
    cells: OPERATOR_FRESH,
    input: () => ({ license: "bm90aGluZw.bm90aGluZw" }),
    gives: "invalid_request",
    effects: "none",
  },
  "system.licenseRemove": {
    ...always,
    ...writes,
    scope: "server",
    cells: OPERATOR_FRESH,
    undo: asOperator("system.licenseInit"),
    givesUnlicensed: "not_found",
  },
  "system.switchOffMultiTenant": {
    ...multiTenant,
    ...writes,
    scope: "server",
    cells: OPERATOR_FRESH,
    undo: ({ server }) =>
      server.edge.shards.instance.multiTenant.switch({ by: { kind: "command" }, on: true }),
  },
} satisfies Record<ProcedurePath, Row>;

export const rows = Object.entries(matrix) as [ProcedurePath, Row][];

/** Where the input of a row names something, and of what kind each may be. */
export function refsOf({ refs = {} }: Row): [at: string, kind: RefKind][] {
  return Object.entries(refs).flatMap(([at, kinds]) =>
    kinds.split("|").map((kind): [string, RefKind] => [at, kind as RefKind]),
  );
}
