/** A hypervisor with its guests, pools and disks, and the checks of an org, in a month in which nothing is wrong. */
import type { Seeded } from "../../support/seeded.ts";
import { byClock, DAY, HOUR, MINUTE, SECOND, type Span, Spans } from "./days.ts";
import { clamp, type Parts, part } from "./machine.ts";

export const GUESTS = ["mail", "git", "wiki", "ci", "erp", "dns"];
export const CHECKS = ["shop", "blog", "api", "vpn", "portal", "router"];
export const HEARTBEATS = ["nightly-dump", "sync", "prune"];
const DISKS = ["sda", "sdb", "nvme0n1"];
const POOLS = ["rpool", "tank"];

/** All that a source says which is asked, not listened to. */
export interface Reporter {
  name: string;
  source: string;
  report(at: number): Parts | undefined;
}

export class SimulatedCluster implements Reporter {
  readonly name = "pve";
  readonly source = "source:pve";
  readonly #random: Seeded;
  readonly #backups: Spans;
  readonly #reboots: Map<string, Spans>;
  readonly #beganAt: number;

  constructor(random: Seeded, span: Span) {
    this.#random = random;
    this.#beganAt = span.from;
    this.#backups = new Spans(byClock(random, span, { hour: 2, lasts: [40 * MINUTE, HOUR] }));
    this.#reboots = new Map(
      GUESTS.map((guest) => [
        guest,
        new Spans(
          byClock(random, span, { hour: 3, days: [3], lasts: [20 * SECOND, 90 * SECOND], jitterMs: HOUR }),
        ),
      ]),
    );
  }

  report(at: number): Parts {
    const days = (at - this.#beganAt) / DAY;
    const add = (resource: ReturnType<typeof part>) =>
      parts.set(resource.key, resource.key === "node" ? resource : { ...resource, parent: "node" });
    const parts: Parts = new Map();
    add(
      part("host", "node", "pve1", {
        attributes: { failed_tasks: [] },
        metrics: { cpu_percent: clamp(30 + this.#noise(20)), memory_used_percent: 71, failed_tasks: 0 },
      }),
    );
    const backedUpAt = this.#backups.before(at)?.to ?? this.#beganAt - 5 * HOUR;
    for (const guest of GUESTS) {
      const isOff = this.#reboots.get(guest)?.at(at) !== undefined;
      const said = part("vm", `guest/${guest}`, guest, {
        metrics: {
          cpu_percent: clamp(8 + this.#noise(8)),
          memory_used_percent: clamp(88 + this.#noise(9)),
          backup_age_seconds: Math.floor((at - backedUpAt) / 1_000),
        },
      });
      add(isOff ? { ...said, status: "down" } : said);
    }
    for (const disk of DISKS)
      add(
        part("disk", `disk/${disk}`, disk, {
          attributes: { disk_type: disk.startsWith("nvme") ? "nvme" : "hdd" },
          metrics: { temperature_celsius: Math.round(41 + this.#noise(2)), life_left_percent: 62 },
        }),
      );
    const night = this.#backups.at(at) || at % DAY < 7 * HOUR ? 9 : 0;
    for (const [nth, pool] of POOLS.entries())
      add(
        part("pool", `pool/${pool}`, pool, {
          metrics: { storage_used_percent: clamp(48 + nth * 17 + days * 0.15 + (nth === 1 ? night : 0)) },
        }),
      );
    return parts;
  }

  #noise(size: number): number {
    return (this.#random.next() + this.#random.next() - 1) * size;
  }
}

/** A failing try or two is no outage: a check says so itself, so it says nothing of it here. */
export class SimulatedChecks implements Reporter {
  readonly name = "checks";
  readonly source = "local";
  readonly #random: Seeded;

  constructor(random: Seeded) {
    this.#random = random;
  }

  report(at: number): Parts {
    const parts: Parts = new Map();
    for (const name of CHECKS) {
      const latency = 0.02 + this.#random.next() * 0.05 + (this.#random.chance(0.01) ? 2 : 0);
      const check = part("check", `check/${name}`, name, {
        attributes: { type: "http" },
        metrics: { latency_seconds: latency, certificate_days_left: 60 },
      });
      parts.set(check.key, check);
    }
    for (const name of HEARTBEATS) {
      const beat = part("check", `check/${name}`, name, {
        attributes: { type: "heartbeat" },
        metrics: { last_beat_age_seconds: (at % HOUR) / 1_000 },
      });
      parts.set(beat.key, beat);
    }
    return parts;
  }
}
