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
const SPOOF_REASONS = new Set<Reason>(["access_denied", "org_mismatch"]);
const MAX_LOGGED_ORG_LENGTH = 60;

export function account(context: Context, { path, method, status, reason, seconds }: Outcome): void {
  const { metrics, log } = context.edge;
  metrics.requests.add({ method, route: path, status });
  if (seconds !== undefined) metrics.requestDuration.observe(seconds, { method, route: path, status });
  if (!reason) return;
  metrics.requestErrors.add({ method, route: path, status_class: status >= 500 ? "5xx" : "4xx" });
  if (!DENIALS.has(status)) return;
  metrics.denied.add({ reason, procedure: path });
  if (SPOOF_REASONS.has(reason)) metrics.orgSpoof.add({ carrier: "header" });
  log.warn("denied", {
    request_id: context.requestId,
    procedure: path,
    reason,
    org_id: context.claims.requestedOrgs.join(",").slice(0, MAX_LOGGED_ORG_LENGTH) || undefined,
    user_id: context.caller?.person.id,
    address: context.claims.address,
  });
}
