import { networkInterfaces } from "node:os";
import type { ReportedResource } from "../contract/report.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import type { Collector } from "./collector.ts";
import { Container } from "./host/container.ts";
import { Cpu } from "./host/cpu.ts";
import { Disks } from "./host/disks.ts";
import { FailedUnits, type ListFailedUnits, NAMED_UNITS } from "./host/failed-units.ts";
import { clip, known, knownAttributes } from "./host/figures.ts";
import { Filesystems, type Statfs } from "./host/filesystems.ts";
import { Interfaces, type ListAddresses } from "./host/interfaces.ts";
import { readKernelLog } from "./host/kernel-log.ts";
import { Machine } from "./host/machine.ts";
import { readMemory } from "./host/memory.ts";
import { MemoryKillCounter } from "./host/memory-kills.ts";
import { OtherSystem } from "./host/other-system.ts";
import { Processes } from "./host/processes.ts";
import { Sensors } from "./host/sensors.ts";
import { Tree } from "./host/tree.ts";
import { parseLoadavg } from "./proc/identity.ts";
import { parseKernelStat } from "./proc/kernel-stat.ts";
import { parsePressure } from "./proc/pressure.ts";

/** How long one mount or one sensor chip is waited for. */
const TIMEOUT_MS = 2_000;

export interface HostCollectorOptions {
  /** Before every path: a folder that holds the /proc and /sys of a machine. */
  root?: string;
  /** Both the time of day and, in tests, the time that passes between two collections. */
  now?: Clock;
  statfs?: Statfs;
  listFailedUnits?: ListFailedUnits;
  listAddresses?: ListAddresses;
  readKernelLog?: typeof readKernelLog;
  timeoutMs?: number;
}

/** Watches the machine Pulse runs on. The first collection has no rates: it only takes the counters. */
export function createHostCollector(options: HostCollectorOptions = {}): Collector {
  const isLinux = process.platform === "linux" || options.root !== undefined;
  const { look, glance } = isLinux ? linuxHost(options) : otherHost(options);
  let underWay: Promise<ReportedResource[]> | undefined;
  // Two at once would take each other's counters for the last ones: the second gets the first one's answer.
  const alone = (read: () => Promise<ReportedResource[]>) => () => {
    underWay ??= read().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
  return { name: "host", collect: alone(look), ...(glance && { glance: alone(glance) }) };
}

interface Reading {
  look: () => Promise<ReportedResource[]>;
  glance?: () => Promise<ReportedResource[]>;
}

function otherHost(options: HostCollectorOptions): Reading {
  const system = new OtherSystem();
  return { look: async () => system.read((options.now ?? systemClock)()) };
}

/** What a glance takes from the last look: a drive's temperature is a command to the drive, and so on. */
interface Seldom {
  process: Awaited<ReturnType<Processes["read"]>>;
  hottestCpu: number | undefined;
}

function linuxHost(options: HostCollectorOptions): Reading {
  const now = options.now ?? systemClock;
  // Rates need a clock that nobody sets.
  const passing = options.now ?? (() => performance.now());
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const tree = new Tree(options.root);
  const machine = new Machine(tree);
  const container = new Container(tree);
  const cpu = new Cpu();
  const disks = new Disks(tree);
  const interfaces = new Interfaces(
    tree,
    options.listAddresses ?? (options.root ? undefined : networkInterfaces),
  );
  const processes = new Processes(tree);
  const filesystems = new Filesystems(tree, timeoutMs, options.statfs);
  const sensors = new Sensors(tree, timeoutMs);
  const failedUnits = new FailedUnits(tree, options.listFailedUnits);
  const log = options.root === undefined ? readKernelLog : () => undefined;
  const kills = new MemoryKillCounter(tree, options.readKernelLog ?? log);
  let seldom: Seldom = { process: {}, hottestCpu: undefined };

  const look = async () => {
    const frequent = readFrequent();
    const [process, filesystemResources, sensor] = await Promise.all([
      processes.read(passing),
      filesystems.read(),
      sensors.read(),
    ]);
    seldom = { process, hottestCpu: sensor.hottestCpu };
    const { cores, disks, interfaces } = frequent;
    return [hostOf(frequent), ...cores, ...filesystemResources, ...disks, ...interfaces, ...sensor.sensors];
  };
  /* Files the kernel makes in memory, and of those only the few without one per process, mount or sensor. */
  const glance = async () => {
    const frequent = readFrequent();
    return [hostOf(frequent), ...frequent.cores, ...frequent.disks, ...frequent.interfaces];
  };
  return { look, glance };

  function readFrequent() {
    const stat = parseKernelStat(tree.text("/proc/stat") ?? "");
    const coreCount = stat.cores.size;
    const { total, cores } = cpu.read(stat);
    const pressure = (resource: "cpu" | "memory" | "io") => parsePressure(container.pressure(resource) ?? "");
    const disk = disks.read(passing());
    const network = interfaces.read(passing());
    return {
      stat,
      coreCount,
      cores,
      shares: container.cpu(coreCount, passing()) ?? total,
      disk: disk.totals,
      disks: disk.disks,
      network: network.totals,
      interfaces: network.interfaces,
      load: parseLoadavg(tree.text("/proc/loadavg") ?? "") ?? [],
      uptime: machine.uptimeSeconds(),
      failed: failedUnits.read(passing()),
      memory: readMemory(tree, container),
      /* In a system container the kernel's count is that of the machine, which tells of it itself. */
      kills: container.isSystem ? undefined : kills.read(passing()),
      pressures: { cpu: pressure("cpu"), memory: pressure("memory"), io: pressure("io") },
    };
  }

  function hostOf(frequent: ReturnType<typeof readFrequent>): ReportedResource {
    const { stat, coreCount, shares, disk, network, uptime, failed, memory, kills, pressures } = frequent;
    const [load1, load5, load15] = frequent.load;
    const { process, hottestCpu } = seldom;
    return {
      kind: "host",
      key: "host",
      name: machine.name(),
      status: "up",
      attributes: knownAttributes({
        ...machine.facts,
        container: container.engine,
        cpu_count: coreCount || undefined,
        cpu_limit: container.cpuLimit(coreCount),
        boot_at: machine.bootedAt(stat.bootAt, uptime, now()),
        top_processes: process.top,
        failed_units: failed?.slice(0, NAMED_UNITS).map((unit) => clip(unit)),
        oom_killed: kills?.processes.length ? kills.processes : undefined,
      }),
      metrics: known({
        cpu_percent: shares.busy,
        cpu_user_percent: shares.user,
        cpu_system_percent: shares.system,
        cpu_iowait_percent: shares.iowait,
        cpu_steal_percent: shares.steal,
        load1,
        load5,
        load15,
        ...memory,
        disk_read_bytes_per_second: disk.readBytes,
        disk_write_bytes_per_second: disk.writtenBytes,
        disk_busy_percent: disk.busyPercent,
        network_receive_bytes_per_second: network.receivedBytes,
        network_transmit_bytes_per_second: network.transmittedBytes,
        uptime_seconds: uptime === undefined ? undefined : Math.floor(uptime),
        process_count: process.count,
        processes_running: stat.running,
        processes_blocked: stat.blocked,
        pressure_cpu_percent: pressures.cpu,
        pressure_memory_percent: pressures.memory,
        pressure_io_percent: pressures.io,
        temperature_celsius: hottestCpu,
        failed_units: failed?.length,
        oom_kills: kills?.count,
      }),
    };
  }
}
