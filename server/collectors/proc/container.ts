/** What a machine shows from which one can tell whether it is a container. */
export interface ContainerMarks {
  /** Whether process, host name and IPC namespace are the kernel's first ones; undefined if not to be seen. */
  initialNamespaces?: boolean;
  /** /run/systemd/container. */
  systemdContainer?: string;
  /** /proc/1/environ; only root may read it. */
  initEnvironment?: string;
  /** /proc/1/cgroup. */
  initCgroup?: string;
  /** /proc/self/mountinfo. */
  mountinfo?: string;
  dockerenv: boolean;
  containerenv: boolean;
}

/**
 * Name of the container engine, undefined on a machine of its own. The namespaces decide first: a
 * virtual machine made from a Docker image still has its /.dockerenv.
 */
export function containerOf(marks: ContainerMarks): string | undefined {
  if (marks.initialNamespaces) return undefined;
  if (/kubepods/.test(marks.initCgroup ?? "")) return "kubernetes";
  if (marks.containerenv) return "podman";
  const named = marks.systemdContainer?.trim() || environmentOf(marks.initEnvironment ?? "");
  if (named && /^[a-z][a-z0-9-]{0,30}$/.test(named)) return named;
  if (marks.dockerenv || /\/docker[/-]/.test(marks.initCgroup ?? "")) return "docker";
  if (/\/lxc[./]/.test(marks.initCgroup ?? "") || / - fuse\.lxcfs /.test(marks.mountinfo ?? "")) return "lxc";
  return undefined;
}

/** Of an environment that may hold secrets, only what systemd, LXC and Podman put there for this. */
function environmentOf(environment: string): string | undefined {
  const entry = environment.split("\0").find((held) => held.startsWith("container="));
  return entry?.slice("container=".length);
}

/** Engines whose containers are machines: an init of their own, watched as a whole. */
export function isSystemContainer(container: string | undefined): boolean {
  return container === "lxc" || container === "lxc-libvirt" || container === "systemd-nspawn";
}

/** What `/proc/self/ns/*` points to in the kernel's first namespaces; these numbers are fixed in its source. */
export const INITIAL_NAMESPACES = {
  pid: "pid:[4026531836]",
  uts: "uts:[4026531838]",
  ipc: "ipc:[4026531839]",
} as const;
