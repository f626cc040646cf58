/** What is seen of one org from another: one resource, its parts, and nothing else. */
import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { said } from "../../tests/support/ready-json.ts";
import type { DoorGrant, DoorWatch } from "../contract/doors.ts";
import { DEFAULT_ORG, OrgId, ResourceId, ShareId } from "../contract/ids.ts";
import type { ResourcesChanged } from "../contract/live.ts";
import type { ReportedResource } from "../contract/report.ts";
import type { SharedFrom } from "../contract/shares.ts";
import { top } from "../history/top.ts";
import { Log } from "../lib/log.ts";
import { mintId } from "../lib/random-id.ts";
import { loadMigrations } from "../tenancy/migrate.ts";
import { openMigrated } from "../tenancy/open.ts";
import * as door from "./door.ts";
import { OrgRuntime, UNHEARD } from "./org-runtime.ts";
import { ingest } from "./pipeline.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-door-"));
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const SECOND = 1_000;
const beta = OrgId.parse(mintId("o"));
const gamma = OrgId.parse(mintId("o"));

/** A resource by its key, its parent's key, and how loaded it is. */
type Told = [key: string, parent?: string, load1?: number];

/**
 * In a house: a rack with a machine, whose disk holds a filesystem; another machine with a disk of its own; and what
 * somebody else reports.
 */
const HOUSE: Told[] = [
  ["rack"],
  ["machine", "rack"],
  ["disk", "machine"],
  ["filesystem", "disk"],
  ["neighbour", "rack"],
  ["their-disk", "neighbour"],
];

let made = 0;
function setUp(told: Told[] = HOUSE) {
  const time = { now: 1_795_461_200_000 };
  const shown: { to: OrgId; via: ShareId; data: ResourcesChanged }[] = [];
  const db = openMigrated(join(folder, `${made++}.db`), "create", loadMigrations("org"));
  const org = new OrgRuntime(
    DEFAULT_ORG,
    { use: () => db, sizeBytes: () => 0 },
    {
      ...UNHEARD,
      clock: () => time.now,
      log: new Log(() => {}),
      publishTo: (to, via, _, __, json) =>
        shown.push({ to, via, data: JSON.parse(json) as ResourcesChanged }),
    },
  );
  let seq = 0;
  /** What a source says now: those it names, and none of the others. */
  const report = (resources: Told[], source = "s") => {
    time.now += SECOND;
    const all = resources.map(([key, parent, load1 = 1]): ReportedResource => {
      const own = { kind: "disk", key, name: key, status: "up", attributes: {}, metrics: { load1 } } as const;
      return parent === undefined ? own : { ...own, parent };
    });
    const sent = {
      v: 1,
      boot: "boot-0001",
      seq: seq++,
      at: time.now,
      intervalMs: 10_000,
      resources: all,
    } as const;
    ingest(org, { source, report: sent });
  };
  report(told);
  const idOf = (name: string) =>
    [...org.inventory.all()].find((resource) => resource.name === name)?.id as ResourceId;
  const nameOf = (id: ResourceId) => org.inventory.get(id)?.name ?? id;
  /** What went through the doors since it was asked for last, at most four times a second. */
  const heard = () => {
    jest.advanceTimersByTime(SECOND);
    return shown.splice(0).map(({ to, via, data }) => ({
      to,
      via,
      changed: data.changed.map(({ id }) => nameOf(id)).sort(),
      removed: data.removed.map(nameOf).sort(),
      data,
    }));
  };
  const stop = () => {
    org.close();
    db.close();
  };
  return { org, report, idOf, heard, time, stop };
}

function sharedFrom(): SharedFrom {
  const shareId = ShareId.parse(mintId("h"));
  return { shareId, org: { slug: "acme", name: "Acme" }, role: "viewer" };
}

const names = (org: OrgRuntime, grant: DoorGrant) =>
  door
    .list(org, { grant, input: {} })
    .resources.map(({ name }) => name)
    .sort();
const NOT_THERE = { reason: "not_found", message: "There is no such resource." };

describe("behind a door", () => {
  test.each([
    ["rack", ["rack", "machine", "disk", "filesystem", "neighbour", "their-disk"]],
    ["machine", ["machine", "disk", "filesystem"]],
    ["disk", ["disk", "filesystem"]],
    ["filesystem", ["filesystem"]],
    ["nobody", []],
  ])("onto %s is it and its parts, and theirs: %o", (name, behind) => {
    const { org, idOf, stop } = setUp();
    const resourceId = idOf(name) ?? ResourceId.parse(mintId("r"));
    expect(names(org, { resourceId, sharedFrom: sharedFrom() })).toEqual([...behind].sort());
    stop();
  });

  test("nothing is said of what it is a part of, nor of who reports it, and all is marked", () => {
    const { org, idOf, stop } = setUp();
    const grant = { resourceId: idOf("machine"), sharedFrom: sharedFrom() };
    const { resources } = door.list(org, { grant, input: {} });
    for (const resource of resources) {
      expect(resource).toMatchObject({ sources: [], sharedFrom: grant.sharedFrom });
      expect(door.get(org, { ...grant, id: resource.id })).toEqual({ resource });
    }
    const parents = Object.fromEntries(resources.map(({ name, parentId }) => [name, parentId]));
    expect(parents).toEqual({ machine: undefined, disk: idOf("machine"), filesystem: idOf("disk") });
    expect(resources.every((resource) => resource.name === "machine" || "parentId" in resource)).toBe(true);
    const said = JSON.stringify(resources);
    for (const hidden of ["rack", "neighbour", "their-disk"]) expect(said).not.toContain(idOf(hidden));
    stop();
  });

  test("looking changes nothing on the inside", () => {
    const { org, idOf, stop } = setUp();
    const before = structuredClone([...org.inventory.all()]);
    const grant = { resourceId: idOf("machine"), sharedFrom: sharedFrom() };
    for (const { id } of door.list(org, { grant, input: {} }).resources) door.get(org, { ...grant, id });
    expect([...org.inventory.all()]).toEqual(before);
    stop();
  });

  test("what lies outside is not there: by id, in its history, in its newest values", async () => {
    const { org, idOf, time, stop } = setUp();
    const grant = { resourceId: idOf("machine"), sharedFrom: sharedFrom() };
    const range = { metrics: ["load1"], from: time.now - 10_000, to: time.now + 10_000 };
    const refusal = async (ask: () => unknown) => {
      try {
        return await ask();
      } catch (error) {
        return error;
      }
    };
    const outside = ["rack", "neighbour", "their-disk"].map(idOf);
    for (const id of [...outside, ResourceId.parse(mintId("r"))]) {
      const input = { ...range, resourceId: id };
      for (const ask of [
        () => door.get(org, { ...grant, id }),
        () => door.historyRange(org, { grant, input }),
        () => door.historyLatest(org, { grant, input: { resourceId: id } }),
        () => door.historyTop(org, { grant, input: { metric: "load1", from: 0, to: 1, within: id } }),
      ])
        expect(await refusal(ask)).toMatchObject(NOT_THERE);
    }
    for (const id of ["machine", "disk", "filesystem"].map(idOf)) {
      const { series } = await said(door.historyRange(org, { grant, input: { ...range, resourceId: id } }));
      expect(series[0]?.avg).toContain(1);
      expect(await door.historyLatest(org, { grant, input: { resourceId: id } })).toMatchObject({
        metrics: { load1: 1 },
      });
    }
    stop();
  });

  test("only what lies behind it is ranked, and not by what was said about it", async () => {
    const { org, idOf, time, stop } = setUp();
    const grant = { resourceId: idOf("machine"), sharedFrom: sharedFrom() };
    const input = { metric: "load1", from: time.now - 10_000, to: time.now + 10_000 };
    const ranked = async (more: object = {}) => {
      const { ranking } = await door.historyTop(org, { grant, input: { ...input, ...more } });
      return ranking.map(({ resourceId }) => resourceId).sort();
    };
    const behind = ["machine", "disk", "filesystem"].map(idOf).sort();
    expect(await ranked()).toEqual(behind);
    expect(await ranked({ resources: ["rack", "neighbour", "disk"].map(idOf) })).toEqual([idOf("disk")]);
    org.inventory.say(idOf("machine"), { tags: ["secret"] });
    expect(await ranked({ tag: "secret" })).toEqual([]);
    const own = await top(org, { ...input, tag: "secret" });
    expect(own.ranking.map(({ resourceId }) => resourceId)).toEqual([idOf("machine")]);
    stop();
  });

  test("parts go eight deep, and a ring of parts ends", () => {
    const chain = Array.from({ length: 12 }, (_, n): Told => (n === 0 ? ["p0"] : [`p${n}`, `p${n - 1}`]));
    const ring: Told[] = [
      ["x", "z"],
      ["y", "x"],
      ["z", "y"],
    ];
    const { org, idOf, stop } = setUp([...chain, ...ring]);
    expect(names(org, { resourceId: idOf("p0"), sharedFrom: sharedFrom() })).toEqual(
      chain.slice(0, 8).map(([key]) => key),
    );
    expect(names(org, { resourceId: idOf("x"), sharedFrom: sharedFrom() })).toEqual(["x", "y", "z"]);
    stop();
  });

  test("one source's machine is not another's of the same name", () => {
    const { org, report, idOf, stop } = setUp();
    const grant = { resourceId: idOf("machine"), sharedFrom: sharedFrom() };
    report([["machine"], ["secret", "machine"]], "another source");
    expect(names(org, grant)).toEqual(["disk", "filesystem", "machine"]);
    stop();
  });
});

describe("through an open door", () => {
  function watching(name = "machine", told?: Told[]) {
    const setting = setUp(told);
    const watch: DoorWatch = {
      targetOrgId: beta,
      resourceId: setting.idOf(name),
      sharedFrom: sharedFrom(),
    };
    setting.org.doors.set([watch]);
    return { ...setting, watch };
  }

  const MACHINE: Told[] = [
    ["rack"],
    ["machine", "rack", 2],
    ["disk", "machine", 2],
    ["filesystem", "disk", 2],
  ];

  test("come the changes behind it, to its target, by its share, and no others", () => {
    const { report, heard, watch, idOf, stop } = watching();
    report([...MACHINE, ["neighbour", "rack", 3], ["their-disk", "neighbour", 3]]);
    const [first, ...more] = heard();
    expect(more).toEqual([]);
    expect(first).toMatchObject({
      to: beta,
      via: watch.sharedFrom.shareId,
      changed: ["disk", "filesystem", "machine"],
      removed: [],
    });
    for (const change of first?.data.changed ?? []) {
      expect(Object.keys(change).sort()).toEqual(["id", "lastSeenAt", "metrics"]);
      expect(change.metrics).toEqual({ load1: 2 });
    }
    expect(JSON.stringify(first?.data)).not.toContain(idOf("rack"));
    stop();
  });

  test("comes nothing of who reports it, when that changes", () => {
    const { org, heard, idOf, stop } = watching();
    org.doors.pass({ changed: [{ id: idOf("disk"), name: "d", sources: ["another"] }], removed: [] });
    expect(heard()[0]?.data.changed).toEqual([{ id: idOf("disk"), name: "d" }]);
    stop();
  });

  test("comes nothing of what happens outside only", () => {
    const { report, heard, stop } = watching();
    report([["rack"], ["neighbour", "rack", 3], ["their-disk", "neighbour", 3], ["new", "neighbour"]]);
    report([["machine"], ["secret", "machine"]], "another source");
    expect(heard()).toEqual([]);
    stop();
  });

  test("comes everything of a part that is new, as it is seen from outside", () => {
    const { report, heard, watch, idOf, stop } = watching();
    report([...MACHINE, ["new", "disk"]]);
    const [{ data }] = heard() as [ReturnType<typeof heard>[number]];
    expect(data.changed.find(({ id }) => id === idOf("new"))).toMatchObject({
      kind: "disk",
      name: "new",
      status: "up",
      parentId: idOf("disk"),
      sources: [],
      sharedFrom: watch.sharedFrom,
      attributes: {},
      metrics: { load1: 1 },
    });
    stop();
  });

  test("a part that moves in is new, one that moves away is gone, each with its own parts", () => {
    const { report, heard, idOf, stop } = watching();
    const moved: Told[] = [
      ["rack"],
      ["machine", "rack"],
      ["neighbour", "rack"],
      ["disk", "neighbour"],
      ["filesystem", "disk"],
      ["their-disk", "machine"],
    ];
    report(moved);
    const [{ data, ...first }] = heard() as [ReturnType<typeof heard>[number]];
    expect(first).toMatchObject({
      changed: ["machine", "their-disk"],
      removed: ["disk", "filesystem"],
    });
    expect(data.changed.find(({ id }) => id === idOf("their-disk"))).toMatchObject({
      name: "their-disk",
      parentId: idOf("machine"),
      sources: [],
    });
    expect(JSON.stringify(data)).not.toContain(idOf("neighbour"));

    report(moved.map(([key, parent]): Told => [key, parent, 5]));
    expect(heard()).toMatchObject([{ changed: ["machine", "their-disk"], removed: [] }]);
    report(HOUSE);
    expect(heard()).toMatchObject([{ changed: ["disk", "filesystem", "machine"], removed: ["their-disk"] }]);
    stop();
  });

  test("a part that moves away and back within one event is shown whole", () => {
    const { report, heard, idOf, stop } = watching();
    report(MACHINE);
    report([
      ["rack"],
      ["machine", "rack"],
      ["neighbour", "rack"],
      ["disk", "neighbour"],
      ["filesystem", "disk"],
    ]);
    report(MACHINE);
    const last = heard().at(-1);
    expect(last).toMatchObject({ changed: ["disk", "filesystem", "machine"], removed: [] });
    expect(last?.data.changed.find(({ id }) => id === idOf("disk"))).toMatchObject({
      name: "disk",
      sources: [],
    });
    stop();
  });

  test("where it is moved to itself is not said", () => {
    const { report, heard, idOf, stop } = watching();
    report([["cellar"], ["machine", "cellar"], ["disk", "machine"], ["filesystem", "disk"]]);
    const [{ data }] = heard() as [ReturnType<typeof heard>[number]];
    expect(JSON.stringify(data)).not.toContain(idOf("cellar"));
    expect(data.changed.some((change) => "parentId" in change)).toBe(false);
    stop();
  });

  test("a part that is forgotten is told as removed, once, and one outside is not", () => {
    const { org, report, heard, idOf, time, stop } = watching();
    const [filesystem, theirs] = [idOf("filesystem"), idOf("their-disk")];
    /* The machine goes on, without its filesystem and without the neighbour's disk. */
    const left: Told[] = [["rack"], ["machine", "rack"], ["disk", "machine"], ["neighbour", "rack"]];
    for (let hour = 0; hour < 25; hour++) {
      report(left);
      /* Silence is judged every ten seconds, and counts while less than half a minute lies between. */
      for (let judged = 0; judged < 180; judged++) {
        time.now += 20 * SECOND;
        jest.advanceTimersByTime(10 * SECOND);
      }
    }
    expect([org.inventory.get(filesystem), org.inventory.get(theirs)]).toEqual([undefined, undefined]);
    const removed = heard().flatMap((event) => event.removed);
    expect(removed).toEqual([filesystem]);
    stop();
  });

  test("several doors onto the same are each told by their own share", () => {
    const { org, report, heard, watch, idOf, stop } = watching();
    const others: DoorWatch[] = [
      { targetOrgId: gamma, resourceId: idOf("disk"), sharedFrom: sharedFrom() },
      { targetOrgId: beta, resourceId: idOf("neighbour"), sharedFrom: sharedFrom() },
    ];
    org.doors.set([watch, ...others]);
    report([...MACHINE, ["neighbour", "rack", 3], ["their-disk", "neighbour", 3]]);
    expect(heard().map(({ to, via, changed }) => [to, via, changed])).toEqual([
      [beta, watch.sharedFrom.shareId, ["disk", "filesystem", "machine"]],
      [gamma, others[0]?.sharedFrom.shareId, ["disk", "filesystem"]],
      [beta, others[1]?.sharedFrom.shareId, ["neighbour", "their-disk"]],
    ] as never);
    stop();
  });

  test("comes at most four times a second, and what is newest", () => {
    const { report, heard, stop } = watching();
    for (let load1 = 0; load1 < 100; load1++) {
      report([["rack"], ["machine", "rack", load1]]);
      jest.advanceTimersByTime(10);
    }
    const events = heard();
    expect(events.length).toBeGreaterThanOrEqual(4);
    expect(events.length).toBeLessThanOrEqual(6);
    expect(events.at(-1)?.data.changed[0]?.metrics).toEqual({ load1: 99 });
    stop();
  });

  test("comes nothing any more once it is shut, not even what was on its way", () => {
    const { org, report, heard, stop } = watching();
    report(MACHINE);
    expect(heard()).toHaveLength(1);
    report(HOUSE);
    report(MACHINE);
    const before = heard().length;
    expect(before).toBeGreaterThan(0);
    report(HOUSE);
    report(MACHINE);
    org.doors.set([]);
    report(HOUSE);
    /* The first of the two had gone out at once. */
    expect(heard()).toHaveLength(1);
    stop();
  });

  test("nothing is lost when another door is opened beside it", () => {
    const { org, report, heard, watch, idOf, stop } = watching();
    report(MACHINE);
    report([["rack"], ["machine", "rack", 7], ["disk", "neighbour"], ["neighbour", "rack"]]);
    org.doors.set([watch, { targetOrgId: gamma, resourceId: idOf("rack"), sharedFrom: sharedFrom() }]);
    const events = heard().filter(({ to }) => to === beta);
    const loads = events.flatMap(({ data }) => data.changed.map(({ metrics }) => metrics?.["load1"]));
    expect(loads).toContain(7);
    expect(events.flatMap(({ removed }) => removed)).toContain("disk");
    stop();
  });

  test("the parts of a part that moves away are gone with it, named in that report or not", () => {
    const { report, heard, stop } = watching();
    report([["rack"], ["machine", "rack"], ["neighbour", "rack"], ["disk", "neighbour"]]);
    expect(heard()).toMatchObject([{ changed: ["machine"], removed: ["disk", "filesystem"] }]);
    stop();
  });
});
