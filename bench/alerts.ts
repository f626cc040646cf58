/**
 * What the rules cost: a report of a machine evaluated, in microseconds, beside merging that report into the picture;
 * and a storm, in which everything is wrong at once.
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
import type { RuleSettings } from "../server/contract/alerts.ts";
import { DEFAULT_ORG } from "../server/contract/ids.ts";
import type { Report, ReportedResource } from "../server/contract/report.ts";
import type { ResourceKind } from "../server/contract/resource.ts";
import { Log } from "../server/lib/log.ts";
import { OrgRuntime, UNHEARD } from "../server/runtime/org-runtime.ts";
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

function openOrg(name: string): OrgRuntime {
  const db = openMigrated(join(folder, `${name}.db`), "create", loadMigrations("org"));
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
  storm();
}

/** Everything is wrong: as many alerts as may be open, and the rest wait. */
function storm(): void {
  const org = openOrg("storm");
  for (let nth = 0; nth < MACHINES; nth++) org.inventory.merge(`agent:${nth}`, report(0, bad));
  const ids = [...org.inventory.all()].map(({ id }) => id);
  const lookMs = timed(() => org.alerts.look(ids, now, { isJournaled: true }));
  now += 20 * 60_000;
  const fireMs = timed(() => org.alerts.look(ids, now, { isJournaled: true }));
  const commitMs = timed(() => org.commit.flush());
  const tickMs = timed(() => org.alerts.tick(now + 10_000));
  const snapshot = JSON.stringify(org.alerts.open()).length;
  printTable(
    `A storm: ${ids.length.toLocaleString("en-US")} resources, everything wrong`,
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

function timed(work: () => void): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}

try {
  main();
} finally {
  rmSync(folder, { recursive: true });
}
