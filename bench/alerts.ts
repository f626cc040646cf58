/**
 * What the rules cost: a report of a machine evaluated, in microseconds, beside merging that report into the picture;
 * a storm, in which everything is wrong at once; and when ten filesystems of each machine are full, of which half
 * have little room.
 *
 *   bun bench/alerts.ts [machines=1000]
 *
 * A machine has 20 resources: itself, six filesystems, two disks, five sensors, two interfaces, four containers. Every
 * rule Pulse comes with applies, and 20 more of somebody's own on the machine. Figures of each report differ, as they
 * do. One core, no disk: what is written is measured in the storm alone.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type StoredSilence, writeSilence } from "../server/alerts/stored-alerts.ts";
import { ALERT_LIMITS } from "../server/contract/alert-limits.ts";
import type { RuleSettings } from "../server/contract/alerts.ts";
import { DEFAULT_ORG, SilenceId } from "../server/contract/ids.ts";
import type { Report, ReportedResource } from "../server/contract/report.ts";
import type { ResourceKind } from "../server/contract/resource.ts";
import { Log } from "../server/lib/log.ts";
import { mintId } from "../server/lib/random-id.ts";
import { OrgRuntime, UNHEARD } from "../server/runtime/org-runtime.ts";
import { ingest } from "../server/runtime/pipeline.ts";
import { loadMigrations } from "../server/tenancy/migrate.ts";
import { openMigrated } from "../server/tenancy/open.ts";
import { Seeded } from "../tests/support/seeded.ts";
import { printTable, quantile } from "./table.ts";

const MACHINES = Number(process.argv[2] ?? 1_000);
const ROUNDS = 30;
const PARTS: [kind: ResourceKind, count: number][] = [
  ["filesystem", 6],
  ["disk", 2],
  ["sensor", 5],
  ["interface", 2],
  ["container", 4],
];

const random = new Seeded(1);
const folder = mkdtempSync(join(tmpdir(), "pulse-bench-alerts-"));
let now = 1_795_461_200_000;
let told = 0;

function openOrg(name: string, silences = 0): OrgRuntime {
  const db = openMigrated(join(folder, `${name}.db`), "create", loadMigrations("org"));
  for (let nth = 0; nth < silences; nth++) writeSilence(db, silenceOfAnotherDay(nth));
  return new OrgRuntime(
    DEFAULT_ORG,
    { use: () => db, sizeBytes: () => 0 },
    {
      ...UNHEARD,
      clock: () => now,
      log: new Log(() => {}),
      publish: (_, type) => {
        if (type.startsWith("alert.")) told++;
      },
    },
  );
}

function machine(used: () => number): ReportedResource[] {
  const metrics = () => ({
    cpu_percent: used(),
    memory_used_percent: used(),
    load1: used() / 10,
    filesystem_used_percent: used(),
    filesystem_inodes_used_percent: used(),
    temperature_celsius: used(),
    life_left_percent: 100 - used(),
    failed_units: 0,
  });
  const host: ReportedResource = {
    kind: "host",
    key: "host",
    name: "machine",
    status: "up",
    attributes: { os: "Debian" },
    metrics: metrics(),
  };
  const parts = PARTS.flatMap(([kind, count]) =>
    Array.from({ length: count }, (_, nth): ReportedResource => {
      const key = `${kind}${nth}`;
      return { kind, key, parent: "host", name: key, status: "up", attributes: {}, metrics: metrics() };
    }),
  );
  return [host, ...parts];
}

function report(seq: number, used: () => number): Report {
  return { v: 1, boot: "boot-of-the-bench", seq, at: now, intervalMs: 10_000, resources: machine(used) };
}

function ownRules(): RuleSettings {
  const own = Array.from({ length: 20 }, (_, nth) => ({
    name: `own_${nth}`,
    title: "Own",
    metric: nth % 2 === 0 ? "load1" : "cpu_percent",
    direction: "above" as const,
    kinds: ["host" as const],
    warning: { trigger: 1_000 + nth },
  }));
  return { rules: {}, overrides: [], own };
}

const well = () => 20 + random.next() * 40;
const bad = () => 99;

function main(): void {
  const org = openOrg("well");
  org.alerts.setRules(ownRules(), now);
  const merging: number[] = [];
  const judging: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    now += 10_000;
    for (let nth = 0; nth < MACHINES; nth++) {
      const source = `agent:${nth}`;
      const sent = report(round, well);
      const startedAt = performance.now();
      const { changed } = org.inventory.merge(source, sent);
      const mergedAt = performance.now();
      org.alerts.look(
        changed.map(({ id }) => id),
        now,
        { isJournaled: true },
      );
      const judgedAt = performance.now();
      /* The first rounds are those in which the machine learns what runs often. */
      if (round < 5) continue;
      merging.push((mergedAt - startedAt) * 1_000);
      judging.push((judgedAt - mergedAt) * 1_000);
    }
  }
  const micros = (values: number[], share: number) => quantile(values, share).toFixed(1);
  printTable(
    `A report of ${machine(well).length} resources, of ${MACHINES} machines, all well: microseconds`,
    ["", "median", "99 of 100"],
    [
      ["merged into the picture", micros(merging, 0.5), micros(merging, 0.99)],
      ["looked at by the rules", micros(judging, 0.5), micros(judging, 0.99)],
    ],
  );
  if (told > 0) throw new Error("something was told of machines that are well");
  org.close();
  storm(0);
  storm(ALERT_LIMITS.silences);
}

function silenceOfAnotherDay(nth: number): StoredSilence {
  const days = [(new Date(now).getUTCDay() + 3) % 7];
  return {
    id: SilenceId.parse(mintId("q")),
    name: `${nth}`,
    scope: {},
    when: { type: "weekly", days, from: "03:00", to: "04:00", timeZone: "Europe/Berlin" },
    createdAt: now,
  };
}

/** Everything is wrong: as many alerts as may be open, and the rest wait. */
function storm(silences: number): void {
  const org = openOrg(`storm-${silences}`, silences);
  told = 0;
  for (let nth = 0; nth < MACHINES; nth++) org.inventory.merge(`agent:${nth}`, report(0, bad));
  const ids = [...org.inventory.all()].map(({ id }) => id);
  const lookMs = timed(() => org.alerts.look(ids, now, { isJournaled: true }));
  now += 20 * 60_000;
  const fireMs = timed(() => org.alerts.look(ids, now, { isJournaled: true }));
  const commitMs = timed(() => org.commit.flush());
  const tickMs = timed(() => org.alerts.tick(now + 10_000));
  const snapshot = JSON.stringify(org.alerts.open()).length;
  printTable(
    `A storm: ${ids.length.toLocaleString("en-US")} resources, everything wrong; ${silences} silences that cover nothing now`,
    ["", ""],
    [
      ["all looked at, all begin to wait", `${lookMs.toFixed(0)} ms`],
      [
        `looked at again: ${org.alerts.open().length.toLocaleString("en-US")} fire`,
        `${fireMs.toFixed(0)} ms`,
      ],
      ["written and told", `${commitMs.toFixed(0)} ms`],
      ["a tick", `${tickMs.toFixed(0)} ms`],
      ["all of them as JSON", `${(snapshot / 1024 / 1024).toFixed(1)} MiB`],
      ["told", told.toLocaleString("en-US")],
    ],
  );
  org.close();
}

const FILESYSTEMS = 10;

/** How full each is is looked at every ten minutes; what was before is read once, from eight days of history. */
async function filling(): Promise<void> {
  const org = openOrg("filling");
  const full =
    (percent: number) =>
    (nth: number): ReportedResource => ({
      kind: "filesystem",
      key: `filesystem${nth}`,
      parent: "host",
      name: `/srv/${nth}`,
      status: "up",
      attributes: {},
      metrics: { filesystem_used_percent: nth % 2 === 0 ? percent : 40 },
    });
  const say = (source: string, seq: number, percent: number, intervalMs: number) => {
    const [host] = machine(well);
    const resources = [
      host as ReportedResource,
      ...Array.from({ length: FILESYSTEMS }, (_, nth) => full(percent)(nth)),
    ];
    const sent: Report = { v: 1, boot: "boot-of-the-bench", seq, at: now, intervalMs, resources };
    ingest(org, { source, report: sent, isJournaled: true });
  };
  const minutes = 8 * 24 * 60;
  for (let minute = 0; minute < minutes; minute++) {
    now += 60_000;
    say("agent:0", minute, 71 + minute / 2_000, 60_000);
    if (minute % 10 === 0) org.commit.flush();
    if (minute % 60 === 30) org.upkeep.finish();
  }
  org.commit.flush();
  org.upkeep.finish();
  const startedAt = performance.now();
  org.trends.look(now);
  await org.trends.settled();
  const readMs = (performance.now() - startedAt) / (FILESYSTEMS / 2);
  for (let nth = 1; nth < MACHINES; nth++) say(`agent:${nth}`, 0, 75, 60_000);
  org.commit.flush();
  while (org.trends.size < (MACHINES * FILESYSTEMS) / 2) {
    org.trends.look(now);
    await org.trends.settled();
  }
  const lookMs: number[] = [];
  for (let round = 0; round < 90; round++) {
    now += 600_000;
    lookMs.push(timed(() => org.trends.look(now)));
  }
  printTable(
    `${(MACHINES * FILESYSTEMS).toLocaleString("en-US")} filesystems, half of them at least 70 % full`,
    ["", ""],
    [
      ["what was before, read from eight days of history: each, once", `${readMs.toFixed(1)} ms`],
      ["a point of each, and when each is full: every ten minutes", `${quantile(lookMs, 0.5).toFixed(0)} ms`],
    ],
  );
  org.close();
}

function timed(work: () => void): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}

try {
  main();
  await filling();
} finally {
  rmSync(folder, { recursive: true });
}
