/** Disks of a page of node_exporter. */
import { labelOf } from "../exposition/parse.ts";
import type { DiskFacts } from "../host/disk-report.ts";
import { NO_DISK } from "../host/disks.ts";
import { clip } from "../host/figures.ts";
import type { DiskCounters } from "../proc/diskstats.ts";
import type { NodePage } from "./node-page.ts";

/** Our collector asks the kernel whether a device is behind it; a page has only the name. */
const VIRTUAL = /^(?:loop|ram|zram|dm-|md|zd|drbd|nbd|bcache)\d|^md_/;

export function nodeDiskCounters(page: NodePage): Map<string, DiskCounters> {
  const of = (name: string) => page.by("device", `node_disk_${name}_total`);
  const columns = {
    reads: of("reads_completed"),
    readBytes: of("read_bytes"),
    readMs: of("read_time_seconds"),
    writes: of("writes_completed"),
    writtenBytes: of("written_bytes"),
    writeMs: of("write_time_seconds"),
    busyMs: of("io_time_seconds"),
    weightedMs: of("io_time_weighted_seconds"),
  };
  const disks = new Map<string, DiskCounters>();
  for (const name of columns.readBytes.keys()) {
    const at = (column: keyof DiskCounters) => columns[column].get(name) ?? Number.NaN;
    const ms = (column: keyof DiskCounters) => Math.round(at(column) * 1000);
    const counters: DiskCounters = {
      reads: at("reads"),
      readBytes: at("readBytes"),
      readMs: ms("readMs"),
      writes: at("writes"),
      writtenBytes: at("writtenBytes"),
      writeMs: ms("writeMs"),
      busyMs: ms("busyMs"),
      weightedMs: ms("weightedMs"),
    };
    if (Object.values(counters).every(Number.isFinite)) disks.set(name, counters);
  }
  return disks;
}

/** Of the physical ones. The size is not on the page. */
export function nodeDiskFacts(page: NodePage, names: readonly string[]): Map<string, DiskFacts> {
  const infos = page.described("device", "node_disk_info");
  const all = new Set(names);
  const facts = new Map<string, DiskFacts>();
  for (const name of names) {
    if (NO_DISK.test(name) || VIRTUAL.test(name) || isPartition(name, all)) continue;
    const info = infos.get(name);
    const model = info && labelOf(info, "model");
    const rotational = info && labelOf(info, "rotational");
    facts.set(name, {
      // udev writes blanks as underscores.
      ...(model === undefined ? {} : { model: clip(model.replaceAll("_", " ")) }),
      ...(rotational === undefined ? {} : { rotational: rotational === "1" }),
    });
  }
  return facts;
}

/** `sda1` of `sda`, `nvme0n1p1` of `nvme0n1`. */
function isPartition(name: string, all: Set<string>): boolean {
  const whole = /^(.*?)p?\d+$/.exec(name)?.[1];
  return whole !== undefined && all.has(whole);
}
