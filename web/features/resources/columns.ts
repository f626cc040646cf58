import type { Resource, ResourceKind } from "../../../server/contract/resource.ts";
import { picture, serverNow } from "../../state/live.ts";
import { bytesPerSecond, celsius, count, type Figure, latency, percent, ratio } from "../../ui/format.ts";
import { KINDS, rankOf } from "../resource/kinds.ts";
import { statusOf } from "../resource/status.ts";
import { attribute, memoryPercentOf, metric, sourceWords, spacePercentOf, uptimeOf } from "./figures.ts";

interface Base {
  id: string;
  label: string;
  /** Of the column, in pixels. */
  width: number;
  /** Kinds that have it; all, if it does not say. */
  kinds?: readonly ResourceKind[];
}

/** Figures fall when one sorts by them: the highest is what one looks for. */
interface FigureColumn extends Base {
  form: "figure";
  value: (resource: Resource) => number | undefined;
  write: (value: number | undefined) => Figure;
  /** A share of 100, with a bar behind it. */
  bar?: "plain" | "memory" | "space";
}

interface TextColumn extends Base {
  form: "text";
  value: (resource: Resource) => string | undefined;
}

/** Those that are more than a figure or a text: `cell.tsx` draws each. */
interface OwnColumn extends Base {
  form: "status" | "seen" | "uptime" | "tags" | "now";
  value: (resource: Resource) => number | string | undefined;
}

export type Column = FigureColumn | TextColumn | OwnColumn;

const RUNNING: readonly ResourceKind[] = ["host", "vm", "lxc", "container"];
const STORING: readonly ResourceKind[] = ["host", "vm", "lxc", "storage", "pool", "datastore", "filesystem"];
const STATUS_ORDER = { down: 3, degraded: 2, unknown: 1, up: 0 };

export const COLUMNS: readonly Column[] = [
  { id: "kind", label: "Kind", width: 116, form: "text", value: ({ kind }) => KINDS[kind].one },
  {
    id: "status",
    label: "Status",
    width: 116,
    form: "status",
    value: (resource) => STATUS_ORDER[resource.status] + (statusOf(resource).level === "fine" ? 0 : 0.5),
  },
  {
    id: "parent",
    label: "Part of",
    width: 148,
    form: "text",
    value: ({ parentId }) => (parentId ? picture.resources[parentId]?.name : undefined),
  },
  {
    id: "cpu",
    label: "CPU",
    width: 112,
    kinds: [...RUNNING, "core", "cluster"],
    form: "figure",
    value: metric("cpu_percent"),
    write: percent,
    bar: "plain",
  },
  {
    id: "memory",
    label: "Memory",
    width: 112,
    kinds: [...RUNNING, "cluster"],
    form: "figure",
    value: memoryPercentOf,
    write: percent,
    bar: "memory",
  },
  {
    id: "space",
    label: "Disk",
    width: 112,
    kinds: STORING,
    form: "figure",
    value: spacePercentOf,
    write: percent,
    bar: "space",
  },
  { id: "now", label: "Now", width: 222, form: "now", value: () => undefined },
  {
    id: "latency",
    label: "Latency",
    width: 96,
    kinds: ["check"],
    form: "figure",
    value: metric("latency_seconds"),
    write: latency,
  },
  {
    id: "certificate",
    label: "Certificate",
    width: 104,
    kinds: ["check"],
    form: "figure",
    value: metric("certificate_days_left"),
    write: (value) => ({ ...count(value === undefined ? value : Math.floor(value)), unit: "d" }),
  },
  {
    id: "age",
    label: "Backup",
    width: 96,
    kinds: ["vm", "lxc", "backup"],
    form: "figure",
    value: metric("backup_age_seconds"),
    write: age,
  },
  {
    id: "receive",
    label: "In",
    width: 104,
    kinds: [...RUNNING, "interface"],
    form: "figure",
    value: metric("network_receive_bytes_per_second"),
    write: bytesPerSecond,
  },
  {
    id: "transmit",
    label: "Out",
    width: 104,
    kinds: [...RUNNING, "interface"],
    form: "figure",
    value: metric("network_transmit_bytes_per_second"),
    write: bytesPerSecond,
  },
  {
    id: "read",
    label: "Read",
    width: 104,
    kinds: [...RUNNING, "disk"],
    form: "figure",
    value: metric("disk_read_bytes_per_second"),
    write: bytesPerSecond,
  },
  {
    id: "write",
    label: "Write",
    width: 104,
    kinds: [...RUNNING, "disk"],
    form: "figure",
    value: metric("disk_write_bytes_per_second"),
    write: bytesPerSecond,
  },
  {
    id: "load",
    label: "Load",
    width: 72,
    kinds: ["host", "vm", "lxc"],
    form: "figure",
    value: metric("load1"),
    write: ratio,
  },
  {
    id: "temperature",
    label: "Temp",
    width: 72,
    kinds: ["host", "disk", "sensor"],
    form: "figure",
    value: metric("temperature_celsius"),
    write: celsius,
  },
  {
    id: "restarts",
    label: "Restarts",
    width: 84,
    kinds: ["container"],
    form: "figure",
    value: metric("restart_count", "restarts"),
    write: count,
  },
  {
    id: "uptime",
    label: "Up for",
    width: 92,
    kinds: RUNNING,
    form: "uptime",
    value: (resource) => uptimeOf(resource, serverNow()),
  },
  { id: "seen", label: "Last seen", width: 100, form: "seen", value: ({ lastSeenAt }) => lastSeenAt },
  {
    id: "image",
    label: "Image",
    width: 200,
    kinds: ["container"],
    form: "text",
    value: attribute("image"),
  },
  {
    id: "target",
    label: "Target",
    width: 220,
    kinds: ["check", "exporter"],
    form: "text",
    value: attribute("target", "address"),
  },
  {
    id: "node",
    label: "Node",
    width: 120,
    kinds: ["vm", "lxc", "storage"],
    form: "text",
    value: attribute("node"),
  },
  { id: "problem", label: "Problem", width: 280, form: "text", value: attribute("problem") },
  {
    id: "tags",
    label: "Tags",
    width: 160,
    form: "tags",
    value: ({ own }) => own?.tags?.join(", "),
  },
  { id: "source", label: "Source", width: 120, form: "text", value: ({ sources }) => sourceWords(sources) },
];

export const COLUMN_IDS = COLUMNS.map(({ id }) => id);

const BY_ID = new Map(COLUMNS.map((column) => [column.id, column]));

/** Of something made once in a while: hours, or days. */
function age(seconds: number | undefined): Figure {
  if (seconds === undefined) return count(undefined);
  const hours = Math.floor(seconds / 3_600);
  return hours < 48 ? { number: `${hours}`, unit: "h" } : { number: `${Math.floor(hours / 24)}`, unit: "d" };
}

/** What a list of one kind shows before anybody has chosen; of several kinds, what most have. */
const STANDARD: Partial<Record<ResourceKind, readonly string[]>> = {
  host: ["status", "cpu", "memory", "space", "receive", "transmit", "load", "temperature", "uptime"],
  vm: ["status", "node", "cpu", "memory", "space", "age", "uptime"],
  lxc: ["status", "node", "cpu", "memory", "space", "age", "uptime"],
  container: ["status", "parent", "cpu", "memory", "restarts", "uptime", "image"],
  check: ["status", "latency", "certificate", "target", "seen"],
  exporter: ["status", "target", "seen", "source"],
  cluster: ["status", "cpu", "memory", "seen", "source"],
  storage: ["status", "parent", "space", "node", "seen"],
  datastore: ["status", "parent", "space", "seen"],
  pool: ["status", "parent", "space", "seen"],
  backup: ["status", "parent", "age", "problem"],
  filesystem: ["parent", "space", "seen"],
  disk: ["status", "parent", "read", "write", "temperature"],
  interface: ["status", "parent", "receive", "transmit"],
  sensor: ["parent", "temperature"],
  core: ["parent", "cpu"],
  series: ["parent", "seen"],
};
const STANDARD_OF_ALL = ["kind", "status", "parent", "cpu", "memory", "space", "now"];

export function standardColumns(kinds: readonly ResourceKind[]): readonly string[] {
  const [only, ...others] = kinds;
  return only && others.length === 0 ? (STANDARD[only] ?? STANDARD_OF_ALL) : STANDARD_OF_ALL;
}

/** Whether a column has anything to say about a kind; where it has not, an unknown figure is none at all. */
export function concerns({ kinds }: Column, kind: ResourceKind): boolean {
  return kinds?.includes(kind) ?? true;
}

/** The columns that say anything about some kinds, in their order. */
export function columnsFor(kinds: readonly ResourceKind[]): readonly Column[] {
  if (kinds.length === 0) return COLUMNS;
  return COLUMNS.filter((column) => kinds.some((kind) => concerns(column, kind)));
}

export function findColumn(id: string): Column | undefined {
  return BY_ID.get(id);
}

export interface Sorting {
  /** A column's id, or "name". */
  by: string;
  reversed: boolean;
}

/** Texts rise, figures fall, what is unknown comes last. Zero for those that may stay in order of name. */
export function comparing({ by, reversed }: Sorting): (a: Resource, b: Resource) => number {
  const sign = reversed ? -1 : 1;
  if (by === "kind") return (a, b) => sign * (rankOf(a.kind) - rankOf(b.kind));
  const column = BY_ID.get(by);
  if (!column) return () => 0;
  return (a, b) => {
    const [left, right] = [column.value(a), column.value(b)];
    if (left === undefined || right === undefined)
      return Number(left === undefined) - Number(right === undefined);
    if (typeof left === "number" && typeof right === "number") return sign * (right - left);
    return sign * (left < right ? -1 : left > right ? 1 : 0);
  };
}
