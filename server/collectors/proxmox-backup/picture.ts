/** Everything that is known of one backup server at one moment, before any of it becomes a resource. */
import type { DatastoreRow, GroupRow, JobKind, JobRow, ServerStatus, TaskRow } from "./requests.ts";

export interface Picture {
  now: number;
  /** Where it was asked. */
  host: string;
  /** Of its certificate, 64 hex digits: by this a cluster that backs up to it knows it. */
  fingerprint256?: string | undefined;
  /** What the machine calls itself. */
  name?: string | undefined;
  version?: string | undefined;
  status?: ServerStatus | undefined;
  datastores: DatastoreRow[];
  groups: GroupPicture[];
  jobs: (JobRow & { kind: JobKind })[];
  failedTasks?: TaskRow[] | undefined;
  missingPrivileges: string[];
}

export interface GroupPicture {
  store: string;
  ns: string;
  row: GroupRow;
  newest?: SnapshotFacts | undefined;
}

/** Of the newest backup of a group, and how many of all of them were found damaged. */
export interface SnapshotFacts {
  at: number;
  sizeBytes?: number | undefined;
  comment?: string | undefined;
  verified?: "ok" | "failed" | undefined;
  isEncrypted: boolean;
  damaged: number;
}
