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

describe("a report that comes late", () => {
  test("changes nothing that is shown, and its values are kept under the ids things have", () => {
    const db = newDb();
    const inventory = new Inventory(() => db, DEFAULT_ORG);
    inventory.merge("s", report([reported("m", { name: "new", metrics: { load1: 2 } })], 2_000));
    commit(db, inventory);
    const before = byName(inventory);
    const seen = inventory.place(
      "s",
      report([reported("m", { name: "old", status: "down", metrics: { load1: 1 } })], 1_000),
    );
    expect(seen).toEqual([{ id: before.new?.id as never, metrics: { load1: 1 } }]);
    expect(byName(inventory)).toEqual(before);
    expect(inventory.hasUnwritten).toBe(false);
  });

  test("gives what is not known any more an id, in its place: of a part nobody fears that it is down", () => {
    const db = newDb();
    const inventory = new Inventory(() => db, DEFAULT_ORG);
    inventory.merge("s", report([reported("m")], 100_000));
    const old = [reported("disk", { kind: "disk", parent: "m" }), reported("m"), reported("gone")];
    const [disk] = inventory.place("s", report(old, 1_000));
    const { m, disk: shown, gone } = byName(inventory);
    expect(shown).toMatchObject({ id: disk?.id as never, parentId: m?.id as never, status: "unknown" });
    expect([m?.status, gone?.status]).toEqual(["up", "unknown"]);
    const [, again] = inventory.merge("s", report([reported("m"), ...old.slice(0, 1)], 110_000)).seen;
    expect(again?.id).toBe(disk?.id as never);
    inventory.judgeSilence(tenSeconds, 800_000, 0);
    expect(byName(inventory)).toMatchObject({ m: { status: "down" }, disk: { status: "unknown" } });
    commit(db, inventory);
    const restarted = byName(new Inventory(() => db, DEFAULT_ORG));
    expect(restarted.disk?.parentId).toBe(m?.id as never);
  });

  test("whose parts others see too is shown as one with them", () => {
    const db = newDb();
    const inventory = new Inventory(() => db, DEFAULT_ORG);
    const card = { attributes: { mac: "bc:24:11:0a:0b:0c" } };
    const disk = reported("disk", { kind: "disk", parent: "m" });
    inventory.merge("source:pve", report([reported("m", { ...card, kind: "vm" }), disk], 2_000));
    inventory.merge("agent:a", report([reported("m", card)], 3_000));
    expect(inventory.size).toBe(2);
    inventory.place("agent:a", report([reported("m", card), disk], 1_000));
    expect(inventory.size).toBe(2);
    expect(byName(inventory).disk?.sources).toEqual(["agent:a", "source:pve"]);
  });
});

describe("what a person says", () => {
  test("survives every report and a restart, and is told to whoever looks", () => {
    const db = newDb();
    const inventory = new Inventory(() => db, DEFAULT_ORG);
    const [first] = inventory.merge("s", report([reported("m")])).changed;
    const id = first?.id as Resource["id"];
    const own = { name: "Mail", notes: "in the cellar", tags: ["a"], expectedOff: true } as const;
    const { changed } = inventory.say(id, { ...own, tags: ["a"] });
    expect(changed).toEqual([{ id, name: "Mail", own: { ...own, tags: ["a"] } }]);
    commit(db, inventory);
    for (const one of [inventory, new Inventory(() => db, DEFAULT_ORG)]) {
      const merged = one.merge("s", report([reported("m", { name: "renamed", status: "degraded" })], 2_000));
      expect(merged.changed).toEqual([{ id, lastSeenAt: 2_000, status: "degraded" }]);
      expect(one.get(id)).toMatchObject({ name: "Mail", own });
    }
  });

  test("is taken back word by word, and the last leaves nothing behind", () => {
    const db = newDb();
    const inventory = new Inventory(() => db, DEFAULT_ORG);
    const [first] = inventory.merge("s", report([reported("m")])).changed;
    const id = first?.id as Resource["id"];
    inventory.say(id, { name: "Mail", tags: ["a"], notes: "x" });
    expect(inventory.say(id, { name: null, notes: undefined }).changed).toEqual([
      { id, name: "m", own: { tags: ["a"], notes: "x" } },
    ]);
    expect(inventory.say(id, { tags: [], notes: "" }).changed).toEqual([{ id, own: null }]);
    commit(db, inventory);
    expect(db.rows("select * from own_facts")).toEqual([]);
    expect(inventory.get(id)).not.toHaveProperty("own");
  });
});

test("forgotten is a thing with its parts and theirs, whatever came first, and nothing else", () => {
  const db = newDb();
  const inventory = new Inventory(() => db, DEFAULT_ORG);
  const resources = [
    reported("partition", { kind: "filesystem", parent: "disk" }),
    reported("disk", { kind: "disk", parent: "m" }),
    reported("m"),
    reported("n"),
    reported("n-disk", { kind: "disk", parent: "n" }),
  ];
  inventory.merge("s", report(resources));
  const before = byName(inventory);
  inventory.say(before.disk?.id as never, { notes: "x" });
  commit(db, inventory);
  const { removed } = inventory.forget(before.m?.id as never);
  expect(removed.sort()).toEqual(
    [before.m, before.disk, before.partition].map((one) => one?.id as never).sort(),
  );
  commit(db, inventory);
  expect(db.rows("select key from resource order by key")).toEqual([{ key: "n" }, { key: "n-disk" }]);
  expect(db.rows("select * from own_facts")).toEqual([]);
  const again = inventory.merge("s", report(resources, 2_000));
  expect(again.changed.filter(({ kind }) => kind !== undefined)).toHaveLength(3);
  expect(byName(inventory).m?.id).not.toBe(before.m?.id);
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
