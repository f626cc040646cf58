/** Metrics as Prometheus writes them, one a line: `node_load1`, `requests_total{code="200"}`. Pure. */
import type { ShownMetric } from "../../../server/contract/sources/prometheus.ts";

/** What a line cannot be read as is sent on as a name, for the server to say what is wrong with it. */
export function metricsIn(text: string): ShownMetric[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean)
    .map((line) => {
      const [, metric, inside] = /^([^{}\s]+)\s*\{(.*)\}$/.exec(line) ?? [];
      const labels = inside === undefined ? undefined : labelsIn(inside);
      return metric && labels ? { metric, labels } : { metric: line };
    });
}

export function metricLines(metrics: readonly ShownMetric[]): string {
  return metrics
    .map(({ metric, labels }) => {
      const inside = Object.entries(labels ?? {}).map(
        ([name, value]) => `${name}="${value.replace(/[\\"]/g, "\\$&")}"`,
      );
      return inside.length > 0 ? `${metric}{${inside.join(",")}}` : metric;
    })
    .join("\n");
}

function labelsIn(text: string): Record<string, string> | undefined {
  const label = /\s*([^\s=",]+)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)/y;
  const labels: Record<string, string> = {};
  while (label.lastIndex < text.length) {
    const found = label.exec(text);
    if (!found) return undefined;
    labels[found[1] ?? ""] = (found[2] ?? "").replace(/\\(.)/g, "$1");
  }
  return labels;
}
