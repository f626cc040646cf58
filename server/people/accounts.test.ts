import { afterEach, expect, test } from "bun:test";
import { type Database, openDatabase } from "../../db/driver.ts";
import type { DirectoryChange } from "../contract/directory.ts";
import { ensureDefaultOrg } from "../orgs/default-org.ts";
import { loadMigrations, migrate } from "../tenancy/migrate.ts";
import * as accounts from "./accounts.ts";
import type { Instance } from "./instance.ts";
import { Passwords } from "./passwords.ts";
import * as storedSessions from "./stored-sessions.ts";

const open: Database[] = [];
afterEach(() => {
  for (const db of open.splice(0)) db.close();
});

/** An instance with one operator, one other person, and a session of that person. */
async function furnished() {
  const db = openDatabase(":memory:", "create");
  open.push(db);
  migrate(db, loadMigrations("instance"));
  ensureDefaultOrg(db, 1, () => {});
  const announced: DirectoryChange[] = [];
  const announce = (changes: DirectoryChange[]) => void announced.push(...changes);
  const instance: Instance = {
    db,
    clock: () => 5,
    passwords: new Passwords(),
    setupToken: undefined,
    announce,
  };
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
  announced.length = 0;
  return { instance, db, announced, person, password };
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
