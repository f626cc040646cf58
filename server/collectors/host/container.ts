import { parseCgroupPath, parseCpuMax, parseFlatKeyed, parseLimit } from "../proc/cgroup.ts";
import { containerOf, INITIAL_NAMESPACES, isSystemContainer } from "../proc/container.ts";
import type { CpuShares } from "./cpu.ts";
import { increase, percentOf } from "./figures.ts";
import type { Tree } from "./tree.ts";

/**
 * What the container Pulse runs in may use, from its control group (version 2). LXC lays lxcfs over
 * /proc, which shows the container's own memory; but with version 2 its /proc/stat counts what all
 * the machine does on the container's cores, so for a system container CPU time always comes from
 * the group. Other containers show the machine unless a limit is set.
 */
export interface ContainerMemory {
  totalBytes: number;
  usedBytes: number;
  cachedBytes?: number;
  /** Undefined when the container may swap as it likes: then the machine's swap says nothing about it. */
  swapTotalBytes?: number;
  swapUsedBytes?: number;
}

interface CpuUsage {
  atMs: number;
  usage?: number;
  user?: number;
  system?: number;
}

const MOUNT = "/sys/fs/cgroup";

export class Container {
  readonly engine: string | undefined;
  /** Folder of the container's group; undefined when the figures of /proc are this machine's own. */
  private readonly group: string | undefined;
  private before: CpuUsage | undefined;

  constructor(private readonly tree: Tree) {
    this.engine = findEngine(tree);
    // A container in the machine's process namespace was put there to watch the machine.
    const watchesMachine = tree.linkName("/proc/self/ns/pid") === INITIAL_NAMESPACES.pid;
    this.group = this.engine && !watchesMachine ? findGroup(tree) : undefined;
  }

  /** Whether /proc is a container's, so that what belongs to the machine's kernel (its ZFS) is not ours. */
  get isSystem(): boolean {
    return isSystemContainer(this.engine);
  }

  /** Undefined unless the container's limit is below what the machine (or lxcfs) shows. */
  memory(machineBytes: number | undefined): ContainerMemory | undefined {
    const limit = this.limit("memory.max");
    const current = this.limit("memory.current");
    if (limit === undefined || current === undefined || limit >= (machineBytes ?? Number.POSITIVE_INFINITY))
      return;
    const stat = parseFlatKeyed(this.text("memory.stat") ?? "");
    const file = stat.get("file");
    const swapTotalBytes = this.limit("memory.swap.max");
    return {
      totalBytes: limit,
      // Page cache that nobody has used lately is given back before anything fails; Docker counts so, too.
      usedBytes: Math.min(limit, Math.max(0, current - (stat.get("inactive_file") ?? 0))),
      cachedBytes: file === undefined ? undefined : Math.max(0, file - (stat.get("shmem") ?? 0)),
      swapTotalBytes,
      swapUsedBytes: swapTotalBytes === undefined ? undefined : this.limit("memory.swap.current"),
    };
  }

  /** Cores' worth of time the container may use, when that is less than the cores it sees. */
  cpuLimit(cores: number): number | undefined {
    const limit = parseCpuMax(this.text("cpu.max") ?? "");
    return limit !== undefined && limit > 0 && limit < cores ? limit : undefined;
  }

  /** Shares of what the container may use; undefined when the machine's own shares hold for it. */
  cpu(cores: number, nowMs: number): CpuShares | undefined {
    const capacity = this.cpuLimit(cores) ?? (this.isSystem && cores > 0 ? cores : undefined);
    const text = capacity === undefined ? undefined : this.text("cpu.stat");
    if (capacity === undefined || text === undefined) return undefined;
    const stat = parseFlatKeyed(text);
    const after: CpuUsage = {
      atMs: nowMs,
      usage: stat.get("usage_usec"),
      user: stat.get("user_usec"),
      system: stat.get("system_usec"),
    };
    if (after.usage === undefined) return undefined;
    const before = this.before;
    this.before = after;
    if (!before) return {};
    const microseconds = (after.atMs - before.atMs) * 1000 * capacity;
    return {
      busy: percentOf(increase(before.usage, after.usage), microseconds),
      user: percentOf(increase(before.user, after.user), microseconds),
      system: percentOf(increase(before.system, after.system), microseconds),
    };
  }

  /** The container's own pressure, or the machine's where it is not a container of its own. */
  pressure(resource: "cpu" | "memory" | "io"): string | undefined {
    return this.text(`${resource}.pressure`) ?? this.tree.text(`/proc/pressure/${resource}`);
  }

  private limit(file: string): number | undefined {
    return parseLimit(this.text(file) ?? "");
  }

  private text(file: string): string | undefined {
    return this.group === undefined ? undefined : this.tree.text(`${this.group}/${file}`);
  }
}

function findEngine(tree: Tree): string | undefined {
  const links = Object.entries(INITIAL_NAMESPACES).map(([name, first]) => ({
    first,
    link: tree.linkName(`/proc/self/ns/${name}`),
  }));
  const areSeen = links.every(({ link }) => link !== undefined);
  return containerOf({
    initialNamespaces: areSeen ? links.every(({ link, first }) => link === first) : undefined,
    systemdContainer: tree.text("/run/systemd/container"),
    initEnvironment: tree.text("/proc/1/environ"),
    initCgroup: tree.text("/proc/1/cgroup"),
    mountinfo: tree.text("/proc/self/mountinfo"),
    dockerenv: tree.has("/.dockerenv"),
    containerenv: tree.has("/run/.containerenv"),
  });
}

/**
 * With a cgroup namespace (the rule) the mount's top is the container's group; the kernel's own top
 * group has no `memory.max`. Without one, the top is the machine's and the path leads to the group.
 */
function findGroup(tree: Tree): string | undefined {
  if (tree.has(`${MOUNT}/memory.max`) || tree.has(`${MOUNT}/cpu.max`)) return MOUNT;
  const path = parseCgroupPath(tree.text("/proc/self/cgroup") ?? "");
  if (path === undefined || path === "/" || path.includes("..")) return undefined;
  return tree.has(`${MOUNT}${path}/memory.max`) || tree.has(`${MOUNT}${path}/cpu.max`)
    ? MOUNT + path
    : undefined;
}
