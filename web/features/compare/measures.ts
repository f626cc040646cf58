/** What can be compared, in plain words. Of all that is measured it is what one would ask "which had most of it?" about. */
import { unwrap } from "solid-js/store";
import type { Resource, ResourceKind } from "../../../server/contract/resource.ts";
import { labelOf as ownLabelOf } from "../resource/facts.ts";
import { KIND_ORDER } from "../resource/kinds.ts";

interface Measure {
  metric: string;
  label: string;
  kinds: readonly ResourceKind[];
}

const RUNNING: readonly ResourceKind[] = ["host", "vm", "lxc", "container"];
const STORING: readonly ResourceKind[] = ["storage", "pool", "datastore"];

/** In the order in which they are offered. */
const MEASURES: readonly Measure[] = [
  { metric: "memory_used_bytes", label: "Memory", kinds: [...RUNNING, "cluster"] },
  { metric: "cpu_percent", label: "CPU", kinds: [...RUNNING, "cluster", "core"] },
  { metric: "network_receive_bytes_per_second", label: "Network in", kinds: [...RUNNING, "interface"] },
  { metric: "network_transmit_bytes_per_second", label: "Network out", kinds: [...RUNNING, "interface"] },
  { metric: "disk_read_bytes_per_second", label: "Disk reads", kinds: [...RUNNING, "disk"] },
  { metric: "disk_write_bytes_per_second", label: "Disk writes", kinds: [...RUNNING, "disk"] },
  { metric: "disk_busy_percent", label: "Busy time", kinds: ["disk"] },
  { metric: "load1", label: "Load", kinds: ["host", "vm", "lxc"] },
  { metric: "memory_used_percent", label: "Share of memory", kinds: RUNNING },
  { metric: "swap_used_bytes", label: "Swap", kinds: ["host", "vm", "lxc"] },
  { metric: "temperature_celsius", label: "Temperature", kinds: ["host", "disk", "sensor"] },
  { metric: "filesystem_used_bytes", label: "Space used", kinds: ["filesystem"] },
  { metric: "filesystem_used_percent", label: "Share of space used", kinds: ["filesystem"] },
  { metric: "storage_used_bytes", label: "Space used", kinds: STORING },
  { metric: "storage_used_percent", label: "Share of space used", kinds: STORING },
  { metric: "latency_seconds", label: "Latency", kinds: ["check"] },
  { metric: "packet_loss_percent", label: "Packets lost", kinds: ["check"] },
  { metric: "backup_size_bytes", label: "Size", kinds: ["backup"] },
];

export interface Measured {
  kind: ResourceKind;
  metric: string;
}

/** Containers come first: they are what one asks about. */
const OFFERED_KINDS: readonly ResourceKind[] = [
  "container",
  ...KIND_ORDER.filter((kind) => kind !== "container"),
];

/** What is measured of anything there is. */
export function offered(resources: readonly Resource[]): Measured[] {
  const seen = new Set<string>();
  for (const resource of resources) {
    const { kind, metrics } = unwrap(resource);
    for (const metric in metrics) seen.add(`${kind} ${metric}`);
  }
  return OFFERED_KINDS.flatMap((kind) =>
    MEASURES.filter(({ kinds, metric }) => kinds.includes(kind) && seen.has(`${kind} ${metric}`)).map(
      ({ metric }) => ({ kind, metric }),
    ),
  );
}

/** The name of what is measured; of what is not among those offered, as where it is charted by itself. */
export function labelOf({ kind, metric }: Measured): string {
  const measure = MEASURES.find((one) => one.metric === metric && one.kinds.includes(kind));
  return measure?.label ?? ownLabelOf(metric);
}
