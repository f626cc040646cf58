import type { ReportedResource } from "../../contract/report.ts";
import type { ResourceStatus } from "../../contract/resource.ts";
import { clip, known, knownAttributes, percentOf, resourceKey } from "../host/figures.ts";
import { keyOf, type Picture } from "./picture.ts";
import type { ResourceRow, StorageConfig } from "./requests.ts";

/** Nodes that are named as not having a storage. */
const NAMED_NODES = 5;

/** Pure. One that all nodes share is one storage; every other is each node's own. */
export function storageResources(picture: Picture, clusterKey: string | undefined): ReportedResource[] {
  const online = new Set(
    picture.rows.filter((row) => row.type === "node" && row.status === "online").map((row) => row.node),
  );
  const configs = new Map(picture.storages.map((config) => [config.storage, config]));
  const groups = new Map<string, ResourceRow[]>();
  for (const row of picture.rows) {
    if (row.type !== "storage" || !row.storage) continue;
    const key = row.shared
      ? resourceKey("storage", row.storage)
      : resourceKey(keyOf.node(row.node), "storage", row.storage);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups].map(([key, rows]) => {
    const [first] = rows as [ResourceRow];
    const reachable = rows.filter((row) => online.has(row.node));
    const available = reachable.filter((row) => row.status === "available");
    const seen = available[0];
    const total = seen?.maxdisk || undefined;
    const used = total === undefined ? undefined : seen?.disk;
    const health = healthOf(first, reachable, available);
    return {
      kind: "storage",
      key,
      parent: first.shared && clusterKey ? clusterKey : resourceKey(keyOf.node(first.node)),
      name: clip(first.storage ?? "") || "storage",
      status: health.status,
      attributes: knownAttributes({
        problem: health.problem,
        storage_type: first.plugintype && clip(first.plugintype),
        shared: first.shared,
        content: contentOf(first),
        ...backupServer(configs.get(first.storage ?? "")),
      }),
      metrics: known({
        storage_total_bytes: total,
        storage_used_bytes: used,
        storage_available_bytes:
          total !== undefined && used !== undefined ? Math.max(0, total - used) : undefined,
        storage_used_percent: percentOf(used, total),
      }),
    };
  });
}

/** Proxmox has figures of a storage as long as the node could use it within the last minutes. */
function healthOf(
  first: ResourceRow,
  reachable: ResourceRow[],
  available: ResourceRow[],
): { status: ResourceStatus; problem?: string } {
  if (reachable.length === 0) return { status: "unknown" };
  const missing = reachable.filter((row) => !available.includes(row)).map((row) => row.node);
  if (missing.length === 0) return { status: "up" };
  const named = missing.slice(0, NAMED_NODES).join(", ");
  const more = missing.length > NAMED_NODES ? ` and ${missing.length - NAMED_NODES} more` : "";
  return {
    status: available.length === 0 ? "down" : "degraded",
    problem: first.shared ? clip(`Not available on ${named}${more}.`) : "The storage is not available.",
  };
}

function contentOf(row: ResourceRow): string[] | undefined {
  const content = row.content?.split(",").filter(Boolean).sort();
  return content?.length ? content.slice(0, 20).map((kind) => clip(kind, 40)) : undefined;
}

/** Where the backups on it really are: by this they are found among those a Proxmox Backup Server reports. */
function backupServer(config: StorageConfig | undefined) {
  if (config?.type !== "pbs") return {};
  return {
    pbs_server: config.server && clip(config.server).toLowerCase(),
    pbs_datastore: config.datastore && clip(config.datastore),
    pbs_namespace: clip(config.namespace ?? ""),
    pbs_user: config.username && clip(config.username),
    pbs_fingerprint: config.fingerprint?.replaceAll(":", "").toLowerCase().slice(0, 64),
  };
}
