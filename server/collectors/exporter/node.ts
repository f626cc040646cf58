/**
 * A page of node_exporter as the machine it is about: the same resources, keys, metrics and attributes
 * our own collector reports, made by the same code, so a machine looks the same whichever way it is
 * read. What the page does not have is left out: the busiest processes, the sizes of disks, addresses
 * unless that collector is on. What it has in another form:
 *
 * - pressure is the share of the time since the last look, not of the last ten seconds;
 * - whether a disk or an interface is a device or made by software is told from its name;
 * - filesystems node_exporter is told to pass over (by default `overlay`, which is a container's root)
 *   are not there;
 * - whom the kernel killed because memory ran out is not told, and those that reached a limit of their own are
 *   among them;
 * - a container's limits are not known: the figures are the machine's, as node_exporter sees it.
 */
import type { ReportedResource } from "../../contract/report.ts";
import { type Family, labelOf } from "../exposition/parse.ts";
import { Cpu } from "../host/cpu.ts";
import { DiskReport } from "../host/disk-report.ts";
import { NAMED_UNITS } from "../host/failed-units.ts";
import { clip, type Figure, increase, known, knownAttributes, percentOf } from "../host/figures.ts";
import { InterfaceReport } from "../host/interface-report.ts";
import { BootMoment } from "../host/machine.ts";
import { machineMemory } from "../host/memory.ts";
import { nameless, RecentKills } from "../host/memory-kills.ts";
import { SensorReport } from "../host/sensor-report.ts";
import { virtualizationOf } from "../proc/identity.ts";
import { CORE_LIMIT, type CpuTicks, type KernelStat } from "../proc/kernel-stat.ts";
import { arcSize, memoryOf } from "../proc/memory.ts";
import { nodeDiskCounters, nodeDiskFacts } from "./node-disks.ts";
import { nodeFilesystems } from "./node-filesystems.ts";
import { nodeInterfaceCounters, nodeInterfaces } from "./node-interfaces.ts";
import { NodePage } from "./node-page.ts";
import { nodeSensors } from "./node-sensors.ts";

/** Resources of one machine at most: itself, 512 cores, 100 filesystems, 256 disks, 64 interfaces and sensors. */
export const MACHINE_RESOURCES = 1_000;

/** Ticks in a second, as the kernel counts; what our collector reads. */
const TICKS = 100;

/**
 * Whether one machine is on the page, and it is node_exporter's (or Alloy's, which is the same code).
 * A page Prometheus federates holds several machines: that is no machine.
 */
export function isNodePage(families: readonly Family[]): boolean {
  const ofName = (name: string) => families.find((family) => family.name === name)?.samples ?? [];
  const cpu = families.some(({ name }) => name === "node_cpu_seconds_total" || name === "node_cpu_seconds");
  return cpu && ofName("node_boot_time_seconds").length === 1;
}

export class NodeMachine {
  private readonly cpu = new Cpu();
  private readonly disks = new DiskReport();
  private readonly interfaces = new InterfaceReport();
  private readonly sensors = new SensorReport();
  private readonly boot = new BootMoment();
  private readonly kills = new RecentKills();
  private before: { atMs: number; pressures: Pressures } | undefined;

  /** The first time is one that passes, the second the time of day. */
  read(families: readonly Family[], atMs: number, now: number): ReportedResource[] {
    const page = new NodePage(families);
    const stat = kernelStat(page);
    const { total, cores } = this.cpu.read(stat);
    const diskCounters = nodeDiskCounters(page);
    const disk = this.disks.read(nodeDiskFacts(page, [...diskCounters.keys()]), diskCounters, atMs);
    const counters = nodeInterfaceCounters(page);
    const network = this.interfaces.read(nodeInterfaces(page, counters), counters, atMs);
    const sensor = this.sensors.read(nodeSensors(page));
    const bootSeconds = page.value("node_boot_time_seconds");
    // Its own clock where it tells the time: that may differ from ours.
    const theirs = page.value("node_time_seconds");
    const at = theirs === undefined ? now : theirs * 1000;
    const uptime = bootSeconds === undefined ? undefined : Math.max(0, at / 1000 - bootSeconds);
    const failed = failedUnits(page);
    const killed = page.value("node_vmstat_oom_kill");
    const host: ReportedResource = {
      kind: "host",
      key: "host",
      name: clip(page.text("node_uname_info", "nodename") ?? "") || "host",
      status: "up",
      attributes: knownAttributes({
        ...factsOf(page),
        cpu_count: stat.cores.size || undefined,
        boot_at: this.boot.of(bootSeconds === undefined ? undefined : bootSeconds * 1000, uptime, at),
        failed_units: failed?.slice(0, NAMED_UNITS).map((unit) => clip(unit)),
      }),
      metrics: known({
        cpu_percent: total.busy,
        cpu_user_percent: total.user,
        cpu_system_percent: total.system,
        cpu_iowait_percent: total.iowait,
        cpu_steal_percent: total.steal,
        load1: page.value("node_load1"),
        load5: page.value("node_load5"),
        load15: page.value("node_load15"),
        ...memory(page),
        disk_read_bytes_per_second: disk.totals.readBytes,
        disk_write_bytes_per_second: disk.totals.writtenBytes,
        disk_busy_percent: disk.totals.busyPercent,
        network_receive_bytes_per_second: network.totals.receivedBytes,
        network_transmit_bytes_per_second: network.totals.transmittedBytes,
        uptime_seconds: uptime === undefined ? undefined : Math.floor(uptime),
        process_count: page.value("node_processes_pids"),
        processes_running: page.value("node_procs_running"),
        processes_blocked: page.value("node_procs_blocked"),
        ...this.pressures(page, atMs),
        temperature_celsius: sensor.hottestCpu,
        failed_units: failed?.length,
        oom_kills: killed === undefined ? undefined : this.kills.read(killed, atMs, nameless).count,
      }),
    };
    const filesystems = nodeFilesystems(page);
    return [host, ...cores, ...filesystems, ...disk.disks, ...network.interfaces, ...sensor.sensors];
  }

  private pressures(page: NodePage, atMs: number): Record<string, Figure> {
    const seconds = (resource: string) => page.value(`node_pressure_${resource}_waiting_seconds_total`);
    const now: Pressures = { cpu: seconds("cpu"), memory: seconds("memory"), io: seconds("io") };
    const before = this.before;
    this.before = { atMs, pressures: now };
    const share = (resource: keyof Pressures) =>
      before && percentOf(increase(before.pressures[resource], now[resource]), (atMs - before.atMs) / 1000);
    return {
      pressure_cpu_percent: share("cpu"),
      pressure_memory_percent: share("memory"),
      pressure_io_percent: share("io"),
    };
  }
}

interface Pressures {
  cpu: Figure;
  memory: Figure;
  io: Figure;
}

/** Ticks of each core, and of all together. */
function kernelStat(page: NodePage): KernelStat {
  const stat: KernelStat = { cores: new Map() };
  for (const sample of page.all("node_cpu_seconds_total")) {
    const [cpu, mode] = [labelOf(sample, "cpu") ?? "", labelOf(sample, "mode") ?? ""];
    if (!/^\d{1,5}$/.test(cpu) || !Number.isFinite(sample.value)) continue;
    let ticks = stat.cores.get(Number(cpu));
    if (!ticks) {
      if (stat.cores.size === CORE_LIMIT) continue;
      ticks = { user: 0, nice: 0, system: 0, idle: 0 };
      stat.cores.set(Number(cpu), ticks);
    }
    const field = MODES[mode];
    if (field) ticks[field] = Math.round(sample.value * TICKS);
  }
  stat.cores = new Map([...stat.cores].sort(([a], [b]) => a - b));
  if (stat.cores.size > 0) stat.total = [...stat.cores.values()].reduce(added);
  return stat;
}

const MODES: Record<string, keyof CpuTicks | undefined> = {
  user: "user",
  nice: "nice",
  system: "system",
  idle: "idle",
  iowait: "iowait",
  irq: "irq",
  // The BSDs'.
  interrupt: "irq",
  softirq: "softirq",
  steal: "steal",
};

/** What one of both does not count, the sum does not have. */
function added(one: CpuTicks, other: CpuTicks): CpuTicks {
  const both = { ...one };
  for (const field of Object.values(MODES)) {
    if (!field) continue;
    const [a, b] = [one[field], other[field]];
    if (a !== undefined && b !== undefined) both[field] = a + b;
  }
  return both;
}

/** The kernel's own names, of which node_exporter makes `node_memory_MemTotal_bytes`. */
const MEMORY = [
  "MemTotal",
  "MemFree",
  "MemAvailable",
  "Cached",
  "Buffers",
  "SReclaimable",
  "Shmem",
  "SwapTotal",
  "SwapFree",
];

function memory(page: NodePage) {
  const bytes = new Map<string, number>();
  for (const name of MEMORY) {
    const value = page.value(`node_memory_${name}_bytes`);
    if (value !== undefined) bytes.set(name, value);
  }
  const arc = page.value("node_zfs_arc_size");
  return machineMemory(
    memoryOf(bytes),
    arc === undefined ? undefined : arcSize(arc, page.value("node_zfs_arc_c_min")),
  );
}

function factsOf(page: NodePage): Record<string, unknown> {
  const text = (metric: string, label: string) => {
    const value = page.text(metric, label);
    return value === undefined ? undefined : clip(value) || undefined;
  };
  const kernel = text("node_uname_info", "release");
  const system = text("node_uname_info", "sysname");
  const flags = page.all("node_cpu_flag_info");
  return {
    os: text("node_os_info", "pretty_name") ?? (system === "Linux" ? undefined : system),
    kernel,
    architecture: text("node_uname_info", "machine"),
    cpu_model: text("node_cpu_info", "model_name"),
    virtualization: virtualizationOf({
      vendor: page.text("node_dmi_info", "system_vendor"),
      product: page.text("node_dmi_info", "product_name"),
      hypervisorFlag: flags.some((sample) => labelOf(sample, "flag") === "hypervisor"),
      kernel,
    }),
  };
}

/** Undefined where the collector of systemd is off, as it is unless asked for. */
function failedUnits(page: NodePage): string[] | undefined {
  if (!page.has("node_systemd_unit_state")) return undefined;
  return page
    .all("node_systemd_unit_state")
    .filter((sample) => sample.value === 1 && labelOf(sample, "state") === "failed")
    .flatMap((sample) => labelOf(sample, "name") ?? []);
}
