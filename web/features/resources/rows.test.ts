import { expect, test } from "bun:test";
import type { Resource, ResourceKind } from "../../../server/contract/resource.ts";
import { comparing } from "./columns.ts";
import { filterOf, isFiltering, matcher, queryOf } from "./filter.ts";
import { flat, grouped, type Row } from "./rows.ts";

function resource(kind: ResourceKind, id: string, more: Partial<Omit<Resource, "id">> = {}): Resource {
  return {
    kind,
    name: id,
    status: "up",
    sources: ["local"],
    lastSeenAt: 0,
    attributes: {},
    metrics: {},
    ...more,
    id: id as Resource["id"],
  };
}
const under = (parentId: string) => ({ parentId: parentId as Resource["id"] });

const ALL = [
  resource("host", "atlas", { metrics: { cpu_percent: 5 } }),
  resource("core", "cpu 0", under("atlas")),
  resource("filesystem", "/", { ...under("atlas"), metrics: { filesystem_used_percent: 91 } }),
  resource("container", "nginx", {
    ...under("atlas"),
    status: "degraded",
    metrics: { cpu_percent: 40 },
    attributes: { image: "docker.io/library/nginx:1.27" },
  }),
  resource("check", "zeta", { own: { tags: ["shop"] }, status: "unknown" }),
];
const all = {
  resources: ALL,
  matches: () => true,
  compare: comparing({ by: "name", reversed: false }),
  byName: "standard",
} as const;
const shown = (rows: Row[]) =>
  rows.map(({ id, depth, aside }) => `${"  ".repeat(depth)}${aside ? `(${id})` : id}`);
const found = (query: Record<string, string>) =>
  ALL.filter(matcher(filterOf(query))).map(({ id }) => String(id));

test("a flat list has everything, a grouped one what is open, kind by kind", () => {
  expect(flat(all)).toHaveLength(5);
  expect(shown(grouped(all, false, () => false))).toEqual(["atlas", "zeta"]);
  expect(shown(grouped(all, false, () => true))).toEqual(["atlas", "  nginx", "  /", "  cpu 0", "zeta"]);
});

test("what was found stands below what it is part of, also where that was closed", () => {
  const matches = matcher(filterOf({ kind: "container" }));
  expect(shown(grouped({ ...all, matches }, true, () => false))).toEqual(["(atlas)", "  nginx"]);
});

test("a closed row says how many are below it", () => {
  expect(grouped(all, false, () => false).map(({ parts, open }) => [parts, open])).toEqual([
    [3, false],
    [0, false],
  ]);
});

test("a circle of parents ends", () => {
  const circle = [
    resource("vm", "a", under("b")),
    resource("vm", "b", under("a")),
    resource("vm", "c", under("c")),
  ];
  expect(shown(grouped({ ...all, resources: circle }, false, () => true))).toEqual(["c"]);
});

test("figures fall, what is unknown comes last either way", () => {
  const by = (reversed: boolean) =>
    flat({ ...all, byName: undefined, compare: comparing({ by: "cpu", reversed }) }).map(({ id }) => id);
  expect(by(false).slice(0, 2)).toEqual(["nginx", "atlas"]);
  expect(by(true).slice(0, 2)).toEqual(["atlas", "nginx"]);
});

test("a filter finds by words of name and image, by kind, status and tag", () => {
  expect(found({ q: "NGINX 1.27" })).toEqual(["nginx"]);
  expect(found({ q: "nginx 9" })).toEqual([]);
  expect(found({ kind: "core,filesystem" })).toEqual(["cpu 0", "/"]);
  expect(found({ status: "wrong" })).toEqual(["nginx", "zeta"]);
  expect(found({ status: "down" })).toEqual([]);
  expect(found({ tag: "shop" })).toEqual(["zeta"]);
});

test("what is meant to be off is not wrong", () => {
  const off = resource("host", "nas", { status: "down", own: { expectedOff: true } });
  expect(matcher(filterOf({ status: "wrong" }))(off)).toBe(false);
  expect(matcher(filterOf({ status: "down" }))(off)).toBe(true);
});

test("nonsense in an address is as if it were not there, sense stays", () => {
  const filter = filterOf({ kind: "spoon,vm", status: "blue", q: "a" });
  expect(filter).toEqual({ text: "a", kinds: ["vm"], status: undefined, tag: undefined });
  expect(queryOf(filter)).toEqual({ q: "a", kind: "vm", status: undefined, tag: undefined });
  expect(isFiltering(filterOf({}))).toBe(false);
});
