/** Beginning a session, for whoever has just proven who they are, and what keeps guessing slow. */
import type { Claims } from "../access/admission.ts";
import type { ValidSession } from "../access/sessions.ts";
import type { PersonEntry } from "../contract/directory.ts";
import type { User } from "../contract/session.ts";
import { DomainError } from "../lib/domain-error.ts";
import type { Proven } from "../people/accounts.ts";
import type { Context, Edge } from "./edge.ts";

/** Always a new session, whatever the browser had before: the one it had is ended. */
export async function startSession(ctx: Context, proven: Proven): Promise<{ user: User }> {
  const { edge, claims } = ctx;
  const before = claims.rawSession && (await edge.sessions.validate(claims.rawSession, claims.secure));
  const { setCookie } = await edge.sessions.create(proven, {
    address: claims.address,
    userAgent: ctx.userAgent,
    secure: claims.secure,
  });
  if (before) await endIfThere(edge, before);
  ctx.resHeaders.append("set-cookie", setCookie);
  /* Made for the session that was: it would only be refused. */
  if (claims.rawOrgCookie !== undefined)
    ctx.resHeaders.append("set-cookie", edge.orgCookie.blank(claims.secure));
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
export function limitGuesses({ throttles }: Edge, { address }: Claims, account?: string): void {
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

export function userOf({ id, email, name }: PersonEntry): User {
  return { id, email, name };
}
