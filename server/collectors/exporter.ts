import type { ReportedResource } from "../contract/report.ts";
import { REPORT_LIMITS } from "../contract/report-limits.ts";
import {
  PROMETHEUS_LIMITS,
  type PrometheusConfig,
  type PrometheusSecrets,
} from "../contract/sources/prometheus.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import type { Egress } from "../lib/egress.ts";
import type { Collector } from "./collector.ts";
import { figuresOf } from "./exporter/figures.ts";
import { isNodePage, MACHINE_RESOURCES, NodeMachine } from "./exporter/node.ts";
import { place } from "./exporter/placement.ts";
import { ExporterReport } from "./exporter/resources.ts";
import { scrape } from "./exporter/scrape.ts";

export interface ExporterCollectorOptions {
  config: PrometheusConfig;
  secrets: PrometheusSecrets;
  egress: Egress;
  /** What the source is called; else where it is. */
  name?: string;
  /** Both the time of day and, in tests, the time that passes between two collections. */
  now?: Clock;
}

/**
 * Watches whatever has a page of Prometheus metrics. A page of node_exporter is a machine, and is
 * reported as our own collector reports one; of the rest of that page only what is shown is kept, below
 * an exporter that is a part of the machine. The first collection has no rates.
 */
export function createExporterCollector(options: ExporterCollectorOptions): Collector {
  const { config, secrets, egress } = options;
  const now = options.now ?? systemClock;
  // Rates need a clock that nobody sets.
  const passing = options.now ?? (() => performance.now());
  const { host, origin, pathname } = new URL(config.url);
  const identity = { name: options.name ?? host, address: origin + pathname };
  const exporter = new ExporterReport();
  const machine = new NodeMachine();
  let underWay: Promise<ReportedResource[]> | undefined;

  async function read(): Promise<ReportedResource[]> {
    const atMs = passing();
    const families = await scrape(egress, config, secrets);
    const tookMs = passing() - atMs;
    const isMachine = isNodePage(families);
    const placement = place(figuresOf(families), {
      shown: config.shown ?? [],
      onlyShown: isMachine || config.onlyShown === true,
      maxSeries: config.maxSeries ?? PROMETHEUS_LIMITS.series,
      maxResources: REPORT_LIMITS.resources - 1 - (isMachine ? MACHINE_RESOURCES : 0),
    });
    const samples = families.reduce((count, family) => count + family.samples.length, 0);
    const seen = { placement, families, samples, atMs, tookMs };
    if (!isMachine) return exporter.read(seen, identity);
    const parts = exporter.read(seen, { ...identity, parent: "host" });
    return [...machine.read(families, atMs, now()), ...parts];
  }

  return {
    name: "exporter",
    // Two at once would take each other's counters for the last ones: the second gets the first one's answer.
    collect() {
      underWay ??= read().finally(() => {
        underWay = undefined;
      });
      return underWay;
    },
  };
}
