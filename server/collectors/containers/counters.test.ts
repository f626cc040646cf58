import { expect, test } from "bun:test";
import { containerMetrics } from "./counters.ts";

test("one busy core of four is a quarter of the machine, and half of a limit of two", () => {
  const metrics = containerMetrics(
    { atMs: 0, cpuMicroseconds: 0, networkReceivedBytes: 1_000 },
    { atMs: 10_000, cpuMicroseconds: 10_000_000, networkReceivedBytes: 21_000 },
    4,
    2,
  );
  expect(metrics).toEqual({
    cpu_percent: 25,
    cpu_limit_percent: 50,
    network_receive_bytes_per_second: 2_000,
  });
});

test("the first time there are no rates, and what has no limit is no share of it", () => {
  const metrics = containerMetrics(
    undefined,
    { atMs: 0, cpuMicroseconds: 5, memoryUsedBytes: 50 },
    4,
    undefined,
  );
  expect(metrics).toEqual({ memory_used_bytes: 50 });
});

test("counters that started anew give no rate", () => {
  const metrics = containerMetrics(
    { atMs: 0, cpuMicroseconds: 900, diskReadBytes: 900 },
    { atMs: 10_000, cpuMicroseconds: 5, diskReadBytes: 5, memoryUsedBytes: 50, memoryLimitBytes: 200 },
    1,
    undefined,
  );
  expect(metrics).toEqual({ memory_used_bytes: 50, memory_limit_bytes: 200, memory_used_percent: 25 });
});
