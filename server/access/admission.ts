/**
 * Who may make this call, and on which org. The one place that decides, for every procedure, every
 * raw route and every stream, in the order the contract fixes; the first check that fails answers.
 * What a caller says about an org is only ever a request: it is checked and grants nothing.
 */

import type { OrgEntry, PersonEntry, SessionEntry } from "../contract/directory.ts";
import { DEFAULT_ORG, type OrgId, OrgReference } from "../contract/ids.ts";
import type { EndReason } from "../contract/live.ts";
import { type Role, roleCovers } from "../contract/roles.ts";
import { DomainError } from "../lib/domain-error.ts";
import type { Directory } from "./directory.ts";
import type { Features } from "./features.ts";
import type { Sessions } from "./sessions.ts";

/**
 * What a call needs. `public` asks for nobody, `self` for anyone signed in (about themselves only),
 * `operator` for someone who operates the instance; a role asks for a member of the effective org.
 */
export interface Need {
  who: "public" | "self" | "operator" | Role;
  /** `multi_tenant` procedures do not exist while the feature is off. */
  surface: "always" | "multi_tenant";
}

/** What the caller claims. Nothing here is true until it is checked. */
export interface Claims {
  /** Every org the request names, in whatever way. */
  requestedOrgs: string[];
  /** What the browser sent as its session. */
  rawSession: string | undefined;
  /** What stands in the `authorization` header, of whatever kind. */
  bearer: string | undefined;
  address: string;
  /** Asked from this machine itself, under its own name and through nobody. */
  onThisMachine: boolean;
  secure: boolean;
}

export interface Caller {
  person: PersonEntry;
  session: SessionEntry;
}

export interface Admitted {
  orgId: OrgId;
  /** Undefined only where the need is `public`. */
  caller: Caller | undefined;
  /** To be sent when the session was prolonged. */
  setCookie?: string | undefined;
}

export interface Gatekeepers {
  directory: Directory;
  features: Features;
  sessions: Sessions;
}

/** `recognised` hears who the caller is as soon as that is proven, also when they are then refused. */
export async function admit(
  gate: Gatekeepers,
  claims: Claims,
  need: Need,
  recognised: (caller: Caller) => void,
): Promise<Admitted> {
  const requested = requestedOrg(claims);
  requireFeature(gate, requested, need);
  requireLicense(gate, requested, need);
  refuseBearer(claims);
  if (need.who === "public") return { orgId: DEFAULT_ORG, caller: undefined };
  const { setCookie, ...caller } = await authenticate(gate, claims);
  recognised(caller);
  if (need.who === "self") return { orgId: DEFAULT_ORG, caller, setCookie };
  if (need.who === "operator") {
    requireOperator(caller.person);
    return { orgId: DEFAULT_ORG, caller, setCookie };
  }
  const { org, role } = requireMembership(gate, requested, caller.person);
  requireActive(org);
  requireRole(role, need.who);
  return { orgId: org.id, caller, setCookie };
}

/**
 * Whether what was admitted may still go on; for open streams, before every event. Undefined means
 * yes. Memory only.
 */
export function endReasonFor(gate: Gatekeepers, admitted: Admitted, needed: Role): EndReason | undefined {
  if (admitted.orgId !== DEFAULT_ORG && !gate.features.multiTenant) return "feature_disabled";
  if (!admitted.caller || !gate.sessions.stands(admitted.caller.session.idHash)) return "signed_out";
  const role = gate.directory.roleIn(admitted.orgId, admitted.caller.person.id);
  if (!role || !roleCovers(role, needed)) return "access_changed";
  const state = gate.directory.findOrg(admitted.orgId)?.state;
  if (state === "suspended") return "org_suspended";
  return state === "active" ? undefined : "access_changed";
}

function requestedOrg(claims: Claims): string {
  for (const reference of claims.requestedOrgs) {
    if (!OrgReference.safeParse(reference).success) {
      throw new DomainError("invalid_org", "That is not a valid id or short name.");
    }
  }
  const [first = DEFAULT_ORG, ...others] = claims.requestedOrgs;
  if (others.some((other) => other !== first)) {
    throw new DomainError("org_mismatch", "The request contradicts itself.");
  }
  return first;
}

function requireFeature(gate: Gatekeepers, requested: string, need: Need): void {
  if (concernsOrgs(requested, need) && !gate.features.multiTenant) {
    throw new DomainError("feature_disabled", "This feature is not available.");
  }
}

function requireLicense(gate: Gatekeepers, requested: string, need: Need): void {
  if (concernsOrgs(requested, need) && !gate.features.multiTenantLicensed) {
    throw new DomainError("license_required", "This feature needs a licence.");
  }
}

function concernsOrgs(requested: string, need: Need): boolean {
  return requested !== DEFAULT_ORG || need.surface === "multi_tenant";
}

/** A token decides alone, and there are none yet: whoever sends one is never taken for somebody else. */
function refuseBearer(claims: Claims): void {
  if (claims.bearer !== undefined) throw new DomainError("token_invalid", "This token is not valid.");
}

async function authenticate(gate: Gatekeepers, claims: Claims): Promise<Caller & { setCookie?: string }> {
  if (claims.rawSession === undefined) throw new DomainError("authentication_required", "Sign in first.");
  const valid = await gate.sessions.validate(claims.rawSession, claims.secure);
  if (!valid) throw new DomainError("session_expired", "Your session has ended. Sign in again.");
  return valid;
}

function requireMembership(
  gate: Gatekeepers,
  requested: string,
  person: PersonEntry,
): { org: OrgEntry; role: Role } {
  const org = gate.directory.findOrg(requested);
  const role = org && gate.directory.roleIn(org.id, person.id);
  if (!org || !role || org.state === "deleted")
    throw new DomainError("access_denied", "You have no access here.");
  return { org, role };
}

function requireActive(org: OrgEntry): void {
  if (org.state === "suspended")
    throw new DomainError("org_suspended", "Access is suspended. Ask whoever operates this server.");
}

function requireRole(held: Role, needed: Role): void {
  if (!roleCovers(held, needed)) throw new DomainError("role_required", `This needs the role ${needed}.`);
}

function requireOperator(person: PersonEntry): void {
  if (!person.operator)
    throw new DomainError("role_required", "Only people who operate this server may do this.");
}
