import { describe, expect, test } from "bun:test";
import { testInstance } from "../../tests/support/test-instance.ts";
import type { AuditListInput, By } from "../contract/audit.ts";
import { AUDIT_PER_PAGE } from "../contract/audit.ts";
import { type OrgId, TokenId, type UserId } from "../contract/ids.ts";
import { mintId } from "../lib/random-id.ts";
import { list } from "./list.ts";
import { record } from "./record.ts";

function furnished() {
  const instance = testInstance();
  const alice = instance.addPerson("alice@example.org");
  const bob = instance.addPerson("bob@example.org");
  const acme = instance.addOrg({ slug: "acme", owner: alice });
  const beta = instance.addOrg({ slug: "beta", owner: bob });
  let at = 0;
  const write = (
    action: string,
    more: { by?: By; orgId?: OrgId; subject?: string; details?: object } = {},
  ) => {
    const { by = { kind: "person", id: alice } as const, details = {}, ...rest } = more;
    instance.write(() => record(instance.db, ++at, { by, action, details: { ...details }, ...rest }));
  };
  const found = (orgId: OrgId | null, input: AuditListInput = {}) =>
    list(instance, { orgId, ...input }).entries.map(({ action }) => action);
  return { instance, alice, bob, acme, beta, write, found };
}

test("an org's audit is its own, newest first", () => {
  const { instance, alice, acme, beta, write, found } = furnished();
  write("member.added", { orgId: acme, subject: "one", details: { role: "viewer" } });
  write("member.added", { orgId: beta });
  write("person.created");
  write("member.removed", { orgId: acme, by: { kind: "command" } });
  expect(found(acme)).toEqual(["member.removed", "member.added"]);
  expect(list(instance, { orgId: acme }).entries).toEqual([
    /* Its place says nothing of what was written for others meanwhile. */
    { seq: 2, at: 4, actor: { kind: "command" }, action: "member.removed", details: {}, orgId: acme },
    {
      seq: 1,
      at: 1,
      actor: { kind: "person", id: alice, name: "alice" },
      action: "member.added",
      subject: "one",
      details: { role: "viewer" },
      orgId: acme,
    },
  ]);
});

test("who operates sees the instance and what became of orgs, never what happened inside one", () => {
  const { acme, write, found } = furnished();
  write("person.created");
  write("org.created", { orgId: acme });
  for (const action of ["member.added", "invitation.created", "share.created", "token.created"])
    write(action, { orgId: acme });
  for (const action of ["ownership.transferred", "organ.played", "orgs.x"]) write(action, { orgId: acme });
  write("org.suspended", { orgId: acme });
  write("license.installed");
  expect(found(null)).toEqual(["license.installed", "org.suspended", "org.created", "person.created"]);
});

describe("is filtered", () => {
  const cases: [AuditListInput, string[]][] = [
    [{ action: "member" }, ["member.removed", "member.added"]],
    [{ action: "member.added" }, ["member.added"]],
    [{ action: "member.added.more" }, []],
    [{ action: "%" }, []],
    [{ action: "_ember" }, []],
    [{ action: "m%r" }, []],
    [{ action: "Member" }, []],
    [{ action: "token" }, ["token.cre\u{1f511}ated"]],
    [{ action: "token.cre\u{1f511}" }, ["token.cre\u{1f511}ated"]],
    [{ action: "' or 1=1 --" }, []],
    [{ subject: "two" }, ["member.removed"]],
    [{ subject: "t%" }, []],
    [{ from: 2 }, ["token.cre\u{1f511}ated", "member.removed"]],
    [{ to: 2 }, ["member.added"]],
    [{ from: 2, to: 3 }, ["member.removed"]],
    [{ from: 3, to: 3 }, []],
    [{ cursor: 3 }, ["member.removed", "member.added"]],
    [{ cursor: 1 }, []],
    [{ action: "member", subject: "two", from: 1 }, ["member.removed"]],
  ];
  test.each(cases)("by %j", (input, expected) => {
    const { acme, beta, write, found } = furnished();
    write("member.added", { orgId: acme, subject: "one" });
    write("member.removed", { orgId: acme, subject: "two" });
    write("token.cre\u{1f511}ated", { orgId: acme });
    write("member.added", { orgId: beta, subject: "two" });
    expect(found(acme, input)).toEqual(expected);
  });

  test("by who did it", () => {
    const { alice, bob, acme, write, found } = furnished();
    write("one", { orgId: acme });
    write("two", { orgId: acme, by: { kind: "person", id: bob } });
    write("three", { orgId: acme, by: { kind: "command" } });
    const by = (actor: UserId) => found(acme, { actor });
    expect([by(alice), by(bob)]).toEqual([["one"], ["two"]]);
  });
});

test.each([1, 2, 3, 7, 100])("read %d at a time nothing is missed and nothing comes twice", (limit) => {
  const { instance, acme, beta, write } = furnished();
  for (let index = 0; index < 14; index++) write(`a.${index}`, { orgId: index % 2 === 0 ? acme : beta });
  const seen: number[] = [];
  let cursor: number | undefined;
  do {
    const page = list(instance, { orgId: acme, limit, ...(cursor !== undefined && { cursor }) });
    seen.push(...page.entries.map(({ seq }) => seq));
    cursor = page.nextCursor;
    /* What is written meanwhile is newer than every cursor. */
    write("later", { orgId: acme });
  } while (cursor !== undefined);
  expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1]);
});

test("one answer holds a bounded number of entries", () => {
  const { instance, acme, write } = furnished();
  for (let index = 0; index <= AUDIT_PER_PAGE; index++) write("a", { orgId: acme });
  const { entries, nextCursor } = list(instance, { orgId: acme });
  expect([entries.length, nextCursor]).toEqual([AUDIT_PER_PAGE, 2]);
});

test("persons and tokens have the names they have now; who is gone has an id", () => {
  const { instance, alice, acme, write } = furnished();
  const id = TokenId.parse(mintId("t"));
  const gone = TokenId.parse(mintId("t"));
  instance.db.execute(
    `insert into token (id, secret_hash, name, made_by, scopes, created_at) values ('${id}', 'h', 'cron', '${alice}', '[]', 1)`,
  );
  write("one", { orgId: acme });
  write("two", { orgId: acme, by: { kind: "token", id } });
  write("three", { orgId: acme, by: { kind: "token", id: gone } });
  write("four", { orgId: acme, by: { kind: "pulse" } });
  instance.db.execute(`update user set name = 'Alice A.' where id = '${alice}'`);
  expect(list(instance, { orgId: acme }).entries.map(({ actor }) => actor)).toEqual([
    { kind: "pulse" },
    { kind: "token", id: gone },
    { kind: "token", id, name: "cron" },
    { kind: "person", id: alice, name: "Alice A." },
  ]);
});

test("of a share, people of the other side have no name here, unless they belong here too", () => {
  const { instance, alice, bob, acme, write } = furnished();
  const by = { kind: "person", id: bob } as const;
  write("share.created", { orgId: acme });
  write("share.accepted", { orgId: acme, by });
  const names = () => list(instance, { orgId: acme }).entries.map(({ actor }) => actor.name);
  expect(names()).toEqual([undefined, "alice"]);
  instance.addMember(acme, bob, "viewer");
  expect(names()).toEqual(["bob", "alice"]);
  expect(list(instance, { orgId: acme, actor: alice }).entries.length).toBe(1);
});
