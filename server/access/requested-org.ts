/**
 * Which org a request names. Everything here is a claim: it decides what is asked for and grants
 * nothing. In the order of the contract: the header, else the cookie, else the host name when it is
 * an org's own domain, else what a token is bound to, else `default`.
 */
import type { TokenEntry } from "../contract/directory.ts";
import { DEFAULT_ORG, OrgReference } from "../contract/ids.ts";
import { DomainError } from "../lib/domain-error.ts";
import type { Directory } from "./directory.ts";
import type { Features } from "./features.ts";

export interface OrgClaims {
  /** Every value of `x-pulse-org-id`. */
  headerOrgs: string[];
  /** What the browser sent as `pulse_org`, valid or not. */
  rawOrgCookie: string | undefined;
  /** Lower case, without a port. */
  host: string;
}

export interface RequestedOrg {
  /** An id or a slug; of a cookie that was tampered with, perhaps neither. */
  reference: string;
  carrier: "header" | "cookie" | "domain" | "token" | "none";
}

/** `token` is what the bearer stands for, if anything: a token knows no cookie. */
export function requestedOrg(
  { directory, features }: { directory: Directory; features: Features },
  claims: OrgClaims,
  token: TokenEntry | undefined,
): RequestedOrg {
  const named = headerOrg(claims.headerOrgs);
  const domain = directory.orgOfDomain(claims.host);
  if (named !== undefined) {
    /* Switched off, a domain takes nothing from `default`. */
    const contradicts = domain !== undefined && directory.findOrg(named) !== domain;
    if (contradicts && features.multiTenant) throw contradiction();
    return { reference: named, carrier: "header" };
  }
  if (claims.rawOrgCookie !== undefined && !token) {
    return { reference: claims.rawOrgCookie.split(".")[0] ?? "", carrier: "cookie" };
  }
  if (domain) return { reference: domain.id, carrier: "domain" };
  const [only, ...others] = token?.orgIds ?? [];
  if (only && others.length === 0) return { reference: only, carrier: "token" };
  return { reference: DEFAULT_ORG, carrier: "none" };
}

/** The one org the header names, once it is in the form of an org. */
function headerOrg(values: string[]): string | undefined {
  for (const value of values) {
    if (!OrgReference.safeParse(value).success) {
      throw new DomainError("invalid_org", "That is not a valid id or short name.");
    }
  }
  const [first, ...others] = values;
  if (others.some((other) => other !== first)) throw contradiction();
  return first;
}

function contradiction(): DomainError {
  return new DomainError("org_mismatch", "The request contradicts itself.");
}
