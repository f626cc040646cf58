/** What goes wrong, how it looks to whoever reports it, and which rule is to tell of it. */
import type { ReportedResource } from "../../../server/contract/report.ts";
import { DAY, HOUR, MINUTE, SECOND } from "./days.ts";
import { clamp, degrade, fail, type Parts } from "./machine.ts";

export interface FaultKind {
  name: string;
  /** Of two hundred. */
  share: number;
  /** Which rules may tell of it; the first is the one that has to. */
  rules: readonly [string, ...string[]];
  on: "machine" | "cluster" | "checks";
  /** What it befalls, one of these. */
  keys: readonly string[];
  /** Until somebody has mended it. */
  lasts: readonly [leastMs: number, mostMs: number];
  /** Everything on it may say something about it. */
  isOfAll?: true;
  /** How many machines at once. */
  machines?: readonly [least: number, most: number];
  /** It takes the machine with it. */
  isSilent?: true;
  /** Changes what is reported of it, so long after it began; `first` is what was reported then. */
  show?(now: Shown): void;
}

export interface Shown {
  part: ReportedResource;
  parts: Parts;
  first: ReportedResource;
  sinceMs: number;
  /** Of its time, from 0 to 1. */
  share: number;
}

const fill =
  (metric: string, perHour: number) =>
  ({ part, first, sinceMs }: Shown): void => {
    const from = first.metrics[metric] ?? 0;
    part.metrics[metric] = Math.max(part.metrics[metric] ?? 0, clamp(from + (perHour * sinceMs) / HOUR));
  };

const says =
  (problem: string) =>
  ({ part }: Shown): void =>
    degrade(part, problem);

const fails =
  (problem: string, more: Record<string, unknown> = {}) =>
  ({ part }: Shown): void => {
    fail(part, problem);
    Object.assign(part.attributes, more);
  };

const containers = ["proxy", "database", "app"].map((name) => `container/docker/${name}`);
const guests = ["mail", "git", "wiki", "ci", "erp", "dns"].map((name) => `guest/${name}`);
const checks = ["shop", "blog", "api", "vpn", "portal", "router"].map((name) => `check/${name}`);

export const FAULT_KINDS: readonly FaultKind[] = [
  {
    name: "memory leak",
    share: 16,
    rules: ["memory"],
    on: "machine",
    keys: ["host"],
    lasts: [9 * HOUR, 14 * HOUR],
    /* It is at its limit after two thirds of the time, and stays there: what is killed leaks again. */
    show({ part, first, share }) {
      const from = first.metrics["memory_used_percent"] ?? 50;
      part.metrics["memory_used_percent"] = Math.min(97.4, from + (share / 0.66) * (97.4 - from));
    },
  },
  {
    name: "kernel kills for memory",
    share: 8,
    rules: ["oom"],
    on: "machine",
    keys: ["host"],
    lasts: [HOUR, HOUR],
    show({ part }) {
      part.metrics["oom_kills"] = 1;
    },
  },
  {
    name: "disk fills within hours",
    share: 14,
    rules: ["filesystem", "full_in"],
    on: "machine",
    keys: ["filesystem//data", "filesystem//"],
    lasts: [4 * HOUR, 6 * HOUR],
    show: ({ part, first, share }) => {
      const from = first.metrics["filesystem_used_percent"] ?? 50;
      part.metrics["filesystem_used_percent"] = clamp(from + share * (99 - from));
    },
  },
  {
    name: "disk fills within days",
    share: 12,
    rules: ["filesystem", "full_in"],
    on: "machine",
    keys: ["filesystem//data", "filesystem//"],
    lasts: [50 * HOUR, 80 * HOUR],
    show: ({ part, first, share }) => {
      const from = first.metrics["filesystem_used_percent"] ?? 50;
      part.metrics["filesystem_used_percent"] = clamp(from + share * (94 - from));
    },
  },
  {
    name: "inodes run out",
    share: 4,
    rules: ["inodes"],
    on: "machine",
    keys: ["filesystem//data"],
    lasts: [20 * HOUR, 24 * HOUR],
    show: fill("filesystem_inodes_used_percent", 4.5),
  },
  {
    name: "pool fills",
    share: 5,
    rules: ["storage", "full_in"],
    on: "cluster",
    keys: ["pool/rpool", "pool/tank"],
    lasts: [36 * HOUR, 44 * HOUR],
    show: ({ part, first, share }) => {
      const from = first.metrics["storage_used_percent"] ?? 50;
      part.metrics["storage_used_percent"] = clamp(from + share * (94 - from));
    },
  },
  {
    name: "processors pinned",
    share: 14,
    rules: ["cpu"],
    on: "machine",
    keys: ["host"],
    lasts: [3 * HOUR, 8 * HOUR],
    show({ part }) {
      if (part.metrics["cpu_percent"] !== undefined) part.metrics["cpu_percent"] = 99.6;
    },
  },
  {
    name: "machine dead",
    share: 16,
    rules: ["silence"],
    on: "machine",
    keys: ["host"],
    lasts: [20 * MINUTE, 10 * HOUR],
    isSilent: true,
  },
  {
    name: "switch down",
    share: 5,
    rules: ["silence"],
    on: "machine",
    keys: ["host"],
    lasts: [20 * MINUTE, 4 * HOUR],
    machines: [3, 5],
    isSilent: true,
  },
  {
    name: "container in a loop",
    share: 12,
    rules: ["container"],
    on: "machine",
    keys: containers,
    lasts: [10 * MINUTE, 6 * HOUR],
    show: says("Restarts again and again (exit code 1)."),
  },
  {
    name: "container unhealthy",
    share: 12,
    rules: ["container"],
    on: "machine",
    keys: containers,
    lasts: [10 * MINUTE, 6 * HOUR],
    show: says("Its health check fails."),
  },
  {
    name: "container out of memory",
    share: 8,
    rules: ["container_oom"],
    on: "machine",
    keys: containers,
    lasts: [10 * MINUTE, 6 * HOUR],
    show: fails("Killed because it ran out of memory.", { ended: "out_of_memory" }),
  },
  {
    name: "pool lost a disk",
    share: 8,
    rules: ["pool"],
    on: "cluster",
    keys: ["pool/rpool", "pool/tank"],
    lasts: [2 * HOUR, 20 * HOUR],
    show: says("Degraded: a disk is missing."),
  },
  {
    name: "disk fails (SMART)",
    share: 6,
    rules: ["disk"],
    on: "cluster",
    keys: ["disk/sda", "disk/sdb", "disk/nvme0n1"],
    lasts: [6 * HOUR, 20 * HOUR],
    show: fails("SMART says that it fails."),
  },
  {
    name: "disk worn out",
    share: 3,
    rules: ["disk_life"],
    on: "cluster",
    keys: ["disk/nvme0n1"],
    lasts: [6 * HOUR, 20 * HOUR],
    show({ part }) {
      part.metrics["life_left_percent"] = 9;
    },
  },
  {
    name: "certificate runs out",
    share: 8,
    rules: ["certificate"],
    on: "checks",
    keys: checks,
    lasts: [6 * HOUR, 40 * HOUR],
    show({ part, share }) {
      part.metrics["certificate_days_left"] = Math.floor(14 - share * 2);
      degrade(part, "The certificate ends in 14 days.");
    },
  },
  {
    name: "check down",
    share: 17,
    rules: ["check"],
    on: "checks",
    keys: checks,
    lasts: [4 * MINUTE, 5 * HOUR],
    show: fails("Connection refused."),
  },
  {
    name: "heartbeat missed",
    share: 10,
    rules: ["heartbeat"],
    on: "checks",
    keys: ["nightly-dump", "sync", "prune"].map((name) => `check/${name}`),
    lasts: [HOUR, 20 * HOUR],
    show: fails("Did not say that it is still there."),
  },
  {
    name: "backup failed",
    share: 9,
    rules: ["backup", "failed_tasks"],
    on: "cluster",
    keys: guests,
    lasts: [22 * HOUR, 24 * HOUR],
    isOfAll: true,
    show({ part, parts }) {
      part.attributes["backup_problem"] = "The last backup failed.";
      const node = parts.get("node");
      if (!node) return;
      node.metrics["failed_tasks"] = 1;
      node.attributes["failed_tasks"] = [{ type: "vzdump", about: part.name }];
    },
  },
  {
    name: "backup too old",
    share: 2,
    rules: ["backup_age"],
    on: "cluster",
    keys: guests,
    lasts: [9 * DAY, 10 * DAY],
    show({ part, first, sinceMs }) {
      part.metrics["backup_age_seconds"] = (first.metrics["backup_age_seconds"] ?? 0) + sinceMs / SECOND;
    },
  },
  {
    name: "unit failed",
    share: 14,
    rules: ["units"],
    on: "machine",
    keys: ["host"],
    lasts: [10 * MINUTE, 10 * HOUR],
    show({ part }) {
      part.metrics["failed_units"] = 1;
      part.attributes["failed_units"] = ["certbot.service"];
    },
  },
  {
    name: "clock wrong",
    share: 5,
    rules: ["clock"],
    on: "machine",
    keys: ["host"],
    lasts: [HOUR, 8 * HOUR],
    show({ part }) {
      part.attributes["agent_clock_offset_ms"] = -95_000;
    },
  },
  {
    name: "processor too hot",
    share: 7,
    rules: ["temperature"],
    on: "machine",
    keys: ["sensor/cpu"],
    lasts: [HOUR, 6 * HOUR],
    show({ part }) {
      part.metrics["temperature_celsius"] = Math.max(88, part.metrics["temperature_celsius"] ?? 0);
    },
  },
  {
    name: "disk too hot",
    share: 3,
    rules: ["disk_temperature"],
    on: "machine",
    keys: ["disk/sda"],
    lasts: [HOUR, 6 * HOUR],
    show({ part }) {
      part.metrics["temperature_celsius"] = 59;
    },
  },
];

/** Of two hundred faults; kinds that are rare are there all the same. */
export function howMany({ share }: FaultKind, total: number): number {
  return Math.max(1, Math.round((share * total) / FAULT_KINDS.reduce((sum, kind) => sum + kind.share, 0)));
}
