/**
 * What many series of one source amount to over a range: how many values, their sum, the least, the greatest and about
 * when that was. For ranking a thousand containers over months most of what they said need not be looked at: the head
 * of each chunk has count, least, greatest and mean of every series, so a chunk that lies in the range as a whole is
 * one row of the database and nothing is decoded. Decoded are
 *
 *   - the chunks at both ends of the range, of which only a part counts,
 *   - a chunk into whose times something came late that is still in rows,
 *   - rows: the last hour, and what is on its way to the file,
 *   - steps, for a time of which no samples are left.
 *
 * So the figures are those of all samples of `[from, to)`, as exactly as chunks keep them; of steps those that
 * begin in it.
 *
 * All of it is done in small pieces, each `yield` a place to stop. Whoever goes on after others had their turn has to
 * begin anew if the source has been sealed meanwhile (`revisionOf`): samples may have moved from where they were
 * not counted yet to where nobody looks again.
 */
import type { ResourceId } from "../contract/ids.ts";
import { type ChunkTable, TIERS, type Tier } from "./chunk-table.ts";
import type { Layout } from "./layouts.ts";
import { columnsOf, firstFrom, rollupsOf } from "./read-series.ts";
import { valueAt } from "./sample-codec.ts";
import type { HistoryStore, SampleRow } from "./store.ts";

/** Values of rows looked at between two places to stop: with a few of them each, a row of thousands is large. */
const VALUES_AT_ONCE = 50_000;

/** One metric of many resources, as one source knows them. */
export interface WantedByMany {
  source: string;
  metric: string;
  ids: readonly ResourceId[];
}

/** By the position of the resource among those wanted. */
export class Tallies {
  readonly count: Float64Array;
  readonly sum: Float64Array;
  readonly least: Float64Array;
  readonly greatest: Float64Array;
  /** The greatest was from the one to before the other: a sample's own millisecond, a chunk, or a step. */
  readonly greatestFrom: Float64Array;
  readonly greatestTo: Float64Array;

  constructor(length: number) {
    this.count = new Float64Array(length);
    this.sum = new Float64Array(length);
    this.least = new Float64Array(length).fill(Number.POSITIVE_INFINITY);
    this.greatest = new Float64Array(length).fill(Number.NEGATIVE_INFINITY);
    this.greatestFrom = new Float64Array(length);
    this.greatestTo = new Float64Array(length);
  }

  addValue(index: number, at: number, value: number): void {
    if (!Number.isNaN(value)) this.add(index, 1, value, value, value, at, at + 1);
  }

  /** `count` values of which only this is known, from a time to before another. */
  add(
    index: number,
    count: number,
    least: number,
    greatest: number,
    mean: number,
    from: number,
    to: number,
  ): void {
    if (!(count > 0)) return;
    this.count[index] = (this.count[index] as number) + count;
    this.sum[index] = (this.sum[index] as number) + mean * count;
    if (least < (this.least[index] as number)) this.least[index] = least;
    if (greatest <= (this.greatest[index] as number)) return;
    this.greatest[index] = greatest;
    this.greatestFrom[index] = from;
    this.greatestTo[index] = to;
  }
}

/** Samples of `[from, to)`. */
export function* tallySamples(
  store: HistoryStore,
  wanted: WantedByMany,
  { from, to }: { from: number; to: number },
  into: Tallies,
): Generator<void> {
  const { source } = wanted;
  const positionsIn = placesOf(wanted);
  const rowsAtOnce = Math.max(1, Math.ceil(VALUES_AT_ONCE / wanted.ids.length));
  for (let next = from; next < to; ) {
    const place = nextPlace(store.chunks, source, next, to);
    const isInside = place !== undefined && place.startAt <= next;
    const until = Math.min(to, place ? (isInside ? place.endAt : place.startAt) : to);
    const { rows, endAt } = store.rows(source, next, until, isInside ? undefined : rowsAtOnce);
    if (isInside) yield* tallyChunk({ store, source, positionsIn, into }, place, { next, endAt, rows });
    for (const { at, layout, packed } of rows) {
      const { positions, indexes } = positionsIn(layout);
      for (let n = 0; n < positions.length; n++)
        into.addValue(indexes[n] as number, at, valueAt(packed, positions[n] as number));
    }
    next = endAt;
    yield;
  }
}

/** Steps of a tier that begin in `[from, to)`. */
export function* tallySteps(
  store: HistoryStore,
  wanted: WantedByMany,
  { from, to, tier }: { from: number; to: number; tier: Tier },
  into: Tallies,
): Generator<void> {
  const { stepMs } = TIERS[tier];
  const positionsIn = placesOf(wanted);
  for (let next = from; next < to; ) {
    const chunk = store.chunks.next(wanted.source, tier, next, to);
    if (!chunk) return;
    const { times } = chunk.head;
    const rollupAt = rollupsOf(store.chunks, wanted.source, chunk);
    const { positions, indexes } = positionsIn(store.layouts.get(chunk.layoutId));
    const [first, end] = [firstFrom(times, from), firstFrom(times, to)];
    for (let n = 0; n < positions.length; n++) {
      const { count, least, greatest, mean } = rollupAt(positions[n] as number);
      for (let row = first; row < end; row++) {
        const at = times[row] as number;
        const [low, high] = [least[row] as number, greatest[row] as number];
        into.add(indexes[n] as number, count[row] as number, low, high, mean[row] as number, at, at + stepMs);
      }
      yield;
    }
    next = chunk.endAt;
    yield;
  }
}

/** Where in a layout the wanted series are, in ascending order, and which of the wanted each is. */
interface Positions {
  positions: Uint32Array;
  indexes: Uint32Array;
}
type PositionsIn = (layout: Layout) => Positions;

function placesOf({ metric, ids }: WantedByMany): PositionsIn {
  const indexOf = new Map(ids.map((id, index) => [id, index]));
  const known = new Map<Layout, Positions>();
  return (layout) => {
    let found = known.get(layout);
    if (!found) {
      const positions: number[] = [];
      const indexes: number[] = [];
      for (const [position, [id, name]] of layout.columns.entries()) {
        const index = name === metric ? indexOf.get(id) : undefined;
        if (index === undefined) continue;
        positions.push(position);
        indexes.push(index);
      }
      found = { positions: Uint32Array.from(positions), indexes: Uint32Array.from(indexes) };
      known.set(layout, found);
    }
    return found;
  };
}

interface Place {
  tier: "day" | "hour";
  startAt: number;
  endAt: number;
}

/** The chunk of samples that comes next, readable or not; where an hour of a day is in both, the day. */
function nextPlace(chunks: ChunkTable, source: string, from: number, to: number): Place | undefined {
  let first: Place | undefined;
  for (const tier of ["day", "hour"] as const) {
    const startAt = chunks.nextAt(source, tier, from, to);
    if (startAt !== undefined && !(first && first.startAt <= startAt))
      first = { tier, startAt, endAt: startAt + TIERS[tier].spanMs };
  }
  return first;
}

interface Around {
  store: HistoryStore;
  source: string;
  positionsIn: PositionsIn;
  into: Tallies;
}

/** What a chunk has of `[next, endAt)`; at the times of these rows the rows have the word. */
function* tallyChunk(
  { store, source, positionsIn, into }: Around,
  { tier, startAt, endAt: chunkEndAt }: Place,
  { next, endAt, rows }: { next: number; endAt: number; rows: readonly SampleRow[] },
): Generator<void> {
  const isWhole = next <= startAt && endAt >= chunkEndAt;
  const chunk =
    isWhole && rows.length === 0 ? undefined : store.chunks.next(source, tier, startAt, startAt + 1);
  const times = chunk?.head.times ?? new Float64Array();
  const overridden = new Set(rows.map(({ at }) => at).filter((at) => times[firstFrom(times, at)] === at));
  if (isWhole && overridden.size === 0) {
    let indexes = new Uint32Array();
    const found = store.chunks.summariesAt(source, { tier, startAt }, (layoutId) => {
      const places = positionsIn(store.layouts.get(layoutId));
      indexes = places.indexes as Uint32Array<ArrayBuffer>;
      return places.positions;
    });
    for (let n = 0; found && n < indexes.length; n++) {
      const [count = 0, least = 0, greatest = 0, mean = 0] = found.subarray(n * 4, n * 4 + 4);
      into.add(indexes[n] as number, count, least, greatest, mean, startAt, chunkEndAt);
    }
    return;
  }
  if (!chunk) return;
  const [first, end] = [firstFrom(times, next), firstFrom(times, endAt)];
  if (first === end) return;
  const columnAt = columnsOf(store.chunks, source, chunk);
  const { positions, indexes } = positionsIn(store.layouts.get(chunk.layoutId));
  for (let n = 0; n < positions.length; n++) {
    const column = columnAt(positions[n] as number);
    for (let row = first; row < end; row++) {
      const at = times[row] as number;
      if (!overridden.has(at)) into.addValue(indexes[n] as number, at, column[row] as number);
    }
    yield;
  }
}
