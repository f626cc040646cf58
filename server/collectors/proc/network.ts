/** What an interface has moved since it appeared. */
export interface InterfaceCounters {
  receivedBytes: number;
  receiveErrors: number;
  receiveDrops: number;
  transmittedBytes: number;
  transmitErrors: number;
  transmitDrops: number;
}

/** Lines that are read at most: a container host has one per container. */
const LINE_LIMIT = 8_192;

/** /proc/net/dev. Old kernels leave no space between the colon and a long number. */
export function parseNetDev(text: string): Map<string, InterfaceCounters> {
  const interfaces = new Map<string, InterfaceCounters>();
  for (const line of text.split("\n", LINE_LIMIT)) {
    const colon = line.lastIndexOf(":");
    const name = line.slice(0, Math.max(0, colon)).trim();
    const columns = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/)
      .map(Number);
    if (!name || columns.length < 16 || !columns.every(Number.isFinite)) continue;
    const column = (index: number) => columns[index] ?? 0;
    interfaces.set(name, {
      receivedBytes: column(0),
      receiveErrors: column(2),
      receiveDrops: column(3),
      transmittedBytes: column(8),
      transmitErrors: column(10),
      transmitDrops: column(11),
    });
  }
  return interfaces;
}

/**
 * Interfaces that are the other end of a container or a virtual machine, or that a kernel module makes
 * on its own: their traffic is counted elsewhere and their names come and go.
 */
const PIECES = [
  /^lo$/,
  /^veth/,
  // The pieces Proxmox makes for each guest, libvirt's, and the ends of LXC, Calico and Cilium.
  /^(?:tap|fwbr|fwpr|fwln)\d+[ip]\d+$/,
  /^vnet\d+$/,
  /^(?:cali[0-9a-f]+|cilium_\w+|lxc[0-9a-f]{8,}|lxc_health)$/,
  // Networks of container engines: one per compose project.
  /^br-[0-9a-f]{12}$/,
  /^(?:docker\d+|docker_gwbridge|podman\d+|cni\d+|cni-podman\d+|flannel[.-].*|kube-.*|nodelocaldns)$/,
  // Made by loading a module, never used by themselves.
  /^(?:ifb|dummy|teql|sit|gre|gretap|erspan|tunl|ip6tnl|ip6gre|ip_vti|ip6_vti)\d+$/,
  /^bonding_masters$/,
];

export function isPieceOfAnother(name: string): boolean {
  return PIECES.some((pattern) => pattern.test(name));
}
