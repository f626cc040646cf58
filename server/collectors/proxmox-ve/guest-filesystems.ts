import type { ReportedResource } from "../../contract/report.ts";
import { clip, known, knownAttributes, percentOf, resourceKey } from "../host/figures.ts";
import { type GuestPicture, keyOf } from "./picture.ts";
import type { AgentFilesystem, ResourceRow } from "./requests.ts";

/** Filesystems of one guest that are reported. */
const FILESYSTEM_LIMIT = 20;

/** Media, images and what lives in memory: always full, or of no size. */
const NOT_COUNTED =
  /^(?:tmpfs|devtmpfs|ramfs|squashfs|erofs|iso9660|udf|cdfs|overlay|aufs|autofs|fuse\..*)$/i;

/** Pure. A container has the one that Proxmox counts, a virtual machine those its agent names. */
export function guestFilesystems(row: ResourceRow, guest: GuestPicture | undefined): ReportedResource[] {
  if (row.vmid === undefined || row.template || row.status === "stopped") return [];
  const vmid = row.vmid;
  if (row.type === "lxc") {
    if (!row.disk || row.disk < 0 || !row.maxdisk) return [];
    return [filesystem(vmid, "/", {}, row.maxdisk, row.disk)];
  }
  return counted(guest?.filesystems ?? []).map((one) =>
    filesystem(
      vmid,
      one.mountpoint,
      { device: one.name && clip(one.name), fstype: one.type && clip(one.type) },
      one.total,
      one.used,
    ),
  );
}

/** Everything the agent knows of, added up: how full the guest is as a whole. */
export function sumOf(filesystems: AgentFilesystem[] | undefined): { total?: number; used?: number } {
  const all = counted(filesystems ?? []);
  if (all.length === 0) return {};
  return {
    total: all.reduce((sum, one) => sum + one.total, 0),
    used: all.reduce((sum, one) => sum + one.used, 0),
  };
}

/** Each device once, at the mount point nearest to the top: bind mounts and subvolumes are no more space. */
function counted(filesystems: AgentFilesystem[]) {
  const byDevice = new Map<
    string,
    { mountpoint: string; name?: string; type?: string; total: number; used: number }
  >();
  for (const { name, mountpoint, type, "total-bytes": total, "used-bytes": used } of filesystems) {
    if (!total || used === undefined || used < 0 || (type && NOT_COUNTED.test(type))) continue;
    const device = name ?? mountpoint;
    const known = byDevice.get(device);
    if (known && known.mountpoint.length <= mountpoint.length) continue;
    byDevice.set(device, { mountpoint, ...(name && { name }), ...(type && { type }), total, used });
  }
  return [...byDevice.values()]
    .sort((a, b) => (a.mountpoint < b.mountpoint ? -1 : 1))
    .slice(0, FILESYSTEM_LIMIT);
}

function filesystem(
  vmid: number,
  mountpoint: string,
  attributes: Record<string, unknown>,
  total: number,
  used: number,
): ReportedResource {
  return {
    kind: "filesystem",
    key: resourceKey(keyOf.guest(vmid), "filesystem", mountpoint),
    parent: keyOf.guest(vmid),
    name: clip(mountpoint) || "/",
    status: "up",
    attributes: knownAttributes(attributes),
    metrics: known({
      filesystem_total_bytes: total,
      filesystem_used_bytes: used,
      filesystem_available_bytes: Math.max(0, total - used),
      filesystem_used_percent: percentOf(used, total),
    }),
  };
}
