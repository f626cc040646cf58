/** Everything that is asked of Proxmox VE, and what of the answers is read. `needs` is the privilege. */
import { z } from "zod";
import { figure, flag, listOf, Permissions, text } from "../proxmox/answers.ts";
import { ask } from "../proxmox/api.ts";
import { MachineStatus, Space } from "../proxmox/machine.ts";

/** Rows of one cluster: 32 nodes, thousands of guests, and every storage once per node. */
const ROWS = 20_000;
const MEBIBYTE = 1_048_576;

const of = encodeURIComponent;

export const Version = z.object({ version: z.string().max(100) });

export const ResourceRow = z.object({
  type: z.enum(["node", "qemu", "lxc", "storage"]),
  node: z.string().min(1).max(100),
  status: text,
  name: text,
  vmid: figure,
  storage: text,
  plugintype: text,
  content: text,
  shared: flag,
  template: flag,
  tags: text,
  pool: text,
  lock: text,
  hastate: text,
  uptime: figure,
  cpu: figure,
  maxcpu: figure,
  mem: figure,
  maxmem: figure,
  disk: figure,
  maxdisk: figure,
  netin: figure,
  netout: figure,
  diskread: figure,
  diskwrite: figure,
});
export type ResourceRow = z.infer<typeof ResourceRow>;

export const ClusterRow = z.object({
  type: z.enum(["cluster", "node"]),
  name: z.string().min(1).max(100),
  quorate: flag,
  nodes: figure,
  online: flag,
  ip: text,
});
export type ClusterRow = z.infer<typeof ClusterRow>;

export const NodeStatus = MachineStatus.extend({ rootfs: Space, pveversion: text });
export type NodeStatus = z.infer<typeof NodeStatus>;

export const DiskRow = z.object({
  devpath: z.string().regex(/^\/dev\/[A-Za-z0-9/]+$/),
  type: text,
  size: figure,
  model: text,
  serial: text,
  wwn: text,
  used: text,
});
export type DiskRow = z.infer<typeof DiskRow>;

const SmartAttribute = z.object({ name: z.string().max(100), id: figure, value: figure, raw: text });

export const Smart = z.object({
  health: text,
  type: text,
  text: z.string().max(65_536).optional().catch(undefined),
  wearout: figure,
  attributes: listOf(SmartAttribute, 200).optional().catch(undefined),
});
export type Smart = z.infer<typeof Smart>;

export const PoolRow = z.object({
  name: z.string().min(1).max(200),
  size: figure,
  alloc: figure,
  free: figure,
  frag: figure,
  health: text,
});
export type PoolRow = z.infer<typeof PoolRow>;

export const ReplicationRow = z.object({
  id: z.string().max(100),
  guest: figure,
  target: text,
  schedule: text,
  disable: flag,
  last_sync: figure,
  fail_count: figure,
  error: text,
});
export type ReplicationRow = z.infer<typeof ReplicationRow>;

export const TaskRow = z.object({
  upid: z
    .string()
    .regex(/^UPID:[\w:.@!/\\-]+$/)
    .max(500),
  type: text,
  id: text,
  user: text,
  starttime: figure,
  endtime: figure,
  status: text,
});
export type TaskRow = z.infer<typeof TaskRow>;

export const LogLine = z.object({ t: z.string().max(2_000) });

export const StorageConfig = z.object({
  storage: z.string().min(1).max(100),
  type: text,
  content: text,
  server: text,
  datastore: text,
  namespace: text,
  username: text,
  fingerprint: text,
});
export type StorageConfig = z.infer<typeof StorageConfig>;

export const NotBackedUp = z.object({ vmid: z.number() });

export const GuestConfig = z.record(z.string().max(100), z.unknown());
export type GuestConfig = z.infer<typeof GuestConfig>;

export const BackupRow = z.object({
  vmid: z.number(),
  ctime: z.number(),
  size: figure,
  verification: z.object({ state: text }).optional().catch(undefined),
});
export type BackupRow = z.infer<typeof BackupRow>;

const AgentAddress = z.object({ "ip-address": z.string().max(100) });
export const AgentInterfaces = z.object({
  result: listOf(z.object({ name: text, "ip-addresses": listOf(AgentAddress, 64).catch([]) }), 256),
});

export const AgentFilesystem = z.object({
  name: text,
  mountpoint: z.string().min(1).max(1_000),
  type: text,
  "total-bytes": figure,
  "used-bytes": figure,
});
export type AgentFilesystem = z.infer<typeof AgentFilesystem>;
export const AgentFilesystems = z.object({ result: listOf(AgentFilesystem, 500) });

export const AgentOs = z.object({
  result: z.object({ "pretty-name": text, name: text, version: text, "kernel-release": text }),
});

export const LxcInterface = z.object({ name: text, inet: text, inet6: text });

const auditOnNode = (node: string) => `Sys.Audit on /nodes/${node}`;
const auditOfGuest = (vmid: number) => `VM.Audit on /vms/${vmid}`;
/** Since VE 9 the guest agent has privileges of its own. */
const agentOf = (vmid: number) => `VM.GuestAgent.Audit (VM.Monitor before VE 9) on /vms/${vmid}`;

export const veRequests = {
  version: () => ask("/version", Version),
  permissions: () => ask("/access/permissions", Permissions),
  resources: () => ask("/cluster/resources", listOf(ResourceRow, ROWS), { maxBytes: 16 * MEBIBYTE }),
  cluster: () => ask("/cluster/status", listOf(ClusterRow, 100), { needs: "Sys.Audit on /" }),
  notBackedUp: () =>
    ask("/cluster/backup-info/not-backed-up", listOf(NotBackedUp, ROWS), {
      needs: "Sys.Audit on /",
      maxBytes: 4 * MEBIBYTE,
    }),
  storages: () => ask("/storage", listOf(StorageConfig, 1_000), { needs: "Datastore.Audit on /storage" }),

  nodeStatus: (node: string) =>
    ask(`/nodes/${of(node)}/status`, NodeStatus, { needs: auditOnNode(node), timeoutMs: 5_000 }),
  /** `skipsmart`: else Proxmox reads the SMART state of every disk, and that wakes those that sleep. */
  disks: (node: string) =>
    ask(`/nodes/${of(node)}/disks/list`, listOf(DiskRow, 256), {
      query: { skipsmart: "1" },
      needs: auditOnNode(node),
    }),
  smart: (node: string, devpath: string) =>
    ask(`/nodes/${of(node)}/disks/smart`, Smart, { query: { disk: devpath }, needs: "Sys.Audit on /" }),
  pools: (node: string) =>
    ask(`/nodes/${of(node)}/disks/zfs`, listOf(PoolRow, 100), { needs: "Sys.Audit on /" }),
  replication: (node: string) =>
    ask(`/nodes/${of(node)}/replication`, listOf(ReplicationRow, 1_000), { needs: "VM.Audit on /vms" }),
  failedTasks: (node: string, sinceSeconds: number) =>
    ask(`/nodes/${of(node)}/tasks`, listOf(TaskRow, 50), {
      query: { errors: "1", since: String(sinceSeconds), limit: "50" },
      needs: auditOnNode(node),
    }),
  backupTasks: (node: string, sinceSeconds: number) =>
    ask(`/nodes/${of(node)}/tasks`, listOf(TaskRow, 500), {
      query: { typefilter: "vzdump", since: String(sinceSeconds), limit: "500" },
      needs: auditOnNode(node),
    }),
  taskLog: (node: string, upid: string) =>
    ask(`/nodes/${of(node)}/tasks/${of(upid)}/log`, listOf(LogLine, 20_000), {
      query: { limit: "20000" },
      needs: auditOnNode(node),
      maxBytes: 8 * MEBIBYTE,
    }),
  backups: (node: string, storage: string) =>
    ask(`/nodes/${of(node)}/storage/${of(storage)}/content`, listOf(BackupRow, ROWS), {
      query: { content: "backup" },
      needs: `Datastore.Audit on /storage/${storage}`,
      timeoutMs: 20_000,
      maxBytes: 16 * MEBIBYTE,
    }),

  vmConfig: (node: string, vmid: number) =>
    ask(`/nodes/${of(node)}/qemu/${vmid}/config`, GuestConfig, { needs: auditOfGuest(vmid) }),
  agentInterfaces: (node: string, vmid: number) =>
    ask(`/nodes/${of(node)}/qemu/${vmid}/agent/network-get-interfaces`, AgentInterfaces, {
      needs: agentOf(vmid),
    }),
  agentFilesystems: (node: string, vmid: number) =>
    ask(`/nodes/${of(node)}/qemu/${vmid}/agent/get-fsinfo`, AgentFilesystems, { needs: agentOf(vmid) }),
  agentOs: (node: string, vmid: number) =>
    ask(`/nodes/${of(node)}/qemu/${vmid}/agent/get-osinfo`, AgentOs, { needs: agentOf(vmid) }),
  lxcConfig: (node: string, vmid: number) =>
    ask(`/nodes/${of(node)}/lxc/${vmid}/config`, GuestConfig, { needs: auditOfGuest(vmid) }),
  lxcInterfaces: (node: string, vmid: number) =>
    ask(`/nodes/${of(node)}/lxc/${vmid}/interfaces`, listOf(LxcInterface, 256), {
      needs: auditOfGuest(vmid),
    }),
} as const;
