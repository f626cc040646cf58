/**
 * OpenMetrics 1.0 text: a family for each metric with its type and unit, below it its series one after the other,
 * each in the order of time, times in seconds, and `# EOF` at the end, without which a reader takes it for cut off.
 * Names get the prefix `pulse_`, so that they meet no one else's where they are taken in.
 */
import { unitOf } from "../../contract/metrics.ts";
import { PROMETHEUS_PREFIX } from "../../contract/prometheus.ts";
import { tidy } from "../sample-codec.ts";
import type { Rows } from "./rows.ts";

export const THE_END = "# EOF\n";

export function familyHead(metric: string): string {
  const name = PROMETHEUS_PREFIX + metric;
  const unit = unitOf(metric);
  return (
    `# TYPE ${name} gauge\n` +
    (unit === "count" ? "" : `# UNIT ${name} ${unit}\n`) +
    `# HELP ${name} ${metric} as Pulse measured it.\n`
  );
}

/** What every line of a series begins with. */
export function seriesPrefix(metric: string, labels: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return `${PROMETHEUS_PREFIX}${metric}{${pairs.join(",")}} `;
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

export function openMetricsLines(prefix: string, { times, columns: [column] }: Rows): string {
  let text = "";
  for (let row = 0; column && row < times.length; row++) {
    const value = column[row] as number;
    if (!Number.isNaN(value)) text += `${prefix}${tidy(value)} ${seconds(times[row] as number)}\n`;
  }
  return text;
}

function seconds(at: number): string {
  const fraction = at % 1_000;
  const whole = String((at - fraction) / 1_000);
  return fraction === 0 ? whole : `${whole}.${String(fraction).padStart(3, "0")}`;
}
