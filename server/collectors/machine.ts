import type { ReportedResource } from "../contract/report.ts";
import { REPORT_LIMITS } from "../contract/report-limits.ts";
import type { Collector } from "./collector.ts";
import { type ContainerCollector, createContainerCollector } from "./containers.ts";
import { createHostCollector } from "./host.ts";

export interface MachineCollectors {
  host?: Collector;
  containers?: ContainerCollector;
}

/** All there is to see of the machine Pulse runs on: itself with its parts, and the containers on it. */
export function createMachineCollector(collectors: MachineCollectors = {}): Collector {
  const { host = createHostCollector(), containers = createContainerCollector() } = collectors;
  const withEngines = (parts: ReportedResource[]) => {
    const engines = containers.hostAttributes();
    return parts.map((part) =>
      part.kind === "host" ? { ...part, attributes: { ...part.attributes, ...engines } } : part,
    );
  };
  const { glance } = host;
  return {
    name: "machine",
    async collect(): Promise<ReportedResource[]> {
      const [parts, held] = await Promise.all([host.collect(), containers.collect()]);
      return [...withEngines(parts), ...held].slice(0, REPORT_LIMITS.resources);
    },
    /* No engine is asked: what it said at the last look stands. */
    ...(glance && {
      glance: async () => withEngines(await glance()).slice(0, REPORT_LIMITS.resources),
    }),
    close() {
      host.close?.();
      containers.close?.();
    },
  };
}
