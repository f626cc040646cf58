/**
 * What is left of a series when its samples are too many: for each step of time the least, the greatest,
 * the mean and how many there were, in samples of the usual interval (of a source that reports faster for a while a
 * sample is less than one). As bytes it is four columns one after the other, each with its length.
 */
import { ByteReader, ByteWriter } from "./bytes.ts";
import { decodeColumn, encodeColumn } from "./column.ts";

export interface Rollup {
  least: Float64Array;
  greatest: Float64Array;
  mean: Float64Array;
  /** NaN, like the others, where there was nothing. */
  count: Float64Array;
}

const COLUMNS = ["least", "greatest", "mean", "count"] as const;

export function newRollup(rows: number): Rollup {
  const empty = () => new Float64Array(rows).fill(Number.NaN);
  return { least: empty(), greatest: empty(), mean: empty(), count: empty() };
}

/** Takes `count` values, of which only this is known, into a row. */
export function fold(
  into: Rollup,
  row: number,
  { least, greatest, mean, count }: { least: number; greatest: number; mean: number; count: number },
): void {
  if (!(count > 0)) return;
  const before = into.count[row] as number;
  if (Number.isNaN(before)) {
    into.least[row] = least;
    into.greatest[row] = greatest;
    into.mean[row] = mean;
    into.count[row] = count;
    return;
  }
  into.least[row] = Math.min(into.least[row] as number, least);
  into.greatest[row] = Math.max(into.greatest[row] as number, greatest);
  into.mean[row] =
    (into.mean[row] as number) + ((mean - (into.mean[row] as number)) * count) / (before + count);
  into.count[row] = before + count;
}

export function encodeRollup(rollup: Rollup): Uint8Array {
  const out = new ByteWriter();
  for (const name of COLUMNS) {
    const column = encodeColumn(rollup[name]);
    out.varint(column.length);
    out.bytes(column);
  }
  return out.written();
}

/** Throws `DamagedBytesError`. */
export function decodeRollup(bytes: Uint8Array, rows: number): Rollup {
  const reader = new ByteReader(bytes);
  const next = () => decodeColumn(reader.bytes(reader.varint()), rows);
  return { least: next(), greatest: next(), mean: next(), count: next() };
}
