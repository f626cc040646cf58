import { afterEach, describe, expect, test } from "bun:test";
import { type TestInstance, testInstance } from "../../tests/support/test-instance.ts";
import { list as auditOf } from "../audit/list.ts";
import { DEFAULT_ORG, UserId } from "../contract/ids.ts";
import { mintId } from "../lib/random-id.ts";
import * as accounts from "./accounts.ts";
import type { PeopleInstance } from "./instance.ts";
import { Passwords } from "./passwords.ts";
import { SetupToken } from "./setup-token.ts";
import * as storedSessions from "./stored-sessions.ts";

const open: TestInstance[] = [];
afterEach(() => {
  for (const { db } of open.splice(0)) db.close();
});

function empty() {
  const base = testInstance({ multiTenantAllowed: false });
  open.push(base);
  const setupToken = new SetupToken(base.clock, "the one");
  return { ...base, passwords: new Passwords(), setupToken } satisfies PeopleInstance;
}

/** An instance with one operator, one other person, and a session of that person. */
async function furnished() {
  const instance = empty();
  await accounts.create(instance, { email: "ada@example.org" });
  const { person, password } = await accounts.create(instance, { email: "bob@example.org" });
  const { authEpoch } = await accounts.verify(instance, { email: person.email, password });
  const session = {
    idHash: "h",
    id: "saaaaaaaaaaaaaaaaaaa" as never,
    userId: person.id,
    createdAt: 1,
    lastSeenAt: 1,
    idleEndsAt: 1e15,
    endsAt: 1e15,
    address: "",
    userAgent: "",
  };
  storedSessions.store(instance, { session, authEpoch });
  const { db, heard: announced } = instance;
  announced.length = 0;
  return { instance, db, announced, person, password };
}

/** Of the instance and of `default`, oldest first. */
/** In the order of the chain, which the audit of one org does not tell. */
function audited(instance: PeopleInstance) {
  const rows = instance.db.rows("select seq, org_id, org_seq from audit") as Record<string, unknown>[];
  const entries = [null, DEFAULT_ORG].flatMap((orgId) =>
    auditOf(instance, { orgId }).entries.map((entry) => {
      const row = rows.find((row) => row["org_id"] === orgId && row[orgId ? "org_seq" : "seq"] === entry.seq);
      return { ...entry, seq: row?.["seq"] as number };
    }),
  );
  return entries.sort((a, b) => a.seq - b.seq);
}

test("disabling ends every session in the same step: either both happened or neither", async () => {
  const { instance, db, announced, person, password } = await furnished();
  db.execute("create trigger stop before delete on session begin select raise(abort, 'stop'); end");
  expect(() => accounts.disable(instance, { email: person.email })).toThrow();
  expect(announced).toEqual([]);
  await accounts.verify(instance, { email: person.email, password });
  db.execute("drop trigger stop");
  accounts.disable(instance, { email: person.email });
  expect(announced.map(({ kind }) => kind)).toEqual(["person", "session_ended"]);
  expect(db.rows("select * from session")).toEqual([]);
});

test("a new password ends every session in the same step: either both happened or neither", async () => {
  const { instance, db, announced, person, password } = await furnished();
  db.execute("create trigger stop before delete on session begin select raise(abort, 'stop'); end");
  await expect(accounts.resetPassword(instance, { email: person.email })).rejects.toThrow();
  await accounts.verify(instance, { email: person.email, password });
  db.execute("drop trigger stop");
  await accounts.resetPassword(instance, { email: person.email });
  expect(announced).toEqual([{ kind: "session_ended", idHash: "h" }]);
});

test.each([
  ["multi-tenancy is off", false, ["default"]],
  ["multi-tenancy is on", true, []],
])("whoever is given an account while %s belongs to what that says", async (_, multiTenantAllowed, orgs) => {
  const { instance } = await furnished();
  Object.assign(instance, { multiTenantAllowed });
  const { person } = await accounts.create(instance, { email: "dee@example.org" });
  const found = instance.db.rows("select org_id, user_id from membership") as {
    org_id: string;
    user_id: string;
  }[];
  expect(found.filter(({ user_id }) => user_id === person.id).map(({ org_id }) => org_id)).toEqual(orgs);
});

describe("the audit tells", () => {
  test("of the first person, who made themselves", async () => {
    const instance = empty();
    const input = { token: "the one", email: "ada@example.org", password: "a good password" };
    const { userId } = await accounts.setup(instance, input);
    expect(audited(instance)).toMatchObject([
      {
        action: "person.created",
        actor: { kind: "person", id: userId },
        subject: userId,
        details: { email: "ada@example.org", operator: true },
      },
      { action: "member.added", orgId: DEFAULT_ORG, subject: userId, details: { role: "owner" } },
    ]);
    expect(instance.heard.map(({ kind }) => kind)).toEqual(["person", "member", "setup"]);
  });

  test("of everything that is done to people, and by whom", async () => {
    const { instance, person, password } = await furnished();
    const by = { kind: "person", id: UserId.parse(mintId("u")) } as const;
    const newPassword = "another good password";
    const keepHash = "h";
    await accounts.changePassword(instance, {
      userId: person.id,
      keepHash,
      currentPassword: password,
      newPassword,
    });
    await accounts.resetPassword(instance, { email: person.email });
    await accounts.resetPassword(instance, { email: person.email, by });
    accounts.disable(instance, { email: person.email });
    const { person: further } = await accounts.create(instance, {
      email: "cy@example.org",
      by,
      role: "viewer",
    });
    accounts.disable(instance, { email: further.email, by });
    const told = audited(instance).slice(4);
    expect(told.map(({ action, actor, subject }) => [action, actor.id ?? actor.kind, subject])).toEqual([
      ["person.password_changed", person.id, person.id],
      ["person.password_reset", "command", person.id],
      ["person.password_reset", by.id, person.id],
      ["person.disabled", "command", person.id],
      ["person.created", by.id, further.id],
      ["member.added", by.id, further.id],
      ["person.disabled", by.id, further.id],
    ]);
    expect(JSON.stringify(audited(instance))).not.toContain(newPassword);
  });

  test("of nothing that was refused", async () => {
    const { instance, person } = await furnished();
    const before = audited(instance).length;
    const refusals = [
      () => accounts.create(instance, { email: person.email }),
      () => accounts.resetPassword(instance, { email: "nobody@example.org" }),
      async () => accounts.disable(instance, { email: "ada@example.org" }),
      () =>
        accounts.changePassword(instance, {
          userId: person.id,
          keepHash: "",
          currentPassword: "a wrong one",
          newPassword: "a good password",
        }),
    ];
    const outcomes = await Promise.allSettled(refusals.map((refused) => refused()));
    expect(outcomes.map(({ status }) => status)).toEqual(refusals.map(() => "rejected"));
    expect([audited(instance).length, instance.heard]).toEqual([before, []]);
  });
});

test("who joins by invitation has an account, and no place in `default`", async () => {
  const { instance } = await furnished();
  const passwordHash = await instance.passwords.hash("a good password");
  const joining = { email: "cy@example.org", name: "Cy", passwordHash };
  const proven = accounts.insertJoining(instance, joining);
  const { email } = joining;
  expect(await accounts.verify(instance, { email, password: "a good password" })).toEqual(proven);
  expect(instance.heard.map(({ kind }) => kind)).toEqual(["person", "setup"]);
  expect(instance.db.rows(`select * from membership where user_id = '${proven.userId}'`)).toEqual([]);
  expect(audited(instance).at(-1)).toMatchObject({
    action: "person.created",
    actor: { kind: "person", id: proven.userId, name: "Cy" },
    details: { email },
  });
  expect(() => accounts.insertJoining(instance, joining)).toThrow(
    expect.objectContaining({ reason: "already_exists" }),
  );
});
