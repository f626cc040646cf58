/**
 * What an exporter's page costs once it is here: reading it, and making resources of it. Of node_exporter's
 * page a machine is made. In microseconds.
 *
 *   bun bench/exposition.ts
 */
import { figuresOf } from "../server/collectors/exporter/figures.ts";
import { isNodePage, NodeMachine } from "../server/collectors/exporter/node.ts";
import { place } from "../server/collectors/exporter/placement.ts";
import { ExporterReport } from "../server/collectors/exporter/resources.ts";
import { capturedPage } from "../server/collectors/exposition/captured-page.ts";
import { type ExpositionFormat, parseExposition } from "../server/collectors/exposition/parse.ts";
import { printTable, spread } from "./table.ts";

const ROUNDS = 2_000;
const WARM_UP = 500;
const INTERVAL_MS = 10_000;

const PAGES: [name: string, format: ExpositionFormat][] = [
  ["node-exporter-1.5", "text"],
  ["haproxy", "text"],
  ["postgres-exporter", "text"],
  ["redis-exporter", "text"],
  ["python-client-openmetrics", "openmetrics"],
];

function measure(page: Uint8Array, format: ExpositionFormat): { reading: number[]; making: number[] } {
  const microseconds = { reading: [] as number[], making: [] as number[] };
  const exporter = new ExporterReport();
  const machine = new NodeMachine();
  for (let round = 0; round < ROUNDS; round++) {
    const startMs = performance.now();
    const families = parseExposition(page, format);
    const readMs = performance.now();
    const atMs = round * INTERVAL_MS;
    const isMachine = isNodePage(families);
    const wanted = { shown: [], onlyShown: isMachine, maxSeries: 10_000, maxResources: 1_999 };
    const placement = place(figuresOf(families), wanted);
    const scrape = { placement, families, samples: 0, atMs, tookMs: 0 };
    exporter.read(scrape, { name: "bench", address: "http://bench/" });
    if (isMachine) machine.read(families, atMs, atMs);
    if (round < WARM_UP) continue;
    microseconds.reading.push((readMs - startMs) * 1000);
    microseconds.making.push((performance.now() - readMs) * 1000);
  }
  return microseconds;
}

const rows = PAGES.map(([name, format]) => {
  const page = capturedPage(name);
  const series = parseExposition(page, format).reduce((count, family) => count + family.samples.length, 0);
  const { reading, making } = measure(page, format);
  return [name, (page.byteLength / 1000).toFixed(1), series, spread(reading, 0), spread(making, 0)];
});
printTable("An exporter's page", ["page", "kB", "series", "reading", "resources of it"], rows);
