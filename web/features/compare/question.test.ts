import { describe, expect, test } from "bun:test";
import { type Question, queryOf, questionOf, waysOf } from "./question.ts";

const MEASURED = [
  { kind: "container", metric: "memory_used_bytes" },
  { kind: "container", metric: "network_receive_bytes_per_second" },
  { kind: "host", metric: "cpu_percent" },
] as const;
const A = "raaaaaaaaaaaaaaaaaaa" as Question["picked"][number];
const B = "rbbbbbbbbbbbbbbbbbbb" as Question["picked"][number];

const STANDARD: Question = {
  kind: "container",
  metric: "memory_used_bytes",
  by: "avg",
  within: undefined,
  tag: undefined,
  picked: [],
  only: false,
};

describe("an address", () => {
  test("without a question asks the first there is; with a kind alone, the first of that kind", () => {
    expect(questionOf({}, MEASURED)).toEqual(STANDARD);
    expect(questionOf({ kind: "host" }, MEASURED)).toMatchObject({ kind: "host", metric: "cpu_percent" });
    expect(questionOf({ kind: "vm" }, MEASURED)).toEqual(STANDARD);
    expect(questionOf({}, [])).toEqual(STANDARD);
  });

  test("that was made from a question asks it again", () => {
    const question: Question = {
      kind: "host",
      metric: "load1",
      by: "max",
      within: A,
      tag: "prod, really",
      picked: [B, A],
      only: true,
    };
    const query = queryOf(question);
    expect(questionOf(query as Record<string, string>, MEASURED)).toEqual(question);
    expect(queryOf(STANDARD)).toMatchObject({ within: undefined, tag: undefined, pick: undefined });
  });

  test.each([
    [{ kind: "toaster", metric: "heat_celsius" }],
    [{ kind: "container", metric: "a b" }],
    [{ by: "least" }],
    [{ by: "total" }],
    [{ within: "../etc" }],
    [{ pick: "x,y,z" }],
    [{ only: "1" }],
    [{ kind: ["a", "b"], pick: ["c"] }],
  ])("with what makes no sense asks as if it were not there: %o", (query) => {
    expect(questionOf(query, MEASURED)).toEqual(STANDARD);
  });

  test("names no more than one call may", () => {
    const many = Array.from({ length: 60 }, () => A).join(",");
    expect(questionOf({ pick: many }, MEASURED).picked).toHaveLength(50);
  });
});

test("what passes by is ranked by how much it was in all, anything else has no total", () => {
  expect(waysOf("network_receive_bytes_per_second")).toEqual(["total", "avg", "max"]);
  expect(waysOf("cpu_percent")).toEqual(["avg", "max"]);
});
