/** What a machine says of itself: os-release, cpuinfo, loadavg, uptime, firmware. */

/** PRETTY_NAME of /etc/os-release, quotes removed. */
export function parseOsName(text: string): string | undefined {
  const value = /^PRETTY_NAME=(.*)$/m.exec(text)?.[1]?.trim();
  if (!value) return undefined;
  const quoted = /^(["'])(.*)\1$/.exec(value)?.[2] ?? value;
  return quoted.replace(/\\(["'$`\\])/g, "$1").trim() || undefined;
}

/** x86 names its model; POWER says `cpu`; ARM boards name the board, in cpuinfo or in the device tree. */
export function parseCpuModel(cpuinfo: string, deviceTreeModel = ""): string | undefined {
  const of = (field: string) => new RegExp(`^${field}\\s*:\\s*(\\S.*)$`, "m").exec(cpuinfo)?.[1];
  const model = of("model name") ?? of("cpu") ?? of("Model") ?? of("Hardware");
  return (model ?? deviceTreeModel.replaceAll("\0", "")).replace(/\s+/g, " ").trim() || undefined;
}

/** Whether the CPU says that it runs under a hypervisor. */
export function hasHypervisorFlag(cpuinfo: string): boolean {
  return /^flags\s*:.*\bhypervisor\b/m.test(cpuinfo);
}

export function parseLoadavg(text: string): [number, number, number] | undefined {
  const [, one, five, fifteen] = /^(\d+\.\d+) (\d+\.\d+) (\d+\.\d+)/.exec(text) ?? [];
  if (one === undefined) return undefined;
  return [Number(one), Number(five), Number(fifteen)];
}

/** Seconds. */
export function parseUptime(text: string): number | undefined {
  const seconds = /^(\d+(?:\.\d+)?)/.exec(text)?.[1];
  return seconds === undefined ? undefined : Number(seconds);
}

export interface Firmware {
  /** /sys/class/dmi/id/sys_vendor and product_name. */
  vendor?: string;
  product?: string;
  /** /sys/hypervisor/type. */
  hypervisorType?: string;
  hypervisorFlag: boolean;
  /** /proc/sys/kernel/osrelease. */
  kernel?: string;
}

const HYPERVISORS: [mark: RegExp, name: string][] = [
  [/vmware/i, "vmware"],
  [/virtualbox|innotek/i, "virtualbox"],
  [/microsoft.*virtual machine/i, "hyper-v"],
  [/parallels/i, "parallels"],
  [/bhyve/i, "bhyve"],
  [/apple virtualization/i, "apple"],
  [/xen/i, "xen"],
  [/qemu|kvm|amazon ec2|google|digitalocean|hetzner|openstack|rhev|ovirt|proxmox|firecracker/i, "kvm"],
];

/** Which hypervisor the machine runs on; undefined on bare metal and where nothing tells. */
export function virtualizationOf(firmware: Firmware): string | undefined {
  if (/microsoft.*wsl|-microsoft-standard/i.test(firmware.kernel ?? "")) return "wsl";
  // The vendors of clouds rent out bare metal too: without the flag only QEMU itself is believed.
  const named = `${firmware.vendor ?? ""} ${firmware.product ?? ""}`;
  const isVirtual = firmware.hypervisorFlag || /qemu|kvm|virtual machine|vmware|virtualbox/i.test(named);
  if (isVirtual) return HYPERVISORS.find(([mark]) => mark.test(named))?.[1] ?? "vm";
  return firmware.hypervisorType === "xen" ? "xen" : undefined;
}
