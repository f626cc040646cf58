/**
 * The kernel's own count of what a container uses: a handful of files, where asking the engine costs it fifty times as
 * much (it reads the same files, through two more processes) and Docker up to a second of waiting.
 *
 * The group is found through the container's first process, in /proc/<pid>/cgroup, because where engines put groups
 * depends on their version, the cgroup driver and the init system. It is believed only when the path has the
 * container's whole id in it. That proves at once that the process still is the container's (numbers are used again),
 * that we see the engine's processes at all (an agent in a container of its own does not), and that the engine is on
 * this machine.
 */

import type { Tree } from "../host/tree.ts";
import { parseFlatKeyed, parseLimit } from "../proc/cgroup.ts";
import { parseNetDev } from "../proc/network.ts";
import type { Counters } from "./counters.ts";
import type { ContainerId } from "./engine-socket.ts";

const MOUNT = "/sys/fs/cgroup";

/** Where one container's figures are. */
export interface Group {
  pid: number;
  /** Version 2: one folder. */
  unified?: string;
  /** Version 1: a folder for each controller. */
  cpu?: string;
  memory?: string;
  disk?: string;
  processes?: string;
}

export class ControlGroups {
  private readonly isUnified: boolean;

  constructor(
    private readonly tree: Tree,
    private readonly machineBytes: number,
  ) {
    this.isUnified = tree.has(`${MOUNT}/cgroup.controllers`);
  }

  find(pid: number, id: ContainerId): Group | undefined {
    const paths = parseGroups(this.tree.text(`/proc/${pid}/cgroup`) ?? "", id);
    const folder = (controller: string) => {
      const path = paths.get(controller);
      return path === undefined ? undefined : `${MOUNT}${this.isUnified ? "" : `/${controller}`}${path}`;
    };
    const group: Group = this.isUnified
      ? { pid, unified: folder("") }
      : {
          pid,
          cpu: folder("cpuacct"),
          memory: folder("memory"),
          disk: folder("blkio"),
          processes: folder("pids"),
        };
    return this.cpuMicroseconds(group) === undefined ? undefined : group;
  }

  /** Undefined when the group is gone, and with it the container's process. */
  read(group: Group, hasOwnNetwork: boolean, nowMs: number): Counters | undefined {
    const cpuMicroseconds = this.cpuMicroseconds(group);
    if (cpuMicroseconds === undefined) return undefined;
    return {
      atMs: nowMs,
      cpuMicroseconds,
      ...(group.unified === undefined ? this.readLegacy(group) : this.readUnified(group.unified)),
      ...(hasOwnNetwork ? this.readNetwork(group.pid) : {}),
    };
  }

  private cpuMicroseconds(group: Group): number | undefined {
    if (group.unified !== undefined) return this.keyed(group.unified, "cpu.stat").get("usage_usec");
    const nanoseconds = this.number(group.cpu, "cpuacct.usage");
    return nanoseconds === undefined ? undefined : nanoseconds / 1000;
  }

  private readUnified(folder: string): Partial<Counters> {
    const disk = this.text(folder, "io.stat");
    return {
      ...this.memory(
        this.number(folder, "memory.current"),
        this.keyed(folder, "memory.stat").get("inactive_file"),
        parseLimit(this.text(folder, "memory.max") ?? ""),
      ),
      oomKills: this.keyed(folder, "memory.events").get("oom_kill"),
      diskReadBytes: disk === undefined ? undefined : sumOf(disk, / rbytes=(\d+)/g),
      diskWrittenBytes: disk === undefined ? undefined : sumOf(disk, / wbytes=(\d+)/g),
      processes: this.number(folder, "pids.current"),
    };
  }

  private readLegacy(group: Group): Partial<Counters> {
    const memory = this.keyed(group.memory, "memory.stat");
    const disk = this.text(group.disk, "blkio.throttle.io_service_bytes_recursive");
    return {
      ...this.memory(
        this.number(group.memory, "memory.usage_in_bytes"),
        memory.get("total_inactive_file"),
        memory.get("hierarchical_memory_limit"),
      ),
      oomKills: this.keyed(group.memory, "memory.oom_control").get("oom_kill"),
      diskReadBytes: disk === undefined ? undefined : sumOf(disk, / Read (\d+)/g),
      diskWrittenBytes: disk === undefined ? undefined : sumOf(disk, / Write (\d+)/g),
      processes: this.number(group.processes, "pids.current"),
    };
  }

  private text(folder: string | undefined, file: string): string | undefined {
    return folder === undefined ? undefined : this.tree.text(`${folder}/${file}`);
  }

  private number(folder: string | undefined, file: string): number | undefined {
    return folder === undefined ? undefined : this.tree.number(`${folder}/${file}`);
  }

  private keyed(folder: string | undefined, file: string): Map<string, number> {
    return parseFlatKeyed(this.text(folder, file) ?? "");
  }

  /** Cache that nobody has used lately is given back before anything fails: it is not used. So counts Docker, too. */
  private memory(usage: number | undefined, cached: number | undefined, limit: number | undefined) {
    const isLimited = limit !== undefined && limit < this.machineBytes;
    return {
      memoryUsedBytes: usage === undefined ? undefined : Math.max(0, usage - (cached ?? 0)),
      memoryLimitBytes: isLimited ? limit : undefined,
    };
  }

  /** As the container's own interfaces count it: received is what came in to the container. */
  private readNetwork(pid: number): Partial<Counters> {
    const text = this.tree.text(`/proc/${pid}/net/dev`);
    if (text === undefined) return {};
    let networkReceivedBytes = 0;
    let networkTransmittedBytes = 0;
    for (const [name, counters] of parseNetDev(text)) {
      if (name === "lo") continue;
      networkReceivedBytes += counters.receivedBytes;
      networkTransmittedBytes += counters.transmittedBytes;
    }
    return { networkReceivedBytes, networkTransmittedBytes };
  }
}

/**
 * Paths by controller, "" for version 2, each cut behind the part with the id in it: processes may sit in a group
 * further down (an init system in the container, Podman's `container`). A path out of what we see is none.
 */
export function parseGroups(text: string, id: ContainerId): Map<string, string> {
  const paths = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined || path.includes("/..")) continue;
    const parts = path.split("/");
    const own = parts.findLastIndex((part) => part.includes(id));
    if (own === -1) continue;
    for (const controller of controllers.split(",")) paths.set(controller, parts.slice(0, own + 1).join("/"));
  }
  return paths;
}

function sumOf(text: string, pattern: RegExp): number {
  let sum = 0;
  for (const [, digits] of text.matchAll(pattern)) sum += Number(digits);
  return sum;
}
