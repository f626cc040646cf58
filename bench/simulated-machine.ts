/** A machine as an agent tells of it, with parts that the page knows how to draw, in 33 series. */
import type { ReportedResource } from "../server/contract/report.ts";
import type { Metrics } from "../server/contract/resource.ts";
import { seeded } from "../tests/support/seeded.ts";
import { bytes, memory, type Next, operations, percent, temperature } from "./history-data.ts";

const GIB = 1024 ** 3;
const APPS = ["jellyfin", "nextcloud", "postgres"];

type Figures = Record<string, Next>;

export class SimulatedMachine {
  readonly #parts: { resource: Omit<ReportedResource, "metrics">; figures: [string, Next][] }[] = [];

  constructor(seed: number) {
    const random = seeded(seed);
    const add = (resource: Omit<ReportedResource, "metrics" | "status">, figures: Figures) =>
      this.#parts.push({ resource: { ...resource, status: "up" }, figures: Object.entries(figures) });
    const name = `machine-${seed}`;
    add(
      { kind: "host", key: "host", name, attributes: { os: "Debian GNU/Linux 12 (bookworm)", cpu_count: 4 } },
      hostFigures(random),
    );
    const of = (
      kind: ReportedResource["kind"],
      key: string,
      label: string,
      attributes: ReportedResource["attributes"] = {},
    ) => ({ kind, key, name: label, parent: "host", attributes });
    add(of("filesystem", "filesystem//", "/", { fstype: "ext4" }), {
      filesystem_total_bytes: () => 256 * GIB,
      filesystem_used_bytes: memory(random, 2e7, 40, 4_096),
      filesystem_used_percent: percent(random, 30),
    });
    add(of("interface", "interface/eth0", "eth0"), networkFigures(random));
    add(of("disk", "disk/sda", "sda"), {
      disk_read_bytes_per_second: bytes(random, 40_000),
      disk_write_bytes_per_second: bytes(random, 80_000),
      disk_busy_percent: percent(random, 4),
      disk_writes_per_second: operations(random, 12),
    });
    for (const app of APPS)
      add(of("container", `container/docker/${app}`, app, { image: `${app}:1` }), {
        cpu_percent: percent(random, 3),
        memory_used_bytes: memory(random, 1e5, 20, 4_096),
        ...networkFigures(random),
      });
  }

  /** What it says at a row of ten seconds; later rows only. */
  next(row: number): ReportedResource[] {
    return this.#parts.map(({ resource, figures }) => {
      const metrics: Metrics = {};
      for (const [metric, figure] of figures) metrics[metric] = figure(row);
      return { ...resource, metrics };
    });
  }
}

function hostFigures(random: () => number): Figures {
  return {
    cpu_percent: percent(random, 15),
    cpu_user_percent: percent(random, 10),
    cpu_system_percent: percent(random, 4),
    cpu_iowait_percent: percent(random, 1),
    load1: percent(random, 1),
    memory_total_bytes: () => 16 * GIB,
    memory_used_bytes: memory(random, 6e6, 300, 1_024),
    memory_used_percent: percent(random, 40),
    swap_used_bytes: memory(random, 1e5, 5, 4_096),
    temperature_celsius: temperature(random),
    processes_running: operations(random, 3),
    process_count: operations(random, 200),
  };
}

function networkFigures(random: () => number): Figures {
  return {
    network_receive_bytes_per_second: bytes(random, 60_000),
    network_transmit_bytes_per_second: bytes(random, 20_000),
  };
}
