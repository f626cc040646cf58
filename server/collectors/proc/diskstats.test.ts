import { expect, test } from "bun:test";
import { captured } from "./captured-text.ts";
import { parseDiskstats } from "./diskstats.ts";

test.each([
  ["3.10, 14 columns", "diskstats-3.10-lvm", ["sda", "sda1", "sda2", "sr0", "dm-0", "dm-1"]],
  [
    "5.4, 18 columns",
    "diskstats-5.4-raid",
    ["loop0", "nvme0n1", "nvme0n1p1", "nvme0n1p2", "sda", "sdb", "md0", "dm-0"],
  ],
  [
    "6.1, 20 columns",
    "diskstats-6.1-debian",
    ["nvme0n1", "nvme0n1p1", "mmcblk0", "mmcblk0boot0", "zram0", "zd0"],
  ],
])("reads kernel %s", (_, file, names) => {
  expect([...parseDiskstats(captured(file)).keys()]).toEqual(names);
});

test("the columns mean the same whatever follows them", () => {
  expect(parseDiskstats(captured("diskstats-3.10-lvm")).get("sda")).toEqual({
    reads: 154_310,
    readBytes: 9_210_484 * 512,
    readMs: 283_104,
    writes: 402_011,
    writtenBytes: 21_043_392 * 512,
    writeMs: 1_790_342,
    busyMs: 401_221,
    weightedMs: 2_072_410,
  });
  expect(parseDiskstats(captured("diskstats-6.1-debian")).get("nvme0n1")).toMatchObject({
    writes: 4_123_456,
    busyMs: 1_212_345,
    weightedMs: 6_600_123,
  });
  expect(parseDiskstats(captured("diskstats-6.18-vm")).get("vda")?.reads).toBeGreaterThan(28_000);
});

test("short lines of partitions (before 2.6.25) and nonsense are passed over", () => {
  const text = "   8 1 sda1 250 2000 0 0\n\nx\n 8 0 sdb a b c d e f g h i j k\n";
  expect(parseDiskstats(text).size).toBe(0);
});
