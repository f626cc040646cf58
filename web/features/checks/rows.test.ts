import { expect, test } from "bun:test";
import type { Resource } from "../../../server/contract/resource.ts";
import type { Source } from "../../../server/contract/sources.ts";
import { type CheckRow, grouped, headline, matching, problemOf } from "./rows.ts";

function check(name: string, status?: Resource["status"], rest: Partial<Source> = {}): CheckRow {
  const source = {
    id: `p-${name}`,
    type: "http",
    name,
    config: { url: `https://${name}.example.org` },
    enabled: true,
    state: { status: "ok", since: 0 },
    ...rest,
  } as unknown as Source;
  const resource = status && ({ id: `r-${name}`, status, attributes: { problem: "It is broken." } } as never);
  return { source, resource };
}

const ROWS = [
  check("shop", "up"),
  check("mail", "degraded"),
  check("db", "down"),
  check("new"),
  check("old", "down", { enabled: false }),
];

test("what is wrong comes first, what nobody asks last", () => {
  const shape = grouped(ROWS).map(({ name, rows }) => [name, ...rows.map(({ source }) => source.name)]);
  expect(shape).toEqual([
    ["Wrong", "db", "mail"],
    ["Not known", "new"],
    ["Well", "shop"],
    ["Paused", "old"],
  ]);
});

test("a problem is told while it is one: of nothing that is well, and of nothing that is paused", () => {
  expect(ROWS.map(problemOf)).toEqual(["", "It is broken.", "It is broken.", "", ""]);
  const failing = { status: "failing", since: 0, error: "Its credentials cannot be opened." } as const;
  expect(problemOf(check("x", undefined, { state: failing }))).toBe("Its credentials cannot be opened.");
});

test("the page begins with how it is", () => {
  expect(headline(ROWS)).toBe("2 of 4 are wrong, 1 not known.");
  expect(headline([check("a", "up"), check("b", "up")])).toBe("All 2 are well.");
  expect(headline([check("a", "up"), check("b")])).toBe("1 of 2 are well, 1 not known.");
  expect(headline([check("a", "down", { enabled: false })])).toBe("All are paused.");
});

test("a check is found by its target, its type or how it is", () => {
  const found = (wanted: string) => matching(ROWS, wanted).map(({ source }) => source.name);
  expect(found("mail.example")).toEqual(["mail"]);
  expect(found("web down")).toEqual(["db"]);
});
