/**
 * Who may make this call, and on which org. The one place that decides, for every procedure, every
 * raw route and every stream, in the order the contract fixes; the first check that fails answers.
 * What a caller says about an org is only ever a request: it is checked and grants nothing.
 */

import type { By } from "../contract/audit.ts";
import type { OrgEntry, PersonEntry, SessionEntry, TokenEntry } from "../contract/directory.ts";
import { DEFAULT_ORG, type OrgId } from "../contract/ids.ts";
import type { EndReason } from "../contract/live.ts";
import { type Role, roleCovers } from "../contract/roles.ts";
import { type Scope, scopesCover } from "../contract/tokens.ts";
import type { Clock } from "../lib/clock.ts";
import { DomainError } from "../lib/domain-error.ts";
import type { Directory } from "./directory.ts";
import type { Features } from "./features.ts";
import type { OrgCookie } from "./org-cookie.ts";
import { type OrgClaims, type RequestedOrg, requestedOrg } from "./requested-org.ts";
import type { Sessions } from "./sessions.ts";
import { findToken, tokenStands } from "./tokens.ts";

/**
 * What a call needs. `public` asks for nobody, `self` for anyone signed in (about themselves only),
 * `operator` for someone who operates the instance, `creator` for someone who may create orgs; a
 * role asks for a member of the effective org.
 */
export interface Need {
  who: "public" | "self" | "operator" | "creator" | Role;
  /** `multi_tenant` procedures do not exist while the feature is off. */
  surface: "always" | "multi_tenant";
  /** Only for somebody in a browser, never for a token. `fresh`: who signed in within five minutes. */
  session?: "any" | "fresh";
  /** The owner of a deleted org is still its owner. */
  deletedToo?: true;
}

export type CallKind = "query" | "mutation" | "subscription";

/** What the caller claims. Nothing here is true until it is checked. */
export interface Claims extends OrgClaims {
  /** What the browser sent as its session. */
  rawSession: string | undefined;
  /** What stands in the `authorization` header, of whatever kind. */
  bearer: string | undefined;
  address: string;
  /** Asked from this machine itself, under its own name and through nobody. */
  onThisMachine: boolean;
  secure: boolean;
}

/** Somebody in a browser, or a token and whoever made it. */
export type Caller =
  | { person: PersonEntry; session: SessionEntry; token?: undefined }
  | { person: PersonEntry; token: TokenEntry; session?: undefined };

export interface Admitted {
  orgId: OrgId;
  /** Undefined only where the need is `public`. */
  caller: Caller | undefined;
  /** In the org; undefined where the need is not about one. */
  role: Role | undefined;
  /** To be sent when the session was prolonged. */
  setCookie?: string | undefined;
}

export interface Gatekeepers {
  directory: Directory;
  features: Features;
  sessions: Sessions;
  orgCookie: OrgCookie;
  clock: Clock;
}

/** Hears what is known of a call as soon as it is, also when the call is then refused. */
export interface Witness {
  recognised(caller: Caller): void;
  requested(org: RequestedOrg): void;
}

/** "Fresh" is a session of somebody who signed in within this time. */
const FRESH_MS = 5 * 60_000;

export async function admit(
  gate: Gatekeepers,
  claims: Claims,
  need: Need,
  kind: CallKind,
  witness: Witness,
): Promise<Admitted> {
  const token = findToken(gate.directory, claims.bearer);
  const requested = requestedOrg(gate, claims, token);
  witness.requested(requested);
  if (concernsOrgs(requested, need)) {
    requireFeature(gate);
    requireLicense(gate);
  }
  requireStanding(gate, claims, token);
  if (need.who === "public") return { orgId: DEFAULT_ORG, caller: undefined, role: undefined };

  const { setCookie, ...caller } = await authenticate(gate, claims, token);
  witness.recognised(caller);
  if (!isRole(need.who)) {
    requireSessionWhereNeeded(caller, need);
    requirePersonal(gate, caller, need.who);
    requireScope(caller, need, kind);
    requireFresh(gate, caller, need);
    return { orgId: DEFAULT_ORG, caller, role: undefined, setCookie };
  }

  if (requested.carrier === "cookie") requireOwnCookie(gate, claims, caller);
  const { org, role } = requireMembership(gate, requested.reference, caller, need);
  requireActive(org, need);
  requireSessionWhereNeeded(caller, need);
  requireRole(role, need.who);
  requireScope(caller, need, kind);
  requireFresh(gate, caller, need);
  return { orgId: org.id, caller, role, setCookie };
}

/**
 * Whether what was admitted may still go on; for open streams, before every event. Undefined means
 * yes. Memory only.
 */
export function endReasonFor(gate: Gatekeepers, admitted: Admitted, needed: Role): EndReason | undefined {
  const { orgId, caller } = admitted;
  const { features, directory } = gate;
  if (orgId !== DEFAULT_ORG && !(features.multiTenant && features.multiTenantLicensed))
    return "feature_disabled";
  if (!caller || !callerStands(gate, caller)) return "signed_out";
  const role = roleOf(gate, orgId, caller);
  if (!role || !roleCovers(role, needed) || !stillReads(gate, caller)) return "access_changed";
  const state = directory.findOrg(orgId)?.state;
  if (state === "suspended") return "org_suspended";
  return state === "active" ? undefined : "access_changed";
}

/** The role a caller has in an org now, a token through whoever made it; undefined: none. */
export function roleOf({ directory }: Gatekeepers, orgId: OrgId, caller: Caller): Role | undefined {
  if (caller.token && !directory.token(caller.token.id)?.orgIds.includes(orgId)) return undefined;
  return directory.roleIn(orgId, caller.person.id);
}

/**
 * Whether somebody who was admitted may be told what is for a higher role: a token's scopes bound that
 * as they bound what it does.
 */
export function mayBeTold(caller: Caller, held: Role, needed: "editor" | "admin"): boolean {
  const scope = needed === "admin" ? "admin" : "write";
  return roleCovers(held, needed) && (!caller.token || scopesCover(caller.token.scopes, scope));
}

/** How the audit names the caller. */
export function byOf(caller: Caller): By {
  return caller.token ? { kind: "token", id: caller.token.id } : { kind: "person", id: caller.person.id };
}

/** What the answers to a caller are kept apart by. */
export function keyOf(caller: Caller): string {
  return caller.token?.id ?? caller.person.id;
}

/** Whose look at a machine it is, and what it ends with: the session or the token. */
export function watcherOf({ person, session, token }: Caller): { person: string; by: string } {
  return { person: person.id, by: session ? session.idHash : token.id };
}

/**
 * Whether the call is about an org other than `default`, or about there being others. A cookie and a
 * host name only speak for calls that work on an org: a browser sends them with everything.
 */
function concernsOrgs({ reference, carrier }: RequestedOrg, need: Need): boolean {
  if (need.surface === "multi_tenant") return true;
  if (reference === DEFAULT_ORG) return false;
  return carrier === "header" || isRole(need.who);
}

function requireFeature({ features }: Gatekeepers): void {
  if (!features.multiTenant) throw new DomainError("feature_disabled", "This feature is not available.");
}

function requireLicense({ features }: Gatekeepers): void {
  if (!features.multiTenantLicensed)
    throw new DomainError("license_required", "This feature needs a licence.");
}

/** A token that is sent decides alone: one that does not stand is never passed over for a session. */
function requireStanding(gate: Gatekeepers, claims: Claims, token: TokenEntry | undefined): void {
  if (claims.bearer !== undefined && !(token && tokenStands(gate, token)))
    throw new DomainError("token_invalid", "This token is not valid.");
}

async function authenticate(
  gate: Gatekeepers,
  claims: Claims,
  token: TokenEntry | undefined,
): Promise<Caller & { setCookie?: string }> {
  if (token) {
    const person = gate.directory.person(token.madeBy);
    if (!person) throw new DomainError("token_invalid", "This token is not valid.");
    return { person, token };
  }
  if (claims.rawSession === undefined) throw new DomainError("authentication_required", "Sign in first.");
  const valid = await gate.sessions.validate(claims.rawSession, claims.secure);
  if (!valid) throw new DomainError("session_expired", "Your session has ended. Sign in again.");
  return valid;
}

function callerStands(gate: Gatekeepers, caller: Caller): boolean {
  if (caller.session) return gate.sessions.stands(caller.session.idHash);
  const token = gate.directory.token(caller.token.id);
  return token?.secretHash === caller.token.secretHash && tokenStands(gate, token);
}

function stillReads({ directory }: Gatekeepers, { token }: Caller): boolean {
  return !token || scopesCover(directory.token(token.id)?.scopes ?? [], "read");
}

/** Made here, for this very session: anything else is an attempt. */
function requireOwnCookie(gate: Gatekeepers, claims: Claims, caller: Caller): void {
  const known = caller.session && gate.orgCookie.read(claims.rawOrgCookie ?? "", caller.session.idHash);
  if (!known) throw new DomainError("org_cookie_invalid", "Your browser's last choice is not valid.");
}

function requireMembership(
  gate: Gatekeepers,
  reference: string,
  caller: Caller,
  need: Need,
): { org: OrgEntry; role: Role } {
  const org = gate.directory.findOrg(reference);
  const role = org && roleOf(gate, org.id, caller);
  const isGone = org?.state === "deleted" && !(need.deletedToo && role === "owner");
  if (!org || !role || isGone) throw new DomainError("access_denied", "You have no access here.");
  return { org, role };
}

function requireActive(org: OrgEntry, need: Need): void {
  if (org.state === "suspended" || (org.state === "deleted" && !need.deletedToo))
    throw new DomainError("org_suspended", "Access is suspended. Ask whoever operates this server.");
}

function requirePersonal(gate: Gatekeepers, caller: Caller, who: Exclude<Need["who"], Role>): void {
  if (who === "operator" && !caller.person.operator)
    throw new DomainError("role_required", "Only people who operate this server may do this.");
  if (who === "creator" && !caller.person.operator && !gate.directory.orgCreationOpen)
    throw new DomainError("role_required", "Only people who operate this server may do this.");
}

function requireSessionWhereNeeded(caller: Caller, need: Need): void {
  const personOnly = need.session !== undefined || need.who === "operator" || need.who === "creator";
  if (personOnly && !caller.session)
    throw new DomainError("session_required", "This can only be done by somebody signed in, not by a token.");
}

function requireFresh(gate: Gatekeepers, caller: Caller, need: Need): void {
  if (need.session !== "fresh" || !caller.session) return;
  if (gate.clock() - caller.session.createdAt > FRESH_MS)
    throw new DomainError("session_expired", "Confirm this by signing in again.");
}

function requireRole(held: Role, needed: Role): void {
  if (!roleCovers(held, needed)) throw new DomainError("role_required", `This needs the role ${needed}.`);
}

function requireScope(caller: Caller, need: Need, kind: CallKind): void {
  if (!caller.token) return;
  const scope = neededScope(need, kind);
  if (!scopesCover(caller.token.scopes, scope))
    throw new DomainError("scope_missing", `This needs a token with the scope ${scope}.`);
}

function neededScope({ who }: Need, kind: CallKind): Scope {
  if (who === "admin" || who === "owner") return "admin";
  return kind === "mutation" ? "write" : "read";
}

function isRole(who: Need["who"]): who is Role {
  return who !== "public" && who !== "self" && who !== "operator" && who !== "creator";
}
