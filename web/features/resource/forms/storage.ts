import type { Resource } from "../../../../server/contract/resource.ts";
import { chart, type ResourceForm, top } from "../form.ts";

function used(storage: Resource) {
  const { metrics } = storage;
  const [name, total] =
    metrics["storage_total_bytes"] === undefined
      ? ["used_bytes", metrics["total_bytes"] ?? metrics["size_bytes"]]
      : ["storage_used_bytes", metrics["storage_total_bytes"]];
  return chart(storage, "used", "Space used", [["used", name]], { form: "stack", ...top(total) });
}

/** Storages, ZFS pools and datastores for backups. */
export const STORAGE: ResourceForm = {
  facts: [
    ["storage_used_percent", "Used"],
    ["used_percent", "Used"],
    ["storage_used_bytes", "In use"],
    ["storage_available_bytes", "Left"],
    ["storage_total_bytes", "Size"],
    ["total_bytes", "Size"],
    "content",
    ["storage_type", "Type"],
    ["pool_type", "Type"],
    "shared",
    "node",
    ["fragmentation_percent", "Fragmentation"],
    ["full_in_seconds", "Full in"],
    ["deduplication_factor", "Deduplication"],
    ["backup_groups", "Things backed up"],
    ["damaged_backups", "Damaged backups"],
    ["verified_at", "Verified"],
    ["collected_at", "Garbage collected"],
  ],
  hidden: ["pbs_server", "pbs_fingerprint", "pbs_user", "pbs_namespace", "pbs_datastore"],
  charts: (storage) => [
    used(storage),
    chart(storage, "throughput", "Throughput", [
      ["read", "disk_read_bytes_per_second"],
      ["write", "disk_write_bytes_per_second"],
    ]),
  ],
  still: [
    "storage_used_percent",
    "storage_available_bytes",
    "storage_total_bytes",
    "used_percent",
    "available_bytes",
    "total_bytes",
    "size_bytes",
    "full_in_seconds",
    "backup_groups",
  ],
};

/** All backups of one thing in one datastore. */
export const BACKUP: ResourceForm = {
  facts: [
    ["backup_at", "Last backup"],
    ["backup_size_bytes", "Size"],
    ["backup_count", "Kept"],
    ["backup_verified", "Verified"],
    "encrypted",
    ["damaged_backups", "Damaged"],
    ["backup_type", "Type"],
    "namespace",
    "owner",
    "comment",
  ],
  charts: (backup) => [
    chart(backup, "age", "Age of the last backup", [["age", "backup_age_seconds"]]),
    chart(backup, "size", "Size of the last backup", [["size", "backup_size_bytes"]]),
  ],
};
