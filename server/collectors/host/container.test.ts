import { expect, test } from "bun:test";
import { Container } from "./container.ts";
import { fakeMachine } from "./fake-machine.ts";
import { Tree } from "./tree.ts";

test("CPU time is a share of the quota", () => {
  using machine = fakeMachine({
    ".dockerenv": "",
    "sys/fs/cgroup/cpu.max": "50000 100000\n",
    "sys/fs/cgroup/cpu.stat": "usage_usec 1000000\nuser_usec 800000\nsystem_usec 200000\n",
  });
  const container = new Container(new Tree(machine.root));
  expect(container.engine).toBe("docker");
  expect(container.cpuLimit(4)).toBe(0.5);
  expect(container.cpu(4, 0)).toEqual({});
  machine.write({ "sys/fs/cgroup/cpu.stat": "usage_usec 2000000\nuser_usec 1500000\nsystem_usec 500000\n" });
  expect(container.cpu(4, 10_000)).toEqual({ busy: 20, user: 14, system: 6 });
});

test("without a quota below the machine's cores the machine's own shares hold", () => {
  using machine = fakeMachine({
    ".dockerenv": "",
    "sys/fs/cgroup/cpu.max": "400000 100000\n",
    "sys/fs/cgroup/cpu.stat": "usage_usec 1\n",
  });
  const container = new Container(new Tree(machine.root));
  expect(container.cpuLimit(4)).toBeUndefined();
  expect(container.cpu(4, 0)).toBeUndefined();
});

test("an LXC container's CPU time is its own even without a quota", () => {
  using machine = fakeMachine({
    "run/systemd/container": "lxc",
    "sys/fs/cgroup/cpu.max": "max 100000\n",
    "sys/fs/cgroup/cpu.stat": "usage_usec 0\nuser_usec 0\nsystem_usec 0\n",
  });
  const container = new Container(new Tree(machine.root));
  container.cpu(2, 0);
  machine.write({ "sys/fs/cgroup/cpu.stat": "usage_usec 5000000\nuser_usec 4000000\nsystem_usec 1000000\n" });
  expect(container.cpu(2, 10_000)).toEqual({ busy: 25, user: 20, system: 5 });
});

test("without a cgroup namespace the group is found by its path", () => {
  using machine = fakeMachine({
    ".dockerenv": "",
    "proc/self/cgroup": "0::/system.slice/docker-5d.scope\n",
    "sys/fs/cgroup/system.slice/docker-5d.scope/memory.max": "100\n",
    "sys/fs/cgroup/system.slice/docker-5d.scope/memory.current": "40\n",
    "sys/fs/cgroup/system.slice/docker-5d.scope/cpu.pressure": "some avg10=4.00 avg60=0 avg300=0 total=0\n",
  });
  const container = new Container(new Tree(machine.root));
  expect(container.memory(1_000)).toMatchObject({ totalBytes: 100, usedBytes: 40 });
  expect(container.pressure("cpu")).toStartWith("some avg10=4.00");
  expect(container.pressure("io")).toBeUndefined();
});
