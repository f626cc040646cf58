import type { ReportedResource } from "../../contract/report.ts";
import { clip, known, knownAttributes, resourceKey } from "../host/figures.ts";
import { datastoreKey } from "./datastores.ts";
import type { GroupPicture, Picture, SnapshotFacts } from "./picture.ts";
import type { SnapshotRow } from "./requests.ts";

export function groupKey({ store, ns, row }: Pick<GroupPicture, "store" | "ns" | "row">): string {
  return resourceKey("datastore", store, "backup", ns, row["backup-type"], row["backup-id"]);
}

/** Pure. All backups of one guest or machine in one namespace of one datastore. */
export function groupResource(picture: Picture, group: GroupPicture): ReportedResource {
  const { row, newest } = group;
  const backupAt = row["last-backup"] ? row["last-backup"] * 1000 : undefined;
  const id = `${row["backup-type"]}/${row["backup-id"]}`;
  const comment = row.comment ?? newest?.comment;
  const problem =
    newest?.verified === "failed"
      ? "The newest backup was found damaged when it was verified."
      : newest && newest.damaged > 0
        ? `${newest.damaged} of the backups were found damaged when they were verified.`
        : undefined;
  return {
    kind: "backup",
    key: groupKey(group),
    parent: datastoreKey(group.store),
    name: clip(id) || "backup",
    status: problem ? "degraded" : "up",
    attributes: knownAttributes({
      problem,
      backup_type: row["backup-type"],
      backup_id: clip(row["backup-id"]),
      namespace: clip(group.ns),
      owner: row.owner && clip(row.owner),
      comment: comment && clip(comment),
      backup_at: backupAt,
      backup_verified: newest?.verified,
      encrypted: newest?.isEncrypted,
    }),
    metrics: known({
      backup_age_seconds:
        backupAt === undefined ? undefined : Math.max(0, Math.floor((picture.now - backupAt) / 1000)),
      backup_count: row["backup-count"],
      backup_size_bytes: newest?.sizeBytes,
      damaged_backups: newest?.damaged,
    }),
  };
}

/** Undefined of none. */
export function newestOf(snapshots: readonly SnapshotRow[]): SnapshotFacts | undefined {
  const [first] = snapshots;
  if (!first) return undefined;
  const newest = snapshots.reduce((a, b) => (b["backup-time"] > a["backup-time"] ? b : a), first);
  const state = newest.verification?.state;
  return {
    at: newest["backup-time"] * 1000,
    sizeBytes: newest.size || undefined,
    comment: newest.comment,
    verified: state === undefined ? undefined : state === "ok" ? "ok" : "failed",
    isEncrypted: newest.files?.some((file) => file["crypt-mode"] === "encrypt") === true,
    damaged: snapshots.filter((one) => one.verification?.state === "failed").length,
  };
}
