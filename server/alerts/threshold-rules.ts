/** Values that are too high or too low, and from where on. */
import type { AlertLevel, LevelInfo } from "../contract/alerts.ts";
import type { Resource, ResourceKind } from "../contract/resource.ts";
import { span } from "../lib/spans.ts";
import { type Around, isMachine, type ThresholdRule } from "./rule.ts";
import { LOOKED_AT_FROM_PERCENT } from "./trend.ts";
import { bytes, celsius, percent, type Said, short, significant } from "./words.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

type Facts = Omit<ThresholdRule, "type" | "direction" | "minChange" | "words" | "kinds"> & {
  direction?: "below";
  minChange?: number;
  kinds: readonly ResourceKind[];
  said: (value: number, resource: Resource) => string;
};

/** What is said of a part names it, because the alert stands under its machine. */
function threshold({ said, ...facts }: Facts): ThresholdRule {
  return {
    type: "threshold",
    direction: "above",
    minChange: 2,
    ...facts,
    words: (resource, value) => named(resource, said(value, resource)),
  };
}

const NAMED_KINDS = new Set<ResourceKind>(["filesystem", "disk", "sensor", "interface", "core", "series"]);

export function named(resource: Resource, said: string): Said {
  if (!NAMED_KINDS.has(resource.kind)) return { words: said, about: "itself" };
  return { words: `${short(resource.name)} ${said}`, about: "part" };
}

function level(trigger: number, clear: number, delayMs: number): LevelInfo {
  return { trigger, clear, delayMs };
}

/* A read-only filesystem (an image, a CD) is always full and nobody can change it. */
const canBeWritten = ({ attributes }: Resource) => attributes["read_only"] !== true;

const MACHINES: readonly ResourceKind[] = ["host", "vm", "lxc"];

function left(resource: Resource, metric: string): string {
  const available = resource.metrics[metric];
  return available === undefined ? "" : `, ${bytes(available)} left`;
}

export const THRESHOLD_RULES: readonly ThresholdRule[] = [
  threshold({
    name: "cpu",
    title: "CPU of a machine",
    says: "The processors have had no rest for a long time.",
    kinds: MACHINES,
    isFor: isMachine,
    metric: "cpu_percent",
    settles: true,
    warning: level(95, 85, 60 * MINUTE),
    said: (value) => `uses ${percent(value)} of its processors`,
  }),
  threshold({
    name: "memory",
    title: "Memory of a machine",
    says: "Memory that is used, without what the system would give back.",
    kinds: MACHINES,
    isFor: isMachine,
    metric: "memory_used_percent",
    warning: level(95, 92, 5 * MINUTE),
    critical: level(98, 96, MINUTE),
    said: (value) => `has used ${percent(value)} of its memory`,
  }),
  threshold({
    name: "swap",
    title: "Swap of a machine",
    says: "Swap that is used. Off: a full swap alone harms nobody.",
    kinds: MACHINES,
    isFor: isMachine,
    metric: "swap_used_percent",
    off: true,
    warning: level(90, 80, 15 * MINUTE),
    said: (value) => `has used ${percent(value)} of its swap`,
  }),
  threshold({
    name: "full_in",
    title: "Time until something is full",
    says: "A filesystem, a storage or a pool that is at least 70 % full and fills steadily, beyond where it has been within eight days; not what is in memory. Needs a whole day of history. What it cannot know: that somebody copies a lot once.",
    kinds: ["filesystem", "storage", "pool"],
    isFor: (resource) => canBeWritten(resource) && resource.attributes["fstype"] !== "tmpfs",
    metric: "full_in_seconds",
    measure: fullInSeconds,
    direction: "below",
    sameAs: ["filesystem", "storage"],
    minChange: HOUR / 1_000,
    warning: level(DAY / 1_000, (1.5 * DAY) / 1_000, 30 * MINUTE),
    critical: level((4 * HOUR) / 1_000, (6 * HOUR) / 1_000, 30 * MINUTE),
    clearAfterMs: HOUR,
    said: (value) => `is full in about ${span(value * 1_000)} at this rate`,
  }),
  threshold({
    name: "filesystem",
    title: "Room on a filesystem",
    says: "Room that is used. What can only be read is left out.",
    kinds: ["filesystem"],
    isFor: canBeWritten,
    metric: "filesystem_used_percent",
    sameAs: ["full_in"],
    warning: level(90, 88, 5 * MINUTE),
    critical: level(95, 93, MINUTE),
    said: (value, resource) => `is ${percent(value)} full${left(resource, "filesystem_available_bytes")}`,
  }),
  threshold({
    name: "inodes",
    title: "Inodes of a filesystem",
    says: "Inodes that are used: without one no file can be made, however much room there is.",
    kinds: ["filesystem"],
    isFor: canBeWritten,
    metric: "filesystem_inodes_used_percent",
    warning: level(90, 88, 0),
    critical: level(95, 93, 0),
    said: (value) => `has used ${percent(value)} of its inodes`,
  }),
  threshold({
    name: "storage",
    title: "Room on a storage",
    says: "Room that is used on a storage, a pool or a datastore.",
    kinds: ["storage", "pool", "datastore"],
    metric: "storage_used_percent",
    sameAs: ["full_in"],
    warning: level(90, 88, 5 * MINUTE),
    critical: level(95, 93, MINUTE),
    said: (value, resource) => `is ${percent(value)} full${left(resource, "storage_available_bytes")}`,
  }),
  threshold({
    name: "storage_full_in",
    title: "Time until a datastore is full",
    says: "What the backup server expects, going by how it has filled so far.",
    kinds: ["datastore"],
    metric: "full_in_seconds",
    direction: "below",
    minChange: DAY / 1_000,
    warning: level((7 * DAY) / 1_000, (9 * DAY) / 1_000, 60 * MINUTE),
    critical: level(DAY / 1_000, (2 * DAY) / 1_000, 60 * MINUTE),
    said: (value) => `is full in ${span(value * 1_000)} if it goes on like this`,
  }),
  threshold({
    name: "temperature",
    title: "Temperature of a sensor",
    says: "What a sensor measures, by the limits it names itself; where it names none, by these.",
    kinds: ["sensor"],
    metric: "temperature_celsius",
    limitsOf: ownLimits,
    warning: level(85, 80, 5 * MINUTE),
    critical: level(95, 90, MINUTE),
    said: (value) => `is at ${celsius(value)}`,
  }),
  threshold({
    name: "disk_temperature",
    title: "Temperature of a disk",
    says: "What a disk says of itself. Flash bears more than what turns.",
    kinds: ["disk"],
    metric: "temperature_celsius",
    limitsOf: limitsOfDisk,
    warning: level(55, 50, 10 * MINUTE),
    critical: level(65, 60, 5 * MINUTE),
    said: (value) => `is at ${celsius(value)}`,
  }),
  threshold({
    name: "disk_life",
    title: "Life of a disk",
    says: "What is left of the life the maker promises.",
    kinds: ["disk"],
    metric: "life_left_percent",
    direction: "below",
    warning: level(10, 11, 0),
    critical: level(3, 4, 0),
    said: (value) => `has ${percent(value)} of its life left`,
  }),
  threshold({
    name: "container_memory",
    title: "Memory of a container",
    says: "Memory that is used of what the container may have. Off: many are made to use all of it.",
    kinds: ["container"],
    isFor: ({ metrics }) => metrics["memory_limit_bytes"] !== undefined,
    metric: "memory_used_percent",
    off: true,
    warning: level(90, 85, 5 * MINUTE),
    critical: level(97, 95, 5 * MINUTE),
    said: (value) => `has used ${percent(value)} of the memory it may have`,
  }),
  threshold({
    name: "guest_memory",
    title: "Memory of a guest",
    says: "Memory that the hypervisor sees used. Off: of many guests it counts what they would give back.",
    kinds: ["vm", "lxc"],
    isFor: (guest) => !isMachine(guest),
    metric: "memory_used_percent",
    off: true,
    warning: level(95, 90, 10 * MINUTE),
    critical: level(99, 97, 10 * MINUTE),
    said: (value) => `has used ${percent(value)} of its memory`,
  }),
  threshold({
    name: "backup_age",
    title: "Age of the last backup",
    says: "Of guests that were backed up at some time and run now.",
    kinds: ["vm", "lxc"],
    metric: "backup_age_seconds",
    minChange: DAY / 1_000,
    warning: level((8 * DAY) / 1_000, (2 * DAY) / 1_000, 0),
    critical: level((15 * DAY) / 1_000, (2 * DAY) / 1_000, 0),
    said: (value) => `was last backed up ${span(value * 1_000)} ago`,
  }),
  threshold({
    name: "backup_group_age",
    title: "Age of the last backup in a group",
    says: "Of what lies on a backup server. Off: groups of what is gone grow old forever.",
    kinds: ["backup"],
    metric: "backup_age_seconds",
    off: true,
    minChange: DAY / 1_000,
    warning: level((8 * DAY) / 1_000, (2 * DAY) / 1_000, 0),
    critical: level((15 * DAY) / 1_000, (2 * DAY) / 1_000, 0),
    said: (value) => `was last backed up ${span(value * 1_000)} ago`,
  }),
];

/** How much of it is used, of whatever can be full. */
export function usedPercentOf({ metrics }: Resource): number | undefined {
  return metrics["filesystem_used_percent"] ?? metrics["storage_used_percent"];
}

function fullInSeconds(resource: Resource, around: Around): number | undefined {
  const used = usedPercentOf(resource);
  if (used === undefined) return undefined;
  if (used < LOOKED_AT_FROM_PERCENT) return Number.POSITIVE_INFINITY;
  const ms = around.fullInMs(resource.id);
  return ms === undefined ? undefined : ms / 1_000;
}

export function measured(rule: ThresholdRule, resource: Resource, around: Around): number | undefined {
  return rule.measure ? rule.measure(resource, around) : resource.metrics[rule.metric];
}

/** Drivers make limits up, or count in other units: only what a limit could be is one. */
function sane(value: unknown): number | undefined {
  return typeof value === "number" && value >= 40 && value <= 125 ? value : undefined;
}

function ownLimits({ attributes }: Resource): { warning?: number; critical?: number } {
  const critical = sane(attributes["critical_celsius"]);
  const high = sane(attributes["high_celsius"]);
  /* Some say the same for both. */
  const warning = high !== undefined && (critical === undefined || high < critical) ? high : undefined;
  return {
    ...(critical !== undefined && { critical, warning: warning ?? critical - 5 }),
    ...(warning !== undefined && { warning, critical: critical ?? warning + 10 }),
  };
}

function limitsOfDisk({ attributes, name }: Resource): { warning?: number; critical?: number } {
  const type = attributes["disk_type"];
  if (type === "nvme" || name.startsWith("nvme")) return { warning: 72, critical: 80 };
  if (type === "ssd") return { warning: 62, critical: 70 };
  return {};
}

/** For a metric that no rule of Pulse's own knows. */
export function ownRuleOf(own: {
  name: string;
  title: string;
  metric: string;
  direction: "above" | "below";
  kinds?: ResourceKind[] | undefined;
  warning?: OwnLevel | undefined;
  critical?: OwnLevel | undefined;
}): ThresholdRule {
  const { name, title, metric, direction, kinds, warning, critical } = own;
  return {
    type: "threshold",
    name,
    title,
    says: `${metric} is ${direction === "above" ? "too high" : "too low"}.`,
    kinds,
    metric,
    direction,
    ...(warning && { warning: levelOf(warning) }),
    ...(critical && { critical: levelOf(critical) }),
    minChange: 0,
    words: (resource, value) => named(resource, `has ${metric} at ${figure(metric, value)}`),
  };
}

interface OwnLevel {
  trigger: number;
  clear?: number | undefined;
  delayMs?: number | undefined;
}

const OWN_DELAY_MS = MINUTE;

function levelOf({ trigger, clear = trigger, delayMs = OWN_DELAY_MS }: OwnLevel): LevelInfo {
  return { trigger, clear, delayMs };
}

function figure(metric: string, value: number): string {
  if (metric.endsWith("_percent")) return percent(value);
  if (metric.endsWith("_bytes")) return bytes(value);
  if (metric.endsWith("_celsius")) return celsius(value);
  return significant(value);
}

/** Whether a value has reached this. */
export function reaches(direction: "above" | "below", value: number, limit: number): boolean {
  return direction === "above" ? value >= limit : value <= limit;
}

/** Whether a value has not come back from this. What clears at the trigger itself is over as soon as it is below. */
export function isBeyond(
  direction: "above" | "below",
  value: number,
  { trigger = 0, clear = trigger }: LevelInfo,
): boolean {
  if (clear === trigger) return reaches(direction, value, trigger);
  return direction === "above" ? value > clear : value < clear;
}

export const LEVELS: readonly AlertLevel[] = ["warning", "critical"];
