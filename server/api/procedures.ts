/**
 * The chain every procedure passes, in the order of the contract. What a procedure needs stands once,
 * in its `meta`; the chain enforces it, tests enumerate it, docs are printed from it.
 */
import { initTRPC, type TRPCError } from "@trpc/server";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import type { Caller, Need } from "../access/admission.ts";
import { DomainError } from "../lib/domain-error.ts";
import { errorText } from "../lib/log.ts";
import type { Calls } from "../runtime/calls.ts";
import type { OrgVerbs } from "../runtime/org-verbs.ts";
import { account } from "./accounting.ts";
import { admitCall } from "./admit-call.ts";
import type { Context } from "./edge.ts";
import { publicRefusal, shapeError, toTrpcError } from "./errors.ts";

const t = initTRPC
  .context<Context>()
  .meta<Need>()
  .create({
    isDev: false,
    errorFormatter: ({ error, path, ctx }) => shapeError(error, path, ctx?.requestId ?? ""),
    sse: { ping: { enabled: true, intervalMs: 15_000 }, client: { reconnectAfterInactivityMs: 45_000 } },
  });

export const { router, createCallerFactory } = t;

/** Accounts for what a call came to, and turns our refusals into tRPC's. */
const accounted = t.procedure.use(async ({ ctx, path, type, next }) => {
  const startedAt = performance.now();
  const result = await next();
  const error = result.ok ? undefined : translated(result.error);
  const reason = error && publicRefusal(error).reason;
  if (reason === "internal") {
    ctx.edge.log.error("a call failed", {
      request_id: ctx.requestId,
      procedure: path,
      error: errorText(error?.cause ?? error),
    });
  }
  account(ctx, {
    path,
    method: type === "mutation" ? "POST" : "GET",
    status: error ? getHTTPStatusCodeFromError(error) : 200,
    reason,
    seconds: (performance.now() - startedAt) / 1_000,
  });
  if (error) throw error;
  return result;
});

const admittedProcedure = accounted.use(async ({ ctx, meta, next }) => {
  if (!meta) throw new Error("a procedure without a declared policy");
  return next({ ctx: { admitted: await admitCall(ctx, meta) } });
});

/** For anybody. */
export const publicProcedure = admittedProcedure.meta({ who: "public", surface: "always" });

/** For anyone signed in, about themselves. */
export const selfProcedure = admittedProcedure.meta({ who: "self", surface: "always" }).use(withCaller());

/** For people who operate the instance. */
export const operatorProcedure = admittedProcedure
  .meta({ who: "operator", surface: "always" })
  .use(withCaller());

/** For viewers of the effective org and everyone above; hands over that org's calls and no other's. */
export const viewerProcedure = admittedProcedure
  .meta({ who: "viewer", surface: "always" })
  .use(withCaller())
  .use(({ ctx, next }) => {
    const { orgId } = ctx.admitted;
    const org: Calls<OrgVerbs> = ctx.edge.shards.org(orgId);
    return next({ ctx: { orgId, org } });
  });

function withCaller() {
  return t.middleware(({ ctx, next }) => next({ ctx: { caller: getCaller(ctx) } }));
}

function getCaller({ caller }: Context): Caller {
  if (!caller) throw new Error("nobody was admitted");
  return caller;
}

function translated(error: TRPCError): TRPCError {
  return error.cause instanceof DomainError ? toTrpcError(error.cause) : error;
}
