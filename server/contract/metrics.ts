/**
 * Metric names are snake_case and end in their unit, as Prometheus recommends, so the unit of a
 * metric is never stored: it is read from the name.
 */
export type Unit =
  | "percent"
  | "bytes"
  | "bytes_per_second"
  | "per_second"
  | "celsius"
  | "seconds"
  | "rpm"
  | "count";

const UNIT_OF_SUFFIX: [suffix: string, unit: Unit][] = [
  ["_bytes_per_second", "bytes_per_second"],
  ["_per_second", "per_second"],
  ["_percent", "percent"],
  ["_bytes", "bytes"],
  ["_celsius", "celsius"],
  ["_seconds", "seconds"],
  ["_rpm", "rpm"],
];

/** The unit a metric name ends in; `count` for a name without one (`load1`, `processes_running`). */
export function unitOf(metric: string): Unit {
  for (const [suffix, unit] of UNIT_OF_SUFFIX) if (metric.endsWith(suffix)) return unit;
  return "count";
}

export function isPerSecond(unit: Unit): boolean {
  return unit === "bytes_per_second" || unit === "per_second";
}
