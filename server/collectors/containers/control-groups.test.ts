import { describe, expect, test } from "bun:test";
import { fakeMachine } from "../host/fake-machine.ts";
import { Tree } from "../host/tree.ts";
import { ControlGroups, parseGroups } from "./control-groups.ts";
import type { ContainerId } from "./engine-socket.ts";

const ID = "a1".repeat(32) as ContainerId;
const MACHINE_BYTES = 1_000_000_000;
const NET = `Inter-|   Receive  |  Transmit
 face |bytes packets errs drop fifo frame compressed multicast|bytes packets errs drop fifo colls carrier compressed
    lo:  999 9 0 0 0 0 0 0 999 9 0 0 0 0 0 0
  eth0: 1000 9 0 0 0 0 0 0 2000 9 0 0 0 0 0 0
  eth1:    1 9 0 0 0 0 0 0    2 9 0 0 0 0 0 0
`;

const UNIFIED = `/sys/fs/cgroup/system.slice/docker-${ID}.scope`;
const unified = () =>
  fakeMachine({
    "/sys/fs/cgroup/cgroup.controllers": "cpu io memory pids\n",
    "/proc/42/cgroup": `0::/system.slice/docker-${ID}.scope/init\n`,
    "/proc/42/net/dev": NET,
    [`${UNIFIED}/cpu.stat`]: "usage_usec 7000000\nuser_usec 1\nsystem_usec 2\n",
    [`${UNIFIED}/memory.current`]: "5000000\n",
    [`${UNIFIED}/memory.max`]: "8000000\n",
    [`${UNIFIED}/memory.stat`]: "anon 1\nfile 2\ninactive_file 1000000\n",
    [`${UNIFIED}/memory.events`]: "low 0\nhigh 0\nmax 5\noom 1\noom_kill 2\n",
    [`${UNIFIED}/io.stat`]:
      "259:0 rbytes=100 wbytes=20 rios=1 wios=1 dbytes=0 dios=0\n253:0 rbytes=1 wbytes=2\n",
    [`${UNIFIED}/pids.current`]: "9\n",
  });

describe("version 2", () => {
  test("tells everything from one folder, found through a process further down", () => {
    using machine = unified();
    const groups = new ControlGroups(new Tree(machine.root), MACHINE_BYTES);
    const group = groups.find(42, ID);
    expect(group && groups.read(group, true, 5)).toEqual({
      atMs: 5,
      cpuMicroseconds: 7_000_000,
      memoryUsedBytes: 4_000_000,
      memoryLimitBytes: 8_000_000,
      oomKills: 2,
      diskReadBytes: 101,
      diskWrittenBytes: 22,
      processes: 9,
      networkReceivedBytes: 1_001,
      networkTransmittedBytes: 2_002,
    });
  });

  test("without a limit there is none, and on the host's network no traffic", () => {
    using machine = unified();
    machine.write({ [`${UNIFIED}/memory.max`]: "max\n" });
    const groups = new ControlGroups(new Tree(machine.root), MACHINE_BYTES);
    const group = groups.find(42, ID);
    const counters = group && groups.read(group, false, 5);
    expect(counters?.memoryLimitBytes).toBeUndefined();
    expect(counters).not.toHaveProperty("networkReceivedBytes");
  });

  test("a group that is gone has no figures, not even of whoever has the process's number now", () => {
    using machine = unified();
    const groups = new ControlGroups(new Tree(machine.root), MACHINE_BYTES);
    const group = groups.find(42, ID);
    machine.remove(UNIFIED);
    expect(group).toBeDefined();
    expect(group && groups.read(group, true, 5)).toBeUndefined();
  });
});

test("version 1 tells it from a folder of each controller", () => {
  const folder = (controller: string) => `/sys/fs/cgroup/${controller}/docker/${ID}`;
  using machine = fakeMachine({
    "/proc/42/cgroup": `4:memory:/docker/${ID}\n7:cpu,cpuacct:/docker/${ID}\n8:blkio:/docker/${ID}\n9:pids:/docker/${ID}\n0::/\n`,
    [`${folder("cpuacct")}/cpuacct.usage`]: "7000000000\n",
    [`${folder("memory")}/memory.usage_in_bytes`]: "5000000\n",
    [`${folder("memory")}/memory.stat`]:
      "cache 1\nhierarchical_memory_limit 9223372036854771712\ntotal_inactive_file 1000000\n",
    [`${folder("memory")}/memory.oom_control`]: "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n",
    [`${folder("blkio")}/blkio.throttle.io_service_bytes_recursive`]:
      "259:0 Read 100\n259:0 Write 20\n259:0 Total 120\nTotal 120\n",
    [`${folder("pids")}/pids.current`]: "9\n",
  });
  const groups = new ControlGroups(new Tree(machine.root), MACHINE_BYTES);
  const group = groups.find(42, ID);
  expect(group && groups.read(group, false, 5)).toEqual({
    atMs: 5,
    cpuMicroseconds: 7_000_000,
    memoryUsedBytes: 4_000_000,
    memoryLimitBytes: undefined,
    oomKills: 3,
    diskReadBytes: 100,
    diskWrittenBytes: 20,
    processes: 9,
  });
});

describe("a group is believed only when the container's id is in its path", () => {
  test.each([
    ["the process is another's by now", "0::/system.slice/sshd.service\n"],
    ["a container beside it", `0::/docker/${"b2".repeat(32)}\n`],
    ["out of what can be seen", `0::/../../docker/${ID}\n`],
    ["no such process", ""],
  ])("%s", (_, text) => {
    expect(parseGroups(text, ID).size).toBe(0);
  });

  test("where Podman puts the process one further down", () => {
    const text = `0::/machine.slice/libpod-${ID}.scope/container\n`;
    expect(parseGroups(text, ID).get("")).toBe(`/machine.slice/libpod-${ID}.scope`);
  });
});
