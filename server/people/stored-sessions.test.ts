/** Sessions and accounts in a real database: what must hold between two requests, and under a race. */
import { afterAll, expect, test } from "bun:test";
import { testInstance } from "../../tests/support/test-instance.ts";
import type { SessionEntry } from "../contract/directory.ts";
import { SessionId, type UserId } from "../contract/ids.ts";
import { mintId, sha256Hex } from "../lib/random-id.ts";
import * as accounts from "./accounts.ts";
import { Passwords } from "./passwords.ts";
import * as storedSessions from "./stored-sessions.ts";

let now = Date.UTC(2026, 10, 1);
const instance = { ...testInstance(), clock: () => now, passwords: new Passwords(), setupToken: undefined };
const announced = instance.heard;
afterAll(() => instance.db.close());

let people = 0;
async function newPerson() {
  const { person, password } = await accounts.create(instance, { email: `person${people++}@example.org` });
  return { ...person, password };
}

function sessionOf(userId: UserId, lastSeenAt = now): SessionEntry {
  return {
    idHash: sha256Hex(mintId("x")),
    id: SessionId.parse(mintId("s")),
    userId,
    createdAt: now,
    lastSeenAt,
    idleEndsAt: now + 1_000,
    endsAt: now + 10_000,
    address: "127.0.0.1",
    userAgent: "test",
  };
}

function stored(): string[] {
  return storedSessions
    .entries(instance)
    .flatMap((change) => (change.kind === "session" ? [change.session.idHash] : []));
}

test("a password that was proven before it was changed makes no session any more", async () => {
  const person = await newPerson();
  const proven = await accounts.verify(instance, { email: person.email, password: person.password });
  await accounts.resetPassword(instance, { email: person.email });
  const session = sessionOf(person.id);
  expect(() => storedSessions.store(instance, { session, authEpoch: proven.authEpoch })).toThrow(
    expect.objectContaining({ reason: "authentication_required" }),
  );
  expect(stored()).not.toContain(session.idHash);
});

test("nor one that was proven before the person was disabled", async () => {
  const person = await newPerson();
  await newPerson();
  const proven = await accounts.verify(instance, { email: person.email, password: person.password });
  const operator = await accounts.create(instance, { email: "op@example.org", operator: true });
  expect(operator.person.operator).toBe(true);
  accounts.disable(instance, { email: person.email });
  expect(() =>
    storedSessions.store(instance, { session: sessionOf(person.id), authEpoch: proven.authEpoch }),
  ).toThrow();
});

test("two changes of a password at once: one of them counts, the other is told", async () => {
  const person = await newPerson();
  const change = (newPassword: string) =>
    accounts.changePassword(instance, {
      userId: person.id,
      keepHash: "",
      currentPassword: person.password,
      newPassword,
    });
  const outcomes = await Promise.allSettled([change("the first of two"), change("the second of two")]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  const counts = outcomes[0]?.status === "fulfilled" ? "the first of two" : "the second of two";
  expect((await accounts.verify(instance, { email: person.email, password: counts })).userId).toBe(person.id);
});

test("one person has at most 50 sessions: a further one ends the one used longest ago, and the edge hears of it", async () => {
  const person = await newPerson();
  const sessions = Array.from({ length: 50 }, (_, index) =>
    sessionOf(person.id, now + (index === 7 ? -1 : index)),
  );
  for (const session of sessions) storedSessions.store(instance, { session, authEpoch: 1 });
  announced.length = 0;
  const further = sessionOf(person.id, now + 100);
  storedSessions.store(instance, { session: further, authEpoch: 1 });
  expect(announced).toEqual([
    { kind: "session", session: further },
    { kind: "session_ended", idHash: sessions[7]?.idHash as string },
  ]);
  const kept = new Set(stored());
  expect(sessions.filter(({ idHash }) => kept.has(idHash)).length).toBe(49);
});

test("what has run out is deleted, whichever of its two ends came first", async () => {
  const person = await newPerson();
  const idle = { ...sessionOf(person.id), idleEndsAt: now - 1 };
  const old = { ...sessionOf(person.id), endsAt: now - 1 };
  const good = sessionOf(person.id);
  for (const session of [idle, old, good]) storedSessions.store(instance, { session, authEpoch: 1 });
  storedSessions.dropEnded(instance);
  const kept = stored();
  expect([idle, old, good].map(({ idHash }) => kept.includes(idHash))).toEqual([false, false, true]);
});

test("using a session that has been ended brings it back for nobody", async () => {
  const person = await newPerson();
  const session = sessionOf(person.id);
  storedSessions.store(instance, { session, authEpoch: 1 });
  storedSessions.end(instance, { userId: person.id, id: session.id });
  announced.length = 0;
  storedSessions.extend(instance, { idHash: session.idHash, lastSeenAt: now, idleEndsAt: now + 1 });
  expect([announced, stored().includes(session.idHash)]).toEqual([[], false]);
});

test("another person's session is not found, and stays", async () => {
  const [ann, bob] = [await newPerson(), await newPerson()];
  const session = sessionOf(ann.id);
  storedSessions.store(instance, { session, authEpoch: 1 });
  expect(() => storedSessions.end(instance, { userId: bob.id, id: session.id })).toThrow(
    expect.objectContaining({ reason: "not_found" }),
  );
  expect(stored()).toContain(session.idHash);
});

test("the edge hears of a disabled person before of their ended sessions: none of them stands in between", async () => {
  const person = await newPerson();
  storedSessions.store(instance, { session: sessionOf(person.id), authEpoch: 1 });
  announced.length = 0;
  accounts.disable(instance, { email: person.email });
  expect(announced.map(({ kind }) => kind)).toEqual(["person", "session_ended"]);
  now += 1;
});
