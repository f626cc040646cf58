/** Orgs on real files: opened when they are asked for, closed when they rest, gone while they are halted. */
import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readlinkSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../tests/support/until.ts";
import type { DoorWatch } from "../contract/doors.ts";
import { DEFAULT_ORG, OrgId, ShareId } from "../contract/ids.ts";
import type { ResourcesChanged } from "../contract/live.ts";
import type { Report } from "../contract/report.ts";
import { Log } from "../lib/log.ts";
import { mintId } from "../lib/random-id.ts";
import { OrgConnections } from "../tenancy/connections.ts";
import { takeDataDir } from "../tenancy/data-dir.ts";
import { MissingFileError } from "../tenancy/open.ts";
import { orgDir } from "../tenancy/paths.ts";
import type { HaltedOrgs } from "./calls.ts";
import { type OrgRuntime, UNHEARD } from "./org-runtime.ts";
import { OrgShelf } from "./org-shelf.ts";
import { orgVerbs } from "./org-verbs.ts";
import { ingest } from "./pipeline.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-shelf-"));
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** The time is ours: `pass` moves the clock and the timers together. */
const time = {
  now: 1_795_461_200_000,
  pass(ms: number) {
    for (let passed = 0; passed < ms; passed += SECOND) {
      time.now += SECOND;
      jest.advanceTimersByTime(SECOND);
    }
  },
};

let made = 0;
function setUp({ halted = [], mostOpen = 64 }: { halted?: HaltedOrgs; mostOpen?: number } = {}) {
  const dataDir = join(folder, String(made++));
  takeDataDir(dataDir).release();
  const files = new OrgConnections(dataDir, mostOpen);
  const [acme, beta] = [OrgId.parse(mintId("o")), OrgId.parse(mintId("o"))];
  const orgIds = [DEFAULT_ORG, acme, beta];
  for (const orgId of orgIds) files.create(orgId);
  const logged: string[] = [];
  const shown: [to: OrgId, via: ShareId, data: ResourcesChanged][] = [];
  /** What the orgs told the journal they have written, and what it was told to give up. */
  const released: OrgId[] = [];
  const expelled: OrgId[] = [];
  const journal = {
    ...UNHEARD.journal,
    release: (orgId: OrgId) => void released.push(orgId),
    expel: (isGone: (orgId: OrgId) => boolean) => void expelled.push(...orgIds.filter(isGone)),
  };
  const start = (refused: HaltedOrgs) =>
    new OrgShelf({
      files,
      journal,
      log: new Log((_, message) => logged.push(message)),
      halted: refused,
      around: {
        ...UNHEARD,
        clock: () => time.now,
        log: new Log((_, message) => logged.push(message)),
        publishTo: (to, via, _, __, json) => shown.push([to, via, JSON.parse(json) as ResourcesChanged]),
      },
    });
  /** Files of the org this process has open, by what the kernel says. */
  const openFiles = (orgId: OrgId) =>
    readdirSync("/proc/self/fd").filter((fd) => linkOf(fd).startsWith(orgDir(dataDir, orgId))).length;
  const told = { logged, shown, released, expelled };
  return { dataDir, files, shelf: start(halted), acme, beta, orgIds, ...told, openFiles, start };
}

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return ""; // the one that read the folder
  }
}

let seq = 0;
function report(org: OrgRuntime, load1 = 1): void {
  const sent: Report = {
    v: 1,
    boot: "boot-0001",
    seq: seq++,
    at: time.now,
    intervalMs: 10 * SECOND,
    resources: [{ kind: "host", key: "m", name: "m", status: "up", attributes: {}, metrics: { load1 } }],
  };
  ingest(org, { source: "s", report: sent });
  org.commit.request(MINUTE);
}

const resources = (org: OrgRuntime) => [...org.inventory.all()];
const REFUSED = { reason: "org_unavailable" };

test("an org is opened when it is asked for first, and stays the same as long as it is open", () => {
  const { shelf, acme, openFiles } = setUp();
  expect(openFiles(acme)).toBe(0);
  const org = shelf.get(acme);
  expect([org.id, shelf.get(acme)]).toEqual([acme, org]);
  expect(openFiles(acme)).toBeGreaterThan(0);
  shelf.closeAll();
  expect(openFiles(acme)).toBe(0);
});

test("asking for an org without a file makes none, however often", () => {
  const { shelf, dataDir, orgIds } = setUp();
  const nobody = OrgId.parse(mintId("o"));
  for (let asked = 0; asked < 3; asked++) expect(() => shelf.get(nobody)).toThrow(MissingFileError);
  expect(readdirSync(join(dataDir, "orgs")).sort()).toEqual([...orgIds].sort());
  shelf.closeAll();
});

describe("an org that is halted", () => {
  test("has written what it was told and holds no file, and others go on", () => {
    const { shelf, acme, beta, openFiles, released, expelled } = setUp();
    report(shelf.get(acme));
    report(shelf.get(beta));
    const before = resources(shelf.get(acme));
    shelf.halt([acme]);
    expect(openFiles(acme)).toBe(0);
    /* The journal may let go of it, and is told to: in that order. */
    expect([released, expelled]).toEqual([[acme], [acme]]);
    report(shelf.get(beta));
    expect(resources(shelf.get(beta))).toHaveLength(1);
    shelf.admit([acme]);
    expect(resources(shelf.get(acme))).toEqual(before);
    shelf.closeAll();
  });

  test("is refused until it is admitted, and nothing opens or makes its files", () => {
    const { shelf, dataDir, acme, openFiles } = setUp();
    const org = shelf.get(acme);
    shelf.halt([acme]);
    renameSync(orgDir(dataDir, acme), join(dataDir, "away"));
    for (let late = 0; late < 100; late++)
      expect(() => shelf.get(acme)).toThrow(expect.objectContaining(REFUSED));
    shelf.setDoors(acme, [doorTo(DEFAULT_ORG, org)]);
    time.pass(5 * MINUTE);
    expect([existsSync(orgDir(dataDir, acme)), openFiles(acme)]).toEqual([false, 0]);

    /* It may be asked again before its folder is back: that is refused, and makes nothing either. */
    shelf.admit([acme]);
    expect(() => shelf.get(acme)).toThrow(MissingFileError);
    expect(existsSync(orgDir(dataDir, acme))).toBe(false);
    renameSync(join(dataDir, "away"), orgDir(dataDir, acme));
    expect(shelf.get(acme).id).toBe(acme);
    shelf.closeAll();
  });

  test("lets go of its file also when it was at rest before", () => {
    const { shelf, acme, openFiles } = setUp();
    shelf.get(acme);
    time.pass(5 * MINUTE);
    shelf.halt([acme]);
    expect(openFiles(acme)).toBe(0);
    shelf.closeAll();
  });

  test("is not brought back by a report that was on its way to it", () => {
    const { shelf, dataDir, acme, openFiles } = setUp();
    const org = shelf.get(acme);
    report(org);
    shelf.halt([acme]);
    renameSync(orgDir(dataDir, acme), join(dataDir, "away"));
    /* Whoever still has it in hand when it is closed. */
    try {
      report(org);
    } catch {
      /* refused */
    }
    time.pass(5 * MINUTE);
    expect([existsSync(orgDir(dataDir, acme)), openFiles(acme)]).toEqual([false, 0]);
    shelf.closeAll();
  });

  test("may be halted again, and one that was never open as well", () => {
    const { shelf, acme, beta } = setUp();
    shelf.get(acme);
    for (let time = 0; time < 2; time++) shelf.halt([acme, beta]);
    for (const orgId of [acme, beta])
      expect(() => shelf.get(orgId)).toThrow(expect.objectContaining(REFUSED));
    shelf.admit([acme, beta]);
    expect([acme, beta].map((orgId) => shelf.get(orgId).id)).toEqual([acme, beta]);
    shelf.closeAll();
  });

  test("is closed even when it cannot write, which is told", async () => {
    const { shelf, files, acme, logged, openFiles, released } = setUp();
    const org = shelf.get(acme);
    report(org);
    const durable = org.commit.durable(MINUTE);
    files
      .use(acme)
      .execute(
        "create temp trigger full before insert on main.sample begin select raise(abort, 'no room'); end",
      );
    shelf.halt([acme]);
    await expect(durable).rejects.toThrow("no room");
    expect(logged).toEqual(["could not write the last reports of an org"]);
    expect(released).toEqual([]);
    expect(openFiles(acme)).toBe(0);
    shelf.closeAll();
  });

  test("lets go of its file while its history is read", async () => {
    jest.useRealTimers();
    const { shelf, acme, openFiles } = setUp();
    const org = shelf.get(acme);
    await fill(org, 5_000);
    const reading = rangeOf(org).catch((error: unknown) => error);
    shelf.halt([acme]);
    expect(openFiles(acme)).toBe(0);
    expect(await reading).toBeDefined();
    shelf.closeAll();
  });

  test("says so to who was reading its history", async () => {
    jest.useRealTimers();
    const { shelf, acme } = setUp();
    const org = shelf.get(acme);
    await fill(org, 5_000);
    const reading = rangeOf(org).catch((error: unknown) => error);
    shelf.halt([acme]);
    expect(await reading).toMatchObject(REFUSED);
    shelf.closeAll();
  });
});

describe("when all are halted", () => {
  test.each(["from the start", "later"])("%s, default goes on and no other is to be had", (when) => {
    const { shelf, acme, beta, openFiles } = setUp(when === "later" ? {} : { halted: "all" });
    if (when === "later") {
      for (const orgId of [DEFAULT_ORG, acme]) shelf.get(orgId);
      shelf.halt("all");
    }
    expect(shelf.get(DEFAULT_ORG).id).toBe(DEFAULT_ORG);
    for (const orgId of [acme, beta]) {
      expect(() => shelf.get(orgId)).toThrow(expect.objectContaining(REFUSED));
      expect(openFiles(orgId)).toBe(0);
    }
    shelf.admit("all");
    expect([acme, beta].map((orgId) => shelf.get(orgId).id)).toEqual([acme, beta]);
    shelf.closeAll();
  });

  test("default is never among them, not even by name", () => {
    const { shelf } = setUp();
    const org = shelf.get(DEFAULT_ORG);
    shelf.halt([DEFAULT_ORG]);
    expect(shelf.get(DEFAULT_ORG)).toBe(org);
    shelf.closeAll();
  });
});

describe("of more orgs than files may be open", () => {
  test("each is alive, takes reports and writes them", () => {
    const { shelf, acme, beta, orgIds, openFiles, files } = setUp({ mostOpen: 1 });
    for (let round = 1; round <= 3; round++) {
      for (const orgId of orgIds) report(shelf.get(orgId), round);
      time.pass(2 * MINUTE);
      expect(files.openCount).toBeLessThanOrEqual(1);
    }
    expect(orgIds.filter((orgId) => openFiles(orgId) > 0)).toHaveLength(1);
    for (const orgId of [acme, beta]) {
      expect(resources(shelf.get(orgId))).toMatchObject([{ metrics: { load1: 3 } }]);
      expect(files.use(orgId).rows("select count(*) as n from sample")).toEqual([{ n: 3 }]);
    }
    shelf.closeAll();
  });

  test("those whose part of the journal is old write at once; one that is closed is left so", async () => {
    jest.useRealTimers();
    const { shelf, acme, beta, files, openFiles, released } = setUp();
    const samples = () => files.use(acme).rows("select count(*) as n from sample");
    report(shelf.get(acme));
    shelf.get(acme).commit.flush();
    time.now += SECOND;
    report(shelf.get(acme));
    expect(samples()).toEqual([{ n: 1 }]);
    await shelf.press([beta, acme]);
    await until(() => released.length === 2);
    expect([samples(), openFiles(beta)]).toEqual([[{ n: 2 }], 0]);
    shelf.closeAll();
  });
});

describe("an org at rest", () => {
  test("is closed a while after it was asked for, and opened again with all it knew", () => {
    const { shelf, acme, openFiles } = setUp();
    report(shelf.get(acme));
    time.pass(20 * MINUTE);
    expect(openFiles(acme)).toBe(0);
    const again = shelf.get(acme);
    expect(resources(again)).toMatchObject([{ name: "m", metrics: { load1: 1 } }]);
    shelf.closeAll();
  });

  test("is not closed while something reports to it, nor while it is asked for, nor default ever", () => {
    const { shelf, acme, beta, openFiles } = setUp();
    shelf.get(DEFAULT_ORG);
    for (let minute = 0; minute < 20; minute++) {
      report(shelf.get(acme));
      shelf.get(beta);
      time.pass(MINUTE / 2);
      shelf.get(beta);
      time.pass(MINUTE / 2);
    }
    expect([DEFAULT_ORG, acme, beta].map((orgId) => openFiles(orgId) > 0)).toEqual([true, true, true]);
    time.pass(30 * MINUTE);
    expect([DEFAULT_ORG, acme, beta].map((orgId) => openFiles(orgId) > 0)).toEqual([true, false, false]);
    shelf.closeAll();
  });

  test("that nobody ever reported to is closed within two minutes", () => {
    const { shelf, acme, openFiles } = setUp();
    shelf.get(acme);
    time.pass(2 * MINUTE);
    expect(openFiles(acme)).toBe(0);
    shelf.closeAll();
  });

  test("has by then said of its machine what there is to say", () => {
    const { shelf, acme, openFiles } = setUp();
    report(shelf.get(acme));
    time.pass(20 * MINUTE);
    expect(openFiles(acme)).toBe(0);
    expect(resources(shelf.get(acme))).toMatchObject([{ status: "down" }]);
    shelf.closeAll();
  });

  test("has said it whenever it was heard of last", () => {
    for (let second = 0; second < 30; second++) {
      const { shelf, acme } = setUp();
      time.pass(5 * SECOND);
      shelf.get(acme);
      time.pass(second * SECOND);
      report(shelf.get(acme));
      time.pass(20 * MINUTE);
      expect([second, ...resources(shelf.get(acme))]).toMatchObject([second, { status: "down" }]);
      shelf.closeAll();
    }
  }, 20_000);

  test("has also after a restart in the middle of a machine's silence", () => {
    const { shelf, start, acme } = setUp();
    report(shelf.get(acme));
    shelf.closeAll();
    time.now += 15 * MINUTE;
    const again = start([]);
    again.get(acme);
    time.pass(15 * MINUTE);
    expect(resources(again.get(acme))).toMatchObject([{ status: "down" }]);
    again.closeAll();
  });
});

describe("doors", () => {
  function withDoor() {
    const setting = setUp();
    const { shelf, acme, beta } = setting;
    report(shelf.get(acme));
    const door = doorTo(beta, shelf.get(acme));
    shelf.setDoors(acme, [door]);
    const told = (load1: number) => {
      setting.shown.length = 0;
      time.pass(SECOND);
      report(shelf.get(acme), load1);
      time.pass(SECOND);
      /* That a machine which was down is back is told as well. */
      const pictures = setting.shown.filter(([, , data]) => "changed" in data);
      return pictures.map(([to, via, { changed }]) => [to, via, changed[0]?.metrics]);
    };
    return { ...setting, door, told };
  }

  test("are there whether the org was open when they were set or not", () => {
    const { told, beta, door, shelf } = withDoor();
    expect(told(2)).toEqual([[beta, door.sharedFrom.shareId, { load1: 2 }]]);
    shelf.closeAll();
  });

  test("outlast the org's being closed, resting or halted", () => {
    const { told, beta, door, shelf, acme, openFiles } = withDoor();
    const through = (load1: number) => [[beta, door.sharedFrom.shareId, { load1 }]];
    time.pass(20 * MINUTE);
    expect(openFiles(acme)).toBe(0);
    expect(told(2)).toEqual(through(2));
    shelf.halt([acme]);
    shelf.admit([acme]);
    expect(told(3)).toEqual(through(3));
    shelf.closeAll();
  });

  test("that are set while it is closed are those it opens with, and those taken away are gone", () => {
    const { told, beta, acme, door, shelf } = withDoor();
    shelf.halt([acme]);
    const other = { ...door, sharedFrom: { ...door.sharedFrom, shareId: ShareId.parse(mintId("h")) } };
    shelf.setDoors(acme, [other]);
    shelf.admit([acme]);
    expect(told(2)).toEqual([[beta, other.sharedFrom.shareId, { load1: 2 }]]);
    shelf.setDoors(acme, []);
    expect(told(3)).toEqual([]);
    time.pass(20 * MINUTE);
    expect(told(4)).toEqual([]);
    shelf.closeAll();
  });

  test("are those of their own org", () => {
    const { told, shelf, acme, beta, shown } = withDoor();
    told(2);
    shown.length = 0;
    for (const orgId of [beta, DEFAULT_ORG]) report(shelf.get(orgId), 5);
    time.pass(SECOND);
    expect(shown).toEqual([]);
    expect(shelf.get(acme).id).toBe(acme);
    shelf.closeAll();
  });
});

function doorTo(targetOrgId: OrgId, source: OrgRuntime): DoorWatch {
  const [resource] = source.inventory.all();
  return {
    targetOrgId,
    resourceId: resource?.id ?? (mintId("r") as never),
    sharedFrom: { shareId: ShareId.parse(mintId("h")), org: { slug: "acme", name: "Acme" }, role: "viewer" },
  };
}

/** So many samples, on disk. */
async function fill(org: OrgRuntime, samples: number): Promise<void> {
  for (let n = 0; n < samples; n++) {
    time.now += 10 * SECOND;
    report(org);
  }
  org.commit.flush();
}

function rangeOf(org: OrgRuntime) {
  const [resource] = org.inventory.all();
  const to = time.now;
  const from = to - 60_000 * SECOND;
  return orgVerbs.history.range(org, { resourceId: resource?.id as never, metrics: ["load1"], from, to });
}
