import { statfs } from "node:fs/promises";
import type { ReportedResource } from "../../contract/report.ts";
import { type Mount, parseMountinfo, realFilesystems } from "../proc/mounts.ts";
import { clip, known, percentOf, resourceKey } from "./figures.ts";
import { Patience } from "./patience.ts";
import type { Tree } from "./tree.ts";

/** Filesystems of one machine that are reported: a ZFS pool may have a thousand datasets. */
export const FILESYSTEM_LIMIT = 100;

/** Filesystems that are asked for their size to find out which are the largest. */
const CANDIDATE_LIMIT = 500;

/** The answer of statfs(2). Blocks are of `frsize` bytes where the runtime tells it, else of `bsize`. */
export interface Space {
  bsize: number;
  frsize?: number;
  blocks: number;
  bfree: number;
  bavail: number;
  files: number;
  ffree: number;
}

export type Statfs = (path: string) => Promise<Space>;

/** The filesystems that fill up and how full they are. */
export class Filesystems {
  private readonly asked = new Map<string, Patience>();
  /** The largest of very many, chosen anew when the mounts change. */
  private chosen: { from: string; mountPoints: Set<string> } | undefined;

  constructor(
    private readonly tree: Tree,
    private readonly timeoutMs: number,
    private readonly ask: Statfs = statfs,
  ) {}

  async read(): Promise<ReportedResource[]> {
    const all = realFilesystems(parseMountinfo(this.tree.text("/proc/self/mountinfo") ?? ""));
    const candidates = all.slice(0, CANDIDATE_LIMIT);
    this.forgetGone(candidates);
    const from = candidates.map((mount) => mount.mountPoint).join("\n");
    const wanted =
      candidates.length <= FILESYSTEM_LIMIT || this.chosen?.from !== from
        ? candidates
        : candidates.filter((mount) => this.chosen?.mountPoints.has(mount.mountPoint));
    const measured = await Promise.all(
      wanted.map(async (mount) => ({ mount, space: await this.spaceOf(mount.mountPoint) })),
    );
    // What has no blocks at all holds nothing.
    let kept = measured.filter(({ space }) => space === undefined || space.blocks > 0);
    if (kept.length > FILESYSTEM_LIMIT) {
      kept = kept.sort((a, b) => totalBytes(b.space) - totalBytes(a.space)).slice(0, FILESYSTEM_LIMIT);
      this.chosen = { from, mountPoints: new Set(kept.map(({ mount }) => mount.mountPoint)) };
    }
    return kept.map(({ mount, space }) => filesystem(mount, space));
  }

  private async spaceOf(mountPoint: string): Promise<Space | undefined> {
    const patience = this.asked.get(mountPoint) ?? new Patience(this.timeoutMs);
    this.asked.set(mountPoint, patience);
    return patience.ask(() => this.ask(this.tree.at(mountPoint)));
  }

  private forgetGone(mounts: Mount[]): void {
    const present = new Set(mounts.map((mount) => mount.mountPoint));
    for (const [mountPoint, patience] of this.asked) {
      if (!present.has(mountPoint) && !patience.busy) this.asked.delete(mountPoint);
    }
  }
}

export function totalBytes(space: Space | undefined): number {
  return space === undefined ? 0 : space.blocks * (space.frsize || space.bsize);
}

/** Pure. Without an answer the filesystem is there, but nothing is known of it. */
export function filesystem(mount: Mount, space: Space | undefined): ReportedResource {
  return {
    kind: "filesystem",
    key: resourceKey("host", "filesystem", mount.mountPoint),
    parent: "host",
    name: clip(mount.mountPoint),
    status: space === undefined ? "unknown" : "up",
    attributes: { device: clip(mount.source), fstype: clip(mount.fstype), read_only: mount.readOnly },
    metrics: space === undefined ? {} : spaceMetrics(space),
  };
}

function spaceMetrics(space: Space) {
  const unit = space.frsize || space.bsize;
  const used = Math.max(0, space.blocks - space.bfree);
  // What is kept back for root is neither used nor available; df leaves it out of the share, too.
  const available = Math.max(0, space.bavail);
  return known({
    filesystem_total_bytes: space.blocks * unit,
    filesystem_used_bytes: used * unit,
    filesystem_available_bytes: available * unit,
    filesystem_used_percent: percentOf(used, used + available),
    // Filesystems that make inodes as they need them (btrfs, vfat) count none.
    filesystem_inodes_used_percent: percentOf(space.files - space.ffree, space.files),
  });
}
