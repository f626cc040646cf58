/**
 * Fills the data directory of a stopped server the way it would fill it itself: reports through the pipeline. Run as a
 * program, because the server's storage belongs to one process at a time.
 */
import { createHostCollector } from "../../server/collectors/host.ts";
import type { RuleSettings } from "../../server/contract/alerts.ts";
import { DEFAULT_ORG, OrgId } from "../../server/contract/ids.ts";
import type { ReportedResource } from "../../server/contract/report.ts";
import { Log } from "../../server/lib/log.ts";
import { InstanceRuntime } from "../../server/runtime/instance-runtime.ts";
import { OrgRuntime, UNHEARD } from "../../server/runtime/org-runtime.ts";
import { ingest } from "../../server/runtime/pipeline.ts";
import { OrgConnections } from "../../server/tenancy/connections.ts";
import { takeDataDir } from "../../server/tenancy/data-dir.ts";
import { DataDirKeys } from "../../server/tenancy/keys.ts";
import { OrgFolders } from "../../server/tenancy/org-folders.ts";
import { orgFile } from "../../server/tenancy/paths.ts";
import { FilledHistory } from "../support/filled-history.ts";

export interface Furniture {
  /**
   * Of this machine: an hour, or a week of which the last day is in full and before that every five minutes, or two years
   * that have a report every few hours before that week.
   */
  past?: "hour" | "week" | "years";
  /**
   * When this machine was started in that past, as minutes before now; it was up when it began. Without any the past says
   * nothing of it, because the machine of the tests may have been started at any time.
   */
  restarts?: number[];
  /** So many whole days before today of some machine that is gone, sealed as they are after a while. */
  sealedDays?: number;
  /** Percent of the processor's time that others took in that past; what is measured live may know nothing of it. */
  stolen?: number;
  /** Times without a report, as minutes before now. */
  holes?: { from: number; to: number }[];
  /** Machines beside this one, by name. They have reported every minute; for three more nobody misses them. */
  machines?: { name: string; trouble?: Trouble; cores?: number; disks?: number; containers?: number }[];
  /** Whatever else there is, as one report a second ago. */
  things?: ReportedResource[];
  /** So many containers on the thing called so: `app-0`, `app-1` and so on. */
  containers?: {
    on: string;
    count: number;
    /** They have reported for a day, every ten minutes; three hours ago the fourth had most memory for a while. */
    past?: true;
    /** The first one's name; the others are `app-1` and so on. */
    first?: string;
  };
  /** The same for other organizations, by their ids. */
  orgs?: Record<string, Pick<Furniture, "machines" | "sealedDays">>;
}

type Trouble = "full" | "silent" | "down" | "failed-units";

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
const INTERVAL_MS = 10_000;
/** What a processor does, as parts of how busy it is. */
const CPU_SHARES: Record<string, number> = {
  cpu_percent: 1,
  cpu_user_percent: 0.62,
  cpu_system_percent: 0.28,
  cpu_iowait_percent: 0.1,
  cpu_steal_percent: 0,
  pressure_cpu_percent: 0.2,
};
/** Reports staged at once; the pipeline refuses more than ten thousand. */
const BATCH = 4_000;

/** Nobody here has the patience: what is wrong is told at once. */
const AT_ONCE = { warning: { delayMs: 0 } };
const BOTH_AT_ONCE = { ...AT_ONCE, critical: { delayMs: 0 } };
const IMPATIENT: RuleSettings = {
  rules: {
    silence: AT_ONCE,
    machine: AT_ONCE,
    memory: BOTH_AT_ONCE,
    filesystem: BOTH_AT_ONCE,
    storage: BOTH_AT_ONCE,
    container: BOTH_AT_ONCE,
    container_oom: BOTH_AT_ONCE,
    guest: BOTH_AT_ONCE,
    pool: BOTH_AT_ONCE,
    health: BOTH_AT_ONCE,
  },
  overrides: [],
  own: [],
};

function furnish(org: OrgRuntime, template: ReportedResource[], furniture: Furniture): void {
  const now = Date.now();
  org.alerts.setRules(IMPATIENT, now);
  const send = (source: string, at: number, resources: ReportedResource[], intervalMs: number) => {
    const report = { v: 1, boot: `furnished-${source}`, seq: at, at, intervalMs, resources } as const;
    ingest(org, { source, report, receivedAt: at });
    if (org.history.stagedCount >= BATCH) org.commit.flush();
  };
  if (furniture.past) {
    const start = now - PAST_MS[furniture.past];
    const holes = furniture.holes ?? [];
    const startedAt = furniture.restarts && [
      start - DAY,
      ...furniture.restarts.map((minutes) => now - minutes * MINUTE),
    ];
    for (let at = start; at < now - INTERVAL_MS; at += distanceAt(now - at)) {
      const minutesAgo = (now - at) / MINUTE;
      if (holes.some(({ from, to }) => minutesAgo <= from && minutesAgo > to)) continue;
      send(
        "local",
        at,
        template.map((resource) => withStolen(upSince(moved(resource, at), at, startedAt), furniture.stolen)),
        INTERVAL_MS,
      );
    }
  }
  furniture.machines?.forEach(({ name, trouble, cores = 0, disks = 0, containers = 0 }, index) => {
    const parts = [...copies(template, "core", cores), ...copies(template, "disk", disks)];
    const machine = [...template, ...parts];
    const host = template.find((resource) => resource.kind === "host")?.key ?? "";
    const last = now - (trouble === "down" ? DAY : trouble === "silent" ? 5 * MINUTE : 1_000);
    const status = trouble === "down" ? "down" : trouble === "silent" ? "unknown" : "up";
    for (let at = last - 60 * MINUTE; at <= last; at += MINUTE) {
      const resources = machine.map((resource) => {
        const mine = moved(resource, at + index * 97 * MINUTE);
        if (mine.kind === "host") return withHostTrouble({ ...mine, name, status }, trouble);
        if (mine.kind === "interface") return withOwnCard(mine, index);
        if (mine.kind !== "filesystem" || trouble !== "full") return mine;
        return { ...mine, metrics: { ...mine.metrics, filesystem_used_percent: 97.31 } };
      });
      const within = eatingContainers(host, containers, (now - at) / MINUTE);
      send(`furnished-${index}`, at, [...resources, ...within], MINUTE);
    }
  });
  const { containers } = furniture;
  const last = containers?.past ? containersAt(containers, 0) : containersOf(containers);
  const things = [...(furniture.things ?? []), ...last];
  if (containers?.past)
    for (let at = now - DAY; at < now - 5 * MINUTE; at += 10 * MINUTE)
      send("source:furnished", at, containersAt(containers, (now - at) / MINUTE), 10 * MINUTE);
  if (things.length > 0) send("source:furnished", now - 1_000, things, 10 * MINUTE);
  org.commit.flush();
}

const PAST_MS = { hour: 60 * MINUTE, week: 7 * DAY, years: 730 * DAY };

/** How far the next report is from one so long ago: near enough for the steps of any range that shows it. */
function distanceAt(ago: number): number {
  if (ago <= DAY) return INTERVAL_MS;
  if (ago <= 7 * DAY) return 5 * MINUTE;
  return (ago <= 35 * DAY ? 60 : ago <= 100 * DAY ? 180 : 360) * MINUTE;
}

/** The last of them has all the memory half an hour ago, for ten minutes; the others have less the later they come. */
function eatingContainers(on: string, count: number, minutesAgo: number): ReportedResource[] {
  return containersOf({ on, count }).map((container, index) => {
    const eats = index === count - 1 && minutesAgo <= 35 && minutesAgo > 25;
    const memory = eats ? 2e10 : (count - index) * 4e7;
    const metrics = { cpu_percent: (count - index) / 8, memory_used_bytes: memory };
    return { ...container, metrics };
  });
}

function upSince(resource: ReportedResource, at: number, startedAt: number[] | undefined): ReportedResource {
  const { uptime_seconds: uptime, ...metrics } = resource.metrics;
  if (uptime === undefined || !startedAt) return { ...resource, metrics };
  const since = Math.max(...startedAt.filter((started) => started <= at));
  return { ...resource, metrics: { ...metrics, uptime_seconds: Math.floor((at - since) / 1_000) } };
}

function containersOf({ on, count, first }: NonNullable<Furniture["containers"]> = { on: "", count: 0 }) {
  return Array.from(
    { length: count },
    (_, index): ReportedResource => ({
      kind: "container",
      key: `container-${index}`,
      parent: on,
      name: index === 0 && first ? first : `app-${index}`,
      status: "up",
      attributes: { state: "running", image: `registry.example.org/app:${index % 5}` },
      metrics: { cpu_percent: index % 90, memory_used_bytes: 1e8, memory_limit_bytes: 1e9 },
    }),
  );
}

function containersAt(containers: NonNullable<Furniture["containers"]>, minutesAgo: number) {
  return containersOf(containers).map((container, index) => {
    const isGreedy = index === 3 && minutesAgo > 170 && minutesAgo < 190;
    const memory = isGreedy ? 6e9 : 2e9 / (index + 1) + 1e7 * Math.sin(minutesAgo / 60 + index);
    const received = 50_000 * (1 + Math.sin(minutesAgo / 90 + index));
    const metrics = {
      ...container.metrics,
      memory_used_bytes: Math.round(memory),
      network_receive_bytes_per_second: received,
    };
    return { ...container, metrics };
  });
}

/** More parts of a kind, as a larger machine has them. */
function copies(template: ReportedResource[], kind: "core" | "disk", count: number): ReportedResource[] {
  const model = template.find((resource) => resource.kind === kind);
  if (!model) return [];
  return Array.from({ length: count }, (_, index) => {
    const name = kind === "core" ? `CPU ${100 + index}` : `sd${String.fromCharCode(97 + index)}`;
    return { ...model, key: `furnished-${kind}-${index}`, name };
  });
}

/** Machines with one network card between them would be found to be one. */
function withOwnCard(port: ReportedResource, index: number): ReportedResource {
  const place = (index + 1).toString(16).padStart(4, "0");
  const mac = `bc:24:11:00:${place.slice(0, 2)}:${place.slice(2)}`;
  return { ...port, attributes: { ...port.attributes, mac, addresses: [`192.0.2.${index % 250}`] } };
}

function withStolen(resource: ReportedResource, stolen: number | undefined): ReportedResource {
  if (stolen === undefined || resource.kind !== "host") return resource;
  return { ...resource, metrics: { ...resource.metrics, cpu_steal_percent: stolen } };
}

function withHostTrouble(host: ReportedResource, trouble: Trouble | undefined): ReportedResource {
  if (trouble !== "failed-units") return host;
  const units = ["certbot-renew-for-all-the-domains-of-this-house.service", "backup.service"];
  return {
    ...host,
    attributes: { ...host.attributes, failed_units: units },
    metrics: { ...host.metrics, failed_units: units.length },
  };
}

/** The same machine at another time: shares swing over the day, everything else breathes. */
function moved(resource: ReportedResource, at: number): ReportedResource {
  const seed = resource.key.length;
  const day = Math.sin(((at + seed * 40 * MINUTE) / DAY) * 2 * Math.PI);
  const quick = Math.sin((at / MINUTE + seed) / 3) * Math.sin(at / MINUTE / 7.3);
  const metrics = Object.fromEntries(
    Object.entries(resource.metrics).map(([name, value]): [string, number] => {
      if (/total|count|limit|uptime/.test(name)) return [name, value];
      const share = CPU_SHARES[name];
      if (share !== undefined) return [name, share * (16 + 9 * day + 5 * quick)];
      if (name.endsWith("bytes_per_second")) return [name, 40_000 + 30_000 * day + 9_000 * quick];
      return [name, Math.max(0, value * (1 + 0.04 * day + 0.02 * quick))];
    }),
  );
  return { ...resource, metrics };
}

if (import.meta.main) {
  const [dataDir = "", wanted = "{}"] = process.argv.slice(2);
  const collector = createHostCollector();
  await collector.collect();
  // Rates need two readings, and readings need time between them.
  await Bun.sleep(100);
  const template = await collector.collect();
  const lock = takeDataDir(dataDir);
  const connections = new OrgConnections(dataDir);
  new InstanceRuntime({
    dataDir,
    clock: Date.now,
    announce: () => {},
    orgFiles: new OrgFolders(dataDir, connections),
    actors: { halt: async () => {}, admit: async () => {} },
    keys: new DataDirKeys(dataDir),
    pinnedLicenseKey: undefined,
    multiTenantAllowed: false,
    onUnsettled: () => {},
  }).close();
  const { orgs = {}, ...own } = JSON.parse(wanted) as Furniture;
  for (const [id, furniture] of [[DEFAULT_ORG, own] as const, ...Object.entries(orgs)]) {
    const orgId = OrgId.parse(id);
    const file = { use: () => connections.use(orgId), sizeBytes: () => 0 };
    const org = new OrgRuntime(orgId, file, { ...UNHEARD, clock: Date.now, log: new Log(() => {}) });
    furnish(org, template, furniture);
    org.close();
    if (furniture.sealedDays) {
      using past = new FilledHistory(orgFile(dataDir, orgId));
      past.live((Math.floor(Date.now() / DAY) - furniture.sealedDays) * DAY, furniture.sealedDays);
    }
  }
  connections.closeAll();
  lock.release();
}
