/** Everything that is known of one cluster at one moment, before any of it becomes a resource. */
import type {
  AgentFilesystem,
  BackupRow,
  ClusterRow,
  DiskRow,
  GuestConfig,
  NodeStatus,
  PoolRow,
  ReplicationRow,
  ResourceRow,
  Smart,
  StorageConfig,
  TaskRow,
} from "./requests.ts";

export interface Picture {
  now: number;
  rows: ResourceRow[];
  /** Undefined while it could not be read. */
  cluster: ClusterRow[] | undefined;
  nodes: ReadonlyMap<string, NodePicture>;
  guests: ReadonlyMap<number, GuestPicture>;
  storages: StorageConfig[];
  /** Guests no backup job covers; undefined while it could not be read. */
  notBackedUp: ReadonlySet<number> | undefined;
  backups: ReadonlyMap<number, BackupHistory>;
  replication: ReplicationRow[];
  /** What the token lacks: `Sys.Audit on /`. */
  missingPrivileges: string[];
}

export interface NodePicture {
  status?: NodeStatus | undefined;
  /** The cluster says the node is there, but it does not answer. */
  isSilent: boolean;
  disks: DiskPicture[];
  pools: PoolRow[];
  failedTasks?: TaskRow[] | undefined;
}

export interface DiskPicture {
  row: DiskRow;
  smart?: Smart | undefined;
  /** Not asked, because asking would wake it. */
  maySleep: boolean;
}

export interface GuestPicture {
  config?: GuestConfig | undefined;
  addresses?: string[] | undefined;
  filesystems?: AgentFilesystem[] | undefined;
  os?: { name?: string | undefined; kernel?: string | undefined } | undefined;
  /** Undefined when it is not known. */
  agent?: "running" | "not answering" | "off" | undefined;
  rates?: GuestRates | undefined;
}

export interface GuestRates {
  receivedBytes?: number | undefined;
  transmittedBytes?: number | undefined;
  readBytes?: number | undefined;
  writtenBytes?: number | undefined;
}

/** The newest of each; times in epoch milliseconds. */
export interface BackupHistory {
  goodAt?: number;
  badAt?: number;
  error?: string;
  sizeBytes?: number;
  verified?: "ok" | "failed";
}

export type StoredBackup = BackupRow;

/** Keys of resources. A guest keeps its key wherever it runs. */
export const keyOf = {
  cluster: () => "cluster",
  node: (node: string) => `node/${node}`,
  guest: (vmid: number) => `guest/${vmid}`,
} as const;
