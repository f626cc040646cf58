import { type Admitted, admit, type CallKind, type Need } from "../access/admission.ts";
import { limitOf } from "../contract/limits.ts";
import { DomainError } from "../lib/domain-error.ts";
import type { Context } from "./edge.ts";

const MINUTE_MS = 60_000;

/** What every call passes before anything of it runs, by whichever transport it came: who may, and how often. */
export async function admitCall(ctx: Context, need: Need, kind: CallKind): Promise<Admitted> {
  const { edge, claims, resHeaders } = ctx;
  try {
    const admitted = await admit(edge, claims, need, kind, {
      recognised: (caller) => {
        ctx.caller = caller;
      },
      requested: (org) => {
        ctx.requested = org;
      },
    });
    if (admitted.setCookie) resHeaders.append("set-cookie", admitted.setCookie);
    if (admitted.caller?.token) edge.tokenUse.note(admitted.caller.token);
    requirePace(ctx, admitted);
    return admitted;
  } catch (error) {
    const reason = error instanceof DomainError ? error.reason : undefined;
    if (reason === "org_cookie_invalid") resHeaders.append("set-cookie", edge.orgCookie.blank(claims.secure));
    throw error;
  }
}

function requirePace({ edge, claims }: Context, { caller, role, orgId }: Admitted): void {
  const { calls, orgCalls } = edge.throttles;
  const own = calls.take(caller?.token?.id ?? caller?.session?.idHash ?? claims.address);
  if (own > 0)
    throw new DomainError("rate_limited", "Too many calls. Try again in a moment.", { retryAfterMs: own });
  if (!role) return;
  const perMinute = limitOf(edge.directory.findOrg(orgId)?.limits, "requestsPerMinute");
  const all = orgCalls.take(orgId, { burst: perMinute, refillMs: MINUTE_MS });
  if (all > 0)
    throw new DomainError("rate_limited", `More than ${perMinute} calls a minute. Try again in a moment.`, {
      retryAfterMs: all,
    });
}
