/**
 * Makes one chunk of everything a source said in an hour or a day: of rows, of chunks that are there, or of both when
 * something came late. A day is summarised into the coarser tiers in the same go.
 *
 * It is done in many small steps (each `yield` is a place to stop), and nothing is written before the last,
 * which is one transaction: the chunk is there, with its rollups, and what it was made of is not. What comes in
 * between for the same span makes it all vain, and it is begun anew later.
 *
 * The newest row of a source stays a row: its values are what a source is known by when an org is opened.
 *
 * What comes so late that the samples of its day are not kept any more is only summarised: it is folded into the
 * steps there are, which are all that is left of that day.
 */
import type { Database } from "../../db/driver.ts";
import { type Chunk, DAY, HOUR, type NewChunk, TIERS } from "./chunk-table.ts";
import { ChunkBuilder, type Summary, summarise } from "./codec/chunk.ts";
import { encodeColumn, MAX_ROWS } from "./codec/column.ts";
import { encodeRollup, fold, newRollup, type Rollup } from "./codec/rollup.ts";
import { type Column, seriesKey, union } from "./layouts.ts";
import { columnsOf, rollupsOf } from "./read-series.ts";
import { weightsOf } from "./report-distance.ts";
import { valueAt } from "./sample-codec.ts";
import type { HistoryStore, SampleRow } from "./store.ts";

export interface Span {
  source: string;
  tier: "hour" | "day";
  startAt: number;
}

interface Input {
  times: Float64Array;
  columns: readonly Column[];
  column: (position: number) => Float64Array;
}

/** Rows sealed at a time, a day of seconds: more is left for the next time. */
const MOST_ROWS = 90_000;
const SUMMARY_TIERS = ["fiveMinutes", "hours", "days"] as const;
type SummaryTier = (typeof SUMMARY_TIERS)[number];

/** Returns whether anything was sealed. */
export function* sealSpan(
  db: () => Database,
  store: HistoryStore,
  span: Span,
  { keepsSamples = true }: { keepsSamples?: boolean } = {},
): Generator<void, boolean> {
  const { source, tier, startAt } = span;
  const endAt = startAt + TIERS[tier].spanMs;
  let isTouched = false;
  const stop = store.watchWrites((from, at) => {
    if (from === source && at >= startAt && at < endAt) isTouched = true;
  });
  try {
    const newestAt = store.rowsBetween(source)?.newestAt ?? endAt;
    const rows: SampleRow[] = [];
    for (let next = startAt; next < Math.min(endAt, newestAt) && rows.length < MOST_ROWS; ) {
      const read = store.writtenRows(source, next, Math.min(endAt, newestAt));
      rows.push(...read.rows);
      next = read.endAt;
      yield;
    }
    const chunks = chunksIn(store, span, endAt);
    if (isTouched || (rows.length === 0 && chunks.every((chunk) => chunk.tier === tier))) return false;
    yield;
    const isThinned = tier === "day" && !keepsSamples && chunks.length === 0;
    const inputs = [...chunks.map((chunk) => ofChunk(store, source, chunk)), ofRows(rows)];
    if (inputs.reduce((sum, { times }) => sum + times.length, 0) > MAX_ROWS) return false;
    const made = yield* merge(inputs, tier === "day" ? startAt : undefined);
    const summaries: {
      tier: SummaryTier;
      startAt: number;
      columns: Column[];
      chunk: Omit<NewChunk, "layoutId">;
    }[] = [];
    for (const [index, summaryTier] of SUMMARY_TIERS.entries()) {
      const rollups = made.rollups[index];
      if (!rollups) continue;
      const steps = { columns: made.columns, ...rollups };
      const folded = isThinned ? yield* foldIntoOld(store, span, summaryTier, steps) : steps;
      summaries.push(yield* mergeSummaries(store, span, summaryTier, folded.columns, folded));
    }
    if (isTouched) return false;
    const lastAt = rows.at(-1)?.at;
    try {
      db().transaction(() => {
        if (!isThinned)
          store.chunks.write(source, tier, startAt, {
            ...made.chunk,
            layoutId: store.layouts.idOfColumns(made.columns),
          });
        for (const { columns, chunk, ...at } of summaries)
          store.chunks.write(source, at.tier, at.startAt, {
            ...chunk,
            layoutId: store.layouts.idOfColumns(columns),
          });
        for (const chunk of chunks)
          if (chunk.tier !== tier) store.chunks.delete(source, chunk.tier, chunk.startAt);
        if (lastAt !== undefined) store.deleteRows(source, startAt, lastAt + 1);
      });
    } catch (error) {
      store.chunks.notWritten();
      throw error;
    }
    return true;
  } finally {
    stop();
  }
}

/** Chunks of samples that lie in the span, the readable ones. */
function chunksIn(store: HistoryStore, { source, tier, startAt }: Span, endAt: number): Chunk[] {
  const chunks: Chunk[] = [];
  for (const kind of tier === "day" ? (["day", "hour"] as const) : (["hour"] as const)) {
    for (let next = startAt; next < endAt; ) {
      const chunk = store.chunks.next(source, kind, next, endAt);
      if (!chunk) break;
      chunks.push(chunk);
      next = chunk.endAt;
    }
  }
  return chunks;
}

function ofChunk(store: HistoryStore, source: string, chunk: Chunk): Input {
  const { columns } = store.layouts.get(chunk.layoutId);
  return { times: chunk.head.times, columns, column: columnsOf(store.chunks, source, chunk) };
}

function ofRows(rows: readonly SampleRow[]): Input {
  let columns: Column[] = [];
  for (const layout of new Set(rows.map((row) => row.layout))) columns = union(columns, layout.columns);
  const column = (position: number) => {
    const [id, metric] = columns[position] as Column;
    return Float64Array.from(rows, ({ layout, packed }) => {
      const place = layout.of(id, metric);
      return place === undefined ? Number.NaN : valueAt(packed, place);
    });
  };
  return { times: Float64Array.from(rows, ({ at }) => at), columns, column };
}

interface Merged {
  columns: Column[];
  chunk: Omit<NewChunk, "layoutId">;
  /** By tier and series; of a day only. */
  rollups: { times: Float64Array; series: Rollup[] }[];
}

/** All series of all inputs, in one order of time; where two have the same time the later input has the word. */
function* merge(inputs: readonly Input[], dayAt: number | undefined): Generator<void, Merged> {
  const { times, inputOf, indexOf } = orderOf(inputs);
  yield;
  const positions = inputs.map(({ columns }) => positionsOf(columns));
  const columns: Column[] = [];
  const builder = new ChunkBuilder(times, { summarised: true });
  const summaries =
    dayAt === undefined ? [] : SUMMARY_TIERS.map((tier) => stepsWithin(times, TIERS[tier].stepMs));
  const weights = dayAt === undefined ? undefined : weightsOf(times);
  yield;
  const rollups: Merged["rollups"] = summaries.map(({ starts }) => ({ times: starts, series: [] }));
  for (const column of inputs.reduce<Column[]>((all, input) => union(all, input.columns), [])) {
    const key = seriesKey(...column);
    const parts = inputs.map((input, index) => {
      const position = positions[index]?.get(key);
      return position === undefined ? undefined : input.column(position);
    });
    const values = new Float64Array(times.length);
    for (let row = 0; row < values.length; row++)
      values[row] = parts[inputOf[row] as number]?.[indexOf[row] as number] ?? Number.NaN;
    const summary = summarise(values);
    /* A series that has gone leaves no column behind. */
    if (summary.count > 0) {
      columns.push(column);
      builder.add(encodeColumn(values), summary);
      for (const [index, { starts, rowOf }] of summaries.entries())
        rollups[index]?.series.push(rolledUp(values, rowOf, starts.length, weights));
    }
    yield;
  }
  return { columns, chunk: { rows: times.length, ...builder.finish() }, rollups };
}

interface Order {
  times: Float64Array;
  /** Of each time: which input it is from, and its place there. */
  inputOf: Uint32Array;
  indexOf: Uint32Array;
}

function orderOf(inputs: readonly Input[]): Order {
  const count = inputs.reduce((sum, { times }) => sum + times.length, 0);
  const order = {
    times: new Float64Array(count),
    inputOf: new Uint32Array(count),
    indexOf: new Uint32Array(count),
  };
  let row = 0;
  let isInOrder = true;
  for (const [input, { times }] of inputs.entries()) {
    for (let index = 0; index < times.length; index++) {
      const at = times[index] as number;
      if (row > 0 && at <= (order.times[row - 1] as number)) isInOrder = false;
      order.times[row] = at;
      order.inputOf[row] = input;
      order.indexOf[row] = index;
      row++;
    }
  }
  /* Hours one after the other mostly are; where something came late they are not. */
  return isInOrder ? order : sorted(order);
}

/** At the same time the later input has the word. */
function sorted({ times, inputOf, indexOf }: Order): Order {
  const latest = new Map<number, number>();
  for (let row = 0; row < times.length; row++) latest.set(times[row] as number, row);
  const ordered = Float64Array.from(latest.keys()).sort();
  const rows = Uint32Array.from(ordered, (at) => latest.get(at) as number);
  const picked = (from: Uint32Array) => rows.map((row) => from[row] as number);
  return { times: ordered, inputOf: picked(inputOf), indexOf: picked(indexOf) };
}

function positionsOf(columns: readonly Column[]): Map<string, number> {
  return new Map(columns.map((column, position) => [seriesKey(...column), position]));
}

/** The steps in which there is anything, and for each time in which of them it lies. */
function stepsWithin(times: Float64Array, stepMs: number): { starts: Float64Array; rowOf: Uint32Array } {
  const starts: number[] = [];
  const rowOf = new Uint32Array(times.length);
  let last = Number.NaN;
  for (let index = 0; index < times.length; index++) {
    const start = Math.floor((times[index] as number) / stepMs) * stepMs;
    if (start !== last) starts.push(start);
    last = start;
    rowOf[index] = starts.length - 1;
  }
  return { starts: Float64Array.from(starts), rowOf };
}

function rolledUp(
  values: Float64Array,
  rowOf: Uint32Array,
  rows: number,
  weights: Float64Array | undefined,
): Rollup {
  const rollup = newRollup(rows);
  let from = 0;
  for (let row = 0; row < rows; row++) {
    let to = from;
    while (to < values.length && rowOf[to] === row) to++;
    const summary = summarise(values.subarray(from, to));
    fold(rollup, row, weights ? weighed(summary, values, weights, from, to) : summary);
    from = to;
  }
  return rollup;
}

/** The mean of samples of which some speak for less time than others, and how many usual ones they are worth. */
function weighed(
  summary: Summary,
  values: Float64Array,
  weights: Float64Array,
  from: number,
  to: number,
): Summary {
  let sum = 0;
  let weight = 0;
  for (let index = from; index < to; index++) {
    const value = values[index] as number;
    if (Number.isNaN(value)) continue;
    sum += value * (weights[index] as number);
    weight += weights[index] as number;
  }
  if (weight === 0) return summary;
  return { ...summary, mean: sum / weight, count: Math.max(1, Math.round(weight)) };
}

interface DaySteps {
  times: Float64Array;
  columns: Column[];
  series: Rollup[];
}

/** A day's steps together with those it already has. */
function* foldIntoOld(
  store: HistoryStore,
  { source, startAt: dayAt }: Span,
  tier: SummaryTier,
  made: DaySteps,
): Generator<void, DaySteps> {
  const { spanMs } = TIERS[tier];
  const startAt = Math.floor(dayAt / spanMs) * spanMs;
  const found = store.chunks.next(source, tier, startAt, startAt + spanMs);
  if (!found) return made;
  const oldRollups = rollupsOf(store.chunks, source, found);
  const oldColumns = store.layouts.get(found.layoutId).columns;
  const isOfDay = (at: number) => at >= dayAt && at < dayAt + DAY;
  const times = Float64Array.from(new Set([...found.head.times.filter(isOfDay), ...made.times])).sort();
  const rowOf = new Map(Array.from(times, (at, row) => [at, row]));
  const columns = union(oldColumns, made.columns);
  const oldAt = positionsOf(oldColumns);
  const newAt = positionsOf(made.columns);
  const series: Rollup[] = [];
  for (const column of columns) {
    const key = seriesKey(...column);
    const rollup = newRollup(times.length);
    const position = oldAt.get(key);
    if (position !== undefined) foldAll(rollup, rowOf, found.head.times, oldRollups(position));
    const fresh = made.series[newAt.get(key) ?? -1];
    if (fresh) foldAll(rollup, rowOf, made.times, fresh);
    series.push(rollup);
    yield;
  }
  return { times, columns, series };
}

function foldAll(into: Rollup, rowOf: Map<number, number>, times: Float64Array, from: Rollup): void {
  for (const [index, at] of times.entries()) {
    const row = rowOf.get(at);
    if (row === undefined) continue;
    const [least, greatest] = [from.least[index] as number, from.greatest[index] as number];
    fold(into, row, {
      least,
      greatest,
      mean: from.mean[index] as number,
      count: from.count[index] as number,
    });
  }
}

/** The chunk of a tier in which the day lies, with the day's steps instead of those it may have had. */
function* mergeSummaries(
  store: HistoryStore,
  { source, startAt: dayAt }: Span,
  tier: SummaryTier,
  columns: readonly Column[],
  made: { times: Float64Array; series: Rollup[] },
): Generator<
  void,
  { tier: SummaryTier; startAt: number; columns: Column[]; chunk: Omit<NewChunk, "layoutId"> }
> {
  const { spanMs } = TIERS[tier];
  const startAt = Math.floor(dayAt / spanMs) * spanMs;
  const found = spanMs === DAY ? undefined : store.chunks.next(source, tier, startAt, startAt + spanMs);
  const old = found
    ? { times: found.head.times, columns: store.layouts.get(found.layoutId).columns }
    : undefined;
  const oldRollups = found && rollupsOf(store.chunks, source, found);
  const kept = old ? keptRows(old.times, dayAt) : [];
  const before = kept.filter((row) => (old?.times[row] as number) < dayAt);
  const after = kept.slice(before.length);
  const pick = (from: Float64Array | undefined, fresh: Float64Array | undefined) =>
    Float64Array.from([
      ...before.map((row) => from?.[row] ?? Number.NaN),
      ...(fresh ?? made.times.map(() => Number.NaN)),
      ...after.map((row) => from?.[row] ?? Number.NaN),
    ]);
  const times = pick(old?.times, made.times);
  const all = union(old?.columns ?? [], columns);
  const oldAt = positionsOf(old?.columns ?? []);
  const newAt = positionsOf(columns);
  const builder = new ChunkBuilder(times, { summarised: false });
  const present: Column[] = [];
  for (const column of all) {
    const key = seriesKey(...column);
    const position = oldAt.get(key);
    const one = position === undefined ? undefined : oldRollups?.(position);
    const other = made.series[newAt.get(key) ?? -1];
    const rollup = {
      least: pick(one?.least, other?.least),
      greatest: pick(one?.greatest, other?.greatest),
      mean: pick(one?.mean, other?.mean),
      count: pick(one?.count, other?.count),
    };
    if (rollup.count.some((count) => count > 0)) {
      present.push(column);
      builder.add(encodeRollup(rollup));
    }
    yield;
  }
  return { tier, startAt, columns: present, chunk: { rows: times.length, ...builder.finish() } };
}

function keptRows(times: Float64Array, dayAt: number): number[] {
  const kept: number[] = [];
  for (const [row, at] of times.entries()) if (at < dayAt || at >= dayAt + DAY) kept.push(row);
  return kept;
}

/** The span a moment lies in. */
export function spanOf(source: string, tier: "hour" | "day", at: number): Span {
  const spanMs = tier === "hour" ? HOUR : DAY;
  return { source, tier, startAt: Math.floor(at / spanMs) * spanMs };
}
