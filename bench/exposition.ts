/** What reading an exporter's page costs. `bun bench/exposition.ts` */
import { capturedPage } from "../server/collectors/exposition/captured-page.ts";
import { type ExpositionFormat, parseExposition } from "../server/collectors/exposition/parse.ts";
import { printTable, spread } from "./table.ts";

const ROUNDS = 2_000;
const WARM_UP = 500;

const PAGES: [name: string, format: ExpositionFormat][] = [
  ["node-exporter-1.5", "text"],
  ["haproxy", "text"],
  ["postgres-exporter", "text"],
  ["redis-exporter", "text"],
  ["python-client-openmetrics", "openmetrics"],
];

function measure(page: Uint8Array, format: ExpositionFormat): number[] {
  const microseconds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const startMs = performance.now();
    parseExposition(page, format);
    if (round >= WARM_UP) microseconds.push((performance.now() - startMs) * 1000);
  }
  return microseconds;
}

const rows = PAGES.map(([name, format]) => {
  const page = capturedPage(name);
  const series = parseExposition(page, format).reduce((count, family) => count + family.samples.length, 0);
  return [name, (page.byteLength / 1000).toFixed(1), series, spread(measure(page, format), 0)];
});
printTable("Reading an exporter's page", ["page", "kB", "series", "µs"], rows);
