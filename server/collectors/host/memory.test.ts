import { expect, test } from "bun:test";
import { captured } from "../proc/captured-text.ts";
import { Container } from "./container.ts";
import { fakeMachine } from "./fake-machine.ts";
import { readMemory } from "./memory.ts";
import { Tree } from "./tree.ts";

function memoryOf(root: string) {
  const tree = new Tree(root);
  return readMemory(tree, new Container(tree));
}

test("a machine without swap has no swap figures", () => {
  using machine = fakeMachine({ "proc/meminfo": captured("meminfo-6.18-vm") });
  const memory = memoryOf(machine.root);
  expect(Object.keys(memory)).toEqual([
    "memory_total_bytes",
    "memory_available_bytes",
    "memory_used_bytes",
    "memory_used_percent",
    "memory_cached_bytes",
  ]);
  expect(memory.memory_used_bytes).toBe(
    (memory.memory_total_bytes ?? 0) - (memory.memory_available_bytes ?? 0),
  );
});

test("the ZFS cache is not used memory", () => {
  using machine = fakeMachine({
    "proc/meminfo": captured("meminfo-6.8-proxmox-zfs"),
    "proc/spl/kstat/zfs/arcstats": captured("arcstats-2.2-proxmox"),
  });
  expect(memoryOf(machine.root)).toMatchObject({
    zfs_arc_bytes: 33_512_345_600,
    memory_available_bytes: 6_043_012 * 1024 + 33_512_345_600 - 2_102_224_640,
  });
});

test("in an LXC container lxcfs tells the memory, and the machine's ZFS cache is not the container's", () => {
  using machine = fakeMachine({
    "run/systemd/container": "lxc",
    "proc/meminfo": captured("meminfo-6.8-lxcfs"),
    "proc/spl/kstat/zfs/arcstats": captured("arcstats-2.2-proxmox"),
    "sys/fs/cgroup/memory.max": "2147483648\n",
    "sys/fs/cgroup/memory.current": "700000000\n",
  });
  const memory = memoryOf(machine.root);
  expect(memory).toMatchObject({
    memory_total_bytes: 2_147_483_648,
    swap_total_bytes: 536_870_912,
    swap_used_percent: 0,
  });
  expect(memory.memory_available_bytes).toBe(1_833_040 * 1024);
  expect(memory).not.toHaveProperty("zfs_arc_bytes");
});

const LIMITED = {
  ".dockerenv": "",
  "proc/meminfo": "MemTotal: 8000000 kB\nMemAvailable: 4000000 kB\nSwapTotal: 1000 kB\nSwapFree: 1000 kB\n",
  "sys/fs/cgroup/memory.max": "1000000000\n",
  "sys/fs/cgroup/memory.current": "600000000\n",
  "sys/fs/cgroup/memory.stat": "anon 300000000\nfile 250000000\nshmem 50000000\ninactive_file 100000000\n",
  "sys/fs/cgroup/memory.swap.max": "max\n",
};

test("a container is measured against its own limit; idle page cache is not used", () => {
  using machine = fakeMachine(LIMITED);
  expect(memoryOf(machine.root)).toEqual({
    memory_total_bytes: 1_000_000_000,
    memory_available_bytes: 500_000_000,
    memory_used_bytes: 500_000_000,
    memory_used_percent: 50,
    memory_cached_bytes: 200_000_000,
  });
});

test("a container's swap counts when it is limited", () => {
  using machine = fakeMachine({
    ...LIMITED,
    "sys/fs/cgroup/memory.swap.max": "400\n",
    "sys/fs/cgroup/memory.swap.current": "100\n",
  });
  expect(memoryOf(machine.root)).toMatchObject({
    swap_total_bytes: 400,
    swap_used_bytes: 100,
    swap_used_percent: 25,
  });
});

test("a container without a limit, or one that watches the machine, shows the machine", () => {
  using unlimited = fakeMachine({ ...LIMITED, "sys/fs/cgroup/memory.max": "max\n" });
  expect(memoryOf(unlimited.root).memory_total_bytes).toBe(8_192_000_000);
  using watching = fakeMachine(LIMITED);
  watching.link("proc/self/ns/pid", "pid:[4026531836]");
  expect(memoryOf(watching.root).memory_total_bytes).toBe(8_192_000_000);
});

test("limits of a service on a machine of its own are not the machine's", () => {
  const { ".dockerenv": _, ...files } = LIMITED;
  using machine = fakeMachine(files);
  expect(memoryOf(machine.root).memory_total_bytes).toBe(8_192_000_000);
});

test("what cannot be read is left out", () => {
  using machine = fakeMachine();
  expect(memoryOf(machine.root)).toEqual({});
});
