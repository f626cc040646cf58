import { describe, expect, test } from "bun:test";
import { testInstance } from "../../tests/support/test-instance.ts";
import type { Reason } from "../contract/errors.ts";
import { DEFAULT_ORG, OrgId } from "../contract/ids.ts";
import { mintId } from "../lib/random-id.ts";
import { dropOld, type Once, once } from "./idempotency.ts";

const DAY = 24 * 3_600_000;
const refusedFor = (reason: Reason) => expect.objectContaining({ reason });

function furnished() {
  const instance = testInstance();
  let made = 0;
  const acme = OrgId.parse(mintId("o"));
  const call = (more: Partial<Once> & { input?: unknown; procedure?: string } = {}) => {
    const { input = { name: "a" }, procedure = "tokens.create", ...rest } = more;
    const asked = { orgId: acme, caller: "alice", key: "key-0001", request: { procedure, input }, ...rest };
    return once(instance, asked, () => ({ token: `pulse_secret_${++made}` }));
  };
  const rows = () => instance.db.rows("select * from idempotency");
  return { instance, acme, call, rows, made: () => made };
}

test("the same call under the same key is done once and answered the same for a day", () => {
  const { instance, call, made } = furnished();
  expect(call()).toEqual({ answer: { token: "pulse_secret_1" }, replayed: false });
  instance.time.now += DAY - 1;
  expect(call()).toEqual({ answer: { token: "pulse_secret_1" }, replayed: true });
  expect(made()).toBe(1);
  instance.time.now += 1;
  expect(call()).toEqual({ answer: { token: "pulse_secret_2" }, replayed: false });
});

test("without a key everything is done each time, and nothing is kept", () => {
  const { call, rows } = furnished();
  expect([call({ key: undefined }), call({ key: undefined })].map(({ replayed }) => replayed)).toEqual([
    false,
    false,
  ]);
  expect(rows()).toEqual([]);
});

describe("under the same key something else", () => {
  test.each([
    ["input", { input: { name: "b" } }],
    ["type of input", { input: { name: ["a"] } }],
    ["field", { input: { name: "a", more: 1 } }],
    ["procedure", { procedure: "members.invite" }],
  ])("(another %s) is refused, and what was first still stands", (_, more) => {
    const { call, made } = furnished();
    call();
    expect(() => call(more)).toThrow(refusedFor("idempotency_mismatch"));
    expect([made(), call().replayed]).toEqual([1, true]);
  });

  test("is not what only has its fields in another order", () => {
    const { call } = furnished();
    call({ input: { a: 1, b: { c: [1, { d: 2, e: 3 }], f: null } } });
    expect(call({ input: { b: { f: null, c: [1, { e: 3, d: 2 }] }, a: 1 } }).replayed).toBe(true);
    expect(() => call({ input: { a: 1, b: { c: [{ d: 2, e: 3 }, 1], f: null } } })).toThrow(
      refusedFor("idempotency_mismatch"),
    );
  });
});

test("a key belongs to one org and one caller", () => {
  const { call, made } = furnished();
  call();
  for (const other of [{ orgId: DEFAULT_ORG }, { caller: "bob" }, { key: "key-0002" }])
    expect(call({ ...other, input: { name: "b" } }).replayed).toBe(false);
  expect(made()).toBe(4);
});

test("what failed is not kept: the next try is a first one", () => {
  const { instance, acme, call, rows } = furnished();
  const request = { procedure: "tokens.create", input: { name: "a" } };
  const asked = { orgId: acme, caller: "alice", key: "key-0001", request };
  const attempt = () =>
    once(instance, asked, () =>
      instance.write(() => {
        instance.db.execute("insert into setting values ('half', 'done')");
        instance.announce([{ kind: "setup", needed: false }]);
        throw new Error("it failed");
      }),
    );
  expect(attempt).toThrow("it failed");
  expect([rows(), instance.heard, instance.db.rows("select * from setting")]).toEqual([[], [], []]);
  expect(call().replayed).toBe(false);
});

describe("a key", () => {
  const good = ["12345678", "x".repeat(200), "!~!~!~!~"];
  const bad = [
    "",
    "1234567",
    "x".repeat(201),
    "with a space",
    "tab\tulator",
    "umlaut-ü1",
    "nul\0nul00",
    "line\n1234",
  ];
  test.each(good)("%j is taken", (key) => {
    expect(furnished().call({ key }).replayed).toBe(false);
  });
  test.each(bad)("%j is refused, and nothing is done", (key) => {
    const { call, made } = furnished();
    expect(() => call({ key })).toThrow(
      expect.objectContaining({
        reason: "invalid_request",
        fields: { "idempotency-key": expect.any(String) },
      }),
    );
    expect(made()).toBe(0);
  });
});

describe("what is kept", () => {
  test("shows neither the key nor the answer, and never twice the same", () => {
    const { instance, call, rows } = furnished();
    call({ key: "a-very-telling-key" });
    const [row] = rows() as { answer: Uint8Array; key_hash: string }[];
    expect(JSON.stringify(rows())).not.toContain("a-very-telling-key");
    expect(Buffer.from(row?.answer ?? []).toString("latin1")).not.toContain("pulse_secret");
    instance.db.execute("delete from idempotency");
    call({ key: "a-very-telling-key" });
    const [again] = rows() as { answer: Uint8Array }[];
    expect(Buffer.from(again?.answer ?? []).equals(Buffer.from(row?.answer ?? []))).toBe(false);
  });

  test.each(["org_id = 'default'", "caller = 'bob'"])("opens for nobody else: moved to %s", (change) => {
    const { instance, call } = furnished();
    call();
    instance.db.execute(`update idempotency set ${change}`);
    const moved = change.startsWith("org") ? { orgId: DEFAULT_ORG } : { caller: "bob" };
    expect(() => call(moved)).toThrow();
  });

  test("does not open with the key alone: the instance's own is needed", () => {
    const { instance, acme, call } = furnished();
    call();
    const keys = { ...instance.keys, derive: () => Buffer.alloc(32) };
    const request = { procedure: "tokens.create", input: { name: "a" } };
    const asked = { orgId: acme, caller: "alice", key: "key-0001", request };
    expect(() => once({ ...instance, keys }, asked, () => 1)).toThrow();
  });

  test("is dropped after a day", () => {
    const { instance, call, rows } = furnished();
    call();
    instance.time.now += DAY;
    call({ key: "key-0002" });
    instance.time.now += 1;
    expect([dropOld(instance), dropOld(instance), rows().length]).toEqual([1, 0, 1]);
  });

  test("is at most 10,000 answers of one org, the oldest going first; of others none", () => {
    const { instance, acme, call } = furnished();
    const fill = (orgId: string, total: number) =>
      instance.db.execute(
        `with recursive n(i) as (select 1 union all select i + 1 from n where i < ${total})
         insert into idempotency select '${orgId}', 'x', i, 'r', x'00', i from n`,
      );
    fill(acme, 10_000);
    fill("default", 5);
    call();
    const kept = (orgId: string) =>
      instance.db.rows(
        `select count(*) as total, min(created_at) as oldest from idempotency where org_id = '${orgId}'`,
      );
    expect([kept(acme), kept("default")]).toEqual([
      [{ total: 10_000, oldest: 2 }],
      [{ total: 5, oldest: 1 }],
    ]);
    expect(call().replayed).toBe(true);
  });
});
