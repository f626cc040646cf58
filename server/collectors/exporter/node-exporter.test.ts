/** Debian's node_exporter and our own collector, asked about this machine at the same moment. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { ReportedResource } from "../../contract/report.ts";
import { REPORT_LIMITS } from "../../contract/report-limits.ts";
import { PrometheusConfig } from "../../contract/sources/prometheus.ts";
import { Egress } from "../../lib/egress.ts";
import { createExporterCollector } from "../exporter.ts";
import { createHostCollector } from "../host.ts";

/** Time between two looks: long against the time it takes to look. */
const BETWEEN_MS = 1_500;
/** A burst may fall between the two questions, and a disk may come or go: then once more, so often at most. */
const LOOKS = 5;

let exporter: Bun.Subprocess<"ignore", "ignore", "pipe">;
let url = "";

beforeAll(async () => {
  const path = Bun.which("prometheus-node-exporter");
  if (!path) throw new Error("no node_exporter found: apt-get install prometheus-node-exporter");
  // The root of a container is an overlay, which is passed over unless told otherwise.
  const passedOver =
    "--collector.filesystem.fs-types-exclude=^(?:proc|sysfs|tmpfs|devpts|cgroup2?|mqueue|nsfs)$";
  exporter = Bun.spawn([path, "--web.listen-address=127.0.0.1:0", passedOver], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  url = `http://${await listenAddress(exporter.stderr)}`;
});
afterAll(async () => {
  exporter.kill();
  await exporter.exited;
});

/** From what it says on standard error: port 0 was asked for. It is listened to until it ends. */
function listenAddress(stream: ReadableStream<Uint8Array>): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  void (async () => {
    let said = "";
    for await (const chunk of stream) {
      said += new TextDecoder().decode(chunk);
      const found = /msg="Listening on" address=(\S+)/.exec(said)?.[1];
      if (found) resolve(found);
    }
    reject(new Error(`node_exporter ended: ${said}`));
  })();
  return promise;
}

test("one machine, read both ways, is one machine", async () => {
  const ours = createHostCollector();
  const theirs = createExporterCollector({
    config: PrometheusConfig.parse({ url, shown: [{ metric: "node_context_switches_total" }] }),
    secrets: {},
    egress: new Egress({ allow: ["127.0.0.0/8"], reach: "lan" }),
  });
  const both = () => Promise.all([ours.collect(), theirs.collect()]);
  await both();
  for (let look = 1; ; look++) {
    // Time has to pass for there to be rates; nothing is waited for.
    await Bun.sleep(BETWEEN_MS);
    const [own, scraped] = await both();
    try {
      compare(own, scraped);
      return;
    } catch (error) {
      if (look === LOOKS) throw error;
    }
  }
}, 30_000);

function compare(own: ReportedResource[], scraped: ReportedResource[]): void {
  for (const resource of scraped) ReportedResource.parse(resource);
  expect(scraped.length).toBeLessThan(REPORT_LIMITS.resources);

  const found = new Map(scraped.map((resource) => [resource.key, resource]));
  const lasting = own.filter(({ key }) => !/veth|cni|br-|loop/.test(key));
  expect(lasting.length).toBeGreaterThan(3);
  for (const mine of lasting) {
    const other = found.get(mine.key);
    expect(other).toMatchObject({ kind: mine.kind, name: mine.name, status: mine.status });
    expect(other?.parent).toBe(mine.parent as string);
    compareFigures(mine, other as ReportedResource);
    compareAttributes(mine, other as ReportedResource);
  }
  const exporterPart = found.get("exporter");
  expect(exporterPart).toMatchObject({ parent: "host", metrics: { up: 1 } });
  expect(exporterPart?.metrics.node_context_switches_per_second).toBeGreaterThan(0);
}

/** What only one of both can know. */
const OURS_ALONE = /^process_count$|^pressure_/;
/** In a container these are the container's for us, and the machine's for node_exporter. */
const LIMITED = /^(?:cpu|memory|swap)_|^uptime_seconds$/;
/** What changes from one millisecond to the next. */
const MOMENTARY = /^processes_/;

function compareFigures(mine: ReportedResource, other: ReportedResource): void {
  const isComparable = (name: string) =>
    !OURS_ALONE.test(name) && !(mine.attributes.container !== undefined && LIMITED.test(name));
  const names = Object.keys(mine.metrics).filter(isComparable);
  for (const name of names) {
    const [a, b] = [mine.metrics[name] ?? Number.NaN, other.metrics[name] ?? Number.NaN];
    const place = `${mine.key} ${name}: ${a} and ${b}`;
    if (MOMENTARY.test(name)) expect(Number.isFinite(b), place).toBe(true);
    else expect(Math.abs(a - b), place).toBeLessThanOrEqual(toleranceOf(name, Math.max(a, b)));
  }
  for (const name of Object.keys(other.metrics)) {
    if (isComparable(name)) expect(mine.metrics).toHaveProperty(name);
  }
}

function toleranceOf(name: string, value: number): number {
  if (/_percent$/.test(name)) return 25;
  if (/^load/.test(name)) return 0.5;
  if (name === "uptime_seconds") return 2;
  if (/_(?:total|used|available)_bytes$/.test(name)) return value * 0.05 + 64 * 1024 * 1024;
  // Rates: the two are not asked in the same instant, and this machine is busy with its tests.
  return value * 0.6 + 1_000_000;
}

function compareAttributes(mine: ReportedResource, other: ReportedResource): void {
  for (const [name, value] of Object.entries(other.attributes)) {
    if (name === "speed_bits_per_second" && mine.attributes[name] === undefined) continue;
    expect(mine.attributes[name], `${mine.key} ${name}`).toEqual(value);
  }
}
