import { and, asc, count, eq, isNull, ne } from "drizzle-orm";
import { membership } from "../../db/instance/orgs.ts";
import { session as sessionTable, user as userTable } from "../../db/instance/people.ts";
import { record } from "../audit/record.ts";
import type { By } from "../contract/audit.ts";
import type { DirectoryChange, PersonEntry } from "../contract/directory.ts";
import { DEFAULT_ORG, UserId } from "../contract/ids.ts";
import type { Role } from "../contract/roles.ts";
import {
  type ChangePasswordInput,
  Email,
  PersonName,
  type SetupInput,
  type SignInInput,
} from "../contract/session.ts";
import { multiTenantStatus } from "../instance/switch.ts";
import { DomainError } from "../lib/domain-error.ts";
import { mintId, randomBase32 } from "../lib/random-id.ts";
import type { PeopleInstance } from "./instance.ts";

type UserRow = typeof userTable.$inferSelect;

/** Who changes people when nobody else is named: `pulse user`. */
const COMMAND: By = { kind: "command" };

/** Who a password proved someone to be. A session is only made while `authEpoch` is still theirs. */
export interface Proven {
  userId: UserId;
  authEpoch: number;
}

export interface PersonInfo {
  id: UserId;
  email: string;
  name: string;
  operator: boolean;
  disabled: boolean;
  createdAt: number;
}

export function needsSetup(instance: PeopleInstance): boolean {
  return peopleCount(instance) === 0;
}

/** The first account: operates the instance and owns `default`. */
export async function setup(instance: PeopleInstance, input: SetupInput): Promise<Proven> {
  const token = instance.setupToken;
  if (!token || !needsSetup(instance)) {
    throw new DomainError("conflict", "Pulse is already set up. Sign in instead.");
  }
  if (!token.matches(input.token)) {
    throw token.isExpired()
      ? new DomainError("token_invalid", "This set-up link has expired. Restart Pulse to get a new one.")
      : new DomainError(
          "token_invalid",
          "This set-up link is not valid. Use the one printed when Pulse started.",
        );
  }
  token.use();
  try {
    const passwordHash = await instance.passwords.hash(input.password);
    const { email, name } = input;
    return insertPerson(instance, { email, name, passwordHash, operator: true, roleInDefault: "owner" });
  } catch (error) {
    token.giveBack();
    throw error;
  }
}

/** The same answer, the same work and the same time for someone unknown, disabled or mistaken. */
export async function verify(instance: PeopleInstance, input: SignInInput): Promise<Proven> {
  const found = instance.db.orm.select().from(userTable).where(eq(userTable.email, input.email)).get();
  const matches = await instance.passwords.verify(input.password, found?.passwordHash);
  if (!found || !matches || found.disabledAt !== null) {
    throw new DomainError("authentication_required", "The e-mail address or the password is wrong.");
  }
  return { userId: UserId.parse(found.id), authEpoch: found.authEpoch };
}

/** Ends every other session of the person; `keepHash` is the one it was asked from. */
export async function changePassword(
  instance: PeopleInstance,
  input: ChangePasswordInput & { userId: UserId; keepHash: string },
): Promise<void> {
  const found = getPerson(instance, input.userId);
  if (!(await instance.passwords.verify(input.currentPassword, found.passwordHash))) {
    throw new DomainError("invalid_request", "The current password is wrong.", {
      fields: { currentPassword: "is not your current password" },
    });
  }
  const passwordHash = await instance.passwords.hash(input.newPassword);
  const by: By = { kind: "person", id: input.userId };
  replacePassword(instance, found, {
    by,
    action: "person.password_changed",
    passwordHash,
    keepHash: input.keepHash,
  });
}

export function list(instance: PeopleInstance): { people: PersonInfo[] } {
  const rows = instance.db.orm.select().from(userTable).orderBy(asc(userTable.createdAt)).all();
  return { people: rows.map(infoOf) };
}

/** Makes an account with a password the operator hands over; the person can change it. */
export async function create(
  instance: PeopleInstance,
  input: { by?: By; email: string; name?: string | undefined; operator?: boolean | undefined; role?: Role },
): Promise<{ person: PersonInfo; password: string }> {
  const email = parseEmail(input.email);
  const name = input.name === undefined ? undefined : parseName(input.name);
  const password = randomBase32(20);
  const passwordHash = await instance.passwords.hash(password);
  const first = needsSetup(instance);
  /* Where there are several orgs, belonging to one of them is a matter of being invited. */
  const usual = multiTenantStatus(instance).enabled ? undefined : "viewer";
  const { userId } = insertPerson(instance, {
    by: input.by ?? COMMAND,
    email,
    passwordHash,
    operator: first || (input.operator ?? false),
    roleInDefault: first ? "owner" : (input.role ?? usual),
    name,
  });
  return { person: infoOf(getPerson(instance, userId)), password };
}

/** Somebody who comes by an invitation, and belongs to what they were invited to only: not to `default`. */
export function insertJoining(
  instance: PeopleInstance,
  person: { email: string; name?: string | undefined; passwordHash: string },
): Proven {
  return insertPerson(instance, { ...person, operator: false });
}

/** Gives the person a new password and ends all their sessions. */
export async function resetPassword(
  instance: PeopleInstance,
  input: { by?: By; email: string },
): Promise<{ person: PersonInfo; password: string }> {
  const found = getByEmail(instance, input.email);
  const password = randomBase32(20);
  const passwordHash = await instance.passwords.hash(password);
  const by = input.by ?? COMMAND;
  replacePassword(instance, found, { by, action: "person.password_reset", passwordHash });
  return { person: infoOf(found), password };
}

/** The person can no longer sign in and is signed out everywhere. Nothing of theirs is deleted. */
export function disable(instance: PeopleInstance, input: { by?: By; email: string }): { person: PersonInfo } {
  const { db } = instance;
  return instance.write(() => {
    const found = getByEmail(instance, input.email);
    requireAnotherOperator(instance, found);
    const disabledAt = instance.clock();
    const row = { ...found, disabledAt, authEpoch: found.authEpoch + 1 };
    const { authEpoch } = row;
    db.orm.update(userTable).set({ disabledAt, authEpoch }).where(eq(userTable.id, found.id)).run();
    const by = input.by ?? COMMAND;
    record(db, disabledAt, { by, action: "person.disabled", subject: found.id });
    const ended = endSessionsOf(instance, found.id, undefined);
    instance.announce([{ kind: "person", person: entryOf(row) }, ...ended]);
    return { person: infoOf(row) };
  });
}

/** Everybody, for the edge. */
export function entries(instance: PeopleInstance): DirectoryChange[] {
  const rows = instance.db.orm.select().from(userTable).all();
  return rows.map((row) => ({ kind: "person", person: entryOf(row) }));
}

function entryOf(row: UserRow): PersonEntry {
  return {
    id: UserId.parse(row.id),
    email: row.email,
    name: row.name,
    operator: row.operator,
    disabled: row.disabledAt !== null,
  };
}

interface NewPerson {
  /** Absent: they came themselves. */
  by?: By;
  email: string;
  name?: string | undefined;
  passwordHash: string;
  operator: boolean;
  /** Absent: they do not belong to it. */
  roleInDefault?: Role | undefined;
}

function insertPerson(instance: PeopleInstance, person: NewPerson): Proven {
  const { email, passwordHash, operator, roleInDefault } = person;
  const { db } = instance;
  const id = UserId.parse(mintId("u"));
  const by: By = person.by ?? { kind: "person", id };
  return instance.write(() => {
    const createdAt = instance.clock();
    const row: UserRow = {
      id,
      email,
      name: person.name ?? (email.split("@")[0] as string),
      passwordHash,
      operator,
      disabledAt: null,
      authEpoch: 1,
      createdAt,
    };
    if (db.orm.select({ id: userTable.id }).from(userTable).where(eq(userTable.email, email)).get())
      throw new DomainError("already_exists", "Somebody with this e-mail address already has an account.");
    db.orm.insert(userTable).values(row).run();
    const details = { email, ...(operator && { operator }) };
    record(db, createdAt, { by, action: "person.created", subject: id, details });
    instance.announce([{ kind: "person", person: entryOf(row) }]);
    if (roleInDefault) joinDefault(instance, by, id, roleInDefault);
    instance.announce([{ kind: "setup", needed: false }]);
    return { userId: id, authEpoch: row.authEpoch };
  });
}

function joinDefault(instance: PeopleInstance, by: By, userId: UserId, role: Role): void {
  const since = instance.clock();
  const orgId = DEFAULT_ORG;
  instance.db.orm.insert(membership).values({ orgId, userId, role, createdAt: since }).run();
  record(instance.db, since, { by, action: "member.added", orgId, subject: userId, details: { role } });
  instance.announce([{ kind: "member", member: { orgId, userId, role, since } }]);
}

function replacePassword(
  instance: PeopleInstance,
  found: UserRow,
  change: { by: By; action: string; passwordHash: string; keepHash?: string },
): void {
  const { id, authEpoch } = found;
  const { by, action, passwordHash, keepHash } = change;
  instance.write(() => {
    const { changes } = instance.db.orm
      .update(userTable)
      .set({ passwordHash, authEpoch: authEpoch + 1 })
      .where(and(eq(userTable.id, id), eq(userTable.authEpoch, authEpoch)))
      .run();
    if (changes === 0) {
      throw new DomainError("conflict", "The password was just changed from somewhere else.");
    }
    record(instance.db, instance.clock(), { by, action, subject: id });
    instance.announce(endSessionsOf(instance, id, keepHash));
  });
}

/** Inside the caller's transaction: who a change of rights concerns and its effect are one. */
function endSessionsOf(
  instance: PeopleInstance,
  userId: string,
  keepHash: string | undefined,
): DirectoryChange[] {
  const isTheirs = eq(sessionTable.userId, userId);
  const which = keepHash === undefined ? isTheirs : and(isTheirs, ne(sessionTable.idHash, keepHash));
  const rows = instance.db.orm
    .delete(sessionTable)
    .where(which)
    .returning({ idHash: sessionTable.idHash })
    .all();
  return rows.map(({ idHash }) => ({ kind: "session_ended", idHash }));
}

function requireAnotherOperator(instance: PeopleInstance, found: UserRow): void {
  const others = instance.db.orm
    .select({ total: count() })
    .from(userTable)
    .where(and(eq(userTable.operator, true), isNull(userTable.disabledAt), ne(userTable.id, found.id)))
    .get();
  if (found.operator && (others?.total ?? 0) === 0) {
    throw new DomainError("conflict", "This is the last person who operates the instance.");
  }
}

function peopleCount(instance: PeopleInstance): number {
  return instance.db.orm.select({ total: count() }).from(userTable).get()?.total ?? 0;
}

function getPerson(instance: PeopleInstance, id: UserId): UserRow {
  const row = instance.db.orm.select().from(userTable).where(eq(userTable.id, id)).get();
  if (!row) throw new DomainError("not_found", "There is no such person.");
  return row;
}

function getByEmail(instance: PeopleInstance, email: string): UserRow {
  const row = instance.db.orm
    .select()
    .from(userTable)
    .where(eq(userTable.email, parseEmail(email)))
    .get();
  if (!row) throw new DomainError("not_found", "There is nobody with this e-mail address.");
  return row;
}

function parseEmail(text: string): string {
  const email = Email.safeParse(text);
  if (!email.success)
    throw new DomainError("invalid_request", "An e-mail address looks like name@example.org.");
  return email.data;
}

function parseName(text: string): string {
  const name = PersonName.safeParse(text);
  if (!name.success) {
    throw new DomainError("invalid_request", "A name has 1 to 80 characters that can be shown.");
  }
  return name.data;
}

function infoOf(row: UserRow): PersonInfo {
  return { ...entryOf(row), createdAt: row.createdAt };
}
