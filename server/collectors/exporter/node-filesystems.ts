/** Filesystems of a page of node_exporter. */
import type { ReportedResource } from "../../contract/report.ts";
import { labelOf, type Sample } from "../exposition/parse.ts";
import { FILESYSTEM_LIMIT, filesystem, type Space, totalBytes } from "../host/filesystems.ts";
import { type Mount, realFilesystems } from "../proc/mounts.ts";
import type { NodePage } from "./node-page.ts";

/** Filesystems that are looked at. */
const CANDIDATE_LIMIT = 4_096;

export function nodeFilesystems(page: NodePage): ReportedResource[] {
  // This one is there for every mount, also for one that could not be asked for its size.
  const samples = page.all("node_filesystem_readonly").slice(0, CANDIDATE_LIMIT);
  const mounts = realFilesystems(samples.flatMap((sample) => mountOf(sample) ?? []));
  const spaceOf = spacesOf(page);
  const measured = mounts.map((mount) => ({ mount, space: spaceOf(mount.mountPoint) }));
  // What has no blocks at all holds nothing.
  const kept = measured.filter(({ space }) => space === undefined || space.blocks > 0);
  if (kept.length > FILESYSTEM_LIMIT) kept.sort((a, b) => totalBytes(b.space) - totalBytes(a.space));
  return kept.slice(0, FILESYSTEM_LIMIT).map(({ mount, space }) => filesystem(mount, space));
}

/**
 * As /proc/self/mountinfo would have it. A page names the device instead of its number: two mounts of
 * one device are one filesystem, and what is not below /dev has no device.
 */
function mountOf(sample: Sample): Mount | undefined {
  const mountPoint = labelOf(sample, "mountpoint");
  const fstype = labelOf(sample, "fstype");
  const source = labelOf(sample, "device") ?? "";
  if (mountPoint === undefined || fstype === undefined) return undefined;
  const hasDevice = source.startsWith("/dev/") && !fstype.startsWith("fuse.");
  return {
    deviceNumber: hasDevice ? source : `0:${source}`,
    root: "/",
    mountPoint,
    fstype,
    source,
    readOnly: sample.value === 1,
  };
}

function spacesOf(page: NodePage): (mountPoint: string) => Space | undefined {
  const of = (name: string) => page.by("mountpoint", `node_filesystem_${name}`);
  const [size, free, available] = [of("size_bytes"), of("free_bytes"), of("avail_bytes")];
  const [files, filesFree] = [of("files"), of("files_free")];
  return (mountPoint) => {
    const blocks = size.get(mountPoint);
    const bfree = free.get(mountPoint);
    const bavail = available.get(mountPoint);
    if (blocks === undefined || bfree === undefined || bavail === undefined) return undefined;
    return {
      bsize: 1,
      blocks,
      bfree,
      bavail,
      files: files.get(mountPoint) ?? 0,
      ffree: filesFree.get(mountPoint) ?? 0,
    };
  };
}
