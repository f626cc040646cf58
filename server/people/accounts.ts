import { and, asc, count, eq, isNull, ne } from "drizzle-orm";
import { membership } from "../../db/instance/orgs.ts";
import { session as sessionTable, user as userTable } from "../../db/instance/people.ts";
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
import { DomainError } from "../lib/domain-error.ts";
import { mintId, randomBase32 } from "../lib/random-id.ts";
import type { Instance } from "./instance.ts";

type UserRow = typeof userTable.$inferSelect;

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

export function needsSetup(instance: Instance): boolean {
  return peopleCount(instance) === 0;
}

/** The first account: operates the instance and owns `default`. */
export async function setup(instance: Instance, input: SetupInput): Promise<Proven> {
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
    return insertPerson(instance, { ...input, passwordHash, operator: true, role: "owner" });
  } catch (error) {
    token.giveBack();
    throw error;
  }
}

/** The same answer, the same work and the same time for someone unknown, disabled or mistaken. */
export async function verify(instance: Instance, input: SignInInput): Promise<Proven> {
  const found = instance.db.orm.select().from(userTable).where(eq(userTable.email, input.email)).get();
  const matches = await instance.passwords.verify(input.password, found?.passwordHash);
  if (!found || !matches || found.disabledAt !== null) {
    throw new DomainError("authentication_required", "The e-mail address or the password is wrong.");
  }
  return { userId: UserId.parse(found.id), authEpoch: found.authEpoch };
}

/** Ends every other session of the person; `keepHash` is the one it was asked from. */
export async function changePassword(
  instance: Instance,
  input: ChangePasswordInput & { userId: UserId; keepHash: string },
): Promise<void> {
  const found = getPerson(instance, input.userId);
  if (!(await instance.passwords.verify(input.currentPassword, found.passwordHash))) {
    throw new DomainError("invalid_request", "The current password is wrong.", {
      fields: { currentPassword: "is not your current password" },
    });
  }
  const passwordHash = await instance.passwords.hash(input.newPassword);
  replacePassword(instance, found, passwordHash, input.keepHash);
}

export function list(instance: Instance): { people: PersonInfo[] } {
  const rows = instance.db.orm.select().from(userTable).orderBy(asc(userTable.createdAt)).all();
  return { people: rows.map(infoOf) };
}

/** Makes an account with a password the operator hands over; the person can change it. */
export async function create(
  instance: Instance,
  input: { email: string; name?: string; operator?: boolean; role?: Role },
): Promise<{ person: PersonInfo; password: string }> {
  const email = parseEmail(input.email);
  const name = input.name === undefined ? undefined : parseName(input.name);
  const password = randomBase32(20);
  const passwordHash = await instance.passwords.hash(password);
  const first = needsSetup(instance);
  const { userId } = insertPerson(instance, {
    email,
    passwordHash,
    operator: first || (input.operator ?? false),
    role: first ? "owner" : (input.role ?? "viewer"),
    name,
  });
  return { person: infoOf(getPerson(instance, userId)), password };
}

/** Gives the person a new password and ends all their sessions. */
export async function resetPassword(
  instance: Instance,
  input: { email: string },
): Promise<{ person: PersonInfo; password: string }> {
  const found = getByEmail(instance, input.email);
  const password = randomBase32(20);
  replacePassword(instance, found, await instance.passwords.hash(password), undefined);
  return { person: infoOf(found), password };
}

/** The person can no longer sign in and is signed out everywhere. Nothing of theirs is deleted. */
export function disable(instance: Instance, input: { email: string }): { person: PersonInfo } {
  const found = getByEmail(instance, input.email);
  const row = { ...found, disabledAt: instance.clock(), authEpoch: found.authEpoch + 1 };
  const ended = instance.db.transaction(() => {
    requireAnotherOperator(instance, found);
    const { disabledAt, authEpoch } = row;
    instance.db.orm.update(userTable).set({ disabledAt, authEpoch }).where(eq(userTable.id, found.id)).run();
    return endSessionsOf(instance, found.id, undefined);
  });
  instance.announce([{ kind: "person", person: entryOf(row) }, ...ended]);
  return { person: infoOf(row) };
}

/** Everybody, for the edge. */
export function entries(instance: Instance): DirectoryChange[] {
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
  email: string;
  name?: string | undefined;
  passwordHash: string;
  operator: boolean;
  role: Role;
}

function insertPerson(instance: Instance, person: NewPerson): Proven {
  const id = UserId.parse(mintId("u"));
  const createdAt = instance.clock();
  const row: UserRow = {
    id,
    email: person.email,
    name: person.name ?? (person.email.split("@")[0] as string),
    passwordHash: person.passwordHash,
    operator: person.operator,
    disabledAt: null,
    authEpoch: 1,
    createdAt,
  };
  instance.db.transaction(() => {
    const taken = instance.db.orm
      .select({ id: userTable.id })
      .from(userTable)
      .where(eq(userTable.email, person.email))
      .get();
    if (taken)
      throw new DomainError("already_exists", "Somebody with this e-mail address already has an account.");
    instance.db.orm.insert(userTable).values(row).run();
    instance.db.orm
      .insert(membership)
      .values({ orgId: DEFAULT_ORG, userId: id, role: person.role, createdAt })
      .run();
  });
  instance.announce([
    { kind: "person", person: entryOf(row) },
    { kind: "member", orgId: DEFAULT_ORG, userId: id, role: person.role },
    { kind: "setup", needed: false },
  ]);
  return { userId: id, authEpoch: row.authEpoch };
}

function replacePassword(
  instance: Instance,
  found: UserRow,
  passwordHash: string,
  keepHash: string | undefined,
): void {
  const { id, authEpoch } = found;
  const ended = instance.db.transaction(() => {
    const { changes } = instance.db.orm
      .update(userTable)
      .set({ passwordHash, authEpoch: authEpoch + 1 })
      .where(and(eq(userTable.id, id), eq(userTable.authEpoch, authEpoch)))
      .run();
    if (changes === 0) {
      throw new DomainError("conflict", "The password was just changed from somewhere else.");
    }
    return endSessionsOf(instance, id, keepHash);
  });
  instance.announce(ended);
}

/** Inside the caller's transaction: who a change of rights concerns and its effect are one. */
function endSessionsOf(instance: Instance, userId: string, keepHash: string | undefined): DirectoryChange[] {
  const isTheirs = eq(sessionTable.userId, userId);
  const which = keepHash === undefined ? isTheirs : and(isTheirs, ne(sessionTable.idHash, keepHash));
  const rows = instance.db.orm
    .delete(sessionTable)
    .where(which)
    .returning({ idHash: sessionTable.idHash })
    .all();
  return rows.map(({ idHash }) => ({ kind: "session_ended", idHash }));
}

function requireAnotherOperator(instance: Instance, found: UserRow): void {
  const others = instance.db.orm
    .select({ total: count() })
    .from(userTable)
    .where(and(eq(userTable.operator, true), isNull(userTable.disabledAt), ne(userTable.id, found.id)))
    .get();
  if (found.operator && (others?.total ?? 0) === 0) {
    throw new DomainError("conflict", "This is the last person who operates the instance.");
  }
}

function peopleCount(instance: Instance): number {
  return instance.db.orm.select({ total: count() }).from(userTable).get()?.total ?? 0;
}

function getPerson(instance: Instance, id: UserId): UserRow {
  const row = instance.db.orm.select().from(userTable).where(eq(userTable.id, id)).get();
  if (!row) throw new DomainError("not_found", "There is no such person.");
  return row;
}

function getByEmail(instance: Instance, email: string): UserRow {
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
