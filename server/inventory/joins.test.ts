/**
 * What two sources see of one machine, in the picture. A page is kept beside it that is told every change, as a browser
 * is: it has to be what the picture is, and after a restart the picture has to be what it was.
 */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "../../db/driver.ts";
import { SEED, seeded } from "../../tests/support/seeded.ts";
import { DEFAULT_ORG } from "../contract/ids.ts";
import type { ReportedResource } from "../contract/report.ts";
import type { Resource } from "../contract/resource.ts";
import { loadMigrations } from "../tenancy/migrate.ts";
import { openMigrated } from "../tenancy/open.ts";
import { Inventory, type PictureChange } from "./inventory.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-joins-"));
afterAll(() => rmSync(folder, { recursive: true }));

const MINUTE = 60_000;
const DAY = 86_400_000;
const CARD = "bc:24:11:0a:0b:0c";
const AGENT = "agent:a";
const PVE = "source:pve";

let made = 0;
class Org {
  readonly db: Database = openMigrated(join(folder, `${made++}.db`), "create", loadMigrations("org"));
  inventory = new Inventory(() => this.db, DEFAULT_ORG);
  readonly page = new Map<string, Resource>();
  readonly heardAt = new Map<string, number>();
  now = 1_000;

  report(source: string, ...resources: ReportedResource[]): PictureChange {
    this.now += 1_000;
    this.heardAt.set(source, this.now);
    const report = {
      v: 1,
      boot: "boot-0001",
      seq: this.now,
      at: this.now,
      intervalMs: 10_000,
      resources,
    } as const;
    return this.told(this.inventory.merge(source, report));
  }

  /** What was told is on the page, and the page is the picture. */
  told(change: PictureChange): PictureChange {
    for (const id of change.removed) this.page.delete(id);
    for (const { id, ...fields } of change.changed) {
      const before = this.page.get(id) ?? ({ id, attributes: {}, metrics: {} } as Resource);
      this.page.set(id, applied(before, { id, ...fields }));
    }
    for (const resource of this.inventory.all())
      if (!Bun.deepEquals(this.page.get(resource.id), resource, true))
        expect(this.page.get(resource.id)).toEqual(resource);
    expect(this.page.size).toBe(this.inventory.size);
    return change;
  }

  pass(ms: number): PictureChange {
    this.now += ms;
    const rhythmOf = (source: string) => ({
      intervalMs: 10_000,
      heardAt: this.heardAt.get(source) ?? 0,
      behindMs: 0,
    });
    return this.told(this.inventory.judgeSilence(rhythmOf, this.now, 0));
  }

  commit(): void {
    this.db.transaction(() => this.inventory.write());
    this.inventory.written();
  }

  restart(): void {
    this.commit();
    const lasting = () =>
      [...this.inventory.all()]
        .map(({ id, kind, name, parentId, sources, attributes, own }) => ({
          id,
          kind,
          name,
          parentId,
          sources,
          attributes,
          own,
        }))
        .sort((a, b) => (a.id < b.id ? -1 : 1));
    const before = lasting();
    this.inventory = new Inventory(() => this.db, DEFAULT_ORG);
    expect(lasting()).toEqual(before);
    expect(this.inventory.hasUnwritten).toBe(false);
    this.page.clear();
    for (const resource of this.inventory.all()) this.page.set(resource.id, resource);
  }

  /** Names, each with that of what it is a part of. */
  get picture(): string[] {
    const all = [...this.inventory.all()];
    const nameOf = (id: string | undefined) => all.find((resource) => resource.id === id)?.name;
    return all.map(({ name, parentId }) => (parentId ? `${nameOf(parentId)}/${name}` : name)).sort();
  }

  idOf(source: string, key: string) {
    const id = this.inventory.find(source, key);
    if (!id) throw new Error(`${source} has no ${key}`);
    return id;
  }

  shown(name: string): Resource {
    const found = [...this.inventory.all()].filter((resource) => resource.name === name);
    if (found.length !== 1) throw new Error(`${found.length} are called ${name}`);
    return found[0] as Resource;
  }
}

/** As a browser does it. */
function applied(
  before: Resource,
  { attributes, metrics, own, parentId, ...fields }: PictureChange["changed"][number],
): Resource {
  const merged = <T>(held: Record<string, T>, changes: Record<string, T | null> = {}) =>
    Object.fromEntries(
      Object.entries({ ...held, ...changes }).filter(([, value]) => value !== null),
    ) as Record<string, T>;
  const { own: ownBefore, parentId: parentBefore, ...rest } = before;
  const ownNow = own === undefined ? ownBefore : (own ?? undefined);
  const parentNow = parentId === undefined ? parentBefore : (parentId ?? undefined);
  return {
    ...rest,
    ...fields,
    ...(ownNow && { own: ownNow }),
    ...(parentNow && { parentId: parentNow }),
    attributes: merged(before.attributes, attributes),
    metrics: merged(before.metrics, metrics),
  };
}

function resource(
  kind: ReportedResource["kind"],
  key: string,
  more: Partial<ReportedResource> = {},
): ReportedResource {
  return { kind, key, name: key, status: "up", attributes: {}, metrics: {}, ...more };
}
const host = (more: Partial<ReportedResource> = {}) => resource("host", "host", { name: "web", ...more });
const vm = (more: Partial<ReportedResource> = {}) =>
  resource("vm", "qemu/101", { name: "vm-web", parent: "node", attributes: { mac: CARD }, ...more });
const node = resource("host", "node");
const card = resource("interface", "eth0", { parent: "host", attributes: { mac: CARD } });
const disk = (name: string, parent: string, more: Partial<ReportedResource> = {}) =>
  resource("filesystem", `${parent}:${name}`, { name, parent, ...more });

/** A guest that its agent and its hypervisor see. */
function joined(): Org {
  const org = new Org();
  org.report(
    PVE,
    node,
    vm({ metrics: { cpu_percent: 1 } }),
    disk("root", "qemu/101"),
    disk("swap", "qemu/101"),
  );
  org.report(AGENT, host(), card, disk("root", "host", { metrics: { used_bytes: 7 } }), disk("data", "host"));
  return org;
}

describe("two views of one machine", () => {
  test("are one in the picture as soon as it is known, and the page is told what is gone", () => {
    const org = new Org();
    org.report(PVE, node, vm());
    const before = org.idOf(PVE, "qemu/101");
    const { changed, removed } = org.report(AGENT, host(), card);
    expect(removed).toEqual([before]);
    expect(changed.map(({ id }) => id)).not.toContain(before);
    expect(org.picture).toEqual(["node", "node/web", "web/eth0"]);
    expect(org.shown("web")).toMatchObject({ kind: "vm", sources: [AGENT, PVE] });
    expect(org.idOf(PVE, "qemu/101")).toBe(org.idOf(AGENT, "host"));
    expect(org.inventory.joins()).toMatchObject([
      { how: "found", evidence: `both have the network card ${CARD}` },
    ]);
  });

  test("whoever of them is seen first", () => {
    const org = new Org();
    org.report(AGENT, host(), card);
    const agent = org.idOf(AGENT, "host");
    org.report(PVE, node, vm());
    expect(org.picture).toEqual(["node", "node/web", "web/eth0"]);
    expect(org.shown("web").id).toBe(agent);
  });

  test("and when a card is told only later", () => {
    const org = new Org();
    org.report(PVE, node, vm({ attributes: {} }));
    org.report(AGENT, host(), card);
    expect(org.picture).toEqual(["node", "node/vm-web", "web", "web/eth0"]);
    org.report(PVE, node, vm());
    expect(org.picture).toEqual(["node", "node/web", "web/eth0"]);
  });

  test("show what each of them knows, as it comes", () => {
    const org = joined();
    org.report(
      PVE,
      node,
      vm({ status: "degraded", metrics: { cpu_percent: 2, disk_bytes: 5 } }),
      disk("root", "qemu/101"),
    );
    org.report(AGENT, host({ metrics: { cpu_percent: 50 } }), card);
    expect(org.shown("web")).toMatchObject({
      status: "degraded",
      metrics: { cpu_percent: 50, disk_bytes: 5 },
    });
    expect(org.inventory.viewsOf(org.shown("web").id).map(({ source }) => source)).toEqual([AGENT, PVE]);
  });

  test("outlast a restart; nobody has to find out again", () => {
    const org = joined();
    const picture = org.picture;
    org.restart();
    expect(org.picture).toEqual(picture);
    org.report(AGENT, host(), card);
    expect(org.picture).toEqual(picture);
    expect(org.inventory.joins()).toHaveLength(1);
  });

  test("of which one falls silent are how the other says, also right after a restart", () => {
    const org = joined();
    for (let minute = 0; minute < 30; minute++) {
      org.pass(MINUTE);
      org.report(PVE, node, vm({ metrics: { cpu_percent: 3 } }));
    }
    expect(org.shown("web")).toMatchObject({ status: "up", metrics: { cpu_percent: 3 } });
    org.restart();
    org.report(PVE, node, vm({ metrics: { cpu_percent: 4 } }));
    org.pass(1_000);
    expect(org.shown("web")).toMatchObject({ status: "up", metrics: { cpu_percent: 4 } });
    org.pass(DAY);
    expect(org.shown("web").status).toBe("unknown");
  });

  test("never become one by what is no evidence, nor two agents by any", () => {
    const org = new Org();
    org.report(AGENT, host({ name: "debian", attributes: { machine_id: "1" } }), card);
    org.report("agent:b", host({ name: "debian", attributes: { machine_id: "1" } }), card);
    org.report(PVE, node, vm({ name: "debian", attributes: { machine_id: "1" } }));
    expect(org.picture).toEqual(["debian", "debian", "debian/eth0", "debian/eth0", "node", "node/debian"]);
  });
});

describe("their parts", () => {
  test("of one kind and name are one, the others are parts of the one machine", () => {
    const org = joined();
    expect(org.picture).toEqual(["node", "node/web", "web/data", "web/eth0", "web/root", "web/swap"]);
    expect(org.shown("root")).toMatchObject({ sources: [AGENT, PVE], metrics: { used_bytes: 7 } });
    expect(org.shown("swap").sources).toEqual([PVE]);
  });

  test.each([AGENT, PVE])("become one also when that of %s comes later", (later) => {
    const org = joined();
    const reportFrom = (source: string) =>
      org.report(source, disk("more", source === AGENT ? "host" : "qemu/101"));
    reportFrom(later === AGENT ? PVE : AGENT);
    reportFrom(later);
    expect(org.picture.filter((line) => line.endsWith("/more"))).toEqual(["web/more"]);
    expect(org.shown("more").sources).toEqual([AGENT, PVE]);
    org.restart();
    expect(org.shown("more").sources).toEqual([AGENT, PVE]);
  });

  test("of another kind stay two, and so do those of which one source has several", () => {
    const org = joined();
    org.report(AGENT, resource("disk", "d", { name: "swap", parent: "host" }));
    org.report(
      PVE,
      disk("twice", "qemu/101"),
      resource("filesystem", "t2", { name: "twice", parent: "qemu/101" }),
    );
    org.report(AGENT, disk("twice", "host"));
    expect(org.picture.filter((line) => /swap|twice/.test(line))).toEqual([
      "web/swap",
      "web/swap",
      "web/twice",
      "web/twice",
      "web/twice",
    ]);
  });

  test("that get another name are one with those of that name, or on their own", () => {
    const org = joined();
    org.report(PVE, disk("swap", "qemu/101", { name: "data" }));
    expect(org.picture).toEqual(["node", "node/web", "web/data", "web/eth0", "web/root"]);
    org.report(PVE, disk("swap", "qemu/101", { name: "else" }));
    expect(org.picture).toEqual(["node", "node/web", "web/data", "web/else", "web/eth0", "web/root"]);
  });

  test("have parts in turn, which follow", () => {
    const org = new Org();
    const part = (name: string, parent: string) => disk(name, parent);
    org.report(
      PVE,
      node,
      vm({ attributes: {} }),
      part("pool", "qemu/101"),
      part("home", "qemu/101:pool"),
      part("only", "qemu/101:pool"),
    );
    org.report(AGENT, host(), part("pool", "host"), part("home", "host:pool"));
    org.report(PVE, vm());
    org.report(AGENT, card);
    expect(org.picture).toEqual(["node", "node/web", "pool/home", "pool/only", "web/eth0", "web/pool"]);
    const [found] = org.inventory.joins();
    org.restart();
    org.told(org.inventory.separate(org.inventory.joins()[0] as never, org.now));
    expect(org.picture).toEqual(
      [
        "node",
        "node/vm-web",
        "vm-web/pool",
        "pool/home",
        "pool/only",
        "web",
        "web/eth0",
        "web/pool",
        "pool/home",
      ].sort(),
    );
    for (const id of [found?.absorbed, found?.into]) expect(org.inventory.get(id as never)).toBeDefined();
  });

  test("that their closest source goes on without are still there as long as another sees them", () => {
    const org = joined();
    for (let hour = 0; hour < 26; hour++) {
      org.pass(60 * MINUTE);
      org.report(AGENT, host(), card);
      org.report(PVE, node, vm(), disk("root", "qemu/101"), disk("swap", "qemu/101"));
    }
    org.pass(1_000);
    expect(org.picture).toEqual(["node", "node/web", "web/eth0", "web/root", "web/swap"]);
    expect(org.shown("root").sources).toEqual([PVE]);
  });

  test("that are parts of each other, as only nonsense is, end nothing", () => {
    const org = joined();
    for (const [source, machine] of [
      [AGENT, "host"],
      [PVE, "qemu/101"],
    ] as const) {
      org.report(source, disk("a", machine), disk("b", `${machine}:a`));
      org.report(
        source,
        { ...disk("a", machine), parent: `${machine}:a` },
        { ...disk("b", `${machine}:a`), parent: `${machine}:a` },
      );
    }
    org.told(org.inventory.forget(org.shown("web").id));
    org.restart();
  });
});

describe("separated", () => {
  test("they are two again, each with its own parts, under the ids they had before", () => {
    const org = new Org();
    org.report(PVE, node, vm(), disk("root", "qemu/101"), disk("swap", "qemu/101"));
    const before = ["qemu/101", "qemu/101:root", "qemu/101:swap"].map((key) => org.idOf(PVE, key));
    org.report(AGENT, host(), card, disk("root", "host"));
    org.told(org.inventory.separate(org.inventory.joins()[0] as never, org.now));
    expect(org.picture).toEqual([
      "node",
      "node/vm-web",
      "vm-web/root",
      "vm-web/swap",
      "web",
      "web/eth0",
      "web/root",
    ]);
    expect(["qemu/101", "qemu/101:root", "qemu/101:swap"].map((key) => org.idOf(PVE, key))).toEqual(before);
    /* The past of each is kept under the id of its view, which never was another. */
    for (const id of before) expect(org.inventory.viewsOf(id)).toEqual([{ id, source: PVE }]);
  });

  test("they are not found to be the same again, not even after a restart, until a person says so", () => {
    const org = joined();
    org.told(org.inventory.separate(org.inventory.joins()[0] as never, org.now));
    org.restart();
    org.report(AGENT, host({ attributes: { os: "new" } }), card);
    org.report(PVE, node, vm({ attributes: { mac: CARD, os: "new" } }));
    expect(org.inventory.joins()).toEqual([]);
    const [absorbed, into] = [org.idOf(PVE, "qemu/101"), org.idOf(AGENT, "host")];
    org.told(org.inventory.join(absorbed, into, { how: "said", evidence: "somebody said so", at: org.now }));
    expect(org.picture).toEqual(["node", "node/web", "web/data", "web/eth0", "web/root", "web/swap"]);
    org.restart();
    expect(org.inventory.joins()).toMatchObject([
      { how: "said", absorbed, into, evidence: "somebody said so" },
    ]);
  });
});

describe("joined by a person", () => {
  const said = { how: "said", evidence: "somebody said so", at: 1 } as const;

  test("machines are one without any evidence, and what had become one with one of them comes along", () => {
    const org = joined();
    org.report(
      "source:esx",
      resource("vm", "vm-9", { name: "third" }),
      disk("root", "vm-9"),
      disk("swap", "vm-9"),
    );
    const third = org.idOf("source:esx", "vm-9");
    org.told(org.inventory.join(org.shown("web").id, third, said));
    expect(org.picture).toEqual(["node", "node/web", "web/data", "web/eth0", "web/root", "web/swap"]);
    expect(org.shown("web")).toMatchObject({ id: third, name: "web", kind: "vm" });
    const sourcesOf = (name: string) => org.shown(name).sources.toSorted();
    expect(["web", "root", "swap"].map(sourcesOf)).toEqual([
      [AGENT, "source:esx", PVE],
      [AGENT, "source:esx", PVE],
      ["source:esx", PVE],
    ]);
    org.restart();
    for (const one of org.inventory.joins()) org.told(org.inventory.separate(one, org.now));
    expect(org.inventory.size).toBe(4 + 4 + 3);
    org.restart();
  });
});

describe("what a person said", () => {
  test("of one of them is said of both, stays through everything, and is as it was when they are two again", () => {
    const org = new Org();
    org.report(PVE, node, vm());
    org.told(org.inventory.say(org.idOf(PVE, "qemu/101"), { name: "Mail", notes: "old", tags: ["a"] }));
    org.report(AGENT, host(), card);
    expect(org.shown("Mail").own).toEqual({ name: "Mail", notes: "old", tags: ["a"] });
    org.told(org.inventory.say(org.shown("Mail").id, { notes: "new", link: "https://example.org/" }));
    org.restart();
    org.report(AGENT, host({ name: "renamed" }), card);
    org.report(PVE, node, vm({ name: "renamed" }));
    expect(org.shown("Mail").own).toEqual({
      name: "Mail",
      notes: "new",
      tags: ["a"],
      link: "https://example.org/",
    });
    org.told(org.inventory.separate(org.inventory.joins()[0] as never, org.now));
    org.restart();
    expect(org.inventory.get(org.idOf(PVE, "qemu/101"))?.own).toEqual({
      name: "Mail",
      notes: "old",
      tags: ["a"],
    });
    expect(org.inventory.get(org.idOf(AGENT, "host"))?.own).toEqual({
      notes: "new",
      link: "https://example.org/",
    });
  });

  test("and takes back is gone, whichever of them it was said of", () => {
    const org = new Org();
    org.report(PVE, node, vm());
    org.told(org.inventory.say(org.idOf(PVE, "qemu/101"), { name: "Mail", notes: "old" }));
    org.report(AGENT, host(), card);
    org.told(org.inventory.say(org.shown("Mail").id, { name: null }));
    expect(org.shown("web").own).toEqual({ notes: "old" });
    org.told(org.inventory.say(org.shown("web").id, { notes: null }));
    expect(org.shown("web").own).toBeUndefined();
    org.restart();
    expect(org.shown("web").own).toBeUndefined();
    expect(org.db.rows("select * from own_facts")).toEqual([]);
  });
});

test("forgotten with everything that is joined to it, nothing of it is left, and what reports it again is new", () => {
  const org = joined();
  const before = org.shown("web").id;
  org.told(org.inventory.say(before, { name: "Mail" }));
  org.told(org.inventory.say(org.shown("root").id, { notes: "x" }));
  org.commit();
  const { removed } = org.told(org.inventory.forget(before));
  expect(removed).toHaveLength(5);
  expect(org.picture).toEqual(["node"]);
  org.commit();
  expect(org.db.rows("select key from resource")).toEqual([{ key: "node" }]);
  for (const table of ["merge", "own_facts"]) expect(org.db.rows(`select * from ${table}`)).toEqual([]);
  org.restart();
  org.report(AGENT, host(), card);
  expect(org.shown("web").own).toBeUndefined();
  expect(org.shown("web").id).not.toBe(before);
});

test(`whatever happens, pages and restarts show the picture (seed ${SEED})`, () => {
  const random = seeded();
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const cards = [CARD, "bc:24:11:00:00:01", "bc:24:11:00:00:02"];
  const said = { how: "said", evidence: "somebody said so", at: 1 } as const;
  const some = (source: string): ReportedResource[] => {
    const machines = ["m1", "m2", "m3"].filter(() => random() < 0.7);
    return machines.flatMap((key) => [
      resource(source.startsWith("agent") ? "host" : pick(["host", "vm"]), key, {
        name: pick(["web", "mail"]),
        status: pick(["up", "up", "degraded"]),
        attributes: random() < 0.5 ? { mac: pick(cards) } : {},
        metrics: { load1: random() },
      }),
      ...["p1", "p2", "p3"]
        .filter(() => random() < 0.7)
        .map((part, index, parts) => {
          const parent = index > 0 && random() < 0.3 ? `${key}/${parts[0]}` : key;
          return { ...disk(pick(["root", "data"]), parent), key: `${key}/${part}` };
        }),
    ]);
  };
  for (let round = 0; round < 6; round++) {
    const org = new Org();
    for (let step = 0; step < 80; step++) {
      const shown = [...org.inventory.all()];
      const machines = shown.filter(({ kind, parentId }) => kind !== "filesystem" && !parentId);
      const dice = random();
      if (dice < 0.5 || shown.length === 0) {
        const source = pick([AGENT, PVE, "source:esx", "local"]);
        org.report(source, ...some(source));
      } else if (dice < 0.6) org.pass(pick([1_000, MINUTE, 20 * MINUTE, DAY]));
      else if (dice < 0.7)
        org.told(
          org.inventory.say(pick(shown).id, {
            notes: pick(["a", "b", null]),
            name: pick(["x", null, undefined]),
          }),
        );
      else if (dice < 0.78 && machines.length > 1) {
        const [one, other] = [pick(machines).id, pick(machines).id];
        if (one !== other) org.told(org.inventory.join(one, other, said));
      } else if (dice < 0.86) {
        const all = org.inventory.joins();
        if (all.length > 0) org.told(org.inventory.separate(pick(all), org.now));
      } else if (dice < 0.9) org.told(org.inventory.forget(pick(shown).id));
      else org.restart();
    }
    org.db.close();
  }
}, 30_000);
