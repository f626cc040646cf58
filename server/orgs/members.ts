/** Who belongs to an org, as what. */
import { and, eq } from "drizzle-orm";
import type { Database } from "../../db/driver.ts";
import { invitation, membership, org as orgTable } from "../../db/instance/orgs.ts";
import { user } from "../../db/instance/people.ts";
import { token } from "../../db/instance/tokens.ts";
import { record } from "../audit/record.ts";
import type { By } from "../contract/audit.ts";
import type { DirectoryChange, MemberEntry } from "../contract/directory.ts";
import { DEFAULT_ORG, type OrgId, UserId } from "../contract/ids.ts";
import type { GivenRole, Member } from "../contract/members.ts";
import { type Role, roleCovers } from "../contract/roles.ts";
import type { Instance } from "../instance/instance.ts";
import { DomainError } from "../lib/domain-error.ts";

const COLUMNS = {
  userId: user.id,
  email: user.email,
  name: user.name,
  role: membership.role,
  since: membership.createdAt,
  disabledAt: user.disabledAt,
};

/** The owner first, the others by name. */
export function list(instance: Instance, { orgId }: { orgId: OrgId }): { members: Member[] } {
  const rows = instance.db.orm
    .select(COLUMNS)
    .from(membership)
    .innerJoin(user, eq(user.id, membership.userId))
    .where(eq(membership.orgId, orgId))
    .all();
  const members = rows.map(memberOf);
  return { members: members.sort((a, b) => rank(a) - rank(b) || byName(a, b)) };
}

export function setRole(
  instance: Instance,
  input: { by: By; orgId: OrgId; userId: UserId; role: GivenRole },
): { member: Member } {
  const { by, orgId, userId, role } = input;
  const { db } = instance;
  return instance.write(() => {
    requireRole(db, by, orgId, "admin");
    const found = getMember(db, orgId, userId);
    if (found.role === "owner") throw transferInstead();
    if (found.role === role) return { member: found };
    db.orm.update(membership).set({ role }).where(isMember(orgId, userId)).run();
    if (!roleCovers(role, "admin")) dropInvitationsOf(instance, orgId, userId);
    const details = { from: found.role, to: role };
    record(db, instance.clock(), { by, action: "member.role_changed", orgId, subject: userId, details });
    instance.announce([announced({ orgId, userId, role, since: found.since })]);
    return { member: { ...found, role } };
  });
}

/** Tokens the person made stay and lose their effect here: a token can do what its maker can. */
export function remove(
  instance: Instance,
  input: { by: By; orgId: OrgId; userId: UserId },
): { removed: true } {
  const { by, orgId, userId } = input;
  return instance.write(() => {
    requireRole(instance.db, by, orgId, "admin");
    const found = getMember(instance.db, orgId, userId);
    if (found.role === "owner") throw transferInstead();
    take(instance, { by, action: "member.removed", orgId, found });
    return { removed: true };
  });
}

export function leave(instance: Instance, input: { by: By; orgId: OrgId; userId: UserId }): { left: true } {
  const { by, orgId, userId } = input;
  return instance.write(() => {
    const found = getMember(instance.db, orgId, userId);
    if (found.role === "owner") {
      if (orgId !== DEFAULT_ORG) throw transferInstead();
      throw new DomainError("default_org_immutable", "The owner cannot leave this organization.");
    }
    take(instance, { by, action: "member.left", orgId, found });
    return { left: true };
  });
}

export function roleIn(db: Database, orgId: OrgId, userId: UserId): Role | undefined {
  return db.orm.select({ role: membership.role }).from(membership).where(isMember(orgId, userId)).get()?.role;
}

/**
 * Asked inside the transaction that changes something. The edge has asked before, but the call may
 * have waited behind the very one that took the caller's rights.
 */
export function requireRole(
  db: Database,
  by: By,
  orgId: OrgId,
  needed: Role,
  { deletedToo = false }: { deletedToo?: boolean } = {},
): void {
  if (by.kind === "command" || by.kind === "pulse") return;
  const person = personBehind(db, by);
  const found = person && standingOf(db, orgId, person);
  const isGone = found?.state === "deleted" && !deletedToo;
  if (!found || found.disabledAt !== null || isGone)
    throw new DomainError("access_denied", "You have no access here.");
  if (found.state === "suspended") throw new DomainError("org_suspended", "Access is suspended.");
  const { role } = found;
  if (!roleCovers(role, needed)) throw new DomainError("role_required", `This needs the role ${needed}.`);
}

function standingOf(db: Database, orgId: OrgId, userId: UserId) {
  return db.orm
    .select({ role: membership.role, state: orgTable.state, disabledAt: user.disabledAt })
    .from(membership)
    .innerJoin(orgTable, eq(orgTable.id, membership.orgId))
    .innerJoin(user, eq(user.id, membership.userId))
    .where(isMember(orgId, userId))
    .get();
}

/** Inside the caller's transaction; it has seen to it that they are no member yet. */
export function add(instance: Instance, input: { by: By; orgId: OrgId; userId: UserId; role: Role }): void {
  const { by, orgId, userId, role } = input;
  const since = instance.clock();
  instance.db.orm.insert(membership).values({ orgId, userId, role, createdAt: since }).run();
  record(instance.db, since, { by, action: "member.added", orgId, subject: userId, details: { role } });
  instance.announce([announced({ orgId, userId, role, since })]);
}

export function announced(member: MemberEntry): DirectoryChange {
  return { kind: "member", member };
}

export function isMember(orgId: OrgId, userId: UserId) {
  return and(eq(membership.orgId, orgId), eq(membership.userId, userId));
}

function take(
  instance: Instance,
  { by, action, orgId, found }: { by: By; action: string; orgId: OrgId; found: Member },
): void {
  const { userId, role } = found;
  instance.db.orm.delete(membership).where(isMember(orgId, userId)).run();
  dropInvitationsOf(instance, orgId, userId);
  record(instance.db, instance.clock(), { by, action, orgId, subject: userId, details: { role } });
  instance.announce([{ kind: "member_gone", orgId, userId }]);
}

/** Nobody comes in any more on the word of somebody who may not give it. */
function dropInvitationsOf({ db }: Instance, orgId: OrgId, userId: UserId): void {
  db.orm
    .delete(invitation)
    .where(and(eq(invitation.orgId, orgId), eq(invitation.invitedBy, userId)))
    .run();
}

function getMember(db: Database, orgId: OrgId, userId: UserId): Member {
  const row = db.orm
    .select(COLUMNS)
    .from(membership)
    .innerJoin(user, eq(user.id, membership.userId))
    .where(isMember(orgId, userId))
    .get();
  if (!row) throw new DomainError("not_found", "There is no such member.");
  return memberOf(row);
}

/** Of a token whoever made it. */
export function personBehind(db: Database, by: By): UserId | undefined {
  if (by.kind === "person") return by.id;
  if (by.kind !== "token") return undefined;
  const row = db.orm.select({ madeBy: token.madeBy }).from(token).where(eq(token.id, by.id)).get();
  return row && UserId.parse(row.madeBy);
}

function memberOf(row: {
  userId: string;
  email: string;
  name: string;
  role: Role;
  since: number;
  disabledAt: number | null;
}): Member {
  const { userId, email, name, role, since, disabledAt } = row;
  return {
    userId: UserId.parse(userId),
    email,
    name,
    role,
    since,
    ...(disabledAt !== null && { disabled: true }),
  };
}

function rank({ role }: Member): number {
  return role === "owner" ? 0 : 1;
}

function byName(a: Member, b: Member): number {
  return a.name.localeCompare(b.name) || (a.email < b.email ? -1 : 1);
}

function transferInstead(): DomainError {
  return new DomainError("owner_required", "An organization has one owner: transfer ownership instead.");
}
