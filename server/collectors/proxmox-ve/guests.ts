import type { ReportedResource } from "../../contract/report.ts";
import type { ResourceStatus } from "../../contract/resource.ts";
import { clip, known, knownAttributes, largest, percentOf, resourceKey } from "../host/figures.ts";
import { share } from "../proxmox/machine.ts";
import { backupFacts } from "./backups.ts";
import { macAddresses } from "./guest-config.ts";
import { guestFilesystems, sumOf } from "./guest-filesystems.ts";
import { type GuestPicture, keyOf, type Picture } from "./picture.ts";
import type { ReplicationRow, ResourceRow } from "./requests.ts";

const ADDRESS_LIMIT = 16;
const TAG_LIMIT = 20;
const REPLICATION_LIMIT = 10;

/** Pure. The guests, and behind them their filesystems, which are the first to go when there are too many. */
export function guestResources(picture: Picture): {
  guests: ReportedResource[];
  filesystems: ReportedResource[];
} {
  const replication = Map.groupBy(picture.replication, (job) => job.guest);
  const guests: ReportedResource[] = [];
  const filesystems: ReportedResource[] = [];
  for (const row of picture.rows) {
    if ((row.type !== "qemu" && row.type !== "lxc") || row.vmid === undefined) continue;
    guests.push(guestResource(picture, { ...row, vmid: row.vmid }, replication.get(row.vmid) ?? []));
    filesystems.push(...guestFilesystems(row, picture.guests.get(row.vmid)));
  }
  return { guests, filesystems };
}

type GuestRow = ResourceRow & { vmid: number };

function guestResource(picture: Picture, row: GuestRow, jobs: ReplicationRow[]): ReportedResource {
  const guest = picture.guests.get(row.vmid) ?? {};
  const { status, state, problem } = healthOf(row, jobs);
  const backup = row.template ? undefined : backupFacts(picture, row.vmid);
  return {
    kind: row.type === "qemu" ? "vm" : "lxc",
    key: keyOf.guest(row.vmid),
    parent: resourceKey(keyOf.node(row.node)),
    name: clip(row.name ?? "") || `${row.type === "qemu" ? "VM" : "CT"} ${row.vmid}`,
    status,
    attributes: knownAttributes({
      guest_id: row.vmid,
      state,
      problem,
      node: clip(row.node),
      template: row.template || undefined,
      ...describe(row, guest),
      ...backup?.attributes,
      ...replicationAttributes(jobs),
    }),
    metrics: {
      ...(NOT_LIVE.has(state) ? {} : liveMetrics(row, guest)),
      ...known({
        cpu_count: row.maxcpu || undefined,
        memory_total_bytes: row.maxmem || undefined,
        disk_total_bytes: row.maxdisk || undefined,
        replication_age_seconds: replicationAge(jobs, picture.now),
      }),
      ...backup?.metrics,
    },
  };
}

/** There is no process to count. */
const NOT_LIVE = new Set(["stopped", "unknown", "template"]);

/** In the words of QEMU, of which Proxmox hands on the ones that are not simply running or stopped. */
const TROUBLE: Record<string, string> = {
  "io-error": "The guest stands still because its disk could not be written.",
  "internal-error": "The guest stands still because of an error in QEMU.",
  "guest-panicked": "The system in the guest crashed.",
  prelaunch: "The guest was prepared but not started.",
  watchdog: "The guest's watchdog fired.",
  paused: "The guest is paused.",
  suspended: "The guest is suspended.",
};

function healthOf(
  row: ResourceRow,
  jobs: ReplicationRow[],
): { status: ResourceStatus; state: string; problem?: string } {
  const state = clip(row.status ?? "unknown", 40);
  if (row.template) return { status: "up", state: "template" };
  if (state === "unknown") return { status: "unknown", state };
  if (state === "stopped") return { status: "down", state };
  // A backup or a migration may pause a guest for a moment, and locks it meanwhile.
  const problem = (row.lock ? undefined : TROUBLE[state]) ?? replicationProblem(jobs);
  return problem ? { status: "degraded", state, problem } : { status: "up", state };
}

function describe(row: ResourceRow, guest: GuestPicture) {
  const config = guest.config;
  const tags = row.tags?.split(/[;, ]+/).filter(Boolean);
  const macs = config && macAddresses(config);
  return {
    tags: tags?.length ? tags.slice(0, TAG_LIMIT).map((tag) => clip(tag, 40)) : undefined,
    pool: row.pool && clip(row.pool),
    lock: row.lock && clip(row.lock, 40),
    ha_state: row.hastate && clip(row.hastate, 40),
    on_boot: config ? config.onboot === 1 || config.onboot === "1" : undefined,
    hostname: typeof config?.hostname === "string" ? clip(config.hostname) : undefined,
    os: guest.os?.name && clip(guest.os.name),
    kernel: guest.os?.kernel && clip(guest.os.kernel),
    guest_agent: row.type === "qemu" ? guest.agent : undefined,
    mac_addresses: macs?.length ? macs : undefined,
    addresses: guest.addresses?.length ? guest.addresses.slice(0, ADDRESS_LIMIT) : undefined,
  };
}

/**
 * A container's disk is counted by Proxmox; a virtual machine's only by its agent, and the list says 0
 * (or -1) for what it does not know.
 */
function liveMetrics(row: ResourceRow, guest: GuestPicture) {
  const isContainer = row.type === "lxc";
  const inside = sumOf(guest.filesystems);
  const diskUsed = isContainer ? positive(row.disk) : inside.used;
  return known({
    cpu_percent: share(row.cpu),
    memory_used_bytes: positive(row.mem),
    memory_used_percent: percentOf(positive(row.mem), row.maxmem),
    disk_used_bytes: diskUsed,
    disk_used_percent: percentOf(diskUsed, isContainer ? row.maxdisk : inside.total),
    network_receive_bytes_per_second: guest.rates?.receivedBytes,
    network_transmit_bytes_per_second: guest.rates?.transmittedBytes,
    disk_read_bytes_per_second: guest.rates?.readBytes,
    disk_write_bytes_per_second: guest.rates?.writtenBytes,
    uptime_seconds: row.uptime || undefined,
  });
}

export function positive(figure: number | undefined): number | undefined {
  return figure !== undefined && figure > 0 ? figure : undefined;
}

const isActive = (job: ReplicationRow) => !job.disable;

function replicationProblem(jobs: ReplicationRow[]): string | undefined {
  const failing = jobs.find((job) => isActive(job) && ((job.fail_count ?? 0) > 0 || job.error));
  if (!failing) return undefined;
  const why = failing.error ? `: ${failing.error}` : ".";
  return clip(`Replication to ${failing.target ?? "another node"} fails${why}`);
}

function replicationAttributes(jobs: ReplicationRow[]) {
  if (jobs.length === 0) return {};
  return {
    replication: jobs.slice(0, REPLICATION_LIMIT).map((job) =>
      knownAttributes({
        to: job.target && clip(job.target),
        schedule: job.schedule && clip(job.schedule, 80),
        disabled: job.disable || undefined,
        failures: job.fail_count || undefined,
      }),
    ),
  };
}

/** Of the copy that is furthest behind. One that was never made has no age. */
function replicationAge(jobs: ReplicationRow[], now: number): number | undefined {
  return largest(
    jobs
      .filter(isActive)
      .map((job) => (job.last_sync ? Math.max(0, Math.floor(now / 1000 - job.last_sync)) : undefined)),
  );
}
