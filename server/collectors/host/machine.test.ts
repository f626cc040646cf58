import { expect, test } from "bun:test";
import { captured } from "../proc/captured-text.ts";
import { fakeMachine } from "./fake-machine.ts";
import { Machine } from "./machine.ts";
import { Tree } from "./tree.ts";

test("what the machine is", () => {
  using machine = fakeMachine({
    "etc/os-release": 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
    "proc/sys/kernel/osrelease": "6.8.12-4-pve\n",
    "proc/sys/kernel/hostname": "pve1\n",
    "proc/cpuinfo": captured("cpuinfo-epyc-vm"),
    "sys/class/dmi/id/sys_vendor": "QEMU\n",
  });
  const read = new Machine(new Tree(machine.root));
  expect(read.name()).toBe("pve1");
  expect(read.facts).toMatchObject({
    os: "Debian GNU/Linux 12 (bookworm)",
    kernel: "6.8.12-4-pve",
    cpu_model: "AMD EPYC",
    virtualization: "kvm",
  });
});

test("the time of the start does not jitter, and follows a clock that was set", () => {
  using machine = fakeMachine();
  const read = new Machine(new Tree(machine.root));
  const now = 1_700_000_000_000;
  expect(read.bootedAt(now - 100_000, 100, now)).toBe(now - 100_000);
  expect(read.bootedAt(now - 99_000, 110, now + 10_000)).toBe(now - 100_000);
  expect(read.bootedAt(now + 3_500_000, 120, now + 3_620_000)).toBe(now + 3_500_000);
});

test("a container started after the machine, which its own uptime tells", () => {
  using machine = fakeMachine();
  const read = new Machine(new Tree(machine.root));
  const now = 1_700_000_000_000;
  expect(read.bootedAt(now - 9_000_000, 300.4, now)).toBe(now - 300_000);
  expect(read.bootedAt(now - 9_000_000, 310.6, now + 10_000)).toBe(now - 300_000);
  expect(read.bootedAt(undefined, undefined, now)).toBe(now - 300_000);
});
