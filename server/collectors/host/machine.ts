import { hostname, machine } from "node:os";
import {
  hasHypervisorFlag,
  parseCpuModel,
  parseOsName,
  parseUptime,
  virtualizationOf,
} from "../proc/identity.ts";
import { clip, knownAttributes } from "./figures.ts";
import type { Tree } from "./tree.ts";

/** Differences in the computed time of the start that are not another start. */
const SAME_BOOT_MS = 60_000;

/** What the machine is: read once, for none of it changes while it runs. */
export class Machine {
  readonly facts: Record<string, unknown>;
  private readonly boot = new BootMoment();

  constructor(private readonly tree: Tree) {
    const cpuinfo = tree.text("/proc/cpuinfo") ?? "";
    const kernel = tree.value("/proc/sys/kernel/osrelease");
    const os = tree.text("/etc/os-release") ?? tree.text("/usr/lib/os-release") ?? "";
    this.facts = knownAttributes({
      os: clipped(parseOsName(os)),
      kernel: clipped(kernel),
      architecture: machine(),
      cpu_model: clipped(parseCpuModel(cpuinfo, tree.text("/proc/device-tree/model"))),
      virtualization: virtualizationOf({
        vendor: tree.value("/sys/class/dmi/id/sys_vendor"),
        product: tree.value("/sys/class/dmi/id/product_name"),
        hypervisorType: tree.value("/sys/hypervisor/type"),
        hypervisorFlag: hasHypervisorFlag(cpuinfo),
        kernel,
      }),
    });
  }

  /** May be changed while the machine runs. */
  name(): string {
    return clip(this.tree.value("/proc/sys/kernel/hostname") ?? hostname()) || "host";
  }

  uptimeSeconds(): number | undefined {
    return parseUptime(this.tree.text("/proc/uptime") ?? "");
  }

  bootedAt(kernelBootAt: number | undefined, uptimeSeconds: number | undefined, now: number) {
    return this.boot.of(kernelBootAt, uptimeSeconds, now);
  }
}

/** When a machine was started. */
export class BootMoment {
  private bootAt: number | undefined;

  /**
   * Epoch milliseconds, the same in every report of one boot. The kernel's `btime` is whole seconds
   * and follows the clock when it is set, so it is kept until it differs by more than jitter. A
   * container has an uptime of its own (lxcfs) beside the machine's `btime`: then that one counts.
   */
  of(kernelBootAt: number | undefined, uptimeSeconds: number | undefined, now: number): number | undefined {
    const counted = uptimeSeconds === undefined ? undefined : Math.round(now / 1000 - uptimeSeconds) * 1000;
    const agree =
      kernelBootAt === undefined || counted === undefined || Math.abs(kernelBootAt - counted) < SAME_BOOT_MS;
    const bootAt = agree ? (kernelBootAt ?? counted) : counted;
    if (bootAt === undefined) return this.bootAt;
    if (this.bootAt === undefined || Math.abs(bootAt - this.bootAt) >= SAME_BOOT_MS) this.bootAt = bootAt;
    return this.bootAt;
  }
}

function clipped(text: string | undefined): string | undefined {
  return text === undefined ? undefined : clip(text);
}
