/**
 * A Proxmox VE cluster, or a single node, seen through the API of one of its nodes, which answers for all.
 *
 * Each collection asks for the cluster's own list (one answer with every node, guest and storage), its
 * state, and one question per node that is there; everything else is asked less often (details.ts). Only
 * when the list cannot be read is the source as a whole unreadable: a node, a guest or a storage that does
 * not answer takes nothing else with it.
 */
import type { ReportedResource } from "../contract/report.ts";
import type { ProxmoxSecrets, ProxmoxVeConfig } from "../contract/sources/proxmox.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import type { Egress } from "../lib/egress.ts";
import type { Collector } from "./collector.ts";
import { asPairs, ProxmoxApi } from "./proxmox/api.ts";
import { ProxmoxError } from "./proxmox/proxmox-error.ts";
import { Details } from "./proxmox-ve/details.ts";
import { GuestRateMeter } from "./proxmox-ve/guest-rates.ts";
import type { NodePicture } from "./proxmox-ve/picture.ts";
import { missingPrivileges } from "./proxmox-ve/privileges.ts";
import { type ClusterRow, type NodeStatus, type ResourceRow, veRequests } from "./proxmox-ve/requests.ts";
import { resourcesOf } from "./proxmox-ve/resources.ts";

export interface ProxmoxVeOptions {
  config: ProxmoxVeConfig;
  secrets: ProxmoxSecrets;
  egress: Egress;
  now?: Clock;
}

function apiOf({ config, secrets, egress }: ProxmoxVeOptions): ProxmoxApi {
  return new ProxmoxApi("ve", { ...config, ...secrets }, egress);
}

/** `collect` rejects with one plain sentence when the source as a whole cannot be read. */
export function createProxmoxVeCollector(options: ProxmoxVeOptions): Collector {
  const now = options.now ?? systemClock;
  const api = apiOf(options);
  const details = new Details(api, { smartOfSpinningDisks: options.config.smartOfSpinningDisks === true });
  const rates = new GuestRateMeter();
  let cluster: ClusterRow[] | undefined;
  let underWay: Promise<ReportedResource[]> | undefined;

  async function read(): Promise<ReportedResource[]> {
    const rows = withoutStale(await api.get(veRequests.resources()));
    const nodes = rows.filter((row) => row.type === "node");
    const online = nodes.filter((row) => row.status === "online").map((row) => row.node);
    const guestRates = rates.read(rows);
    const [clusterNow, statuses] = await Promise.all([
      api.get(veRequests.cluster()).catch(() => undefined),
      Promise.all(online.map(async (node) => [node, await statusOf(api, node)] as const)),
    ]);
    // It changes so seldom that the last one is better than none.
    cluster = clusterNow ?? cluster;
    const status = new Map(statuses);
    const answering = online.filter((node) => status.get(node)?.isSilent !== true);
    await details.renew(rows, answering, now());

    const at = now();
    const names = nodes.map((row) => row.node);
    const whole = details.whole(rows, names, at);
    for (const [vmid, guest] of whole.guests) guest.rates = guestRates.get(vmid);
    return resourcesOf({
      now: at,
      rows,
      cluster,
      nodes: new Map(
        names.map((node): [string, NodePicture] => [
          node,
          {
            isSilent: false,
            ...status.get(node),
            ...(online.includes(node) ? details.node(node, at) : { disks: [], pools: [] }),
          },
        ]),
      ),
      ...whole,
    });
  }

  return {
    name: "proxmox-ve",
    // Two at once would take each other's counters for the last ones: the second gets the first one's answer.
    collect() {
      underWay ??= read().finally(() => {
        underWay = undefined;
      });
      return underWay;
    },
    close: () => api.close(),
  };
}

/** For some minutes the list goes on with what a node said last before it went. */
function withoutStale(rows: ResourceRow[]): ResourceRow[] {
  const offline = new Set(
    rows.filter((row) => row.type === "node" && row.status === "offline").map((row) => row.node),
  );
  const isStale = (row: ResourceRow) => row.type !== "node" && offline.has(row.node);
  return rows.map((row) => (isStale(row) ? { ...row, status: "unknown" } : row));
}

async function statusOf(api: ProxmoxApi, node: string): Promise<{ status?: NodeStatus; isSilent: boolean }> {
  try {
    return { status: await api.get(veRequests.nodeStatus(node)), isSilent: false };
  } catch (error) {
    // One that may not be asked is not one that does not answer.
    const isSilent =
      error instanceof ProxmoxError && ["node_unreachable", "unreachable"].includes(error.kind);
    return { isSilent };
  }
}

export interface ProxmoxVeTest {
  version: string;
  nodes: number;
  guests: number;
  /** What is not seen for want of a privilege: "Sys.Audit on / (nodes, …)". */
  missingPrivileges: string[];
  /** Of the certificate, as Proxmox writes it. */
  fingerprint?: string;
}

/** Tries an address and a token and keeps nothing. Rejects with `ProxmoxError`, one plain sentence. */
export async function testProxmoxVe(options: ProxmoxVeOptions): Promise<ProxmoxVeTest> {
  const api = apiOf(options);
  const { version } = await api.get(veRequests.version());
  const [rows, permissions] = await Promise.all([
    api.get(veRequests.resources()),
    api.get(veRequests.permissions()),
  ]);
  return {
    version,
    nodes: rows.filter((row) => row.type === "node").length,
    guests: rows.filter((row) => row.type === "qemu" || row.type === "lxc").length,
    missingPrivileges: missingPrivileges(permissions, version),
    ...(api.fingerprint256 && { fingerprint: asPairs(api.fingerprint256) }),
  };
}
