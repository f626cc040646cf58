import { expect, test } from "bun:test";
import { fakeMachine } from "./fake-machine.ts";
import { Processes } from "./processes.ts";
import { Tree } from "./tree.ts";

const stat = (pid: number, name: string, ticks: number, pages: number, start = 100) =>
  `${pid} (${name}) S 1 1 1 0 -1 4194560 100 0 0 0 ${ticks} 0 0 0 20 0 1 0 ${start} 1000000 ${pages} 0 0`;

test("who uses the CPU, then who uses the memory", async () => {
  using machine = fakeMachine({
    "etc/passwd": "root:x:0:0::/root:/bin/sh\npostgres:x:70:70::/:/bin/sh\n",
    "proc/meminfo": "",
    "proc/1/stat": stat(1, "init", 500, 100),
    "proc/70/stat": stat(70, "postgres", 1_000, 5_000),
    "proc/70/status": "Uid:\t70\t70\t70\t70\n",
    "proc/80/stat": stat(80, "big", 0, 90_000),
    "proc/80/status": "Uid:\t4242\t4242\t4242\t4242\n",
  });
  const processes = new Processes(new Tree(machine.root), () => 0);
  const first = await processes.read(() => 0);
  expect(first.count).toBe(3);
  expect(first.top?.[0]).toEqual({ pid: 80, name: "big", user: "4242", memory_bytes: 90_000 * 4096 });

  machine.write({ "proc/70/stat": stat(70, "postgres", 1_250, 6_000) });
  const { top } = await processes.read(() => 10_000);
  expect(top).toEqual([
    { pid: 70, name: "postgres", user: "postgres", cpu_percent: 25, memory_bytes: 6_000 * 4096 },
    { pid: 80, name: "big", user: "4242", cpu_percent: 0, memory_bytes: 90_000 * 4096 },
    { pid: 1, name: "init", cpu_percent: 0, memory_bytes: 100 * 4096 },
  ]);
});

test("a new process has used all its time since the last look, also when it got an old number", async () => {
  using machine = fakeMachine({ "proc/5/stat": stat(5, "old", 9_000, 1, 100) });
  const processes = new Processes(new Tree(machine.root), () => 0);
  await processes.read(() => 0);
  machine.write({
    "proc/5/stat": stat(5, "new", 100, 1, 7_777),
    "proc/6/stat": stat(6, "other", 50, 1, 8_888),
  });
  const { top } = await processes.read(() => 10_000);
  expect(top?.map((one) => [one.name, one.cpu_percent])).toEqual([
    ["new", 10],
    ["other", 5],
  ]);
});

test("at most ten, whatever their names hold; one that just ended is not seen", async () => {
  const files = Array.from({ length: 600 }, (_, n) => [
    `proc/${n + 1}/stat`,
    stat(n + 1, "a\n\u001b[1mb) c", n, n),
  ]);
  using machine = fakeMachine({ ...Object.fromEntries(files), "proc/9999/": "" });
  const { count, top } = await new Processes(new Tree(machine.root), () => 0).read(() => 0);
  expect(count).toBe(601);
  expect(top).toHaveLength(10);
  expect(top?.[0]).toMatchObject({ pid: 600, name: "a [1mb) c" });
});

test("a scan that took long is not repeated soon", async () => {
  using machine = fakeMachine({ "proc/5/stat": stat(5, "sleep", 0, 1) });
  let clock = 0;
  const slow = () => {
    clock += 100;
    return clock;
  };
  const processes = new Processes(new Tree(machine.root), slow);
  await processes.read(() => 0);
  machine.write({ "proc/5/stat": stat(5, "awake", 0, 1) });
  expect((await processes.read(() => 49_000)).top?.[0]?.name).toBe("sleep");
  expect((await processes.read(() => 50_000)).top?.[0]?.name).toBe("awake");
});

test("without /proc nothing is known", async () => {
  using machine = fakeMachine();
  expect(await new Processes(new Tree(machine.root)).read(() => 0)).toEqual({});
});
