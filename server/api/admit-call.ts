import { type Admitted, admit, type Need } from "../access/admission.ts";
import { DomainError } from "../lib/domain-error.ts";
import type { Context } from "./edge.ts";

/** What every call passes before anything of it runs, by whichever transport it came: who may, and how often. */
export async function admitCall(ctx: Context, need: Need): Promise<Admitted> {
  const admitted = await admit(ctx.edge, ctx.claims, need, (caller) => {
    ctx.caller = caller;
  });
  if (admitted.setCookie) ctx.resHeaders.append("set-cookie", admitted.setCookie);
  const waitMs = ctx.edge.throttles.calls.take(admitted.caller?.session.idHash ?? ctx.claims.address);
  if (waitMs > 0)
    throw new DomainError("rate_limited", "Too many calls. Try again in a moment.", { retryAfterMs: waitMs });
  return admitted;
}
