import { expect, test } from "bun:test";
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from "node:fs";
import { until } from "../../../tests/support/until.ts";
import { parseFlatKeyed } from "../proc/cgroup.ts";
import { type FakeMachine, fakeMachine } from "./fake-machine.ts";
import { readKernelLog } from "./kernel-log.ts";
import { MemoryKillCounter } from "./memory-kills.ts";
import { Tree } from "./tree.ts";

const HOUR = 3_600_000;
const summedUp = (nth: number, constraint: string, task: string) =>
  `6,${nth},1,-;oom-kill:constraint=CONSTRAINT_${constraint},nodemask=(null),task_memcg=/,task=${task},pid=${nth},uid=0`;

function counted(machine: FakeMachine, kills: number, limits = 0): void {
  machine.write({
    "proc/vmstat": `pgfault 12\noom_kill ${kills}\n`,
    "sys/fs/cgroup/system.slice/memory.events": `low 0\noom ${limits}\noom_kill ${limits}\n`,
  });
}

test("what was before is nobody's news, what comes is told of for an hour", () => {
  using machine = fakeMachine();
  counted(machine, 8);
  const kills = new MemoryKillCounter(new Tree(machine.root), () => undefined);
  expect(kills.read(0)).toEqual({ count: 0, processes: [] });
  counted(machine, 10);
  expect(kills.read(10_000)?.count).toBe(2);
  expect(kills.read(HOUR)?.count).toBe(2);
  expect(kills.read(10_000 + HOUR)?.count).toBe(0);
});

test("what reached a limit is not the machine's want of memory: so the groups say where the log may not be read", () => {
  using machine = fakeMachine();
  counted(machine, 8, 3);
  const kills = new MemoryKillCounter(new Tree(machine.root), () => undefined);
  kills.read(0);
  counted(machine, 9, 4);
  expect(kills.read(1)?.count).toBe(0);
  counted(machine, 11, 5);
  expect(kills.read(2)?.count).toBe(1);
});

test("and so says the log, which names whom it befell", () => {
  using machine = fakeMachine();
  const log = [summedUp(1, "NONE", "before")];
  counted(machine, 1);
  const kills = new MemoryKillCounter(new Tree(machine.root), () => log);
  kills.read(0);
  log.push(summedUp(2, "MEMCG", "dd"), "6,3,1,-;eth0: link is up", summedUp(4, "NONE", "postgres"));
  counted(machine, 3);
  expect(kills.read(1)).toEqual({ count: 1, processes: ["postgres"] });
  log.push(summedUp(5, "MEMCG", "dd"));
  counted(machine, 4);
  expect(kills.read(2)).toEqual({ count: 1, processes: ["postgres"] });
  /* Written over before anybody read it: that there was one is known all the same. */
  counted(machine, 5);
  expect(kills.read(3)).toEqual({ count: 2, processes: ["postgres"] });
});

test("a kernel that does not count them says nothing", () => {
  using machine = fakeMachine({ "proc/vmstat": "pgfault 12\n" });
  expect(new MemoryKillCounter(new Tree(machine.root), () => []).read(0)).toBeUndefined();
});

/** A control group with little memory; undefined where none can be made. */
function smallGroup():
  | { path: string; isUnified: boolean; [Symbol.asyncDispose](): Promise<void> }
  | undefined {
  const isUnified = existsSync("/sys/fs/cgroup/cgroup.controllers");
  const path = `/sys/fs/cgroup${isUnified ? "" : "/memory"}/pulse-test-${process.pid}`;
  try {
    mkdirSync(path);
    writeFileSync(`${path}/${isUnified ? "memory.max" : "memory.limit_in_bytes"}`, String(24 * 1024 * 1024));
  } catch {
    return undefined;
  }
  return {
    path,
    isUnified,
    /* It is busy for as long as the one that was killed is not quite gone. */
    async [Symbol.asyncDispose]() {
      await until(() => isRemoved(path));
    },
  };
}

function isRemoved(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch {
    return false;
  }
}

test("a real process that the kernel kills at its limit is counted by it, and is no want of the machine's memory", async () => {
  await using group = smallGroup();
  const log = readKernelLog();
  if (!group || !log || !existsSync("/usr/bin/tail")) {
    console.warn("SKIPPED: needs root, a memory control group and the kernel's log");
    return;
  }
  const tree = new Tree();
  const counter = () => parseFlatKeyed(tree.text("/proc/vmstat") ?? "").get("oom_kill") ?? Number.NaN;
  const before = counter();
  const knowing = new MemoryKillCounter(tree, readKernelLog);
  knowing.read(0);
  const enter = `echo $$ > ${group.path}/cgroup.procs && exec tail /dev/zero`;
  const greedy = Bun.spawn(["sh", "-c", enter], { stdout: "ignore", stderr: "ignore" });
  await greedy.exited;
  expect(greedy.signalCode).toBe("SIGKILL");
  expect(counter()).toBeGreaterThan(before);
  expect(knowing.read(1)).toEqual({ count: 0, processes: [] });
  /* It was looked for in the right place. */
  const told = readKernelLog()?.filter((record) => record.includes(`task=tail,pid=${greedy.pid},`));
  expect(told).toHaveLength(1);
});
