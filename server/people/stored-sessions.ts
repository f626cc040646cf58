import { and, eq, lt, or } from "drizzle-orm";
import { session as sessionTable, user as userTable } from "../../db/instance/people.ts";
import type { DirectoryChange, SessionEntry } from "../contract/directory.ts";
import { SessionId, UserId } from "../contract/ids.ts";
import { DomainError } from "../lib/domain-error.ts";
import type { PeopleInstance } from "./instance.ts";

/** Sessions one person has at a time; a further sign-in ends the one used longest ago. */
const MAX_PER_PERSON = 50;

/** Keeps a new session, unless the proof it rests on was overtaken by a password change. */
export function store(instance: PeopleInstance, input: { session: SessionEntry; authEpoch: number }): void {
  const { session } = input;
  instance.write(() => {
    const person = instance.db.orm.select().from(userTable).where(eq(userTable.id, session.userId)).get();
    if (!person || person.disabledAt !== null || person.authEpoch !== input.authEpoch) {
      throw new DomainError("authentication_required", "Sign in again.");
    }
    instance.db.orm.insert(sessionTable).values(session).run();
    const ended = dropSurplus(instance, session.userId);
    instance.announce([
      { kind: "session", session },
      ...ended.map((idHash) => ({ kind: "session_ended" as const, idHash })),
    ]);
  });
}

/** Notes that a session was used; unknown ones are left unknown. */
export function extend(
  instance: PeopleInstance,
  input: { idHash: string; lastSeenAt: number; idleEndsAt: number },
): void {
  const { idHash, lastSeenAt, idleEndsAt } = input;
  const row = instance.write(() =>
    instance.db.orm
      .update(sessionTable)
      .set({ lastSeenAt, idleEndsAt })
      .where(eq(sessionTable.idHash, idHash))
      .returning()
      .get(),
  );
  if (row) instance.announce([{ kind: "session", session: entryOf(row) }]);
}

/** Ends one session of this person. Another person's is not found. */
export function end(instance: PeopleInstance, input: { userId: UserId; id: SessionId }): void {
  const row = instance.write(() =>
    instance.db.orm
      .delete(sessionTable)
      .where(and(eq(sessionTable.id, input.id), eq(sessionTable.userId, input.userId)))
      .returning({ idHash: sessionTable.idHash })
      .get(),
  );
  if (!row) throw new DomainError("not_found", "There is no such session.");
  instance.announce([{ kind: "session_ended", idHash: row.idHash }]);
}

/** Deletes what has run out; how many. */
export function dropEnded(instance: PeopleInstance): number {
  const now = instance.clock();
  const rows = instance.write(() =>
    instance.db.orm
      .delete(sessionTable)
      .where(or(lt(sessionTable.idleEndsAt, now), lt(sessionTable.endsAt, now)))
      .returning({ idHash: sessionTable.idHash })
      .all(),
  );
  instance.announce(rows.map(({ idHash }) => ({ kind: "session_ended", idHash })));
  return rows.length;
}

/** Every session, for the edge. */
export function entries(instance: PeopleInstance): DirectoryChange[] {
  const rows = instance.db.orm.select().from(sessionTable).all();
  return rows.map((row) => ({ kind: "session", session: entryOf(row) }));
}

function entryOf(row: typeof sessionTable.$inferSelect): SessionEntry {
  return { ...row, id: SessionId.parse(row.id), userId: UserId.parse(row.userId) };
}

function dropSurplus(instance: PeopleInstance, userId: UserId): string[] {
  const rows = instance.db.orm.select().from(sessionTable).where(eq(sessionTable.userId, userId)).all();
  const surplus = rows.sort((a, b) => b.lastSeenAt - a.lastSeenAt).slice(MAX_PER_PERSON);
  for (const { idHash } of surplus)
    instance.db.orm.delete(sessionTable).where(eq(sessionTable.idHash, idHash)).run();
  return surplus.map(({ idHash }) => idHash);
}
