import { expect, test } from "bun:test";
import { captured } from "./captured-text.ts";
import {
  hasHypervisorFlag,
  parseCpuModel,
  parseLoadavg,
  parseOsName,
  parseUptime,
  virtualizationOf,
} from "./identity.ts";

test("the system's name without its quotes", () => {
  expect(parseOsName('NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n')).toBe(
    "Debian GNU/Linux 12 (bookworm)",
  );
  expect(parseOsName("PRETTY_NAME='Alpine Linux v3.20'\n")).toBe("Alpine Linux v3.20");
  expect(parseOsName("PRETTY_NAME=Arch\n")).toBe("Arch");
  expect(parseOsName('PRETTY_NAME=""\n')).toBeUndefined();
  expect(parseOsName("")).toBeUndefined();
});

test("the CPU of a PC, a POWER machine and ARM boards", () => {
  expect(parseCpuModel(captured("cpuinfo-epyc-vm"))).toBe("AMD EPYC");
  expect(parseCpuModel("model name\t: Intel(R) Core(TM)  i7-8700 CPU @ 3.20GHz\n")).toBe(
    "Intel(R) Core(TM) i7-8700 CPU @ 3.20GHz",
  );
  expect(parseCpuModel("processor\t: 0\ncpu\t\t: POWER9, altivec supported\n")).toBe(
    "POWER9, altivec supported",
  );
  expect(
    parseCpuModel("processor\t: 0\nCPU part\t: 0xd08\n\nModel\t\t: Raspberry Pi 4 Model B Rev 1.4\n"),
  ).toBe("Raspberry Pi 4 Model B Rev 1.4");
  expect(parseCpuModel("processor\t: 0\n", "FriendlyElec NanoPi R5S\0")).toBe("FriendlyElec NanoPi R5S");
  expect(parseCpuModel("")).toBeUndefined();
});

test("load and uptime", () => {
  expect(parseLoadavg("0.52 1.04 12.00 3/1284 3668\n")).toEqual([0.52, 1.04, 12]);
  expect(parseLoadavg("")).toBeUndefined();
  expect(parseUptime("705.40 1354.44\n")).toBe(705.4);
  expect(parseUptime("x")).toBeUndefined();
});

test("which hypervisor, and none on bare metal", () => {
  expect(hasHypervisorFlag(captured("cpuinfo-epyc-vm"))).toBe(true);
  expect(hasHypervisorFlag("flags\t\t: fpu vme\n")).toBe(false);
  expect(
    virtualizationOf({ vendor: "QEMU", product: "Standard PC (Q35 + ICH9, 2009)", hypervisorFlag: true }),
  ).toBe("kvm");
  expect(virtualizationOf({ vendor: "VMware, Inc.", product: "VMware7,1", hypervisorFlag: true })).toBe(
    "vmware",
  );
  expect(
    virtualizationOf({ vendor: "Microsoft Corporation", product: "Virtual Machine", hypervisorFlag: true }),
  ).toBe("hyper-v");
  expect(virtualizationOf({ vendor: "innotek GmbH", product: "VirtualBox", hypervisorFlag: true })).toBe(
    "virtualbox",
  );
  expect(
    virtualizationOf({ vendor: "Amazon EC2", product: "m5.metal", hypervisorFlag: false }),
  ).toBeUndefined();
  expect(
    virtualizationOf({ vendor: "Dell Inc.", product: "PowerEdge R740", hypervisorFlag: false }),
  ).toBeUndefined();
  expect(virtualizationOf({ hypervisorType: "xen", hypervisorFlag: false })).toBe("xen");
  expect(virtualizationOf({ hypervisorFlag: true })).toBe("vm");
  expect(virtualizationOf({ hypervisorFlag: true, kernel: "5.15.153.1-microsoft-standard-WSL2" })).toBe(
    "wsl",
  );
});
