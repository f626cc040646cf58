import { expect, test } from "bun:test";
import { type TestInstance, testInstance } from "../../tests/support/test-instance.ts";
import { record } from "../audit/record.ts";
import { DEFAULT_ORG, OrgId } from "../contract/ids.ts";
import { flaws, repair } from "./consistency.ts";

const STRAY = OrgId.parse(`o${"a".repeat(19)}`);

function house(): { instance: TestInstance; acme: OrgId } {
  const instance = testInstance();
  const alice = instance.addPerson("alice@example.org");
  const acme = instance.addOrg({ slug: "acme", owner: alice });
  record(instance.db, 1, { by: { kind: "pulse" }, action: "org.created", orgId: acme });
  record(instance.db, 2, { by: { kind: "pulse" }, action: "org.renamed", orgId: acme });
  return { instance, acme };
}

const bad = ({ db }: TestInstance, orgs: OrgId[], trashed: OrgId[] = []) =>
  flaws(db, { orgs, trashed })
    .filter(({ ok }) => !ok)
    .map(({ subject, words, repair }) => ({ subject, words, repair }));

test("where nothing is wrong nothing is found", () => {
  const { instance, acme } = house();
  expect(bad(instance, [DEFAULT_ORG, acme])).toEqual([]);
});

test("a row of the audit that was changed from outside is named", () => {
  const { instance, acme } = house();
  instance.db.execute("drop trigger audit_never_changed");
  instance.db.execute(`update audit set details = '{"x":1}' where seq = 1`);
  expect(bad(instance, [DEFAULT_ORG, acme])).toMatchObject([
    { subject: "audit", words: expect.stringContaining("entry 1") },
  ]);
});

test("rows that belong to nothing are found, and a repair deletes them and no others", () => {
  const { instance, acme } = house();
  instance.db.execute("pragma foreign_keys = off");
  instance.db.execute(`insert into membership values ('${STRAY}', 'unobody', 'viewer', 1)`);
  instance.db.execute("pragma foreign_keys = on");
  expect(bad(instance, [DEFAULT_ORG, acme])).toMatchObject([
    { subject: "instance.db", repair: "delete_dangling_rows" },
  ]);
  repair(instance.db, "delete_dangling_rows", 3);
  expect(bad(instance, [DEFAULT_ORG, acme])).toEqual([]);
  expect(instance.db.rows("select org_id from membership")).toEqual([{ org_id: acme }]);
  expect(instance.db.rows("select action from audit order by seq desc limit 1")).toEqual([
    { action: "instance.repaired" },
  ]);
});

test("a token that is bound to nothing is found and deleted, one that is bound stays", () => {
  const { instance, acme } = house();
  const [{ user_id: owner }] = instance.db.rows("select user_id from membership") as [{ user_id: string }];
  for (const id of ["t1", "t2"])
    instance.db.execute(
      `insert into token values ('${id}', 'h${id}', 'n', '${owner}', '["read"]', 1, null, null)`,
    );
  instance.db.execute(`insert into token_org values ('t1', '${acme}')`);
  expect(bad(instance, [DEFAULT_ORG, acme])).toMatchObject([{ repair: "delete_unbound_tokens" }]);
  repair(instance.db, "delete_unbound_tokens", 3);
  expect(instance.db.rows("select id from token")).toEqual([{ id: "t1" }]);
});

test("an org nobody owns is told, and not handed to anybody", () => {
  const { instance, acme } = house();
  instance.db.execute("update membership set role = 'admin'");
  expect(bad(instance, [DEFAULT_ORG, acme])).toMatchObject([{ subject: `orgs/${acme}`, repair: undefined }]);
});

test.each([
  ["missing", [DEFAULT_ORG], [], "active", "is missing"],
  ["in the trash by an interrupted restore", [DEFAULT_ORG], ["acme"], "active", "moves it back"],
  ["deleted and gone", [DEFAULT_ORG], [], "deleted", "cannot be restored"],
] as const)("a folder that is %s is told", (_, orgs, trashed, state, words) => {
  const { instance, acme } = house();
  instance.db.execute(`update org set state = '${state}' where id = '${acme}'`);
  expect(bad(instance, [...orgs], trashed.length > 0 ? [acme] : [])).toMatchObject([
    { subject: `orgs/${acme}`, words: expect.stringContaining(words) },
  ]);
});

test("a folder nobody knows can be moved away; one in the trash is no trouble", () => {
  const { instance, acme } = house();
  expect(bad(instance, [DEFAULT_ORG, acme, STRAY])).toMatchObject([
    { subject: `orgs/${STRAY}`, repair: "move_stray_folder" },
  ]);
  expect(bad(instance, [DEFAULT_ORG, acme], [STRAY])).toEqual([]);
});
