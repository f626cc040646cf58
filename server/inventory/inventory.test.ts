import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "../../db/driver.ts";
import { DEFAULT_ORG } from "../contract/ids.ts";
import type { Report, ReportedResource } from "../contract/report.ts";
import type { Resource } from "../contract/resource.ts";
import { loadMigrations } from "../tenancy/migrate.ts";
import { openMigrated } from "../tenancy/open.ts";
import { Inventory } from "./inventory.ts";
import { get, list } from "./resources.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-inventory-"));
afterAll(() => rmSync(folder, { recursive: true }));

let made = 0;
const newDb = () => openMigrated(join(folder, `${made++}.db`), "create", loadMigrations("org"));

const DAY = 86_400_000;
const tenSeconds = () => ({ intervalMs: 10_000, heardAt: 0, behindMs: 0 });

function reported(key: string, more: Partial<ReportedResource> = {}): ReportedResource {
  return { kind: "host", key, name: key, status: "up", attributes: {}, metrics: {}, ...more };
}

function report(resources: ReportedResource[], at = 1_000): Report {
  return { v: 1, boot: "boot-0001", seq: 0, at, intervalMs: 10_000, resources };
}

function commit(db: Database, inventory: Inventory): void {
  db.transaction(() => inventory.write());
  inventory.written();
}

const byName = (inventory: Inventory) =>
  Object.fromEntries([...inventory.all()].map((resource) => [resource.name, resource])) as Record<
    string,
    Resource
  >;

test("a part belongs to its machine, in whatever order they are reported", () => {
  const db = newDb();
  const inventory = new Inventory(() => db, DEFAULT_ORG);
  inventory.merge("s", report([reported("disk", { kind: "disk", parent: "m" }), reported("m")]));
  const { m, disk } = byName(inventory);
  expect(disk?.parentId).toBe(m?.id);
  expect(m?.parentId).toBeUndefined();
});

test("the same key from two reporters is two resources", () => {
  const db = newDb();
  const inventory = new Inventory(() => db, DEFAULT_ORG);
  inventory.merge("a", report([reported("m")]));
  inventory.merge("b", report([reported("m")]));
  expect(inventory.size).toBe(2);
});

test("a resource keeps its id from report to report", () => {
  const db = newDb();
  const inventory = new Inventory(() => db, DEFAULT_ORG);
  const [first] = inventory.merge("s", report([reported("m")])).changed;
  const [second] = inventory.merge("s", report([reported("m", { metrics: { load1: 1 } })], 2_000)).changed;
  expect(second).toEqual({ id: first?.id as never, lastSeenAt: 2_000, metrics: { load1: 1 } });
});

describe("after a restart", () => {
  test("the picture is what it was, with its values, and nothing is new", () => {
    const db = newDb();
    const inventory = new Inventory(() => db, DEFAULT_ORG);
    const full = [
      reported("m", { attributes: { os: "debian", top_processes: [1] }, metrics: { load1: 2 } }),
      reported("disk", { kind: "disk", parent: "m", status: "degraded" }),
    ];
    inventory.merge("s", report(full));
    commit(db, inventory);
    const before = byName(inventory);

    const again = new Inventory(() => db, DEFAULT_ORG);
    again.restoreValues("s", 9_000, new Map([[before.m?.id as never, { load1: 3 }]]));
    const { m, disk } = byName(again);
    expect(disk).toEqual(before.disk as Resource);
    expect(m).toEqual({
      ...(before.m as Resource),
      attributes: { os: "debian" },
      metrics: { load1: 3 },
      lastSeenAt: 9_000,
    });
    expect(again.hasUnwritten).toBe(false);
    const { changed } = again.merge("s", report(full, 10_000));
    expect(changed.map(({ id }) => id)).toEqual([m?.id as never, disk?.id as never]);
    expect(changed[1]).toEqual({ id: disk?.id as never, lastSeenAt: 10_000 });
  });

  test("values of another source, or of what is not there, are not taken", () => {
    const db = newDb();
    const inventory = new Inventory(() => db, DEFAULT_ORG);
    inventory.merge("s", report([reported("m")]));
    commit(db, inventory);
    const id = byName(inventory).m?.id as Resource["id"];
    const again = new Inventory(() => db, DEFAULT_ORG);
    again.restoreValues("other", 5, new Map([[id, { load1: 1 }]]));
    expect(again.get(id)?.metrics).toEqual({});
  });
});

test("values alone are no reason to write; a failed write waits for the next", () => {
  const db = newDb();
  const inventory = new Inventory(() => db, DEFAULT_ORG);
  inventory.merge("s", report([reported("m")]));
  expect(inventory.hasUnwritten).toBe(true);
  expect(() =>
    db.transaction(() => {
      inventory.write();
      throw new Error("full");
    }),
  ).toThrow("full");
  expect(inventory.hasUnwritten).toBe(true);
  commit(db, inventory);
  expect(db.rows("select key from resource")).toEqual([{ key: "m" }]);
  inventory.merge(
    "s",
    report([reported("m", { metrics: { load1: 1 }, attributes: { top_processes: [1] } })], 2_000),
  );
  expect(inventory.hasUnwritten).toBe(false);
});

describe("silence", () => {
  test("makes machine and part unknown, then the machine down; what its source goes on without is forgotten", () => {
    const db = newDb();
    const inventory = new Inventory(() => db, DEFAULT_ORG);
    inventory.merge("s", report([reported("m"), reported("disk", { kind: "disk", parent: "m" })], 1_000));
    commit(db, inventory);
    const { m, disk } = byName(inventory);
    const ids = [m?.id, disk?.id] as Resource["id"][];

    expect(inventory.judgeSilence(tenSeconds, 2_000, 0)).toEqual({ changed: [], removed: [] });
    expect(inventory.judgeSilence(tenSeconds, 32_000, 0).changed).toEqual(
      ids.map((id) => ({ id, status: "unknown" })),
    );
    expect(inventory.judgeSilence(tenSeconds, 33_000, 0)).toEqual({ changed: [], removed: [] });
    expect(inventory.judgeSilence(tenSeconds, 700_000, 0).changed).toEqual([
      { id: ids[0] as never, status: "down" },
    ]);
    expect(inventory.judgeSilence(tenSeconds, 90 * DAY, 0)).toEqual({ changed: [], removed: [] });
    const heardLater = () => ({ ...tenSeconds(), heardAt: DAY + 2_000 });
    expect(inventory.judgeSilence(heardLater, 90 * DAY, 0)).toEqual({
      changed: [],
      removed: [ids[1] as never],
    });
    commit(db, inventory);
    expect(db.rows("select key, status from resource")).toEqual([{ key: "m", status: "down" }]);
    expect(byName(new Inventory(() => db, DEFAULT_ORG)).disk).toBeUndefined();
  });

  test("ends with the next report; what was forgotten comes back as new", () => {
    const db = newDb();
    const inventory = new Inventory(() => db, DEFAULT_ORG);
    const both = [reported("m"), reported("disk", { kind: "disk", parent: "m" })];
    inventory.merge("s", report(both, 1_000));
    commit(db, inventory);
    const before = byName(inventory);
    inventory.judgeSilence(() => ({ ...tenSeconds(), heardAt: DAY + 2_000 }), DAY + 2_000, 0);
    const { changed } = inventory.merge("s", report(both, DAY + 3_000));
    expect(changed[0]).toEqual({ id: before.m?.id as never, status: "up", lastSeenAt: DAY + 3_000 });
    const after = byName(inventory);
    expect(after.disk?.id).not.toBe(before.disk?.id);
    expect(after.disk?.parentId).toBe(before.m?.id as never);
    commit(db, inventory);
    expect(db.rows("select id from resource where key = 'disk'")).toEqual([{ id: after.disk?.id }]);
  });
});

describe("the list", () => {
  function five() {
    const db = newDb();
    const inventory = new Inventory(() => db, DEFAULT_ORG);
    const resources = ["a1", "a2", "b1"].map((key) => reported(key));
    inventory.merge(
      "s",
      report([...resources, reported("b2", { status: "down" }), reported("c", { kind: "disk" })]),
    );
    return { inventory };
  }

  test("comes in pages that hold every resource once, in the order of ids", () => {
    const org = five();
    const seen: string[] = [];
    for (let cursor: Resource["id"] | undefined, pages = 0; pages < 10; pages++) {
      const page = list(org, { limit: 2, ...(cursor && { cursor }) });
      seen.push(...page.resources.map(({ id }) => id));
      cursor = page.nextCursor;
      if (!cursor) break;
    }
    expect(seen).toEqual([...org.inventory.all()].map(({ id }) => id as string).sort());
  });

  test.each([
    [{ kind: "disk" }, ["c"]],
    [{ status: "down" }, ["b2"]],
    [{ text: " A" }, ["a1", "a2"]],
    [{ text: "A", kind: "disk" }, []],
    [{}, ["a1", "a2", "b1", "b2", "c"]],
  ] as const)("answers %j with %j", (input, names) => {
    expect(
      list(five(), input)
        .resources.map(({ name }) => name)
        .sort(),
    ).toEqual([...names]);
  });

  test("refuses an id that is not there", () => {
    const org = five();
    const [one] = org.inventory.all();
    expect(get(org, { id: one?.id as never }).resource).toBe(one as Resource);
    expect(() => get(org, { id: "raaaaaaaaaaaaaaaaaaa" as never })).toThrow("There is no such resource.");
  });
});
