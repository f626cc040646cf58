import type { Claims } from "../../access/admission.ts";
import type { ValidSession } from "../../access/sessions.ts";
import type { PersonEntry } from "../../contract/directory.ts";
import {
  ChangePasswordInput,
  type Me,
  RevokeSessionInput,
  type SessionInfo,
  SetupInput,
  SignInInput,
  type User,
} from "../../contract/session.ts";
import { DomainError } from "../../lib/domain-error.ts";
import type { Proven } from "../../people/accounts.ts";
import type { Context, Edge } from "../edge.ts";
import { publicProcedure, router, selfProcedure } from "../procedures.ts";

export const sessionRouter = router({
  setup: publicProcedure.input(SetupInput).mutation(async ({ ctx, input }): Promise<{ user: User }> => {
    limitSignIn(ctx.edge, ctx.claims);
    const proven = await ctx.edge.shards.instance.people.setup(input);
    return startSession(ctx, proven);
  }),

  signIn: publicProcedure.input(SignInInput).mutation(async ({ ctx, input }): Promise<{ user: User }> => {
    limitSignIn(ctx.edge, ctx.claims, input.email);
    const proven = await ctx.edge.shards.instance.people.verify(input);
    ctx.edge.throttles.signInAccount.forgive(input.email);
    return startSession(ctx, proven);
  }),

  signOut: selfProcedure.mutation(async ({ ctx }): Promise<{ signedOut: true }> => {
    const { person, session } = ctx.caller;
    await ctx.edge.shards.instance.sessions.end({ userId: person.id, id: session.id });
    ctx.resHeaders.append("set-cookie", ctx.edge.sessions.blankCookie(ctx.claims.secure));
    ctx.resHeaders.set("clear-site-data", '"cache"');
    return { signedOut: true };
  }),

  me: selfProcedure.query(
    ({ ctx }): Me => ({ user: userOf(ctx.caller.person), operator: ctx.caller.person.operator }),
  ),

  changePassword: selfProcedure
    .input(ChangePasswordInput)
    .mutation(async ({ ctx, input }): Promise<{ changed: true }> => {
      const { person, session } = ctx.caller;
      limitSignIn(ctx.edge, ctx.claims, person.email);
      await ctx.edge.shards.instance.people.changePassword({
        ...input,
        userId: person.id,
        keepHash: session.idHash,
      });
      return { changed: true };
    }),

  list: selfProcedure.query(({ ctx }): { sessions: SessionInfo[] } => {
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

  revoke: selfProcedure
    .input(RevokeSessionInput)
    .mutation(async ({ ctx, input }): Promise<{ revoked: true }> => {
      await ctx.edge.shards.instance.sessions.end({ userId: ctx.caller.person.id, id: input.id });
      return { revoked: true };
    }),
});

/** Always a new session, whatever the browser had before: the one it had is ended. */
async function startSession(ctx: Context, proven: Proven): Promise<{ user: User }> {
  const { edge, claims } = ctx;
  const before = claims.rawSession && (await edge.sessions.validate(claims.rawSession, claims.secure));
  const { setCookie } = await edge.sessions.create(proven, {
    address: claims.address,
    userAgent: ctx.userAgent,
    secure: claims.secure,
  });
  if (before) await endIfThere(edge, before);
  ctx.resHeaders.append("set-cookie", setCookie);
  const person = edge.directory.person(proven.userId);
  if (!person) throw new Error("a person just proven is not in the directory");
  return { user: userOf(person) };
}

async function endIfThere(edge: Edge, { person, session }: ValidSession): Promise<void> {
  try {
    await edge.shards.instance.sessions.end({ userId: person.id, id: session.id });
  } catch (error) {
    /* Ended by somebody else in the meantime: just what was wanted. */
    if (!(error instanceof DomainError && error.reason === "not_found")) throw error;
  }
}

/** What one customer of a provider has: the address itself, of IPv6 the first 64 bits. */
function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("::");
  const groups = head.split(":");
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(":").length;
  return [...groups, ...Array<string>(Math.max(0, missing)).fill("0")].slice(0, 4).join(":");
}

/** Guesses cost argon2id work: so many per address and, where one is named, per account, whoever asks. */
function limitSignIn({ throttles }: Edge, { address }: Claims, account?: string): void {
  /* An address that has used up its tries does not use up anybody's account. */
  const waitMs =
    throttles.signInAddress.take(networkOf(address)) ||
    (account === undefined ? 0 : throttles.signInAccount.take(account));
  if (waitMs > 0) {
    const minutes = Math.ceil(waitMs / 60_000);
    const when = minutes === 1 ? "a minute" : `${minutes} minutes`;
    throw new DomainError("rate_limited", `Too many attempts. Try again in ${when}.`, {
      retryAfterMs: waitMs,
    });
  }
}

function userOf({ id, email, name }: PersonEntry): User {
  return { id, email, name };
}
