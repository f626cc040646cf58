import { expect, test } from "bun:test";
import type { Resource } from "../../../server/contract/resource.ts";
import { type ChartGroup, chartsOf, measured, metricsIn } from "./charts.ts";

function resource(id: string, kind: string, metrics: Record<string, number>): Resource {
  return {
    id,
    kind,
    name: id,
    status: "up",
    sources: [],
    lastSeenAt: 0,
    attributes: {},
    metrics,
  } as unknown as Resource;
}
/** What is drawn when `seen` is all that has ever been reported. */
function shown(seen: Resource[], machine = seen[0] as Resource, parts = seen.slice(1)): ChartGroup[] {
  return measured(chartsOf(machine, parts), (id, metric) =>
    seen.some((each) => each.id === id && metric in each.metrics),
  );
}
const ids = (...seen: Resource[]) => shown(seen).flatMap((group) => group.charts.map((chart) => chart.id));

test("there is a chart for what is measured and none for what is not", () => {
  expect(ids(resource("r1", "host", { cpu_user_percent: 1, memory_used_bytes: 5 }))).toEqual([
    "cpu",
    "memory",
  ]);
  expect(ids(resource("r1", "host", {}))).toEqual([]);
});

test("a machine without swap has no swap chart", () => {
  expect(ids(resource("r1", "host", { swap_total_bytes: 0, swap_used_bytes: 0 }))).toEqual([]);
  expect(ids(resource("r1", "host", { swap_total_bytes: 9, swap_used_bytes: 0 }))).toEqual(["swap"]);
});

test("one core is the CPU chart already; many are cells", () => {
  const cores = (count: number) =>
    Array.from({ length: count }, (_, index) => resource(`c${index}`, "core", { cpu_percent: 1 }));
  const host = resource("r1", "host", {});
  expect(ids(host, ...cores(1))).toEqual([]);
  expect(ids(host, ...cores(2))).toEqual(["cores"]);
  expect(shown([host, ...cores(4)])[0]?.charts[0]?.form).toBe("lines");
  expect(shown([host, ...cores(64)])[0]?.charts[0]).toMatchObject({ form: "heat", lines: { length: 64 } });
});

test("what a report leaves out stays on the page, and is asked for", () => {
  const host = resource("r1", "host", { load1: 1 });
  const before = [host, resource("d1", "disk", { disk_reads_per_second: 1, disk_read_wait_seconds: 1 })];
  const idle = [resource("r1", "host", {}), resource("d1", "disk", {})] as const;
  expect(shown(before, idle[0], [idle[1]])).toEqual(shown(before));
  expect(metricsIn(chartsOf(idle[0], [idle[1]]))).toEqual(metricsIn(chartsOf(host, before.slice(1))));
});

test("a disk that counts operations has waits, although it may have been idle since anyone looked", () => {
  const disk = resource("d1", "disk", { disk_reads_per_second: 0, disk_writes_per_second: 0 });
  const waits = shown([resource("r1", "host", {}), disk])[0]?.charts.find(({ id }) => id === "latency");
  expect(waits?.lines.map(({ label }) => label)).toEqual(["d1 read", "d1 write"]);
});

test("every metric a chart may draw is asked for once", () => {
  const wanted = metricsIn(chartsOf(resource("r1", "host", {}), [resource("e0", "interface", {})]));
  expect([...wanted.keys()]).toEqual(["r1", "e0"]);
  expect([...(wanted.get("e0") ?? [])]).toEqual([
    "network_receive_errors_per_second",
    "network_transmit_errors_per_second",
    "network_receive_drops_per_second",
    "network_transmit_drops_per_second",
  ]);
});
