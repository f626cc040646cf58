/**
 * The chain every procedure passes, in the order of the contract. What a procedure needs stands once,
 * in its `meta`; the chain enforces it, tests enumerate it, docs are printed from it.
 */
import { initTRPC, type TRPCError } from "@trpc/server";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import { type Admitted, byOf, type Caller, endReasonFor, type Need } from "../access/admission.ts";
import type { Role } from "../contract/roles.ts";
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

const admittedProcedure = accounted.use(async ({ ctx, meta, type, next }) => {
  if (!meta) throw new Error("a procedure without a declared policy");
  return next({ ctx: { admitted: await admitCall(ctx, meta, type) } });
});

/** For anybody. */
export const publicProcedure = admittedProcedure.meta({ who: "public", surface: "always" });

/** For anyone signed in, about themselves. */
export const selfProcedure = admittedProcedure.meta({ who: "self", surface: "always" }).use(withCaller());

/** The same, and not for tokens. */
export const personProcedure = admittedProcedure
  .meta({ who: "self", surface: "always", session: "any" })
  .use(withPerson());

/** For people who operate the instance. */
export const operatorProcedure = admittedProcedure
  .meta({ who: "operator", surface: "always" })
  .use(withPerson());

/** The same, who signed in a moment ago: for what cannot be taken back. */
export const freshOperatorProcedure = admittedProcedure
  .meta({ who: "operator", surface: "always", session: "fresh" })
  .use(withPerson());

/** For members of the effective org from this role up; hands over that org's calls and no other's. */
export function memberProcedure(who: Role) {
  return admittedProcedure.meta({ who, surface: "always" }).use(withCaller()).use(withOrg());
}

export const viewerProcedure = memberProcedure("viewer");

/** For members in a browser, never for a token. */
export const viewerPersonProcedure = admittedProcedure
  .meta({ who: "viewer", surface: "always", session: "any" })
  .use(withPerson())
  .use(withOrg());

/** For admins in a browser, never for a token. */
export const adminPersonProcedure = admittedProcedure
  .meta({ who: "admin", surface: "always", session: "any" })
  .use(withPerson())
  .use(withOrg());

/** For the surface that is not there while the feature is off. */
export function multiTenantProcedure(need: Omit<Need, "surface">) {
  return admittedProcedure.meta({ ...need, surface: "multi_tenant" });
}

/** Adds the effective org, for procedures of members. */
export function withOrg() {
  return t.middleware(async ({ ctx, type, next }) => {
    const admitted = admittedIn(ctx);
    const { orgId, role } = admitted;
    if (!role) throw new Error("nobody was admitted to an org");
    const org: Calls<OrgVerbs> = ctx.edge.shards.org(orgId);
    const result = await next({ ctx: { orgId, role, org } });
    /* Whoever lost the right to it while it was being read is not told what it says. */
    if (type === "query" && result.ok && endReasonFor(ctx.edge, admitted, "viewer"))
      throw new DomainError("access_denied", "You have no access here.");
    return result;
  });
}

export function withCaller() {
  return t.middleware(({ ctx, next }) => {
    const caller = getCaller(ctx);
    return next({ ctx: { caller, by: byOf(caller) } });
  });
}

/** A caller who is a person in a browser. */
export function withPerson() {
  return t.middleware(({ ctx, next }) => {
    const caller = getCaller(ctx);
    if (!caller.session) throw new Error("a token was admitted where a person is needed");
    return next({ ctx: { caller, by: byOf(caller) } });
  });
}

function admittedIn(ctx: Context & { admitted?: Admitted }): Admitted {
  if (!ctx.admitted) throw new Error("nobody was admitted");
  return ctx.admitted;
}

function getCaller({ caller }: Context): Caller {
  if (!caller) throw new Error("nobody was admitted");
  return caller;
}

function translated(error: TRPCError): TRPCError {
  return error.cause instanceof DomainError ? toTrpcError(error.cause) : error;
}
