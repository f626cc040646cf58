import { z } from "zod";
import { REPORT_LIMITS } from "./report-limits.ts";
import { ResourceKind, ResourceStatus } from "./resource.ts";

const Key = z.string().min(1).max(REPORT_LIMITS.keyLength);
const MetricName = z.string().regex(/^[a-z][a-z0-9_]{0,79}$/);

export const ReportedResource = z.strictObject({
  kind: ResourceKind,
  /** Names the resource within its reporter, for as long as the reporter lives. */
  key: Key,
  /** Key of the resource this one is a part of. */
  parent: Key.optional(),
  name: z.string().min(1).max(REPORT_LIMITS.nameLength),
  status: ResourceStatus,
  attributes: z
    .record(MetricName, z.unknown())
    .refine((held) => Object.keys(held).length <= REPORT_LIMITS.attributesPerResource, "too many attributes")
    .refine((held) => JSON.stringify(held).length <= REPORT_LIMITS.attributeBytes, "attributes too large"),
  metrics: z
    .record(MetricName, z.number())
    .refine((held) => Object.keys(held).length <= REPORT_LIMITS.metricsPerResource, "too many metrics"),
});
export type ReportedResource = z.infer<typeof ReportedResource>;

/**
 * Everything one reporter knows at one moment. `boot` and `seq` make it recognisable when it is
 * delivered twice; `at` is the reporter's clock.
 */
export const Report = z.strictObject({
  v: z.literal(1),
  boot: z.string().min(8).max(64),
  seq: z.int().min(0),
  at: z.int().min(0),
  intervalMs: z.int().min(1_000).max(3_600_000),
  resources: z
    .array(ReportedResource)
    .max(REPORT_LIMITS.resources)
    .refine((all) => new Set(all.map(({ key }) => key)).size === all.length, "have a key twice"),
});
export type Report = z.infer<typeof Report>;

/** What was kept while the server could not be reached, oldest first. */
export const ReportBatch = z.strictObject({
  v: z.literal(1),
  reports: z.array(Report).min(1).max(REPORT_LIMITS.reportsPerDelivery),
});
export type ReportBatch = z.infer<typeof ReportBatch>;

/** What is answered to a delivery whose every report is on disk, or was there already. */
export interface DeliveryAnswer {
  ok: true;
  stored: number;
  duplicates: number;
  /** Too old to be kept; there only when there are any. */
  expired?: number;
  /** How often to report from now on. */
  intervalMs: number;
  /** Names what this agent is to check; there only when there is something. */
  config?: string;
}
