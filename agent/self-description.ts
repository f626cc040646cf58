import type { ReportedResource } from "../server/contract/report.ts";
import { REPORT_LIMITS } from "../server/contract/report-limits.ts";

export interface SelfDescription {
  /** Instead of the host's own name. */
  name: string | undefined;
  version: string;
  spooledReports: number;
  spoolBytes: number;
  /** This machine's clock minus the server's. */
  clockOffsetMs: number;
  /** How often it can report while somebody looks; undefined: as often as ever. */
  fastestIntervalMs: number | undefined;
}

/** What an agent says about itself stands with the host: only what is worth a word. */
export function describeAgent(
  resources: readonly ReportedResource[],
  self: SelfDescription,
): ReportedResource[] {
  return resources.map((resource) => {
    if (resource.kind !== "host" || resource.key !== "host") return resource;
    return {
      ...resource,
      name: self.name?.slice(0, REPORT_LIMITS.nameLength) || resource.name,
      attributes: {
        ...resource.attributes,
        agent_version: self.version,
        ...(self.spooledReports > 0 && {
          agent_spooled_reports: self.spooledReports,
          agent_spool_bytes: self.spoolBytes,
        }),
        ...(self.fastestIntervalMs !== undefined && { agent_fastest_interval_ms: self.fastestIntervalMs }),
        ...(self.clockOffsetMs !== 0 && { agent_clock_offset_ms: self.clockOffsetMs }),
      },
    };
  });
}
