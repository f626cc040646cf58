import { describe, expect, test } from "bun:test";
import { type Database, openDatabase } from "../../db/driver.ts";
import { Seeded } from "../../tests/support/seeded.ts";
import { ALERT_LIMITS } from "../contract/alert-limits.ts";
import type { Alert, RuleSettings, SilenceScope } from "../contract/alerts.ts";
import { DEFAULT_ORG, ResourceId, SilenceId } from "../contract/ids.ts";
import type { Metrics, Resource } from "../contract/resource.ts";
import { mintId } from "../lib/random-id.ts";
import { loadMigrations, migrate } from "../tenancy/migrate.ts";
import { AlertBook } from "./alert-book.ts";
import { readTimeline } from "./stored-alerts.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const T0 = 1_795_461_200_000;

const schema = loadMigrations("org");

/** One org's alerts on a real file, its picture and its time in the hands of the test. */
class House {
  readonly db: Database;
  readonly picture = new Map<ResourceId, Resource>();
  readonly told: string[] = [];
  readonly notified: string[] = [];
  readonly commits: number[] = [];
  now = T0;
  fullInMs: number | undefined;
  book: AlertBook;

  constructor() {
    this.db = openDatabase(":memory:", "create");
    migrate(this.db, schema);
    this.book = this.#open();
  }

  #open(): AlertBook {
    return new AlertBook({
      db: () => this.db,
      orgId: DEFAULT_ORG,
      version: "0.1.0",
      inventory: {
        get: (id) => this.picture.get(id),
        find: () => undefined,
        isSilent: () => true,
        isUnasked: () => false,
        all: () => this.picture.values(),
      },
      fullInMs: () => this.fullInMs,
      usualOf: () => undefined,
      tell: (type, { rule, resource, level }) => this.told.push(`${type} ${rule} ${resource.name} ${level}`),
      notify: (transitions) =>
        this.notified.push(...transitions.map(({ type, alert }) => `${type} ${alert.rule}`)),
      commitWithin: (ms) => this.commits.push(ms),
    });
  }

  add(fields: Partial<Resource> = {}): ResourceId {
    const id = ResourceId.parse(mintId("r"));
    const name = `m${this.picture.size}`;
    this.picture.set(id, {
      id,
      kind: "host",
      name,
      status: "up",
      sources: ["agent:a"],
      lastSeenAt: this.now,
      attributes: {},
      metrics: {},
      ...fields,
    });
    return id;
  }

  /** A report in which it uses so much of its memory. */
  report(id: ResourceId, memory: number | undefined, more: Partial<Resource> = {}): void {
    const known = this.picture.get(id) as Resource;
    const metrics: Metrics = memory === undefined ? {} : { memory_used_percent: memory };
    this.picture.set(id, { ...known, status: "up", lastSeenAt: this.now, metrics, ...more });
    this.book.look([id], this.now, { isJournaled: true });
  }

  /** Time passes, with a tick every ten seconds. */
  pass(ms: number, onTick?: () => void): void {
    for (let passed = 0; passed < ms; passed += 10 * SECOND) {
      this.now += 10 * SECOND;
      onTick?.();
      this.book.tick(this.now);
    }
  }

  write(): void {
    this.db.transaction(() => this.book.write(this.now));
    this.book.written();
  }

  /** As after a kill: what was not written is gone. */
  restart(): void {
    this.book = this.#open();
  }
}

const memoryOf = (alerts: Alert[]) => alerts.map(({ rule, level }) => `${rule} ${level}`);

describe("what was decided", () => {
  test("is told when it is on disk, once and in order", () => {
    const house = new House();
    const id = house.add();
    house.report(id, 99);
    house.pass(MINUTE, () => house.report(id, 99));
    expect([house.book.open().length, house.told]).toEqual([1, []]);
    expect(Math.min(...house.commits)).toBeLessThanOrEqual(100);
    house.write();
    expect(house.told).toEqual(["alert.fired memory m0 critical"]);
    house.write();
    house.report(id, 10);
    house.write();
    expect(house.told).toEqual(["alert.fired memory m0 critical", "alert.resolved memory m0 critical"]);
  });

  test("is told also where it cannot be written, and then not once more", () => {
    const house = new House();
    const id = house.add({ attributes: {}, metrics: { failed_units: 1 } });
    house.book.look([id], house.now);
    house.book.notWritten();
    expect(house.told).toEqual(["alert.fired units m0 warning"]);
    expect(house.book.hasUnwritten).toBe(true);
    house.write();
    expect([house.told.length, house.book.hasUnwritten]).toEqual([1, false]);
    /* Whoever is not looking hears of what is written. */
    expect(house.notified).toEqual(["fired units"]);
    house.restart();
    expect(memoryOf(house.book.open())).toEqual(["units warning"]);
  });
});

describe("a restart", () => {
  test("loses no open alert and repeats nothing", () => {
    const house = new House();
    const id = house.add();
    house.report(id, 99);
    house.pass(MINUTE, () => house.report(id, 99));
    house.write();
    const [before] = house.book.open();
    house.restart();
    expect(house.book.open()).toEqual([before as Alert]);
    house.report(id, 99);
    house.pass(10 * MINUTE, () => house.report(id, 99));
    house.write();
    expect(house.told).toEqual(["alert.fired memory m0 critical"]);
    house.report(id, 10);
    house.write();
    expect(house.told.at(-1)).toBe("alert.resolved memory m0 critical");
    expect(readTimeline(house.db, (before as Alert).id).map(({ type }) => type)).toEqual([
      "fired",
      "resolved",
    ]);
  });

  test("forgets no delay: what waited goes on from when it began", () => {
    const house = new House();
    const id = house.add();
    house.report(id, 98.5);
    house.pass(40 * SECOND, () => house.report(id, 98.5));
    house.write();
    house.now += 30 * SECOND;
    house.restart();
    house.report(id, 98.5);
    expect(memoryOf(house.book.open())).toEqual(["memory critical"]);
  });

  test("what was not written is decided again, as the same alert, from the same reports", () => {
    const house = new House();
    const id = house.add();
    house.report(id, 98.5);
    house.write();
    const replayed = () => {
      house.now = T0 + 61 * SECOND;
      house.report(id, 98.4);
      house.now += SECOND;
      house.report(id, 98.5);
      return house.book.open().map(({ id, firedAt, level }) => [id, firedAt, level]);
    };
    const first = replayed();
    house.restart();
    expect(replayed()).toEqual(first);
    expect(first).toHaveLength(1);
  });
});

describe("a clock that is set", () => {
  for (const [name, jumpMs] of [
    ["an hour back", -HOUR],
    ["two days ahead", 2 * DAY],
    ["an hour ahead", HOUR],
    ["thirty days back", -30 * DAY],
  ] as const)
    test(`${name} fires nothing and delays nothing`, () => {
      const house = new House();
      const waiting = house.add();
      const open = house.add();
      const seen = () => {
        house.report(waiting, 98.5);
        house.report(open, 99);
      };
      house.report(open, 99);
      house.pass(2 * MINUTE, () => house.report(open, 99));
      house.write();
      house.report(waiting, 98.5);
      house.pass(30 * SECOND, seen);
      house.now += jumpMs;
      seen();
      house.write();
      expect(house.told).toEqual(["alert.fired memory m1 critical"]);
      house.pass(20 * SECOND, seen);
      house.write();
      expect(house.told).toHaveLength(1);
      house.pass(20 * SECOND, seen);
      house.write();
      expect(house.told).toEqual(["alert.fired memory m1 critical", "alert.fired memory m0 critical"]);
    });

  test("at most one event of a rule and a machine comes of 200 random jumps", () => {
    const random = new Seeded();
    const house = new House();
    const ids = Array.from({ length: 20 }, () => house.add());
    const seen = () => {
      for (const [nth, id] of ids.entries()) house.report(id, nth % 2 === 0 ? 50 : 98.5);
    };
    seen();
    house.pass(3 * MINUTE, seen);
    for (let jump = 0; jump < 200; jump++) {
      house.now += random.pick([-HOUR, HOUR, 2 * DAY, -30 * DAY, 31 * SECOND, -31 * SECOND]);
      seen();
      house.pass(random.below(6) * 10 * SECOND, seen);
      house.write();
    }
    expect(house.told.filter((one) => one.startsWith("alert.fired"))).toHaveLength(10);
    expect(house.told).toHaveLength(10);
  });
});

test("a delay runs out by the clock alone, where nothing reports", () => {
  const house = new House();
  const id = house.add();
  house.book.tick(house.now);
  house.picture.set(id, { ...(house.picture.get(id) as Resource), status: "unknown" });
  house.book.look([id], house.now);
  house.pass(3 * MINUTE - 10 * SECOND);
  expect(house.book.open()).toEqual([]);
  expect(house.book.isAtRest).toBe(false);
  house.pass(10 * SECOND);
  expect(memoryOf(house.book.open())).toEqual(["silence warning"]);
  expect(house.book.isAtRest).toBe(true);
});

test("a silence that is over for good keeps nobody awake, one that may come does", () => {
  const house = new House();
  const id = house.add({ status: "down" });
  house.book.look([id], house.now);
  const silence = { id: SilenceId.parse(mintId("q")), name: "once", scope: {}, createdAt: T0 };
  house.book.putSilence({ ...silence, when: { type: "once", from: T0, to: T0 + MINUTE } }, house.now);
  expect(house.book.isAtRest).toBe(false);
  house.pass(2 * MINUTE);
  expect(house.book.open()[0]?.silencedBy).toBeUndefined();
  expect(house.book.isAtRest).toBe(true);
  house.book.putSilence({ ...silence, when: { type: "once", from: T0 + DAY, to: T0 + 2 * DAY } }, house.now);
  expect(house.book.isAtRest).toBe(false);
});

test("what was on its way back when its machine died keeps nobody awake", () => {
  const house = new House();
  const id = house.add();
  house.book.setRules({ rules: { memory: { clearAfterMs: HOUR } }, overrides: [], own: [] }, house.now);
  house.pass(5 * MINUTE, () => house.report(id, 99));
  house.pass(MINUTE, () => house.report(id, 10));
  expect(house.book.isAtRest).toBe(false);
  house.report(id, 10, { status: "down" });
  house.pass(10 * MINUTE);
  expect(memoryOf(house.book.open())).toContain("memory critical");
  expect(house.book.isAtRest).toBe(true);
});

test("what is gone ends with its alerts", () => {
  const house = new House();
  const id = house.add({ metrics: { failed_units: 2 } });
  house.book.look([id], house.now);
  house.picture.delete(id);
  house.book.look([id], house.now);
  house.write();
  expect(house.told).toEqual(["alert.fired units m0 warning", "alert.resolved units m0 warning"]);
  expect(house.db.rows("select * from alert_stand")).toEqual([]);
  expect(house.db.rows("select json_extract(facts, '$.end') as end from alert")).toEqual([{ end: "gone" }]);
});

test("rules that are changed are those by which everything is looked at, at once", () => {
  const house = new House();
  const id = house.add({ metrics: { memory_used_percent: 80, failed_units: 1 } });
  house.book.look([id], house.now);
  const change = { memory: { warning: { trigger: 70, delayMs: 0 } }, units: { off: true } };
  house.book.setRules({ rules: change, overrides: [], own: [] }, house.now);
  house.write();
  expect(house.told).toEqual([
    "alert.fired units m0 warning",
    "alert.resolved units m0 warning",
    "alert.fired memory m0 warning",
  ]);
  house.restart();
  expect(house.book.settings.revision).toBe(1);
  expect(house.book.rules.everywhere.find(({ rule }) => rule.name === "units")?.off).toBe(true);
});

test("rules that could not be written are not those by which anything is looked at", () => {
  const house = new House();
  const id = house.add({ metrics: { memory_used_percent: 80 } });
  house.db.execute(
    "create trigger full before insert on alert_settings begin select raise(abort, 'the disk is full'); end",
  );
  const before = house.book.settings;
  const change = { memory: { warning: { trigger: 70, delayMs: 0 } } };
  expect(() => house.book.setRules({ rules: change, overrides: [], own: [] }, house.now)).toThrow("full");
  house.book.look([id], house.now);
  expect([house.book.settings, house.book.open()]).toEqual([before, []]);
  house.db.execute("drop trigger full");
  house.book.setRules({ rules: change, overrides: [], own: [] }, house.now);
  expect([house.book.settings.revision, memoryOf(house.book.open())]).toEqual([1, ["memory warning"]]);
});

test("a rule somebody made and took away takes its alerts along", () => {
  const house = new House();
  const id = house.add({ metrics: { load1: 9 } });
  const own = {
    name: "own_load",
    title: "Load",
    metric: "load1",
    direction: "above",
    warning: { trigger: 8, delayMs: 0 },
  } as const;
  house.book.setRules({ rules: {}, overrides: [], own: [own] }, house.now);
  expect(house.book.open()).toMatchObject([{ rule: "own_load", resource: { id }, value: 9 }]);
  house.book.setRules({ rules: {}, overrides: [], own: [] }, house.now);
  expect(house.book.open()).toEqual([]);
});

test("closed by hand, it is not told again until it has been over", () => {
  const house = new House();
  const id = house.add({ metrics: { failed_units: 1 } });
  house.book.look([id], house.now);
  house.book.closeByHand(house.book.open()[0] as Alert, {}, house.now);
  house.pass(HOUR);
  house.write();
  house.restart();
  house.book.look([id], house.now);
  expect(house.book.open()).toEqual([]);
  house.report(id, 10, { metrics: { failed_units: 0 } });
  house.report(id, 10, { metrics: { failed_units: 1 } });
  expect(memoryOf(house.book.open())).toEqual(["units warning"]);
});

test("a silence that begins or ends is told of what it covers, and outlives a restart", () => {
  const house = new House();
  const id = house.add({ metrics: { failed_units: 1 } });
  house.book.look([id], house.now);
  const silence = {
    id: SilenceId.parse(mintId("q")),
    name: "work",
    scope: { resourceIds: [id] },
    when: { type: "once", from: T0, to: T0 + MINUTE },
    createdAt: T0,
  } as const;
  house.book.putSilence({ ...silence, scope: { resourceIds: [id] } }, house.now);
  expect(house.book.open()[0]?.silencedBy).toBe(silence.id);
  house.write();
  house.restart();
  expect(house.book.silences()).toMatchObject([{ name: "work", scope: { resourceIds: [id] } }]);
  house.pass(MINUTE);
  expect(house.book.open()[0]?.silencedBy).toBeUndefined();
});

test("a silence of one rule does not keep another from telling of the same trouble", () => {
  const house = new House();
  const host = house.add();
  const full = (percent: number) =>
    house.report(disk, undefined, { metrics: { filesystem_used_percent: percent } });
  const disk = house.add({ kind: "filesystem", name: "/", parentId: host });
  house.book.putSilence(
    {
      id: SilenceId.parse(mintId("q")),
      name: "we know that it grows",
      scope: { rules: ["full_in"] },
      when: { type: "once", from: T0, to: T0 + DAY },
      createdAt: T0,
    },
    house.now,
  );
  house.fullInMs = HOUR;
  house.pass(HOUR, () => full(85));
  expect(house.book.open().map(({ rule, silencedBy }) => [rule, silencedBy !== undefined])).toEqual([
    ["full_in", true],
  ]);
  house.pass(2 * MINUTE, () => full(99));
  expect(memoryOf(house.book.open())).toEqual(["filesystem critical", "full_in critical"]);
  expect(house.book.open()[0]?.silencedBy).toBeUndefined();
});

test("a silence that is changed covers what it is for now, and stays changed after a restart", () => {
  const house = new House();
  const id = house.add({ name: "nas" });
  const other = house.add({ name: "attic" });
  house.report(id, 99);
  house.pass(2 * MINUTE);
  const silence = {
    id: SilenceId.parse(mintId("q")),
    name: "moving",
    when: { type: "once", from: house.now, to: house.now + HOUR } as const,
    createdAt: house.now,
  };
  const covered = () => house.book.open().map(({ silencedBy }) => silencedBy);
  house.book.putSilence({ ...silence, scope: { resourceIds: [id] } }, house.now);
  expect(covered()).toEqual([silence.id]);
  house.book.putSilence({ ...silence, scope: { resourceIds: [other] } }, house.now);
  expect(covered()).toEqual([undefined]);
  house.restart();
  expect(house.book.silences().map(({ scope }) => scope)).toEqual([{ resourceIds: [other] }]);
});

test("why: a machine that has just started is left to settle", () => {
  const house = new House();
  const id = house.add({ metrics: { cpu_percent: 99, uptime_seconds: 40 } });
  const why = house.book.explain(house.picture.get(id) as Resource, house.now);
  expect(why.find(({ name }) => name === "cpu")).toMatchObject({
    state: "quiet",
    why: "The machine has just started and is left to settle.",
  });
});

test("why: which rules there are for it, what made them so, and how each stands", () => {
  const house = new House();
  const id = house.add({
    name: "nas",
    metrics: { memory_used_percent: 96, failed_units: 1, cpu_percent: 3 },
  });
  const off = { scope: { resourceId: id }, rule: "clock", change: { off: true } } as const;
  house.book.setRules(
    { rules: { memory: { warning: { delayMs: HOUR } } }, overrides: [off], own: [] },
    house.now,
  );
  const why = Object.fromEntries(
    house.book.explain(house.picture.get(id) as Resource, house.now).map((one) => [one.name, one]),
  );
  expect(why["memory"]).toMatchObject({
    state: "waiting",
    value: 96,
    level: "warning",
    since: T0,
    firesAt: T0 + HOUR,
    from: ["default", "everywhere"],
  });
  expect(why["units"]).toMatchObject({ state: "open", words: "1 unit failed" });
  expect(why["cpu"]).toMatchObject({ state: "quiet", why: "Nothing is wrong." });
  expect(why["clock"]).toMatchObject({ state: "off", why: "Switched off: resource nas." });
  expect(why["swap"]).toMatchObject({ state: "off", why: "Off by default." });
  expect(why["filesystem"]).toBeUndefined();
});

test("why: limits a sensor names itself are those that are said, until somebody sets others", () => {
  const house = new House();
  const attributes = { critical_celsius: 110, high_celsius: 100 };
  const metrics = { temperature_celsius: 90 };
  const id = house.add({ kind: "sensor", name: "cpu", attributes, metrics });
  const explained = () =>
    house.book
      .explain(house.picture.get(id) as Resource, house.now)
      .find(({ name }) => name === "temperature");
  expect(explained()).toMatchObject({
    warning: { trigger: 100, clear: 95 },
    critical: { trigger: 110 },
    from: ["default", "its own limits"],
  });
  const rules = { temperature: { warning: { trigger: 80 }, critical: { trigger: 90 } } };
  house.book.setRules({ rules, overrides: [], own: [] }, house.now);
  expect(explained()).toMatchObject({ warning: { trigger: 80 }, from: ["default", "everywhere"] });
});

test("a change that is only tried finds what it would find, and changes nothing", () => {
  const house = new House();
  const host = house.add({ name: "nas" });
  house.report(host, 70);
  const disks = [70, 91, 99].map((used, index) =>
    house.add({
      kind: "filesystem",
      name: `/${index}`,
      parentId: host,
      metrics: { filesystem_used_percent: used },
    }),
  );
  house.add({
    kind: "filesystem",
    attributes: { read_only: true },
    metrics: { filesystem_used_percent: 100 },
  });
  const before = house.book.settings;
  const tried = (
    rules: RuleSettings["rules"],
    overrides: RuleSettings["overrides"] = [],
    among: SilenceScope = {},
  ) => house.book.tryOut({ rules, overrides, own: [] }, "filesystem", among);
  expect(tried({})).toMatchObject({ found: 2, critical: 1 });
  expect(tried({ filesystem: { warning: { trigger: 60 } } })).toMatchObject({
    found: 3,
    critical: 1,
    examples: [
      { subject: { name: "nas" }, level: "critical", about: "part" },
      { level: "warning" },
      { level: "warning" },
    ],
  });
  expect(tried({ filesystem: { off: true } })).toEqual({ found: 0, critical: 0, examples: [] });
  const scope = { resourceId: disks[2] as ResourceId };
  expect(tried({}, [{ scope, rule: "filesystem", change: { off: true } }])).toMatchObject({
    found: 1,
    critical: 0,
  });
  expect(tried({}, [], { resourceIds: disks.slice(0, 2) })).toMatchObject({ found: 1, critical: 0 });
  expect(tried({}, [], { tags: ["db"] })).toMatchObject({ found: 0 });
  expect(house.book.settings).toEqual(before);
});

test("more than may be open wait until others are over", () => {
  const house = new House();
  const ids = Array.from({ length: ALERT_LIMITS.open + 5 }, () =>
    house.add({ metrics: { failed_units: 1 } }),
  );
  house.book.look(ids, house.now);
  expect(house.book.open()).toHaveLength(ALERT_LIMITS.open);
  house.report(ids[0] as ResourceId, undefined, { metrics: { failed_units: 0 } });
  house.book.tick(house.now);
  expect(house.book.open()).toHaveLength(ALERT_LIMITS.open);
  /* That a machine is silent is told all the same: what it held is hidden behind it. */
  house.report(ids[1] as ResourceId, undefined, { status: "down", metrics: {} });
  expect(house.book.open().filter(({ rule }) => rule === "silence")).toHaveLength(1);
});

test("past ones are kept for a while, and up to a number; open ones always", () => {
  const house = new House();
  const insert = (id: string, resolvedAt: number | null) =>
    house.db.execute(
      `insert into alert values ('${id}', 'units', 'r', 'r', 'warning', 0, ${resolvedAt}, '{}')`,
    );
  insert("too-old", T0 - ALERT_LIMITS.pastMs - 1);
  insert("open", null);
  house.db.execute(`with recursive n(i) as (select 1 union all select i + 1 from n where i <= ${ALERT_LIMITS.past})
    insert into alert select 'past-' || i, 'units', 'r', 'r', 'warning', 0, ${T0} - i, '{}' from n`);
  house.db.execute(
    "insert into alert_entry (alert_id, at, type, facts) select id, 0, 'fired', '{}' from alert",
  );
  house.book.look([house.add({ metrics: { failed_units: 1 } })], house.now);
  house.write();
  const kept = (where: string) => house.db.rows(`select id from alert where ${where}`).length;
  expect([kept("resolved_at is not null"), kept("id = 'open'"), kept("id = 'too-old'")]).toEqual([
    ALERT_LIMITS.past,
    1,
    0,
  ]);
  expect(kept(`id = 'past-${ALERT_LIMITS.past + 1}'`)).toBe(0);
  expect(house.db.rows("select distinct alert_id from alert_entry")).toHaveLength(ALERT_LIMITS.past + 2);
});

test("random pictures: nothing is told without a cause, and of a rule and a resource at most one is open", () => {
  const random = new Seeded();
  console.log(`alerts: PULSE_TEST_SEED=${random.seed}`);
  const house = new House();
  const ids = Array.from({ length: 12 }, () => house.add());
  const parts = ids.map((parentId, nth) => house.add({ kind: "filesystem", name: `/data${nth}`, parentId }));
  const events: string[] = [];
  const openNow = new Map<string, number>();
  for (let step = 0; step < 4_000; step++) {
    const all = random.chance(0.5) ? ids : parts;
    const id = random.pick(all);
    const known = house.picture.get(id) as Resource;
    const value = random.pick([10, 89, 91, 94, 96, 97, 99, undefined]);
    const metrics: Metrics =
      value === undefined ? {} : { memory_used_percent: value, filesystem_used_percent: value };
    const status = random.pick(["up", "up", "up", "degraded", "unknown", "down"] as const);
    house.picture.set(id, { ...known, metrics, status });
    house.now += random.pick([0, SECOND, 10 * SECOND, 40 * SECOND]);
    house.book.look([id], house.now);
    if (random.chance(0.3)) house.book.tick(house.now);
    if (random.chance(0.2)) house.write();
    if (random.chance(0.02)) {
      house.write();
      house.restart();
    }
    for (const event of house.told.splice(0)) {
      events.push(event);
      const [type, rule, name] = event.split(" ");
      const key = `${rule} ${name}`;
      const open = openNow.get(key) ?? 0;
      /* Fired and resolved take turns, and updates come in between. */
      expect([event, open]).toEqual([event, type === "alert.fired" ? 0 : 1]);
      openNow.set(key, type === "alert.resolved" ? 0 : 1);
    }
    const keys = house.book.open().map((alert) => `${alert.rule} ${alert.resource.id}`);
    expect(new Set(keys).size).toBe(keys.length);
  }
  house.write();
  expect(events.filter((event) => event.startsWith("alert.fired")).length).toBeGreaterThan(20);
  const open = house.db.rows("select id from alert where resolved_at is null") as { id: string }[];
  expect(open.map(({ id }) => id).sort()).toEqual(
    house.book
      .open()
      .map(({ id }) => id as string)
      .sort(),
  );
  for (const { id } of house.db.rows("select id from alert") as { id: Alert["id"] }[]) {
    const types = readTimeline(house.db, id).map(({ type }) => type);
    expect(types.filter((type) => type === "fired")).toHaveLength(1);
    expect(types.filter((type) => type === "resolved").length).toBeLessThanOrEqual(1);
  }
});

test("a machine that is well changes nothing and writes nothing", () => {
  const house = new House();
  const id = house.add();
  for (let report = 0; report < 100; report++)
    house.report(id, 50, { metrics: { cpu_percent: report % 90, memory_used_percent: 40 } });
  expect([house.book.hasUnwritten, house.commits]).toEqual([false, []]);
});
