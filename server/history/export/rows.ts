/**
 * Series side by side: the samples of `[from, to)` in the order of time, a column for each series, NaN where it has no
 * value at that time.
 *
 * What is seen by several sources has a past in each of them. A chart takes, step by step, the closest one that has
 * anything to say. Samples have no steps, so here it is the same for every slot of five minutes. Pages of an
 * export end where slots do: what is chosen does not depend on where a page happens to end.
 */
import type { ExportSeries } from "../../contract/export.ts";
import type { ResourceId } from "../../contract/ids.ts";
import { requireOpen, type WithHistory } from "../range.ts";
import { readPoints } from "../read-series.ts";

export const SLOT_MS = 5 * 60_000;

export interface Rows {
  times: ArrayLike<number>;
  /** In the order of the series. */
  columns: ArrayLike<number>[];
}

interface Piece {
  times: Float64Array;
  columns: Float64Array[];
}

interface Held {
  pieces: Piece[];
  /** Of each column of the pieces, which series it is. */
  places: number[];
}

/** Between two resources the actor sees to whatever else has come in. */
export async function readRows(
  org: WithHistory,
  series: readonly ExportSeries[],
  { from, to }: { from: number; to: number },
): Promise<Rows> {
  /* Of each resource, what its sources said, the closest first. */
  const all: Held[][] = [];
  for (const [id, places] of placesBy(series)) {
    const metrics = places.map((place) => series[place]?.metric ?? "");
    const views: Held[] = [];
    for (const view of org.inventory.viewsOf(id)) {
      requireOpen(org);
      const wanted = { source: view.source, id: view.id, metrics };
      const pieces: Piece[] = [];
      for (const piece of readPoints(org.history, wanted, { from, to })) {
        pieces.push({ times: piece.times, columns: metrics.map((_, index) => piece.column(index)) });
        await new Promise(setImmediate);
        requireOpen(org);
      }
      if (pieces.length > 0) views.push({ pieces, places });
    }
    all.push(views);
  }
  const times = allTimes(all);
  const columns = series.map(() => new Float64Array(times.length).fill(Number.NaN));
  for (const views of all) fill(columns, times, views);
  return { times, columns };
}

export function placesBy(series: readonly ExportSeries[]): Map<ResourceId, number[]> {
  const places = new Map<ResourceId, number[]>();
  for (const [place, { id }] of series.entries()) {
    const known = places.get(id);
    if (known) known.push(place);
    else places.set(id, [place]);
  }
  return places;
}

function allTimes(all: readonly Held[][]): Float64Array {
  const times = new Set<number>();
  for (const { pieces } of all.flat())
    for (const piece of pieces) for (const at of piece.times) times.add(at);
  return Float64Array.from(times).sort();
}

function fill(columns: readonly Float64Array[], times: Float64Array, views: readonly Held[]): void {
  const taken = new Map<number, Set<number>>();
  for (const [rank, { pieces, places }] of views.entries()) {
    const said = new Map<number, Set<number>>();
    let row = 0;
    for (const piece of pieces) {
      for (const [index, at] of piece.times.entries()) {
        while ((times[row] as number) < at) row++;
        const slot = Math.floor(at / SLOT_MS);
        for (const [held, column] of piece.columns.entries()) {
          const value = column[index] as number;
          const place = places[held] as number;
          if (Number.isNaN(value) || taken.get(place)?.has(slot)) continue;
          (columns[place] as Float64Array)[row] = value;
          if (rank < views.length - 1) note(said, place, slot);
        }
      }
    }
    for (const [place, slots] of said) for (const slot of slots) note(taken, place, slot);
  }
}

function note(slots: Map<number, Set<number>>, place: number, slot: number): void {
  const known = slots.get(place);
  if (known) known.add(slot);
  else slots.set(place, new Set([slot]));
}
