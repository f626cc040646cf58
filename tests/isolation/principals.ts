/**
 * The kinds of caller. All of them ask for acme, but `suspendedMember`, who asks for the suspended org they belong
 * to. Made once in `world.ts`, through the API.
 */
import type { Scope } from "../../server/contract/tokens.ts";

export const ORGS = ["acme", "beta", "gamma", "delta"] as const;
export type OrgTag = (typeof ORGS)[number];

export const PRINCIPALS = [
  "anon",
  "garbageCookie",
  "expiredSession",
  "revokedSession",
  "disabledUser",
  /** Owns beta. */
  "foreignOwner",
  "formerMember",
  /** Invited to acme, has an account in beta, has not accepted. */
  "pendingInvite",
  /** Of delta, which is suspended, and asks for it. */
  "suspendedMember",
  "viewer",
  "editor",
  "admin",
  "owner",
  /** The owner, signed in an hour ago. */
  "ownerLong",
  /** Viewer in acme, owner of gamma; gamma is what the browser's cookie remembers. */
  "dualMember",
  /** Operates the instance and owns `default`; once made acme, and left it. */
  "operator",
  "tokRead",
  "tokWrite",
  "tokAdmin",
  "tokReport",
  /** Bound to beta, with every scope but `report`. */
  "tokForeign",
  "tokReportForeign",
  "tokExpired",
  "tokRevoked",
  /** Scope `admin`, made by an admin who is a viewer now. */
  "tokOwnerDemoted",
  /** Viewer of gamma, to which acme shows one machine. */
  "shareViewer",
  /** A machine that reports to acme, one that reports to beta, and what any machine may enrol in acme with. */
  "agent",
  "agentForeign",
  "enrolment",
] as const;
export type PrincipalName = (typeof PRINCIPALS)[number];

/** What each may read of, as a member or through a bound token: everything that is not a secret. */
export const READS: Record<PrincipalName, readonly OrgTag[]> = {
  anon: [],
  garbageCookie: [],
  expiredSession: [],
  revokedSession: [],
  disabledUser: [],
  foreignOwner: ["beta"],
  formerMember: [],
  pendingInvite: ["beta"],
  suspendedMember: [],
  viewer: ["acme"],
  editor: ["acme"],
  admin: ["acme"],
  owner: ["acme"],
  ownerLong: ["acme"],
  dualMember: ["acme", "gamma"],
  operator: [],
  tokRead: ["acme"],
  tokWrite: ["acme"],
  tokAdmin: ["acme"],
  tokReport: [],
  tokForeign: ["beta"],
  tokReportForeign: [],
  tokExpired: [],
  tokRevoked: [],
  tokOwnerDemoted: ["acme"],
  shareViewer: ["gamma"],
  agent: [],
  agentForeign: [],
  enrolment: [],
};

/** Tokens by who makes them. */
export const TOKENS = {
  tokRead: { maker: "admin", scopes: ["read"] },
  tokWrite: { maker: "admin", scopes: ["write"] },
  tokAdmin: { maker: "admin", scopes: ["admin"] },
  tokReport: { maker: "admin", scopes: ["report"] },
  tokExpired: { maker: "admin", scopes: ["admin"] },
  tokRevoked: { maker: "admin", scopes: ["admin"] },
  tokOwnerDemoted: { maker: "demoted", scopes: ["admin"] },
  tokForeign: { maker: "foreignOwner", scopes: ["admin", "write", "read"] },
  tokReportForeign: { maker: "foreignOwner", scopes: ["report"] },
} as const satisfies { [Name in PrincipalName]?: { maker: string; scopes: readonly Scope[] } };
export type TokenName = keyof typeof TOKENS;

export function isToken(name: PrincipalName): name is TokenName {
  return Object.hasOwn(TOKENS, name);
}

/** What machines come with, by whose it is. Those that are callers too have their names. */
export const MACHINES = {
  /** Have reported. */
  agent: "acme",
  agentForeign: "beta",
  agentOfGamma: "gamma",
  agentSuspended: "delta",
  /** Added, and not heard of yet; the second one's time is over. */
  agentWaiting: "acme",
  agentOver: "acme",
  agentRevoked: "acme",
  /** With these any machine may enrol. */
  enrolment: "acme",
  enrolmentForeign: "beta",
  enrolmentOfGamma: "gamma",
  enrolmentSuspended: "delta",
  enrolmentOver: "acme",
  enrolmentRevoked: "acme",
} as const satisfies Record<string, OrgTag>;
export type MachineName = keyof typeof MACHINES;
export const MACHINE_NAMES = Object.keys(MACHINES) as MachineName[];

export function isMachine(name: string): name is MachineName {
  return Object.hasOwn(MACHINES, name);
}

export function isEnrolment(name: MachineName): boolean {
  return name.startsWith("enrolment");
}
