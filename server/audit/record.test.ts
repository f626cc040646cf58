import { describe, expect, test } from "bun:test";
import { testInstance } from "../../tests/support/test-instance.ts";
import { DEFAULT_ORG, UserId } from "../contract/ids.ts";
import { mintId } from "../lib/random-id.ts";
import { firstBrokenLink, record } from "./record.ts";

/** An audit of `total` rows. */
function written(total: number) {
  const instance = testInstance();
  const id = UserId.parse(mintId("u"));
  instance.write(() => {
    for (let index = 1; index <= total; index++) {
      record(instance.db, 1_000 + index, {
        by: index % 2 === 0 ? { kind: "command" } : { kind: "person", id },
        action: "member.added",
        orgId: index % 3 === 0 ? DEFAULT_ORG : undefined,
        subject: `u${index}`,
        details: { role: "viewer", 2: index, absent: undefined, text: 'ü"\n\u2028' },
      });
    }
  });
  /** As somebody would who opens the file with a tool of their own. */
  const tamper = (sql: string) => {
    instance.db.execute("drop trigger audit_never_changed");
    instance.db.execute("drop trigger audit_never_deleted");
    instance.db.execute(sql);
  };
  return { ...instance, tamper };
}

describe("the chain", () => {
  test.each([0, 1, 2, 999, 1_000, 1_001, 2_000])("of %d untouched rows holds", (total) => {
    const { db } = written(total);
    expect(firstBrokenLink(db)).toBeUndefined();
    expect(db.rows("select count(*) as total from audit")).toEqual([{ total }]);
  });

  test.each([
    [
      "a detail is changed",
      "update audit set details = json_set(details, '$.role', 'admin') where seq = 4",
      4,
    ],
    ["a time is changed", "update audit set at = at + 1 where seq = 1", 1],
    ["an actor is changed", "update audit set actor_kind = 'pulse' where seq = 4", 4],
    ["an org is changed", "update audit set org_id = null where seq = 3", 3],
    ["a subject is changed", "update audit set subject = null where seq = 5", 5],
    ["an action is changed", "update audit set action = 'member.removed' where seq = 10", 10],
    ["a hash is changed", "update audit set hash = 'x' where seq = 4", 4],
    ["the first row is removed", "delete from audit where seq = 1", 1],
    ["a row in between is removed", "delete from audit where seq = 6", 6],
    [
      "a row is removed and the others close up",
      "delete from audit where seq = 6; update audit set seq = seq - 1 where seq > 6",
      6,
    ],
    [
      "two rows change places",
      "update audit set seq = -1 where seq = 4; update audit set seq = 4 where seq = 5; update audit set seq = 5 where seq = -1",
      4,
    ],
    [
      "a row is put in",
      "insert into audit select 11, at, org_id, 11, actor_kind, actor_id, action, subject, details, hash from audit where seq = 10",
      11,
    ],
  ])("is broken where %s", (_, sql, seq) => {
    const { db, tamper } = written(10);
    tamper(sql);
    expect(firstBrokenLink(db)).toBe(seq);
  });

  test("is found broken beyond the first thousand rows too", () => {
    const { db, tamper } = written(1_500);
    tamper("update audit set at = 0 where seq = 1400");
    expect(firstBrokenLink(db)).toBe(1_400);
  });
});

test.each([
  "update audit set action = 'x' where seq = 1",
  "update audit set seq = 99 where seq = 1",
  "delete from audit where seq = 1",
  "delete from audit",
])("the database refuses: %s", (sql) => {
  const { db } = written(3);
  expect(() => db.execute(sql)).toThrow(/append-only/);
  expect([db.rows("select seq from audit").length, firstBrokenLink(db)]).toEqual([3, undefined]);
});

test("a change that fails leaves no row, and the next one closes up", () => {
  const instance = testInstance();
  const deed = { by: { kind: "pulse" }, action: "org.purged" } as const;
  expect(() =>
    instance.write(() => {
      record(instance.db, 1, deed);
      throw new Error("it failed");
    }),
  ).toThrow("it failed");
  instance.write(() => record(instance.db, 2, deed));
  expect(instance.db.rows("select seq, at, org_id, actor_id, subject, details from audit")).toEqual([
    { seq: 1, at: 2, org_id: null, actor_id: null, subject: null, details: "{}" },
  ]);
});
