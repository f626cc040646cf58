/**
 * Invitations. Of the secret in a link only the SHA-256 is stored; using one up is a deletion, so
 * that it works once. Every way in which one may not count has the same answer.
 */
import { and, count, desc, eq, gt, lte, or } from "drizzle-orm";
import type { Database } from "../../db/driver.ts";
import { invitation as invitationTable, membership, org as orgTable } from "../../db/instance/orgs.ts";
import { user } from "../../db/instance/people.ts";
import { record } from "../audit/record.ts";
import type { By } from "../contract/audit.ts";
import { InvitationId, OrgId, type UserId } from "../contract/ids.ts";
import {
  type GivenRole,
  INVITATION_KEPT_MS,
  INVITATION_PREFIX,
  type InboxInvitation,
  type Invitation,
  type InvitationPreview,
  type JoinInput,
} from "../contract/members.ts";
import type { Instance } from "../instance/instance.ts";
import { DomainError } from "../lib/domain-error.ts";
import { mintId, randomBase32, sha256Hex } from "../lib/random-id.ts";
import { add, personBehind, requireRole, roleIn } from "./members.ts";

type Row = typeof invitationTable.$inferSelect;

/** 32 characters of 5 bits: 160 random bits. */
const SECRET_LENGTH = 32;

/** A further one for the same address takes the place of the one before, whose link is dead then. */
export function invite(
  instance: Instance,
  input: { by: By; orgId: OrgId; email: string; role: GivenRole; memberLimit: number },
): { invitation: { id: InvitationId; secret: string; expiresAt: number } } {
  const { by, orgId, email, role, memberLimit } = input;
  const { db } = instance;
  const id = InvitationId.parse(mintId("i"));
  const secret = INVITATION_PREFIX + randomBase32(SECRET_LENGTH);
  return instance.write(() => {
    const createdAt = instance.clock();
    const expiresAt = createdAt + INVITATION_KEPT_MS;
    requireRole(db, by, orgId, "admin");
    if (emailIsMember(db, orgId, email)) throw alreadyMember();
    db.orm
      .delete(invitationTable)
      .where(and(eq(invitationTable.orgId, orgId), eq(invitationTable.email, email)))
      .run();
    const used = countMembers(db, orgId) + countOpen(db, orgId, createdAt);
    if (used >= memberLimit) throw full(used, memberLimit);
    const secretHash = sha256Hex(secret);
    const invitedBy = personBehind(db, by);
    db.orm
      .insert(invitationTable)
      .values({ id, secretHash, orgId, email, role, invitedBy, createdAt, expiresAt })
      .run();
    record(db, createdAt, { by, action: "invitation.created", orgId, subject: id, details: { email, role } });
    return { invitation: { id, secret, expiresAt } };
  });
}

/** Those that can still be accepted, newest first. */
export function list(instance: Instance, { orgId }: { orgId: OrgId }): { invitations: Invitation[] } {
  const rows = instance.db.orm
    .select({ invitation: invitationTable, invitedBy: user.name })
    .from(invitationTable)
    .leftJoin(user, eq(user.id, invitationTable.invitedBy))
    .where(and(eq(invitationTable.orgId, orgId), gt(invitationTable.expiresAt, instance.clock())))
    .orderBy(desc(invitationTable.createdAt), invitationTable.id)
    .all();
  return {
    invitations: rows.map(({ invitation: { id, email, role, createdAt, expiresAt }, invitedBy }) => ({
      id: InvitationId.parse(id),
      email,
      role,
      ...(invitedBy !== null && { invitedBy }),
      createdAt,
      expiresAt,
    })),
  };
}

export function revoke(
  instance: Instance,
  input: { by: By; orgId: OrgId; id: InvitationId },
): { revoked: true } {
  const { by, orgId, id } = input;
  return instance.write(() => {
    requireRole(instance.db, by, orgId, "admin");
    const row = instance.db.orm
      .delete(invitationTable)
      .where(and(eq(invitationTable.id, id), eq(invitationTable.orgId, orgId)))
      .returning({ email: invitationTable.email })
      .get();
    if (!row) throw unknown();
    const details = { email: row.email };
    record(instance.db, instance.clock(), { by, action: "invitation.revoked", orgId, subject: id, details });
    return { revoked: true };
  });
}

/** What the page of a link shows. Only the secret opens it: whoever holds it was sent it. */
export function preview(instance: Instance, { code }: { code: string }): { invitation: InvitationPreview } {
  const [found] = openOnes(instance, eq(invitationTable.secretHash, sha256Hex(code)));
  if (!found) throw unknown();
  const { email } = found.invitation;
  return {
    invitation: { ...shown(found), email, hasAccount: hasAccount(instance.db, email) },
  };
}

/** What a person with an account has been invited to. */
export function inbox(
  instance: Instance,
  { userId }: { userId: UserId },
): { invitations: InboxInvitation[] } {
  const email = emailOf(instance.db, userId);
  const found = email === undefined ? [] : openOnes(instance, eq(invitationTable.email, email));
  return {
    invitations: found.map((one) => ({ id: InvitationId.parse(one.invitation.id), ...shown(one) })),
  };
}

/** `code`: the secret of the link, or the id from the inbox. It counts for the invited address only. */
export function accept(
  instance: Instance,
  input: { by: By; userId: UserId; code: string; memberLimitOf?: LimitOf },
): { orgId: OrgId } {
  const { by, userId, code, memberLimitOf } = input;
  const { db } = instance;
  return instance.write(() => {
    const taken = takeOwn(instance, userId, code);
    const orgId = OrgId.parse(taken.orgId);
    if (roleIn(db, orgId, userId)) throw alreadyMember();
    enter(instance, { by, userId, taken, memberLimitOf });
    return { orgId };
  });
}

export function decline(
  instance: Instance,
  { by, userId, code }: { by: By; userId: UserId; code: string },
): { declined: true } {
  return instance.write(() => {
    const { id, orgId, email } = takeOwn(instance, userId, code);
    const deed = { by, action: "invitation.declined", subject: id, details: { email } };
    record(instance.db, instance.clock(), { ...deed, orgId: OrgId.parse(orgId) });
    return { declined: true };
  });
}

/** How many members an org may have. */
export type LimitOf = (orgId: OrgId) => number;

/** What joining needs to know about people; the accounts themselves are kept elsewhere. */
export interface Accounts {
  hash(password: string): Promise<string>;
  /** Inside the caller's transaction. The person belongs to no org yet. */
  insert(person: { email: string; name?: string | undefined; passwordHash: string }): {
    userId: UserId;
    authEpoch: number;
  };
}

/** For an invited person without an account: makes one for the invited address, and accepts. */
export async function join(
  instance: Instance,
  input: JoinInput,
  accounts: Accounts,
  memberLimitOf?: LimitOf,
): Promise<{ userId: UserId; authEpoch: number; orgId: OrgId }> {
  const bySecret = eq(invitationTable.secretHash, sha256Hex(input.code));
  const requireUnused = () => {
    const [found] = openOnes(instance, bySecret);
    if (!found) throw unknown();
    if (hasAccount(instance.db, found.invitation.email)) {
      throw new DomainError("conflict", "There is an account for this address already: sign in and accept.");
    }
  };
  /* Before the costly part too, so that a made-up code costs us nothing. */
  requireUnused();
  const passwordHash = await accounts.hash(input.password);
  return instance.write(() => {
    requireUnused();
    const taken = takeOpen(instance, bySecret);
    const { userId, authEpoch } = accounts.insert({ email: taken.email, name: input.name, passwordHash });
    enter(instance, { by: { kind: "person", id: userId }, userId, taken, memberLimitOf });
    return { userId, authEpoch, orgId: OrgId.parse(taken.orgId) };
  });
}

/** Deletes what nobody can accept any more; how many. */
export function dropExpired(instance: Instance): number {
  const now = instance.clock();
  return instance.write(
    () => instance.db.orm.delete(invitationTable).where(lte(invitationTable.expiresAt, now)).run().changes,
  );
}

/** Inside the caller's transaction: from a used-up invitation to a member. */
function enter(
  instance: Instance,
  input: { by: By; userId: UserId; taken: Row; memberLimitOf: LimitOf | undefined },
): void {
  const { by, userId, taken, memberLimitOf } = input;
  const now = instance.clock();
  const orgId = OrgId.parse(taken.orgId);
  const [used, limit] = [countMembers(instance.db, orgId), memberLimitOf?.(orgId)];
  /* It may have been lowered since the invitation. */
  if (limit !== undefined && used >= limit) throw full(used, limit);
  const details = { email: taken.email };
  record(instance.db, now, { by, action: "invitation.accepted", orgId, subject: taken.id, details });
  add(instance, { by, orgId, userId, role: taken.role });
}

function takeOwn(instance: Instance, userId: UserId, code: string): Row {
  const email = emailOf(instance.db, userId);
  if (email === undefined) throw unknown();
  const named = or(eq(invitationTable.secretHash, sha256Hex(code)), eq(invitationTable.id, code));
  return takeOpen(instance, and(named, eq(invitationTable.email, email)));
}

/** Uses it up. Of those who come at once, one finds it. */
function takeOpen(instance: Instance, which: ReturnType<typeof and>): Row {
  const [found] = openOnes(instance, which);
  const taken =
    found &&
    instance.db.orm
      .delete(invitationTable)
      .where(eq(invitationTable.id, found.invitation.id))
      .returning()
      .get();
  if (!taken) throw unknown();
  return taken;
}

interface Found {
  invitation: Row;
  org: { slug: string; name: string };
  invitedBy: string | null;
}

/** Unexpired and of an active org, newest first. */
function openOnes(instance: Instance, which: ReturnType<typeof and>): Found[] {
  return instance.db.orm
    .select({
      invitation: invitationTable,
      org: { slug: orgTable.slug, name: orgTable.name },
      invitedBy: user.name,
    })
    .from(invitationTable)
    .innerJoin(orgTable, and(eq(orgTable.id, invitationTable.orgId), eq(orgTable.state, "active")))
    .leftJoin(user, eq(user.id, invitationTable.invitedBy))
    .where(and(which, gt(invitationTable.expiresAt, instance.clock())))
    .orderBy(desc(invitationTable.createdAt), invitationTable.id)
    .all();
}

function shown({ invitation: { role, expiresAt }, org, invitedBy }: Found) {
  return { org, role, ...(invitedBy !== null && { invitedBy }), expiresAt };
}

function countOpen(db: Database, orgId: OrgId, now: number): number {
  const found = db.orm
    .select({ total: count() })
    .from(invitationTable)
    .where(and(eq(invitationTable.orgId, orgId), gt(invitationTable.expiresAt, now)))
    .get();
  return found?.total ?? 0;
}

function countMembers(db: Database, orgId: OrgId): number {
  const found = db.orm.select({ total: count() }).from(membership).where(eq(membership.orgId, orgId)).get();
  return found?.total ?? 0;
}

function emailIsMember(db: Database, orgId: OrgId, email: string): boolean {
  const found = db.orm
    .select({ id: user.id })
    .from(user)
    .innerJoin(membership, and(eq(membership.userId, user.id), eq(membership.orgId, orgId)))
    .where(eq(user.email, email))
    .get();
  return found !== undefined;
}

function hasAccount(db: Database, email: string): boolean {
  return db.orm.select({ id: user.id }).from(user).where(eq(user.email, email)).get() !== undefined;
}

/** Undefined for somebody who is not there or switched off. */
function emailOf(db: Database, userId: UserId): string | undefined {
  const row = db.orm.select().from(user).where(eq(user.id, userId)).get();
  return row && row.disabledAt === null ? row.email : undefined;
}

function unknown(): DomainError {
  return new DomainError("not_found", "This invitation is not valid any more. Ask for a new one.");
}

function alreadyMember(): DomainError {
  return new DomainError("already_exists", "This person is a member already.");
}

function full(used: number, limit: number): DomainError {
  return new DomainError(
    "limit_reached",
    `${used} of at most ${limit} members are taken, open invitations included.`,
  );
}
