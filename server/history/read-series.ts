/**
 * What a source said of some series over a range, in the order of time and in pieces: a chunk, or some rows. Between
 * two pieces others may have their turn; what has been sealed meanwhile is found where it is now, because
 * each piece looks anew for what comes next. A piece holds all the bytes it is made of, so others may have their turn
 * between two of its series as well.
 */
import type { ResourceId } from "../contract/ids.ts";
import { type Chunk, type ChunkTable, TIERS, type Tier } from "./chunk-table.ts";
import { DamagedBytesError } from "./codec/bytes.ts";
import { bytesAt } from "./codec/chunk.ts";
import { decodeColumn } from "./codec/column.ts";
import { decodeRollup, newRollup, type Rollup } from "./codec/rollup.ts";
import { valueAt } from "./sample-codec.ts";
import type { HistoryStore, SampleRow } from "./store.ts";

/** Series of one resource, as one source knows it. */
export interface Wanted {
  source: string;
  id: ResourceId;
  metrics: readonly string[];
}

/** The values of a metric, by its place among those wanted, NaN where there is none: made when they are asked for. */
export interface Points {
  times: Float64Array;
  column: (series: number) => Float64Array;
}

/** The rollup of a metric likewise; `times` are when the steps begin. */
export interface Steps {
  times: Float64Array;
  rollup: (series: number) => Rollup;
}

type SampleTier = "hour" | "day";

/** Samples of `[from, to)`: those in rows, and those in chunks of these tiers. */
export function* readPoints(
  store: HistoryStore,
  wanted: Wanted,
  { from, to, tiers = ["day", "hour"] }: { from: number; to: number; tiers?: readonly SampleTier[] },
): Generator<Points> {
  for (let next = from; next < to; ) {
    const chunk = earliest(tiers.map((tier) => store.chunks.next(wanted.source, tier, next, to)));
    const isInside = chunk !== undefined && chunk.startAt <= next;
    const until = Math.min(to, chunk ? (isInside ? chunk.endAt : chunk.startAt) : to);
    const { rows, endAt } = store.rows(wanted.source, next, until);
    const fromRows = rows.length > 0 ? pointsOfRows(rows, wanted) : undefined;
    const fromChunk = isInside ? pointsOfChunk(store, chunk, wanted, next, endAt) : undefined;
    if (fromRows && fromChunk) yield merged(fromChunk, fromRows);
    else if (fromRows ?? fromChunk) yield (fromRows ?? fromChunk) as Points;
    next = endAt;
  }
}

/** Steps of a tier from `from` to `to`, and the points of what is not in it, in no order. */
export function* readSteps(
  store: HistoryStore,
  wanted: Wanted,
  { from, to, tier }: { from: number; to: number; tier: Tier },
): Generator<Steps | Points> {
  for (let next = from; next < to; ) {
    const chunk = store.chunks.next(wanted.source, tier, next, to);
    /* Where a chunk of steps cannot be read there may still be what it was made from. */
    yield* readDays(store, wanted, next, Math.min(to, chunk?.startAt ?? to));
    if (!chunk) break;
    yield stepsOfChunk(store, chunk, wanted, from, to);
    next = chunk.endAt;
  }
  yield* readPoints(store, wanted, { from, to, tiers: ["hour"] });
}

function* readDays(store: HistoryStore, wanted: Wanted, from: number, to: number): Generator<Points> {
  for (let next = from; next < to; ) {
    const chunk = store.chunks.next(wanted.source, "day", next, to);
    if (!chunk) return;
    const points = pointsOfChunk(store, chunk, wanted, next, to);
    if (points) yield points;
    next = chunk.endAt;
  }
}

/** Columns of a chunk by position; one that is damaged is told of and empty. */
export function columnsOf(
  chunks: ChunkTable,
  source: string,
  chunk: Chunk,
  partOf: PartOf = oneAtATime(chunks, chunk),
): (position: number) => Float64Array {
  const rows = chunk.head.times.length;
  const read = seriesReader(chunks, source, chunk, partOf);
  return (position) => read(position, (bytes) => decodeColumn(bytes, rows)) ?? empty(rows);
}

/** Rollups of a chunk likewise. */
export function rollupsOf(
  chunks: ChunkTable,
  source: string,
  chunk: Chunk,
  partOf: PartOf = oneAtATime(chunks, chunk),
): (position: number) => Rollup {
  const rows = chunk.head.times.length;
  const read = seriesReader(chunks, source, chunk, partOf);
  return (position) => read(position, (bytes) => decodeRollup(bytes, rows)) ?? newRollup(rows);
}

type PartOf = (number: number) => Buffer | undefined;

/** Whoever reads all series reads them in their order. */
function oneAtATime(chunks: ChunkTable, chunk: Chunk): PartOf {
  let last: { number: number; bytes: Buffer | undefined } | undefined;
  return (number) => {
    if (last?.number !== number) last = { number, bytes: chunks.part(chunk.id, number) };
    return last.bytes;
  };
}

/** All that these series need, now: by the time they are asked for, something else may stand there. */
function allOf(chunks: ChunkTable, chunk: Chunk, positions: readonly (number | undefined)[]): PartOf {
  const parts = new Map<number, Buffer | undefined>();
  for (const position of positions) {
    const number = position === undefined ? undefined : chunk.head.places[position]?.part;
    if (number !== undefined && !parts.has(number)) parts.set(number, chunks.part(chunk.id, number));
  }
  return (number) => parts.get(number);
}

function seriesReader(chunks: ChunkTable, source: string, chunk: Chunk, partOf: PartOf) {
  return <T>(position: number, decode: (bytes: Uint8Array) => T): T | undefined => {
    const place = chunk.head.places[position];
    if (!place) return undefined;
    try {
      return decode(bytesAt(place, partOf(place.part)));
    } catch (error) {
      if (!(error instanceof DamagedBytesError)) throw error;
      chunks.damaged(source, chunk, `series ${position}: ${error.message}`);
      return undefined;
    }
  };
}

function pointsOfRows(rows: readonly SampleRow[], { id, metrics }: Wanted): Points {
  const column = (series: number) => {
    const metric = metrics[series] as string;
    const values = empty(rows.length);
    let layout: SampleRow["layout"] | undefined;
    let position: number | undefined;
    for (const [index, row] of rows.entries()) {
      if (row.layout !== layout) {
        layout = row.layout;
        position = layout.of(id, metric);
      }
      if (position !== undefined) values[index] = valueAt(row.packed, position);
    }
    return values;
  };
  return { times: Float64Array.from(rows, ({ at }) => at), column };
}

function pointsOfChunk(
  store: HistoryStore,
  chunk: Chunk,
  { source, id, metrics }: Wanted,
  from: number,
  to: number,
): Points | undefined {
  const layout = store.layouts.get(chunk.layoutId);
  const first = firstFrom(chunk.head.times, from);
  const end = firstFrom(chunk.head.times, to);
  const positions = metrics.map((metric) => layout.of(id, metric));
  if (first === end || positions.every((position) => position === undefined)) return undefined;
  const columnAt = columnsOf(store.chunks, source, chunk, allOf(store.chunks, chunk, positions));
  const column = (series: number) => {
    const position = positions[series];
    return position === undefined ? empty(end - first) : columnAt(position).subarray(first, end);
  };
  return { times: chunk.head.times.subarray(first, end), column };
}

function stepsOfChunk(
  store: HistoryStore,
  chunk: Chunk,
  { source, id, metrics }: Wanted,
  from: number,
  to: number,
): Steps {
  const { times } = chunk.head;
  const layout = store.layouts.get(chunk.layoutId);
  const first = firstFrom(times, Math.floor(from / TIERS[chunk.tier].stepMs) * TIERS[chunk.tier].stepMs);
  const end = firstFrom(times, to);
  const positions = metrics.map((metric) => layout.of(id, metric));
  const rollupAt = rollupsOf(store.chunks, source, chunk, allOf(store.chunks, chunk, positions));
  const rollup = (series: number) => {
    const position = positions[series];
    if (position === undefined) return newRollup(end - first);
    const { least, greatest, mean, count } = rollupAt(position);
    const part = (column: Float64Array) => column.subarray(first, end);
    return { least: part(least), greatest: part(greatest), mean: part(mean), count: part(count) };
  };
  return { times: times.subarray(first, end), rollup };
}

/** Both in the order of time; at the same time the second has the word. */
function merged(first: Points, second: Points): Points {
  /* Mostly the second is the one row that is newer than all that is sealed. */
  if ((first.times.at(-1) as number) < (second.times[0] as number)) {
    return {
      times: joined(first.times, second.times),
      column: (series) => joined(first.column(series), second.column(series)),
    };
  }
  const overridden = new Set(second.times);
  const kept: { at: number; isSecond: boolean; index: number }[] = [];
  for (const [index, at] of first.times.entries())
    if (!overridden.has(at)) kept.push({ at, isSecond: false, index });
  for (const [index, at] of second.times.entries()) kept.push({ at, isSecond: true, index });
  kept.sort((a, b) => a.at - b.at);
  return {
    times: Float64Array.from(kept, ({ at }) => at),
    column: (series) => {
      const [one, other] = [first.column(series), second.column(series)];
      return Float64Array.from(kept, ({ isSecond, index }) => (isSecond ? other : one)[index] as number);
    },
  };
}

function joined(first: Float64Array, second: Float64Array): Float64Array {
  const both = new Float64Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

function earliest(chunks: readonly (Chunk | undefined)[]): Chunk | undefined {
  let first: Chunk | undefined;
  for (const chunk of chunks) if (chunk && (!first || chunk.startAt < first.startAt)) first = chunk;
  return first;
}

/** Where in ascending times the first lies that is not before `at`. */
export function firstFrom(times: Float64Array, at: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function empty(rows: number): Float64Array {
  return new Float64Array(rows).fill(Number.NaN);
}
