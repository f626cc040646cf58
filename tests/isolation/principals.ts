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
