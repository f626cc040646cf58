import { expect, test } from "bun:test";
import { captured } from "./captured-text.ts";
import { parseArcstats, parseMeminfo } from "./memory.ts";

const KIB = 1024;

test("reads a present kernel without swap", () => {
  expect(parseMeminfo(captured("meminfo-6.18-vm"))).toMatchObject({
    total: 24_684_092 * KIB,
    swapTotal: 0,
    swapFree: 0,
  });
});

test("a kernel without MemAvailable: what is free and what can be given back", () => {
  const memory = parseMeminfo(captured("meminfo-3.10-centos7-early"));
  expect(memory.cached).toBe((1_684_152 + 2_088 + 172_780 - 25_140) * KIB);
  expect(memory.available).toBe((213_424 + 1_684_152 + 2_088 + 172_780 - 25_140) * KIB);
  expect(memory.swapTotal).toBe(2_097_148 * KIB);
  expect(memory.swapFree).toBe(2_031_612 * KIB);
});

test("lxcfs shows the container's memory", () => {
  expect(parseMeminfo(captured("meminfo-6.8-lxcfs"))).toEqual({
    total: 2_147_483_648,
    available: 1_833_040 * KIB,
    cached: (511_028 - 140) * KIB,
    swapTotal: 536_870_912,
    swapFree: 536_870_912,
  });
});

test("more is never available than there is", () => {
  expect(parseMeminfo("MemTotal: 100 kB\nMemAvailable: 120 kB\n").available).toBe(100 * KIB);
});

test("a line that is missing is unknown", () => {
  expect(parseMeminfo("")).toEqual({});
  expect(parseMeminfo("MemTotal: lots\nMemFree 12 kB\n").total).toBeUndefined();
});

test("the ZFS cache can be given back down to its minimum", () => {
  expect(parseArcstats(captured("arcstats-2.2-proxmox"))).toEqual({
    sizeBytes: 33_512_345_600,
    reclaimableBytes: 33_512_345_600 - 2_102_224_640,
  });
  expect(parseArcstats("c_min 4 100\nsize 4 40\n")).toEqual({ sizeBytes: 40, reclaimableBytes: 0 });
  expect(parseArcstats("compressed_size 4 40\n")).toBeUndefined();
});
