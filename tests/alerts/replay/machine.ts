/**
 * A machine as its agent tells of it over a month in which nothing is wrong, with all that makes rules cry wolf: days
 * and weeks, backups at night that keep every core busy, builds, neighbours, logs that grow and are rotated, a
 * temporary filesystem, updates, reboots, restarts of the agent, a network that is away for a moment,
 * containers that are replaced, sensors that say nonsense once.
 */
import type { ReportedResource } from "../../../server/contract/report.ts";
import type { Metrics } from "../../../server/contract/resource.ts";
import type { Seeded } from "../../support/seeded.ts";
import { activity, between, byChance, byClock, DAY, HOUR, MINUTE, SECOND, type Span, Spans } from "./days.ts";

export type Parts = Map<string, ReportedResource>;

const GIB = 1024 ** 3;
/** Its clock is set when it has found a server to ask. */
const CLOCK_IS_SET_AFTER_MS = 90 * SECOND;

export class SimulatedMachine {
  readonly name: string;
  readonly source: string;
  readonly #random: Seeded;
  readonly #isHome: boolean;
  readonly #base: { cpu: number; memory: number; root: number; data: number; celsius: number };
  readonly #beganAt: number;
  readonly #logsAreRotatedEveryMs: number;
  readonly #reboots: Spans;
  readonly #restarts: Spans;
  readonly #backups: Spans;
  readonly #builds: Spans;
  readonly #hungry: Spans;
  readonly #upgrades: Spans;
  readonly #copies: readonly (Span & { percent: number })[];
  readonly #temporary: Spans;
  readonly #replaced: Spans;
  readonly #unwell: Spans;
  readonly #scrubs: Spans;
  #drift = 0;
  #bootedAt: number;

  constructor(nth: number, random: Seeded, span: Span, isQuiet: (span: Span) => boolean) {
    this.name = `${NAMES[nth % NAMES.length]}${nth < NAMES.length ? "" : Math.floor(nth / NAMES.length) + 1}`;
    this.source = `agent:${this.name}`;
    this.#random = random;
    this.#isHome = random.chance(0.5);
    this.#beganAt = span.from;
    this.#bootedAt = span.from - random.next() * 20 * DAY;
    this.#base = {
      cpu: between(random, [3, 35]),
      memory: between(random, [25, 70]),
      root: between(random, [35, 80]),
      data: between(random, [30, 62]),
      celsius: between(random, [38, 52]),
    };
    this.#logsAreRotatedEveryMs = random.pick([DAY, 7 * DAY]);
    this.#reboots = new Spans(
      byClock(random, span, {
        hour: 4,
        days: [0],
        lasts: [50 * SECOND, 170 * SECOND],
        jitterMs: HOUR,
      }).filter(isQuiet),
    );
    this.#restarts = new Spans(byChance(random, span, { daily: 0.1, lasts: [15 * SECOND, 40 * SECOND] }));
    this.#backups = new Spans(
      byClock(random, span, {
        hour: 1,
        lasts: [20 * MINUTE, 48 * MINUTE],
        jitterMs: 2 * HOUR,
      }),
    );
    this.#builds = new Spans(byChance(random, span, { daily: 1.5, lasts: [2 * MINUTE, 14 * MINUTE] }));
    this.#hungry = new Spans(byChance(random, span, { daily: 0.3, lasts: [MINUTE, 4 * MINUTE] }));
    this.#upgrades = new Spans(
      byClock(random, span, { hour: 6, days: [2], lasts: [MINUTE, 3 * MINUTE], jitterMs: HOUR }),
    );
    this.#copies = byChance(random, span, { daily: 0.12, lasts: [30 * MINUTE, 150 * MINUTE] }).map(
      (copy) => ({
        ...copy,
        percent: between(random, [1, 8]),
      }),
    );
    this.#temporary = new Spans(byChance(random, span, { daily: 2, lasts: [10 * MINUTE, 3 * HOUR] }));
    this.#replaced = new Spans(
      byClock(random, span, { hour: 5, lasts: [15 * SECOND, 50 * SECOND], jitterMs: HOUR }),
    );
    this.#unwell = new Spans(byChance(random, span, { daily: 0.25, lasts: [20 * SECOND, 50 * SECOND] }));
    this.#scrubs = new Spans(byClock(random, span, { hour: 0, days: [6], lasts: [3 * HOUR, 9 * HOUR] }));
  }

  /** What it reports then; undefined: it does not run, or its agent does not. Times only go forward. */
  report(at: number): Parts | undefined {
    const reboot = this.#reboots.before(at);
    if (reboot) this.#bootedAt = Math.max(this.#bootedAt, reboot.to);
    if (this.#reboots.at(at) || this.#restarts.at(at)) return undefined;
    const parts: Parts = new Map();
    const sinceBootMs = at - this.#bootedAt;
    const cpu = this.#cpu(at);
    this.#add(parts, this.#host(at, cpu, sinceBootMs));
    this.#addFilesystems(parts, at);
    this.#addContainers(parts, at, sinceBootMs);
    this.#addSensors(parts, at, cpu);
    return parts;
  }

  /** As after the power was off. */
  bootsAt(at: number): void {
    this.#bootedAt = at;
  }

  #host(at: number, cpu: number, sinceBootMs: number): ReportedResource {
    const restarted = this.#restarts.before(at);
    const isFirst = restarted !== undefined && at - restarted.to < 30 * SECOND;
    const isSettling = sinceBootMs < CLOCK_IS_SET_AFTER_MS;
    this.#drift = this.#drift * 0.995 + this.#noise(0.4);
    const hungry = this.#hungry.at(at);
    const memory = hungry ? 95.2 + this.#noise(1.4) : this.#base.memory + this.#drift * 2 + this.#noise(0.5);
    const failed = isSettling && sinceBootMs < 50 * SECOND ? 1 : 0;
    return part("host", "host", this.name, {
      attributes: {
        os: "Debian GNU/Linux 12 (bookworm)",
        boot_at: this.#bootedAt,
        agent_clock_offset_ms: isSettling ? 45_000 : Math.round(this.#noise(200)),
        failed_units: failed > 0 ? ["wait-for-network.service"] : [],
      },
      metrics: {
        ...(!isFirst && { cpu_percent: cpu }),
        load1: cpu / 20,
        memory_used_percent: clamp(memory),
        swap_used_percent: clamp(10 + this.#drift * 5),
        uptime_seconds: Math.floor(sinceBootMs / 1_000),
        failed_units: failed,
      },
    });
  }

  #cpu(at: number): number {
    if (this.#backups.at(at)) return clamp(97 + this.#noise(2));
    if (this.#builds.at(at)) return clamp(98.5 + this.#noise(1.5));
    return clamp(this.#base.cpu + 25 * activity(at, this.#isHome) + this.#noise(6));
  }

  #addFilesystems(parts: Parts, at: number): void {
    const days = (at - this.#beganAt) / DAY;
    const { root, data } = this.#base;
    const unpacking = this.#upgrades.at(at) ? 11 : 0;
    this.#addFilesystem(parts, "/", root + days * 0.02 + unpacking, { inodes: 20 });
    const rotated = (at % this.#logsAreRotatedEveryMs) / this.#logsAreRotatedEveryMs;
    this.#addFilesystem(parts, "/var", 30 + rotated * 45 + this.#noise(0.05), { inodes: 12 });
    const copied = this.#copies.reduce((sum, copy) => sum + copy.percent * shareOf(copy, at), 0);
    this.#addFilesystem(parts, "/data", Math.min(84, data + days * 0.1 + copied), { inodes: 3 });
    /* Last night's backup lies beside the one before until that has been thrown away, in the morning. */
    const night = this.#backups.at(at);
    const kept = night ? shareOf(night, at) : at % DAY < 8 * HOUR && this.#backups.before(at) ? 1 : 0;
    this.#addFilesystem(parts, "/backup", 52 + days * 0.15 + kept * 33, { inodes: 1 });
    const used = this.#temporary.at(at);
    this.#addFilesystem(parts, "/tmp", used ? 20 + 68 * shareOf(used, at) : 3, { type: "tmpfs", inodes: 1 });
  }

  #addFilesystem(
    parts: Parts,
    name: string,
    percent: number,
    { type = "ext4", inodes }: { type?: string; inodes: number },
  ): void {
    const used = clamp(percent);
    const total = 400 * GIB;
    this.#add(parts, {
      ...part("filesystem", `filesystem/${name}`, name, {
        attributes: { fstype: type },
        metrics: {
          filesystem_total_bytes: total,
          filesystem_used_percent: used,
          filesystem_available_bytes: Math.round(total * (1 - used / 100)),
          filesystem_inodes_used_percent: inodes,
        },
      }),
      parent: "host",
    });
  }

  #addContainers(parts: Parts, at: number, sinceBootMs: number): void {
    for (const [nth, name] of CONTAINERS.entries()) {
      const container = part("container", `container/docker/${name}`, name, {
        attributes: { image: `${name}:latest` },
        metrics: { cpu_percent: clamp(3 + this.#noise(2)), memory_used_bytes: GIB },
      });
      const isReplaced = nth === 0 && this.#replaced.at(at) !== undefined;
      /* A database that was not closed properly takes its time, and what needs it says so. */
      const isWaking = nth > 0 && sinceBootMs < (nth + 1) * 80 * SECOND;
      /* What does not end when it is asked to is killed. */
      if (isReplaced && this.#isHome)
        fail(container, "Killed (exit code 137), by hand or for want of memory.");
      else if (isReplaced) degrade(container, "Ended (exit code 1) and is started again.");
      else if (isWaking || (nth === 1 && this.#unwell.at(at))) degrade(container, "Its health check fails.");
      this.#add(parts, { ...container, parent: "host" });
    }
  }

  #addSensors(parts: Parts, at: number, cpu: number): void {
    const isNonsense = this.#random.chance(0.000_05);
    const celsius = isNonsense ? 127 : this.#base.celsius + cpu * 0.27 + this.#noise(3);
    this.#add(parts, {
      ...part("sensor", "sensor/cpu", "Package id 0", { metrics: { temperature_celsius: celsius } }),
      parent: "host",
    });
    const turning = this.#scrubs.at(at) ? 12 : 0;
    this.#add(parts, {
      ...part("disk", "disk/sda", "sda", {
        attributes: { disk_type: "hdd" },
        metrics: {
          temperature_celsius: Math.round(38 + turning + this.#noise(1.5)),
          life_left_percent: 80,
        },
      }),
      parent: "host",
    });
  }

  #add(parts: Parts, resource: ReportedResource): void {
    parts.set(resource.key, resource);
  }

  /** Around nothing, seldom more than this. */
  #noise(size: number): number {
    return (this.#random.next() + this.#random.next() - 1) * size;
  }
}

const CONTAINERS = ["proxy", "database", "app"];
const NAMES = [
  "atlas",
  "borea",
  "cellar",
  "dune",
  "ember",
  "fjord",
  "gable",
  "heron",
  "iris",
  "juniper",
  "kestrel",
  "larch",
  "mesa",
  "nacre",
  "otter",
  "pine",
  "quill",
  "rowan",
  "sable",
  "tarn",
];

export function part(
  kind: ReportedResource["kind"],
  key: string,
  name: string,
  { attributes = {}, metrics = {} }: { attributes?: ReportedResource["attributes"]; metrics?: Metrics },
): ReportedResource {
  return { kind, key, name, status: "up", attributes, metrics };
}

export function degrade(resource: ReportedResource, problem: string): void {
  resource.status = "degraded";
  resource.attributes = { ...resource.attributes, problem };
}

export function fail(resource: ReportedResource, problem: string): void {
  degrade(resource, problem);
  resource.status = "down";
}

export function clamp(percent: number): number {
  return Math.min(100, Math.max(0, percent));
}

function shareOf({ from, to }: Span, at: number): number {
  return Math.min(1, Math.max(0, (at - from) / (to - from)));
}
