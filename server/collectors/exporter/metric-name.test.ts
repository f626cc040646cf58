import { expect, test } from "bun:test";
import { unitOf } from "../../contract/metrics.ts";
import { metricName, qualifiedName, quantileWord, rateName } from "./metric-name.ts";

const OURS = /^[a-z][a-z0-9_]{0,79}$/;

test("every name an exporter may have becomes one of ours, and keeps its unit", () => {
  const long = `very_${"long_".repeat(30)}seconds`;
  const names = ["node_memory_MemTotal_bytes", "x:y:rate5m", "__up", "_9", "9", "A", long, `${long}_total`];
  for (const name of names) expect(metricName(name)).toMatch(OURS);
  expect(metricName("node_memory_MemTotal_bytes")).toBe("node_memory_memtotal_bytes");
  expect(metricName("job:errors:rate5m")).toBe("job_errors_rate5m");
  expect(unitOf(metricName(long))).toBe("seconds");
  expect(metricName(long)).not.toBe(metricName(`x${long}`));
  expect(unitOf(rateName(`${long}_total`))).toBe("per_second");
});

test("a counter is named by what is kept of it", () => {
  expect(rateName("http_requests_total")).toBe("http_requests_per_second");
  expect(unitOf(rateName("node_network_receive_bytes_total"))).toBe("bytes_per_second");
});

test("a word that is put into a name leaves the unit at the end", () => {
  expect(qualifiedName("http_request_duration_seconds", "mean")).toBe("http_request_duration_mean_seconds");
  expect(qualifiedName("queue_length", "p99")).toBe("queue_length_p99");
  expect([0, 0.5, 0.95, 0.999, 1].map(quantileWord)).toEqual(["p0", "p50", "p95", "p99_9", "p100"]);
});
