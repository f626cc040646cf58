/**
 * Who delivers a report, and for which org: that follows from the token alone. What the request says
 * about an org besides can only contradict it. In the order of every call: form, feature, licence,
 * token, contradiction, state, scope. Memory only.
 */
import { AGENT_TOKEN_PREFIX } from "../contract/agent-tokens.ts";
import type { AgentEntry, EnrolmentEntry, TokenEntry } from "../contract/directory.ts";
import { DEFAULT_ORG, type OrgId } from "../contract/ids.ts";
import { scopesCover } from "../contract/tokens.ts";
import { DomainError } from "../lib/domain-error.ts";
import { sha256Hex } from "../lib/random-id.ts";
import type { Claims, Gatekeepers, Witness } from "./admission.ts";
import { requestedOrg } from "./requested-org.ts";
import { findToken, tokenStands } from "./tokens.ts";

/** Longer than any token: what is longer is not worth a hash. */
const MAX_LENGTH = 100;
/** Whoever is stopped for now asks again this late. */
const STOPPED_RETRY_MS = 5 * 60_000;

/** An agent, or a script with a token of the scope `report`. */
export type Reporter = { orgId: OrgId; source: string } & (
  | { agent: AgentEntry; token?: undefined }
  | { token: TokenEntry; agent?: undefined }
);

type Gate = Pick<Gatekeepers, "directory" | "features" | "clock">;

export function admitReporter(gate: Gate, claims: Claims, witness: Pick<Witness, "requested">): Reporter {
  const reporter = findReporter(gate, claims);
  const named = namedOrg(gate, claims, reporter?.orgId, witness);
  if (!reporter || !stands(gate, reporter)) throw notValid(claims);
  requireOwnOrg(gate, reporter.orgId, named);
  if (reporter.token) requireScope(reporter.token);
  return reporter;
}

/** A machine that comes with a token for many. */
export function admitEnrolment(
  gate: Gate,
  claims: Claims,
  witness: Pick<Witness, "requested">,
): EnrolmentEntry {
  const { directory, clock } = gate;
  const hash = hashOf(claims.bearer);
  const enrolment = hash === undefined ? undefined : directory.enrolmentOfSecret(hash);
  const named = namedOrg(gate, claims, enrolment?.orgId, witness);
  if (!enrolment || clock() >= enrolment.expiresAt) throw notValid(claims);
  requireOwnOrg(gate, enrolment.orgId, named);
  return enrolment;
}

function findReporter({ directory }: Gate, { bearer }: Claims): Reporter | undefined {
  const hash = hashOf(bearer);
  if (hash !== undefined) {
    const agent = directory.agentOfSecret(hash);
    return agent && { orgId: agent.orgId, source: `agent:${agent.id}`, agent };
  }
  const token = findToken(directory, bearer);
  const [orgId, ...others] = token?.orgIds ?? [];
  if (!token || !orgId || others.length > 0) return undefined;
  return { orgId, source: `token:${token.id}`, token };
}

function hashOf(bearer: string | undefined): string | undefined {
  if (bearer === undefined || !bearer.startsWith(AGENT_TOKEN_PREFIX) || bearer.length > MAX_LENGTH)
    return undefined;
  return sha256Hex(bearer);
}

function stands(gate: Gate, { agent, token, orgId }: Reporter): boolean {
  if (agent) return agent.beginBefore === undefined || gate.clock() < agent.beginBefore;
  return tokenStands(gate, token) && gate.directory.roleIn(orgId, token.madeBy) !== undefined;
}

function requireScope({ scopes }: TokenEntry): void {
  if (!scopesCover(scopes, "report"))
    throw new DomainError("scope_missing", "This needs a token with the scope report.");
}

/** What the request names, where the feature and the licence let anything be named; undefined: nothing. */
function namedOrg(
  gate: Gate,
  claims: Claims,
  bound: OrgId | undefined,
  witness: Pick<Witness, "requested">,
): string | undefined {
  /* A browser's cookie is none of an agent's business. */
  const requested = requestedOrg(gate, { ...claims, rawOrgCookie: undefined }, undefined);
  const names = requested.carrier !== "none";
  if (names) witness.requested(requested);
  const concerned = (bound ?? DEFAULT_ORG) !== DEFAULT_ORG || (names && requested.reference !== DEFAULT_ORG);
  if (concerned && !gate.features.multiTenant)
    throw new DomainError("feature_disabled", "This feature is not available.", {
      retryAfterMs: STOPPED_RETRY_MS,
    });
  if (concerned && !gate.features.multiTenantLicensed)
    throw new DomainError("license_required", "This feature needs a licence.", {
      retryAfterMs: STOPPED_RETRY_MS,
    });
  return names ? requested.reference : undefined;
}

function requireOwnOrg({ directory }: Gate, bound: OrgId, named: string | undefined): void {
  if (named !== undefined && directory.findOrg(named)?.id !== bound)
    throw new DomainError("org_mismatch", "The request contradicts its token.");
  const org = directory.findOrg(bound);
  if (!org || org.state === "deleted") throw new DomainError("access_denied", "You have no access here.");
  if (org.state === "suspended") {
    throw new DomainError("org_suspended", "Stopped for now. Keep the report and ask again later.", {
      retryAfterMs: STOPPED_RETRY_MS,
    });
  }
}

function notValid({ bearer }: Claims): DomainError {
  return bearer === undefined
    ? new DomainError("authentication_required", "Send the token of an agent as bearer.")
    : new DomainError(
        "token_invalid",
        "This token is not valid. Make a new one and start the agent with it.",
      );
}
