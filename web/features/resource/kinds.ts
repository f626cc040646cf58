import type { ResourceKind } from "../../../server/contract/resource.ts";

interface KindWords {
  one: string;
  many: string;
  /** Nothing anybody runs for its own sake: it says how its machine is. */
  part?: true;
}

/** In the order in which they are told of. */
export const KINDS: Record<ResourceKind, KindWords> = {
  host: { one: "Machine", many: "Machines" },
  cluster: { one: "Cluster", many: "Clusters" },
  vm: { one: "Virtual machine", many: "Virtual machines" },
  lxc: { one: "LXC guest", many: "LXC guests" },
  container: { one: "Container", many: "Containers" },
  check: { one: "Check", many: "Checks" },
  exporter: { one: "Exporter", many: "Exporters" },
  storage: { one: "Storage", many: "Storages" },
  datastore: { one: "Datastore", many: "Datastores" },
  backup: { one: "Backup", many: "Backups" },
  pool: { one: "Pool", many: "Pools" },
  filesystem: { one: "Filesystem", many: "Filesystems", part: true },
  disk: { one: "Disk", many: "Disks", part: true },
  interface: { one: "Interface", many: "Interfaces", part: true },
  sensor: { one: "Sensor", many: "Sensors", part: true },
  core: { one: "Core", many: "Cores", part: true },
  series: { one: "Series", many: "Series", part: true },
};

export const KIND_ORDER = Object.keys(KINDS) as ResourceKind[];

const RANK = new Map(KIND_ORDER.map((kind, index) => [kind, index]));

export function rankOf(kind: ResourceKind): number {
  return RANK.get(kind) ?? KIND_ORDER.length;
}

export function isPart(kind: ResourceKind): boolean {
  return KINDS[kind].part === true;
}
