import type { ReportedResource } from "../../contract/report.ts";
import type { ResourceStatus } from "../../contract/resource.ts";
import { clip, known, knownAttributes, resourceKey } from "../host/figures.ts";
import { describeTasks } from "../proxmox/failed-tasks.ts";
import {
  machineAttributes,
  machineMetrics,
  memoryMetrics,
  rootFilesystem,
  share,
} from "../proxmox/machine.ts";
import { keyOf, type NodePicture, type Picture } from "./picture.ts";
import type { NodeStatus, ResourceRow } from "./requests.ts";

const NAMED_PRIVILEGES = 20;

/** Pure. */
export function nodeResources(picture: Picture, parent: string | undefined): ReportedResource[] {
  const running = new Map<string, number>();
  const guests = new Map<string, number>();
  for (const row of picture.rows) {
    if (row.type !== "qemu" && row.type !== "lxc") continue;
    guests.set(row.node, (guests.get(row.node) ?? 0) + 1);
    if (row.status === "running") running.set(row.node, (running.get(row.node) ?? 0) + 1);
  }
  return picture.rows
    .filter((row) => row.type === "node")
    .flatMap((row) => {
      const node = picture.nodes.get(row.node);
      const isOnline = row.status === "online";
      const status = isOnline ? node?.status : undefined;
      const health = healthOf(row, node);
      const host: ReportedResource = {
        kind: "host",
        key: resourceKey(keyOf.node(row.node)),
        ...(parent && { parent }),
        name: clip(row.node),
        status: health.status,
        attributes: knownAttributes({
          problem: health.problem,
          pve_version: versionOf(status),
          ...machineAttributes(status),
          addresses: addressesOf(picture, row.node),
          failed_tasks: describeTasks(node?.failedTasks?.map((task) => ({ ...task, about: task.id }))),
          // On a single node there is no cluster to say it at.
          ...(!parent && missingAttribute(picture)),
        }),
        metrics: isOnline
          ? {
              ...nodeMetrics(row, status),
              ...known({
                guest_count: guests.get(row.node) ?? 0,
                guests_running: running.get(row.node) ?? 0,
                failed_tasks: node?.failedTasks?.length,
              }),
            }
          : {},
      };
      return [host, ...rootFilesystem(host.key, status?.rootfs)];
    });
}

export function missingAttribute(picture: Picture): Record<string, unknown> {
  const missing = picture.missingPrivileges;
  return missing.length === 0 ? {} : { missing_privileges: missing.slice(0, NAMED_PRIVILEGES) };
}

function healthOf(
  row: ResourceRow,
  node: NodePicture | undefined,
): { status: ResourceStatus; problem?: string } {
  if (row.status === "offline") return { status: "down", problem: "The node is offline." };
  if (row.status !== "online") return { status: "unknown" };
  if (!node?.isSilent) return { status: "up" };
  return {
    status: "degraded",
    problem: "The node is in the cluster, but its Proxmox service does not answer.",
  };
}

function versionOf(status: NodeStatus | undefined): string | undefined {
  // "pve-manager/8.2.4/faa83925c9641325"
  const version = status?.pveversion?.split("/")[1];
  return version && clip(version);
}

function addressesOf(picture: Picture, node: string): string[] | undefined {
  const ip = picture.cluster?.find((row) => row.type === "node" && row.name === node)?.ip;
  return ip ? [clip(ip)] : undefined;
}

/** The row of the cluster's list is a little older and knows less, but is there when the node does not answer. */
function nodeMetrics(row: ResourceRow, status: NodeStatus | undefined) {
  if (status) return machineMetrics(status);
  return known({
    cpu_percent: share(row.cpu),
    ...memoryMetrics(row.maxmem, row.mem),
    uptime_seconds: row.uptime || undefined,
  });
}
