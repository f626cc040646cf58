/** Figures that many kinds have, each under a name of its own. Undefined is not known. */
import type { Resource } from "../../../server/contract/resource.ts";
import { partsOf } from "../../state/inventory.ts";
import { textOf, textsOf } from "../machine/facts.ts";
import { fullestFilesystem } from "../overview/figures.ts";

function first(resource: Resource, metrics: readonly string[]): number | undefined {
  for (const metric of metrics) {
    const value = resource.metrics[metric];
    if (value !== undefined) return value;
  }
  return undefined;
}

export function memoryPercentOf(resource: Resource): number | undefined {
  const told = first(resource, ["memory_used_percent", "memory_percent"]);
  if (told !== undefined) return told;
  const used = resource.metrics["memory_used_bytes"];
  const all = first(resource, ["memory_limit_bytes", "memory_total_bytes"]);
  return used === undefined || !all ? undefined : (100 * used) / all;
}

/** How full it is; of a machine, its fullest filesystem. */
export function spacePercentOf(resource: Resource): number | undefined {
  const told = first(resource, [
    "storage_used_percent",
    "filesystem_used_percent",
    "disk_used_percent",
    "used_percent",
  ]);
  if (told !== undefined) return told;
  const used = resource.metrics["used_bytes"];
  const all = first(resource, ["total_bytes", "size_bytes"]);
  if (used !== undefined && all) return (100 * used) / all;
  return fullestFilesystem(partsOf(resource.id, "filesystem"))?.metrics["filesystem_used_percent"];
}

/** Seconds since it began to run. */
export function uptimeOf(resource: Resource, now: number): number | undefined {
  if (resource.status === "unknown") return undefined;
  const told = resource.metrics["uptime_seconds"];
  if (told !== undefined) return told;
  const startedAt = resource.attributes["started_at"];
  return typeof startedAt === "number" && resource.status !== "down" ? (now - startedAt) / 1_000 : undefined;
}

export function metric(...names: string[]): (resource: Resource) => number | undefined {
  return (resource) => first(resource, names);
}

/** The first of these attributes that says something, in words. */
export function attribute(...names: string[]): (resource: Resource) => string | undefined {
  return ({ attributes }) => {
    for (const name of names) {
      const value = attributes[name];
      const words =
        textOf(value) || textsOf(value).join(", ") || (typeof value === "number" ? `${value}` : "");
      if (words) return words;
    }
    return undefined;
  };
}

const SOURCE_WORDS: Record<string, string> = { local: "this server", agent: "an agent", source: "a source" };

/** Who reports it, in words. */
export function sourceWords(sources: readonly string[]): string {
  const kinds = sources.map((source) => source.split(":", 1)[0] ?? source);
  return [...new Set(kinds.map((kind) => SOURCE_WORDS[kind] ?? kind))].join(", ");
}
