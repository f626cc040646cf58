import type { ReportedResource } from "../../contract/report.ts";
import { REPORT_LIMITS } from "../../contract/report-limits.ts";

/**
 * As many as one report holds, no key twice. What was left out is counted at the first resource, so that
 * nobody takes the report for everything.
 */
export function withinLimit(resources: ReportedResource[]): ReportedResource[] {
  const seen = new Set<string>();
  const distinct = resources.filter(({ key }) => !seen.has(key) && seen.add(key));
  const leftOut = distinct.length - REPORT_LIMITS.resources;
  const [first, ...rest] = distinct.slice(0, REPORT_LIMITS.resources);
  if (!first || leftOut <= 0) return distinct;
  return [{ ...first, attributes: { ...first.attributes, resources_left_out: leftOut } }, ...rest];
}
