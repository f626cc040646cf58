import { expect, test } from "bun:test";
import { captured } from "../proc/captured-text.ts";
import type { DiskCounters } from "../proc/diskstats.ts";
import { diskMetrics } from "./disk-report.ts";
import { Disks } from "./disks.ts";
import { fakeMachine } from "./fake-machine.ts";
import { Tree } from "./tree.ts";

const zero: DiskCounters = {
  reads: 0,
  readBytes: 0,
  readMs: 0,
  writes: 0,
  writtenBytes: 0,
  writeMs: 0,
  busyMs: 0,
  weightedMs: 0,
};

test("what a disk did in ten seconds", () => {
  const after = {
    reads: 100,
    readBytes: 1_000_000,
    readMs: 250,
    writes: 50,
    writtenBytes: 5_000,
    writeMs: 1_000,
    busyMs: 2_500,
    weightedMs: 15_000,
  };
  expect(diskMetrics(zero, after, 10)).toEqual({
    disk_read_bytes_per_second: 100_000,
    disk_write_bytes_per_second: 500,
    disk_reads_per_second: 10,
    disk_writes_per_second: 5,
    disk_busy_percent: 25,
    disk_queue_depth: 1.5,
    disk_read_wait_seconds: 0.0025,
    disk_write_wait_seconds: 0.02,
  });
});

test("a disk at rest has no wait, one with a wrapped counter lacks what hangs on it", () => {
  expect(diskMetrics(zero, zero, 10)).not.toHaveProperty("disk_read_wait_seconds");
  const metrics = diskMetrics({ ...zero, busyMs: 4_294_967_000, readMs: 9 }, { ...zero, reads: 1 }, 10);
  expect(metrics).not.toHaveProperty("disk_busy_percent");
  expect(metrics).not.toHaveProperty("disk_read_wait_seconds");
  expect(metrics.disk_reads_per_second).toBe(0.1);
});

test("only physical disks: no partitions, loops, RAID, volumes, boot areas, compressed memory, ZFS volumes", () => {
  const devices = ["nvme0n1", "sda", "mmcblk0", "mmcblk0boot0", "vda"];
  const without = ["loop0", "md0", "dm-0", "zram0", "zd0"];
  using machine = fakeMachine({
    "proc/diskstats":
      captured("diskstats-5.4-raid") + captured("diskstats-6.1-debian") + captured("diskstats-6.18-vm"),
    ...Object.fromEntries(devices.map((name) => [`sys/block/${name}/device/`, ""])),
    ...Object.fromEntries(without.map((name) => [`sys/block/${name}/queue/rotational`, "0\n"])),
    "sys/block/sda/device/model": "WDC WD40EFRX-68N\n",
    "sys/block/sda/size": "7814037168\n",
    "sys/block/sda/queue/rotational": "1\n",
  });
  const { disks } = new Disks(new Tree(machine.root)).read(0);
  expect(disks.map((disk) => disk.name)).toEqual(["nvme0n1", "sda", "mmcblk0", "vda"]);
  expect(disks[1]).toEqual({
    kind: "disk",
    key: "host/disk/sda",
    parent: "host",
    name: "sda",
    status: "up",
    attributes: { model: "WDC WD40EFRX-68N", size_bytes: 7_814_037_168 * 512, rotational: true },
    metrics: {},
  });
});

test("the machine's figures are those of its disks, never twice", () => {
  const stat = (sectors: number, busy: number) =>
    ["sda", "sda1", "sdb", "md0"]
      .map(
        (name, i) => `8 ${i} ${name} 0 0 ${sectors} 0 0 0 ${sectors * 2} 0 0 ${name === "sdb" ? busy : 0} 0`,
      )
      .join("\n");
  using machine = fakeMachine({
    "proc/diskstats": stat(0, 0),
    "sys/block/sda/device/": "",
    "sys/block/sdb/device/": "",
    "sys/block/md0/size": "1",
  });
  const disks = new Disks(new Tree(machine.root));
  expect(disks.read(0).totals).toEqual({
    readBytes: undefined,
    writtenBytes: undefined,
    busyPercent: undefined,
  });
  machine.write({ "proc/diskstats": stat(1000, 5_000) });
  expect(disks.read(10_000).totals).toEqual({ readBytes: 102_400, writtenBytes: 204_800, busyPercent: 50 });
});

test("a card reader without a card is no disk", () => {
  using machine = fakeMachine({
    "proc/diskstats": "8 0 sdc 0 0 0 0 0 0 0 0 0 0 0\n",
    "sys/block/sdc/device/": "",
    "sys/block/sdc/size": "0\n",
  });
  expect(new Disks(new Tree(machine.root)).read(0).disks).toEqual([]);
});
