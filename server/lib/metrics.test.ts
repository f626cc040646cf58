import { describe, expect, test } from "bun:test";
import { edgeMetrics } from "./edge-metrics.ts";
import { MetricRegistry } from "./metrics.ts";

test("a counter, a gauge and a histogram are told as Prometheus reads them", () => {
  const registry = new MetricRegistry();
  const counter = registry.counter("calls_total", "Calls.");
  counter.add({ method: "GET", status: 200 });
  counter.add({ method: "GET", status: 200 }, 2);
  counter.add({ method: "POST", status: 401 });
  registry.gauge("depth", "Depth.").set(7);
  const histogram = registry.histogram("took_seconds", "Time.");
  histogram.observe(0.003, { route: "a" });
  histogram.observe(0.3, { route: "a" });
  histogram.observe(60, { route: "a" });
  expect(registry.render()).toBe(
    `# HELP calls_total Calls.
# TYPE calls_total counter
calls_total{method="GET",status="200"} 3
calls_total{method="POST",status="401"} 1
# HELP depth Depth.
# TYPE depth gauge
depth 7
# HELP took_seconds Time.
# TYPE took_seconds histogram
took_seconds_bucket{route="a",le="0.001"} 0
took_seconds_bucket{route="a",le="0.005"} 1
took_seconds_bucket{route="a",le="0.01"} 1
took_seconds_bucket{route="a",le="0.025"} 1
took_seconds_bucket{route="a",le="0.05"} 1
took_seconds_bucket{route="a",le="0.1"} 1
took_seconds_bucket{route="a",le="0.25"} 1
took_seconds_bucket{route="a",le="0.5"} 2
took_seconds_bucket{route="a",le="1"} 2
took_seconds_bucket{route="a",le="2.5"} 2
took_seconds_bucket{route="a",le="10"} 2
took_seconds_bucket{route="a",le="+Inf"} 3
took_seconds_sum{route="a"} 60.303
took_seconds_count{route="a"} 3
`,
  );
});

test("no label can break out of its quotes", () => {
  const registry = new MetricRegistry();
  registry.counter("calls_total", "Calls.").add({ route: 'a"} 1\nforged_total{x="\\' });
  const lines = registry.render().trimEnd().split("\n");
  expect(lines.length).toBe(3);
  expect(lines[2]).toMatch(/^calls_total\{route="[^"\\]*"\} 1$/);
});

describe("however many labels turn up, a metric holds a bounded number of them:", () => {
  for (const kind of ["counter", "histogram"] as const) {
    test(kind, () => {
      const registry = new MetricRegistry();
      const metric = registry[kind]("x", "X.");
      for (let index = 0; index < 5_000; index++) {
        if ("add" in metric) metric.add({ route: index });
        else metric.observe(1, { route: index });
      }
      const series = new Set(registry.render().match(/route="\d+"/g));
      expect(series.size).toBe(2_000);
    });
  }

  test("and nothing is lost of the sum", () => {
    const counter = new MetricRegistry().counter("x", "X.");
    for (let index = 0; index < 5_000; index++) counter.add({ route: index });
    expect(counter.total()).toBe(5_000);
  });
});

test("the names are those of the contract", () => {
  const text = edgeMetrics().registry.render();
  for (const name of [
    "pulse_http_requests_total",
    "pulse_http_request_errors_total",
    "pulse_http_request_duration_seconds",
    "pulse_access_denied_total",
    "pulse_org_spoof_total",
    "pulse_multi_tenant_enabled",
    "pulse_live_streams",
    "pulse_event_loop_stall_seconds",
    "pulse_shard_queue_depth",
  ]) {
    expect(text).toContain(`# TYPE ${name} `);
  }
});
