/** Rules that go by what was before: read from the history of a real org, also after a restart. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_ORG, ResourceId } from "../../server/contract/ids.ts";
import type { ReportedResource } from "../../server/contract/report.ts";
import type { Metrics } from "../../server/contract/resource.ts";
import { Log } from "../../server/lib/log.ts";
import { OrgRuntime, UNHEARD } from "../../server/runtime/org-runtime.ts";
import { ingest } from "../../server/runtime/pipeline.ts";
import { loadMigrations } from "../../server/tenancy/migrate.ts";
import { openMigrated } from "../../server/tenancy/open.ts";

const folder = mkdtempSync(join(tmpdir(), "pulse-from-history-"));
afterAll(() => rmSync(folder, { recursive: true }));

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** One machine of an org on a real file, and time that is ours. */
class Scene {
  now = Date.UTC(2026, 3, 2);
  org: OrgRuntime;
  readonly #file: string;
  readonly #intervalMs: number;
  #db: ReturnType<typeof openMigrated>;
  #seq = 0;

  constructor(name: string, intervalMs: number) {
    this.#file = join(folder, `${name}.db`);
    this.#intervalMs = intervalMs;
    this.#db = openMigrated(this.#file, "create", loadMigrations("org"));
    this.org = this.#open();
  }

  /** Reports for so long, by how many hours have passed of that. */
  async reports(
    forMs: number,
    metricsAt: (hours: number) => { host?: Metrics; disk?: Metrics },
  ): Promise<void> {
    for (let passed = 0; passed < forMs; passed += this.#intervalMs) {
      this.now += this.#intervalMs;
      const { host = {}, disk } = metricsAt(passed / HOUR);
      const part = (kind: ReportedResource["kind"], key: string, metrics: Metrics): ReportedResource => ({
        kind,
        key,
        name: key,
        status: "up",
        attributes: {},
        metrics,
      });
      const resources = [part("host", "host", host)];
      if (disk) resources.push({ ...part("filesystem", "/srv", disk), parent: "host" });
      const report = {
        v: 1 as const,
        boot: "boot-0001",
        seq: ++this.#seq,
        at: this.now,
        intervalMs: this.#intervalMs,
        resources,
      };
      ingest(this.org, { source: "agent:a", report });
      await this.look();
    }
    this.org.commit.flush();
    this.org.upkeep.finish();
  }

  /** Without a tick: minutes pass in a step, which would be a clock that is set. */
  async look(): Promise<void> {
    this.org.trends.look(this.now);
    this.org.baselines.look(this.now);
    await Promise.all([this.org.trends.settled(), this.org.baselines.settled()]);
  }

  restart(): void {
    this.org.close();
    this.#db.close();
    this.#db = openMigrated(this.#file, "existing", loadMigrations("org"));
    this.org = this.#open();
  }

  stop(): void {
    this.org.close();
    this.#db.close();
  }

  id(key: string): ResourceId {
    return ResourceId.parse(this.org.inventory.find("agent:a", key));
  }

  get open(): string[] {
    return this.org.alerts.open().map(({ rule, level, words }) => `${rule} ${level}: ${words}`);
  }

  #open(): OrgRuntime {
    return new OrgRuntime(
      DEFAULT_ORG,
      { use: () => this.#db, sizeBytes: () => 0 },
      { ...UNHEARD, clock: () => this.now, log: new Log(() => {}) },
    );
  }
}

describe("time until something is full", () => {
  const filling = (hours: number) => ({
    disk: { filesystem_used_percent: 50 + Math.max(0, hours - 26) * 1.1 },
  });

  test("is told of before it has reached what is too much, and in its own words", async () => {
    const scene = new Scene("filling", 5 * MINUTE);
    await scene.reports(50 * HOUR, filling);
    expect(scene.open).toEqual([
      expect.stringMatching(/^full_in warning: \/srv is full in about \d\d hours at this rate$/),
    ]);
    scene.stop();
  });

  test("is the same after a restart, from history", async () => {
    const scene = new Scene("restarted", 5 * MINUTE);
    await scene.reports(50 * HOUR, filling);
    const before = scene.org.trends.fullInMs(scene.id("/srv")) ?? 0;
    scene.restart();
    expect(scene.org.trends.fullInMs(scene.id("/srv"))).toBeUndefined();
    await scene.look();
    expect((scene.org.trends.fullInMs(scene.id("/srv")) ?? 0) / before).toBeCloseTo(1, 1);
    expect(scene.open).toHaveLength(1);
    scene.stop();
  });

  test("is not read for what has room, nor where the rule is off", async () => {
    const scene = new Scene("off", 5 * MINUTE);
    await scene.reports(HOUR, () => ({ disk: { filesystem_used_percent: 60 } }));
    expect(scene.org.trends.fullInMs(scene.id("/srv"))).toBeUndefined();
    scene.org.alerts.setRules({ rules: { full_in: { off: true } }, overrides: [], own: [] }, scene.now);
    await scene.reports(HOUR, () => ({ disk: { filesystem_used_percent: 80 } }));
    expect(scene.org.trends.fullInMs(scene.id("/srv"))).toBeUndefined();
    scene.stop();
  });
});

describe("unlike itself", () => {
  const RULES = { rules: { unlike_cpu: { off: false } }, overrides: [], own: [] };
  const usual = (hours: number) => ({ host: { cpu_percent: hours % 24 < 2 ? 80 : 15 } });

  test("is told of after two weeks, and what happens each night is not", async () => {
    const scene = new Scene("unlike", 15 * MINUTE);
    scene.org.alerts.setRules(RULES, scene.now);
    scene.restart();
    await scene.reports(16 * DAY + 12 * HOUR, usual);
    expect(scene.open).toEqual([]);
    await scene.reports(HOUR, () => ({ host: { cpu_percent: 80 } }));
    expect(scene.open).toEqual([
      "unlike_cpu warning: uses 80.0\u00a0% of its processors, which is unlike this hour of other weeks",
    ]);
    expect(scene.org.alerts.open()[0]).toMatchObject({ metric: "cpu_percent", value: 80, threshold: 27 });
    scene.stop();
  });

  test("is not said where less is known, and nothing is read where no rule asks", async () => {
    const scene = new Scene("new", HOUR);
    await scene.reports(10 * DAY, usual);
    expect(scene.org.baselines.usualOf(scene.id("host"), "cpu_percent")).toBeUndefined();
    scene.org.alerts.setRules(RULES, scene.now);
    await scene.reports(6 * HOUR, () => ({ host: { cpu_percent: 90 } }));
    expect(scene.open).toEqual([]);
    const host = scene.org.inventory.get(scene.id("host"));
    const explained = host && scene.org.alerts.explain(host, scene.now);
    expect(explained?.find(({ name }) => name === "unlike_cpu")).toMatchObject({
      state: "quiet",
      baseline: "cpu_percent",
      why: "It is not known yet what is usual for it.",
    });
    scene.stop();
  });
});
