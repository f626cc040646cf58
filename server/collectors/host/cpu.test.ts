import { expect, test } from "bun:test";
import { type CpuTicks, parseKernelStat } from "../proc/kernel-stat.ts";
import { Cpu, cpuShares } from "./cpu.ts";

const zero: CpuTicks = { user: 0, nice: 0, system: 0, idle: 0, iowait: 0, irq: 0, softirq: 0, steal: 0 };

test("busy is everything but idle and waiting for disks", () => {
  const after = { user: 100, nice: 50, system: 30, idle: 700, iowait: 60, irq: 5, softirq: 15, steal: 40 };
  expect(cpuShares(zero, after)).toEqual({ busy: 24, user: 15, system: 5, iowait: 6, steal: 4 });
});

test("what the kernel does not count is unknown", () => {
  const before = { user: 0, nice: 0, system: 0, idle: 0 };
  expect(cpuShares(before, { user: 25, nice: 0, system: 0, idle: 75 })).toEqual({
    busy: 25,
    user: 25,
    system: 0,
  });
});

test("no share without two looks, without time, or over a counter that started anew", () => {
  expect(cpuShares(undefined, zero)).toEqual({});
  expect(cpuShares({ ...zero, user: 10 }, { ...zero, user: 5, idle: 100 })).toEqual({});
  expect(cpuShares({ ...zero, steal: 10 }, { ...zero, idle: 100 })).toEqual({});
  expect(cpuShares({ ...zero, idle: 9_000 }, { ...zero, user: 100 })).toEqual({});
  expect(cpuShares(zero, zero).busy).toBeUndefined();
});

test("idle and iowait may slip back a little without costing the interval", () => {
  const before = { ...zero, idle: 1000, iowait: 50 };
  expect(cpuShares(before, { ...zero, user: 100, idle: 1900, iowait: 48 })).toMatchObject({
    busy: 10,
    iowait: 0,
  });
});

test("a core tells of stolen time only once some was stolen", () => {
  const cpu = new Cpu();
  const stat = (user: number, steal: number) =>
    parseKernelStat(`cpu0 ${user} 0 0 ${user} 0 0 0 0 0 0\ncpu3 ${user} 0 0 0 0 0 0 ${steal} 0 0\n`);
  expect(cpu.read(stat(0, 0)).cores.map((core) => core.metrics)).toEqual([{}, {}]);
  const { cores } = cpu.read(stat(50, 50));
  expect(cores).toMatchObject([
    {
      key: "host/core/0",
      parent: "host",
      name: "CPU 0",
      metrics: { cpu_percent: 50, cpu_iowait_percent: 0 },
    },
    { key: "host/core/3", name: "CPU 3", metrics: { cpu_percent: 100, cpu_steal_percent: 50 } },
  ]);
  expect(cores[0]?.metrics).not.toHaveProperty("cpu_steal_percent");
});
