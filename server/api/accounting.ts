/**
 * Counting what calls came to, and logging who was refused. Done per call, not per HTTP answer: a
 * batch answers 207 and a refused subscription 200, whatever happened inside.
 */
import type { Reason } from "../contract/errors.ts";
import type { Context } from "./edge.ts";

export interface Outcome {
  path: string;
  method: "GET" | "POST";
  status: number;
  reason?: Reason | undefined;
  seconds?: number;
}

const DENIALS = new Set([401, 402, 403, 501]);
/** Reasons of requests for an org the caller has no part in. */
const SPOOF_REASONS = new Set<Reason>(["access_denied", "org_mismatch", "org_cookie_invalid"]);
const MAX_LOGGED_ORG_LENGTH = 60;

export function account(context: Context, { path, method, status, reason, seconds }: Outcome): void {
  const { caller, claims, requested } = context;
  const { metrics, log } = context.edge;
  metrics.requests.add({ method, route: path, status });
  if (seconds !== undefined) metrics.requestDuration.observe(seconds, { method, route: path, status });
  if (!reason) return;
  metrics.requestErrors.add({ method, route: path, status_class: status >= 500 ? "5xx" : "4xx" });
  if (!DENIALS.has(status)) return;
  metrics.denied.add({ reason, procedure: path });
  if (path === "orgs.get") metrics.orgSwitchFailures.add({ reason });
  const carrier = requested?.carrier ?? "header";
  if (SPOOF_REASONS.has(reason) && carrier !== "none") metrics.orgSpoof.add({ carrier });
  log.warn("denied", {
    request_id: context.requestId,
    procedure: path,
    reason,
    org_id: namedOrg(context)?.slice(0, MAX_LOGGED_ORG_LENGTH),
    user_id: caller?.session && caller.person.id,
    token_id: caller?.token?.id,
    address: claims.address,
  });
}

/** What the request named, as far as it got; undefined when it named nothing. */
function namedOrg({ requested, claims }: Context): string | undefined {
  if (requested) return requested.carrier === "none" ? undefined : requested.reference;
  return claims.headerOrgs.length > 0 ? claims.headerOrgs.join(",") : undefined;
}
