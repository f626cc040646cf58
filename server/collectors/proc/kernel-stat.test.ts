import { expect, test } from "bun:test";
import { captured } from "./captured-text.ts";
import { parseKernelStat } from "./kernel-stat.ts";

test("reads every column of a present kernel", () => {
  const stat = parseKernelStat(captured("stat-6.18-vm"));
  expect([...stat.cores.keys()]).toEqual([0, 1]);
  expect(stat.total?.idle).toBeGreaterThan(100_000);
  expect(stat.total?.steal).toBeGreaterThan(0);
  expect(stat.bootAt).toBe(1_795_460_346_000);
  expect(stat.running).toBeGreaterThan(0);
  expect(stat.blocked).toBe(0);
});

test("reads kernel 3.10", () => {
  const stat = parseKernelStat(captured("stat-3.10-centos7"));
  expect(stat).toMatchObject({ bootAt: 1_418_183_276_000, running: 2, blocked: 1 });
  expect(stat.cores.get(1)).toEqual({
    user: 1335698,
    nice: 28612,
    system: 460893,
    idle: 11161731,
    iowait: 2996,
    irq: 0,
    softirq: 3208,
    steal: 0,
  });
});

test("a column an old kernel does not count is unknown, not zero", () => {
  const stat = parseKernelStat("cpu  2255 34 2290 22625563 6290 127 456\ncpu0 1132 34 1441 11311718\n");
  expect(stat.total).toMatchObject({ softirq: 456, steal: undefined });
  expect(stat.cores.get(0)).toMatchObject({ idle: 11311718, iowait: undefined, irq: undefined });
});

test("a core that is switched off leaves a gap in the numbers", () => {
  const stat = parseKernelStat(
    "cpu  4 0 4 4 0 0 0 0 0 0\ncpu0 1 0 1 1 0 0 0 0 0 0\ncpu2 1 0 1 1 0 0 0 0 0 0\n",
  );
  expect([...stat.cores.keys()]).toEqual([0, 2]);
});

test("nonsense says nothing", () => {
  expect(parseKernelStat("cpu\ncpu0 a b c d\nbtime\nbtime x\n\0\n")).toEqual({
    cores: new Map(),
    bootAt: undefined,
  });
});
