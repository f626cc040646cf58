import { describe, expect, test } from "bun:test";
import { DEFAULT_ORG, OrgId } from "../contract/ids.ts";
import { DomainError } from "../lib/domain-error.ts";
import { mintId } from "../lib/random-id.ts";
import { callsThrough, errorOf, failureOf, findVerb } from "./calls.ts";
import { placeOf } from "./shards.ts";

describe("a verb is found by its name and nothing else is", () => {
  const verbs = { resources: { list: () => "listed" } };
  test("its own name", () => {
    expect(findVerb(verbs, "resources.list")?.(undefined)).toBe("listed");
  });
  test.each([
    "",
    ".",
    "resources",
    "resources.",
    ".list",
    "list",
    "resources.get",
    "constructor.name",
    "__proto__.toString",
    "toString.call",
    "resources.constructor",
    "resources.__proto__",
    "resources.toString",
    "resources.hasOwnProperty",
    "hasOwnProperty.call",
  ])("not %j", (name) => {
    expect(findVerb(verbs, name)).toBeUndefined();
  });
});

test("a call carries the name of its verb and its input, and the proxies are made once", async () => {
  const sent: [string, unknown][] = [];
  const calls = callsThrough<{ resources: { list: (target: unknown, input: { n: number }) => string } }>(
    async (verb, input) => {
      sent.push([verb, input]);
      return "answer";
    },
  );
  expect(await calls.resources.list({ n: 1 })).toBe("answer");
  expect(sent).toEqual([["resources.list", { n: 1 }]]);
  expect(calls.resources).toBe(calls.resources);
});

test("a refusal crosses between threads with all it says and nothing it does not", () => {
  const refused = new DomainError("storage_full", "Full.", {
    fields: { at: "late" },
    retryAfterMs: 30_000,
    cause: new Error("/secret/path"),
  });
  const received = errorOf(structuredClone(failureOf(refused)));
  expect(received).toBeInstanceOf(DomainError);
  expect({ ...failureOf(received) }).toEqual({
    reason: "storage_full",
    message: "Full.",
    fields: { at: "late" },
    retryAfterMs: 30_000,
  });
  expect(JSON.stringify(failureOf(refused))).not.toContain("secret");
});

describe("the place of an org", () => {
  test("of the default org and the instance is the first shard", () => {
    for (const count of [1, 2, 3, 4]) {
      expect([placeOf("instance", count), placeOf(DEFAULT_ORG, count)]).toEqual([0, 0]);
    }
  });

  test("never changes", () => {
    const orgs = ["oaaaaaaaaaaaaaaaaaaa", "obcdefghijklmnopqrst", "o234567abcdefghijklm"].map((id) =>
      OrgId.parse(id),
    );
    expect(orgs.map((id) => [2, 3, 4].map((count) => placeOf(id, count)))).toEqual([
      [0, 1, 2],
      [0, 2, 0],
      [1, 2, 1],
    ]);
  });

  test("is spread over all shards and always one of them", () => {
    const places = Array.from({ length: 4_000 }, () => placeOf(OrgId.parse(mintId("o")), 4));
    for (const shard of [0, 1, 2, 3]) {
      const share = places.filter((place) => place === shard).length / places.length;
      expect(share).toBeWithin(0.2, 0.3);
    }
  });
});
