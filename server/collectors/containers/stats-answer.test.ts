import { expect, test } from "bun:test";
import { capturedAnswer } from "./captured-answer.ts";
import { readStats } from "./stats-answer.ts";

const MACHINE_BYTES = 8 * 1_073_741_824;

test("with control groups of version 2 the cache that can be given back is not used memory", () => {
  expect(readStats(capturedAnswer("docker-28-stats-cgroup2"), MACHINE_BYTES)).toEqual({
    cores: 4,
    counters: {
      atMs: Date.parse("2026-09-21T15:13:20Z"),
      cpuMicroseconds: 4_000_000,
      memoryUsedBytes: 209_715_200 - 62_914_560,
      memoryLimitBytes: 536_870_912,
      diskReadBytes: 1_049_576,
      diskWrittenBytes: 4_096,
      networkReceivedBytes: 5_010,
      networkTransmittedBytes: 7_020,
      processes: 23,
    },
  });
});

test("with control groups of version 1, and without a network", () => {
  const counters = readStats(capturedAnswer("docker-20.10-stats-cgroup1"), MACHINE_BYTES)?.counters;
  expect(counters).toMatchObject({
    memoryUsedBytes: 323_584,
    memoryLimitBytes: 67_108_864,
    diskReadBytes: 0,
  });
  expect(counters).not.toHaveProperty("networkReceivedBytes");
});

test("a limit that is all the machine has is none", () => {
  const answer = capturedAnswer("docker-28-stats-cgroup2");
  expect(readStats(answer, 536_870_912)?.counters.memoryLimitBytes).toBeUndefined();
});

test("a container that ended has no figures, rather than zeros", () => {
  const ended = {
    read: "0001-01-01T00:00:00Z",
    cpu_stats: { cpu_usage: { total_usage: 0 } },
    memory_stats: {},
  };
  expect(readStats(ended, MACHINE_BYTES)).toBeUndefined();
  for (const answer of [undefined, null, [], "x", 7])
    expect(readStats(answer, MACHINE_BYTES)).toBeUndefined();
});
