import { roleOf } from "../../access/admission.ts";
import { DEFAULT_ORG } from "../../contract/ids.ts";
import {
  ChangePasswordInput,
  type Me,
  RevokeSessionInput,
  type SessionInfo,
  SetupInput,
  SignInInput,
  type User,
} from "../../contract/session.ts";
import { orgsOf } from "../org-answers.ts";
import { personProcedure, publicProcedure, router, selfProcedure } from "../procedures.ts";
import { limitGuesses, startSession, userOf } from "../start-session.ts";

export const sessionRouter = router({
  setup: publicProcedure.input(SetupInput).mutation(async ({ ctx, input }): Promise<{ user: User }> => {
    limitGuesses(ctx.edge, ctx.claims);
    const proven = await ctx.edge.shards.instance.people.setup(input);
    return startSession(ctx, proven);
  }),

  signIn: publicProcedure.input(SignInInput).mutation(async ({ ctx, input }): Promise<{ user: User }> => {
    limitGuesses(ctx.edge, ctx.claims, input.email);
    const proven = await ctx.edge.shards.instance.people.verify(input);
    ctx.edge.throttles.signInAccount.forgive(input.email);
    return startSession(ctx, proven);
  }),

  signOut: personProcedure.mutation(async ({ ctx }): Promise<{ signedOut: true }> => {
    const { person, session } = ctx.caller;
    await ctx.edge.shards.instance.sessions.end({ userId: person.id, id: session.id });
    ctx.resHeaders.append("set-cookie", ctx.edge.sessions.blankCookie(ctx.claims.secure));
    if (ctx.claims.rawOrgCookie !== undefined)
      ctx.resHeaders.append("set-cookie", ctx.edge.orgCookie.blank(ctx.claims.secure));
    return { signedOut: true };
  }),

  me: selfProcedure.query(({ ctx }): Me => {
    const { edge, caller } = ctx;
    const { multiTenant, multiTenantLicensed } = edge.features;
    const role = multiTenant ? undefined : roleOf(edge, DEFAULT_ORG, caller);
    return {
      user: userOf(caller.person),
      operator: caller.person.operator,
      ...(role && { role }),
      ...(multiTenant && multiTenantLicensed && { orgs: orgsOf(edge, caller) }),
    };
  }),

  changePassword: personProcedure
    .input(ChangePasswordInput)
    .mutation(async ({ ctx, input }): Promise<{ changed: true }> => {
      const { person, session } = ctx.caller;
      limitGuesses(ctx.edge, ctx.claims, person.email);
      await ctx.edge.shards.instance.people.changePassword({
        ...input,
        userId: person.id,
        keepHash: session.idHash,
      });
      return { changed: true };
    }),

  list: personProcedure.query(({ ctx }): { sessions: SessionInfo[] } => {
    const sessions = ctx.edge.directory
      .sessionsOf(ctx.caller.person.id)
      .filter(({ idHash }) => ctx.edge.sessions.stands(idHash))
      .sort((a, b) => b.lastSeenAt - a.lastSeenAt)
      .map(({ id, createdAt, lastSeenAt, address, userAgent }) => ({
        id,
        createdAt,
        lastSeenAt,
        address,
        userAgent,
        current: id === ctx.caller.session.id,
      }));
    return { sessions };
  }),

  revoke: personProcedure
    .input(RevokeSessionInput)
    .mutation(async ({ ctx, input }): Promise<{ revoked: true }> => {
      await ctx.edge.shards.instance.sessions.end({ userId: ctx.caller.person.id, id: input.id });
      return { revoked: true };
    }),
});
