import type { Unit } from "../../../server/contract/metrics.ts";
import type { Resource } from "../../../server/contract/resource.ts";
import { pathOf } from "../resource/path.ts";
import { MOST_ASKED, type Most } from "./history-answers.ts";
import { MOST_SHOWN } from "./most.ts";

export interface Source {
  resourceId: string;
  metric: string;
  /** Measured wherever this one is, although there may be no value for hours: a wait without operations. */
  knownBy?: string;
}

export interface ChartLine {
  label: string;
  /** What is drawn is their sum. */
  sources: Source[];
  /** Only its value is shown, beside those of the drawn lines. */
  valueOnly?: boolean;
  /** Where its name leads. */
  href?: string;
  /** Its place in the palette; otherwise its place among the lines. `light`: a lighter shade of that. */
  color?: number;
  light?: boolean;
}

export interface ChartSpec {
  id: string;
  title: string;
  unit: Unit;
  form: "lines" | "stack" | "heat";
  lines: ChartLine[];
  /** Of many lines only those that were highest are told apart, in the window on show. */
  most?: boolean;
  /** Said below the title. */
  note?: string;
  /** Room is kept for this many figures: a line that only its history has anything to say about comes later. */
  room?: number;
  /** Counts whole things. */
  whole?: boolean;
  /** A value that rules know this as, and how much of what is drawn one of it is. */
  known?: Source & { scale: number };
  /** The scale always reaches this far; where nothing can be higher it never changes. */
  top?: number;
}

export interface ChartGroup {
  id: string;
  title: string;
  /** One chart of which the page has said what it shows: it has the whole width, and its title is only spoken. */
  alone?: true;
  /** It is about many: their history is asked for when it comes into sight, and only that of the highest. */
  most?: Most;
  charts: ChartSpec[];
}

/** More lines than this in one chart cannot be told apart; the tables hold all. */
const LINES_MAX = 8;
/** As many cores are told apart as lines; more are cells. */
const CORE_LINES_MAX = 4;
/** With the time stolen, which has no line as long as it has always been zero. */
const CPU_FIGURES = 4;

/**
 * Every chart a machine with such parts may have. Which of them it measures `measured` decides: this depends on what
 * the machine is made of, not on what its last report happened to hold.
 */
export function chartsOf(machine: Resource, parts: readonly Resource[]): ChartGroup[] {
  const own = (label: string, metric: string): ChartLine => ({
    label,
    sources: [{ resourceId: machine.id, metric }],
  });
  const value = (label: string, metric: string): ChartLine => ({ ...own(label, metric), valueOnly: true });
  const known = (metric: string, scale: number) => ({ resourceId: machine.id, metric, scale });
  const ofKind = (kind: string) => parts.filter((part) => part.kind === kind);
  const each = (kind: string, metric: string, label = (part: Resource) => part.name): ChartLine[] =>
    ofKind(kind).map((part) => ({ label: label(part), sources: [{ resourceId: part.id, metric }] }));
  const waits = ({ id, name }: Resource): ChartLine[] =>
    ["read", "write"].map((what) => ({
      label: `${name} ${what}`,
      sources: [{ resourceId: id, metric: `disk_${what}_wait_seconds`, knownBy: `disk_${what}s_per_second` }],
    }));
  const sumOf = (label: string, kind: string, metrics: string[]): ChartLine => ({
    label,
    sources: ofKind(kind).flatMap(({ id }) => metrics.map((metric) => ({ resourceId: id, metric }))),
  });
  const chart = (
    id: string,
    title: string,
    unit: Unit,
    lines: ChartLine[],
    more: Partial<ChartSpec> = {},
  ): ChartSpec => ({ id, title, unit, form: "lines", lines, ...more });

  const cores = each("core", "cpu_percent");
  const memoryTotal = machine.metrics["memory_total_bytes"];
  const swapTotal = machine.metrics["swap_total_bytes"] ?? 0;

  return [
    {
      id: "processor",
      title: "Processor",
      charts: [
        chart(
          "cpu",
          "CPU",
          "percent",
          [
            own("user", "cpu_user_percent"),
            own("system", "cpu_system_percent"),
            own("I/O", "cpu_iowait_percent"),
            own("steal", "cpu_steal_percent"),
          ],
          { form: "stack", room: CPU_FIGURES, known: known("cpu_percent", 1) },
        ),
        // One core is the CPU chart already.
        ...(cores.length > 1
          ? [
              chart("cores", "Cores", "percent", cores, {
                form: cores.length > CORE_LINES_MAX ? "heat" : "lines",
                top: 100,
              }),
            ]
          : []),
        chart("load", "Load", "count", [
          own("1 min", "load1"),
          own("5 min", "load5"),
          own("15 min", "load15"),
        ]),
        chart("pressure", "Pressure", "percent", [
          own("CPU", "pressure_cpu_percent"),
          own("memory", "pressure_memory_percent"),
          own("I/O", "pressure_io_percent"),
        ]),
      ],
    },
    {
      id: "memory",
      title: "Memory",
      charts: [
        chart(
          "memory",
          "Memory",
          "bytes",
          [
            own("used", "memory_used_bytes"),
            own("cached", "memory_cached_bytes"),
            value("available", "memory_available_bytes"),
            value("ZFS ARC", "zfs_arc_bytes"),
          ],
          {
            form: "stack",
            ...(memoryTotal === undefined
              ? {}
              : { top: memoryTotal, known: known("memory_used_percent", memoryTotal / 100) }),
          },
        ),
        ...(swapTotal > 0
          ? [
              chart("swap", "Swap", "bytes", [own("used", "swap_used_bytes")], {
                form: "stack",
                top: swapTotal,
                known: known("swap_used_percent", swapTotal / 100),
              }),
            ]
          : []),
      ],
    },
    {
      id: "filesystems",
      title: "Filesystems",
      charts: [
        chart("filesystems", "Space used", "percent", each("filesystem", "filesystem_used_percent"), {
          top: 100,
        }),
      ],
    },
    {
      id: "disks",
      title: "Disks",
      charts: [
        chart("throughput", "Throughput", "bytes_per_second", [
          own("read", "disk_read_bytes_per_second"),
          own("write", "disk_write_bytes_per_second"),
        ]),
        chart("busy", "Busy", "percent", each("disk", "disk_busy_percent")),
        chart("latency", "Wait per operation", "seconds", ofKind("disk").flatMap(waits)),
        chart("operations", "Operations", "per_second", [
          sumOf("read", "disk", ["disk_reads_per_second"]),
          sumOf("write", "disk", ["disk_writes_per_second"]),
        ]),
      ],
    },
    {
      id: "network",
      title: "Network",
      charts: [
        chart("network", "Throughput", "bytes_per_second", [
          own("in", "network_receive_bytes_per_second"),
          own("out", "network_transmit_bytes_per_second"),
        ]),
        chart("faults", "Errors and drops", "per_second", [
          sumOf("errors", "interface", [
            "network_receive_errors_per_second",
            "network_transmit_errors_per_second",
          ]),
          sumOf("drops", "interface", [
            "network_receive_drops_per_second",
            "network_transmit_drops_per_second",
          ]),
        ]),
      ],
    },
    {
      id: "sensors",
      title: "Sensors",
      charts: [
        chart("temperatures", "Temperature", "celsius", each("sensor", "temperature_celsius", sensorName)),
        chart("fans", "Fans", "rpm", each("sensor", "fan_rpm", sensorName)),
      ],
    },
    ...containersOf(machine, ofKind("container")),
  ];
}

/** Which container it was: one stack of them for each of what a machine runs out of. */
function containersOf(machine: Resource, containers: readonly Resource[]): ChartGroup[] {
  if (containers.length === 0) return [];
  const left = containers.length - MOST_ASKED;
  const stack = (id: string, title: string, unit: Unit, metric: string): ChartSpec => ({
    id,
    title,
    unit,
    form: "stack",
    most: true,
    room: Math.min(containers.length, MOST_SHOWN + 1),
    ...(left > 0
      ? { note: `The ${MOST_ASKED} that used most in this time; ${left} others are left out.` }
      : {}),
    lines: containers.map((container) => ({
      label: container.name,
      href: pathOf(container),
      sources: [{ resourceId: container.id, metric }],
    })),
  });
  const charts = [
    stack("containers-cpu", "CPU by container", "percent", "cpu_percent"),
    stack("containers-memory", "Memory by container", "bytes", "memory_used_bytes"),
  ];
  const most: Most = { within: machine.id, kind: "container" };
  return [{ id: "containers", title: "Containers", most, charts }];
}

/** What is left of `groups` when only what `known` has ever seen is drawn. */
export function measured(
  groups: readonly ChartGroup[],
  known: (resourceId: string, metric: string) => boolean,
): ChartGroup[] {
  const isKnown = ({ resourceId, metric, knownBy }: Source) =>
    known(resourceId, metric) || (knownBy !== undefined && known(resourceId, knownBy));
  const linesOf = ({ form, most, lines }: ChartSpec) =>
    lines
      .map((line) => ({ ...line, sources: line.sources.filter(isKnown) }))
      .filter((line) => line.sources.length > 0)
      .slice(0, form === "heat" || most ? undefined : LINES_MAX);
  return groups
    .map((group) => ({
      ...group,
      charts: group.charts
        .map((chart) => ({ ...chart, lines: linesOf(chart) }))
        .filter((chart) => chart.lines.some((line) => !line.valueOnly)),
    }))
    .filter((group) => group.charts.length > 0);
}

export function sensorName(sensor: Resource): string {
  const label = sensor.attributes["label"];
  return typeof label === "string" && label ? label : sensor.name;
}

/** Every metric the charts need, by resource. */
export function metricsIn(groups: readonly ChartGroup[]): Map<string, Set<string>> {
  const wanted = new Map<string, Set<string>>();
  for (const { charts } of groups) {
    for (const source of charts.flatMap(({ lines }) => lines.flatMap((line) => line.sources))) {
      const held = wanted.get(source.resourceId);
      if (held) held.add(source.metric);
      else wanted.set(source.resourceId, new Set([source.metric]));
    }
  }
  return wanted;
}
