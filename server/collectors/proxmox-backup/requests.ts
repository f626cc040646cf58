/** Everything that is asked of a Proxmox Backup Server, and what of the answers is read. */
import { z } from "zod";
import { figure, flag, listOf, Permissions, text } from "../proxmox/answers.ts";
import { ask } from "../proxmox/api.ts";
import { MachineStatus, Space } from "../proxmox/machine.ts";

const MEBIBYTE = 1_048_576;

const of = encodeURIComponent;

export const ServerStatus = MachineStatus.extend({ root: Space });
export type ServerStatus = z.infer<typeof ServerStatus>;

const GarbageCollection = z.object({
  "disk-bytes": figure,
  "index-data-bytes": figure,
  "pending-bytes": figure,
  "still-bad": figure,
});

export const DatastoreRow = z.object({
  store: z.string().min(1).max(100),
  /** -1 where it could not be read. */
  total: figure,
  used: figure,
  avail: figure,
  error: text,
  "mount-status": text,
  "estimated-full-date": figure,
  "gc-status": GarbageCollection.optional().catch(undefined),
});
export type DatastoreRow = z.infer<typeof DatastoreRow>;

export const NamespaceRow = z.object({ ns: z.string().max(1_000) });

export const GroupRow = z.object({
  "backup-type": z.enum(["vm", "ct", "host"]),
  "backup-id": z.string().min(1).max(200),
  "last-backup": figure,
  "backup-count": figure,
  owner: text,
  comment: text,
});
export type GroupRow = z.infer<typeof GroupRow>;

export const SnapshotRow = z.object({
  "backup-time": z.number(),
  size: figure,
  comment: text,
  protected: flag,
  verification: z.object({ state: text }).optional().catch(undefined),
  files: listOf(z.object({ "crypt-mode": text }), 100)
    .optional()
    .catch(undefined),
});
export type SnapshotRow = z.infer<typeof SnapshotRow>;

export const JobRow = z.object({
  id: text,
  store: z.string().max(100),
  disable: flag,
  "last-run-state": text,
  "last-run-endtime": figure,
});
export type JobRow = z.infer<typeof JobRow>;

export const TaskRow = z.object({
  node: text,
  worker_type: text,
  worker_id: text,
  user: text,
  endtime: figure,
  status: text,
});
export type TaskRow = z.infer<typeof TaskRow>;

export const JOB_KINDS = ["verify", "sync", "prune", "gc"] as const;
export type JobKind = (typeof JOB_KINDS)[number];

/** The namespace at the top has no name. */
const inNamespace = (ns: string): Record<string, string> => (ns === "" ? {} : { ns });

const audit = (store: string) => `Datastore.Audit on /datastore/${store}`;

export const backupRequests = {
  version: () => ask("/version", z.object({ version: z.string().max(100), release: text })),
  permissions: () => ask("/access/permissions", Permissions),
  server: () => ask("/nodes/localhost/status", ServerStatus, { needs: "Sys.Audit on /system/status" }),
  datastores: () => ask("/status/datastore-usage", listOf(DatastoreRow, 500), { maxBytes: 8 * MEBIBYTE }),
  failedTasks: (sinceSeconds: number) =>
    ask("/nodes/localhost/tasks", listOf(TaskRow, 50), {
      query: { errors: "1", since: String(sinceSeconds), limit: "50" },
      needs: "Sys.Audit on /system/tasks",
    }),
  jobs: (kind: JobKind) =>
    ask(`/admin/${kind}`, listOf(JobRow, 1_000), { needs: "Datastore.Audit on /datastore" }),
  namespaces: (store: string) =>
    ask(`/admin/datastore/${of(store)}/namespace`, listOf(NamespaceRow, 1_000), { needs: audit(store) }),
  groups: (store: string, ns: string) =>
    ask(`/admin/datastore/${of(store)}/groups`, listOf(GroupRow, 20_000), {
      query: inNamespace(ns),
      needs: audit(store),
      // The server looks through the folders of all groups, on disks that may be slow.
      timeoutMs: 30_000,
      maxBytes: 16 * MEBIBYTE,
    }),
  snapshots: (store: string, ns: string, group: Pick<GroupRow, "backup-type" | "backup-id">) =>
    ask(`/admin/datastore/${of(store)}/snapshots`, listOf(SnapshotRow, 10_000), {
      query: { ...inNamespace(ns), "backup-type": group["backup-type"], "backup-id": group["backup-id"] },
      needs: audit(store),
      timeoutMs: 30_000,
      maxBytes: 8 * MEBIBYTE,
    }),
} as const;
