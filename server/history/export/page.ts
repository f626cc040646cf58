/**
 * A page of an export: some of its lines, and where the next page begins. Nothing is kept between two pages, so
 * whoever stops asking has stopped the export, and whoever asks slowly makes nobody wait.
 */
import type { ExportPage, ExportPageInput, ExportSeries } from "../../contract/export.ts";
import type { Limiter } from "../../lib/limiter.ts";
import { readView, requireOpen, type WithHistory } from "../range.ts";
import { timesOf } from "../steps.ts";
import { Turns } from "../turns.ts";
import { csvLines } from "./csv.ts";
import { openMetricsLines } from "./openmetrics.ts";
import { placesBy, type Rows, readRows, SLOT_MS } from "./rows.ts";

/** Values of a page; some two megabytes of text. */
const CELLS_PER_PAGE = 200_000;
/** A sample that is a little late speaks for the step before, which therefore has to be there. */
const STEPS_BEFORE = 2;

export interface WithExports extends WithHistory {
  exportReads: Limiter;
}

export function exportPage(
  org: WithExports,
  input: ExportPageInput,
  reads: Limiter = org.exportReads,
): Promise<ExportPage> {
  return reads.run(async () => {
    requireOpen(org);
    const { rows, next } =
      input.step === undefined ? await samples(org, input) : await steps(org, input, input.step);
    const text = input.prefix === undefined ? csvLines(rows) : openMetricsLines(input.prefix, rows);
    return { bytes: Buffer.from(text), next };
  });
}

async function samples(org: WithHistory, { series, from, to }: ExportPageInput): Promise<Page> {
  const sources = new Set<string>();
  for (const id of placesBy(series).keys())
    for (const { source } of org.inventory.viewsOf(id)) sources.add(source);
  const next = pageEnd(org, sources, from, to, Math.ceil(CELLS_PER_PAGE / series.length));
  return { rows: await readRows(org, series, { from, to: next }), next };
}

interface Page {
  rows: Rows;
  next: number;
}

/**
 * After so many rows of any source, where a chunk ends, or where one begins: so what is decoded for a page is bounded
 * whatever is in the file.
 */
function pageEnd(
  org: WithHistory,
  sources: Iterable<string>,
  from: number,
  to: number,
  maxRows: number,
): number {
  const { history } = org;
  let end = to;
  for (const source of sources) {
    for (const tier of ["day", "hour"] as const) {
      const chunk = history.chunks.next(source, tier, from, end);
      if (!chunk) continue;
      if (chunk.startAt > from) end = Math.min(end, chunk.startAt);
      else {
        const first = chunk.head.times.findIndex((at) => at >= from);
        end = Math.min(end, chunk.endAt, (first >= 0 && chunk.head.times[first + maxRows]) || end);
      }
    }
    const rowAt = history.firstRowAt(source, from);
    if (rowAt !== undefined) end = Math.min(end, rowAt + maxRows * org.intervalOf(source));
  }
  if (end >= to) return to;
  const slotAt = Math.floor(end / SLOT_MS) * SLOT_MS;
  return Math.min(to, slotAt > from ? slotAt : Math.floor(from / SLOT_MS) * SLOT_MS + SLOT_MS);
}

async function steps(org: WithHistory, { series, from, to }: ExportPageInput, step: number): Promise<Page> {
  const startAt = Math.floor(from / step) * step;
  const count = Math.max(1, Math.ceil(CELLS_PER_PAGE / series.length));
  const next = Math.min(to, startAt + count * step);
  const turns = new Turns(undefined);
  const readFrom = Math.max(0, startAt - STEPS_BEFORE * step);
  const skipped = (startAt - readFrom) / step;
  const frame = { from: readFrom, to: next, step };
  const times = timesOf(frame).slice(skipped);
  const columns: (readonly number[])[] = series.map(() => times.map(() => Number.NaN));
  for (const [id, places] of placesBy(series)) {
    const metrics = [...new Set(places.map((place) => series[place]?.metric ?? ""))];
    const views = [];
    for (const view of org.inventory.viewsOf(id))
      views.push(await readView(org, view, metrics, frame, turns));
    const [closest = [], ...others] = views;
    for (const [index, metric] of metrics.entries()) {
      for (const other of others) if (other[index]) closest[index]?.fillFrom(other[index]);
      const points = closest[index]?.points();
      for (const place of places) {
        const { metric: wanted, stat = "avg" } = series[place] as ExportSeries;
        if (wanted === metric && points)
          columns[place] = points[stat].slice(skipped).map((value) => value ?? Number.NaN);
      }
    }
  }
  return { rows: { times, columns }, next };
}
