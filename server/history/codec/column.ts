/**
 * One series over a span as bytes: the numbers become whole ones, these become differences, and what
 * lies in the same byte of each lies together for zstd.
 *
 *   form       kind (2 bits), order (2), byte planes (3), whether there are gaps (1)
 *   gaps       how many runs, then their lengths: values, gap, values, … (only with gaps)
 *   decimals   a whole number stands for itself divided by ten to the power of this
 *   unit       what all differences are a multiple of
 *   first      what the differences start from
 *   body       byte planes of the differences, a byte before them saying whether they are compressed
 *
 * Whole numbers are exact up to 2^53. Others are exact as float32, which is how they come, where they
 * have a few decimals, as measured values do. Where they have noise down to the last bit, and
 * keeping it would be larger, they are rounded to 13 bits of mantissa: an error of 2^-14, 6.1e-5 of the
 * value. Doing it again changes nothing more.
 */
import { ByteReader, ByteWriter, DamagedBytesError, joinPlanes, splitPlanes } from "./bytes.ts";
import { type Differences, differencesOf, undo } from "./differences.ts";
import { fromOrdered, MANTISSA_STEP, toOrdered } from "./ordered-float.ts";
import { squeeze, unsqueeze } from "./squeeze.ts";

const EMPTY = 0;
const SCALED = 1;
const FLOAT = 2;
/** The bits of 64-bit floats: for whole numbers too far apart to be subtracted. */
const DOUBLE = 3;

const MAX_DECIMALS = 6;
/** Rows of one column: a day of seconds, five times over. */
export const MAX_ROWS = 500_000;

/** Noise in every bit needs more than this for each value. */
const BITS_OF_ROUNDED = 12;

const PLAIN = 0;
const SQUEEZED = 1;

interface Whole {
  kind: typeof SCALED | typeof FLOAT;
  decimals: number;
  values: Float64Array;
}

/** NaN where there is no value. */
export function encodeColumn(column: Float64Array): Uint8Array {
  const out = new ByteWriter();
  const values = column.filter((value) => !Number.isNaN(value));
  const hasGaps = values.length < column.length;
  if (values.length === 0) {
    out.u8(EMPTY);
    return out.written();
  }
  const found = bestOf(values);
  if (!found) {
    out.u8(DOUBLE | (hasGaps ? 0x80 : 0));
    if (hasGaps) writeGaps(out, column);
    writeBody(out, doublePlanes(values));
    return out.written();
  }
  const { whole, differences } = found;
  let largest = 0;
  for (const value of differences.values) if (value > largest) largest = value;
  const planes = largest === 0 ? 0 : Math.floor(Math.log2(largest) / 8 + 1e-12) + 1;
  out.u8(whole.kind | (differences.order << 2) | (planes << 4) | (hasGaps ? 0x80 : 0));
  if (hasGaps) writeGaps(out, column);
  out.u8(whole.decimals);
  out.varint(differences.unit);
  out.u8(differences.first < 0 ? 1 : 0);
  out.varint(Math.abs(differences.first));
  if (planes > 0) writeBody(out, splitPlanes(differences.values, planes));
  return out.written();
}

/** Throws `DamagedBytesError` for anything `encodeColumn` cannot have written. */
export function decodeColumn(bytes: Uint8Array, rows: number): Float64Array {
  if (rows > MAX_ROWS) throw new DamagedBytesError("has too many rows");
  const reader = new ByteReader(bytes);
  const form = reader.u8();
  const kind = form & 3;
  if (kind === EMPTY) return new Float64Array(rows).fill(Number.NaN);
  const runs = form & 0x80 ? readGaps(reader, rows) : undefined;
  const count = runs ? runs.reduce((sum, run, index) => (index % 2 === 0 ? sum + run : sum), 0) : rows;
  if (count === 0) throw new DamagedBytesError("has no rows");
  const values = kind === DOUBLE ? readDoubles(reader, count) : readWhole(reader, form, count);
  return runs ? spreadOut(values, runs, rows) : values;
}

function bestOf(values: Float64Array): { whole: Whole; differences: Differences } | undefined {
  const scaled = scaledOf(values);
  const candidate = scaled && weigh(scaled);
  if (scaled?.decimals === 0) return candidate;
  if (candidate && candidate.differences.bits < values.length * BITS_OF_ROUNDED) return candidate;
  const float = weigh(floatOf(values));
  return candidate && float && candidate.differences.bits <= float.differences.bits ? candidate : float;
}

function weigh(whole: Whole): { whole: Whole; differences: Differences } | undefined {
  const differences = differencesOf(whole.values);
  return differences && { whole, differences };
}

/** As whole numbers with the fewest decimals that say the same float32. */
function scaledOf(values: Float64Array): Whole | undefined {
  for (let decimals = 0; decimals <= MAX_DECIMALS; decimals++) {
    const scale = 10 ** decimals;
    const scaled = new Float64Array(values.length);
    let fits = true;
    for (let index = 0; fits && index < values.length; index++) {
      const value = values[index] as number;
      const whole = Math.round(value * scale);
      fits = isSame(value, whole / scale) && Math.abs(whole) <= Number.MAX_SAFE_INTEGER;
      scaled[index] = whole;
    }
    if (fits) return { kind: SCALED, decimals, values: scaled };
  }
  return undefined;
}

function isSame(value: number, found: number): boolean {
  return value === found || (!Number.isInteger(value) && Math.fround(value) === Math.fround(found));
}

function floatOf(values: Float64Array): Whole {
  return { kind: FLOAT, decimals: 0, values: values.map((value) => toOrdered(value, MANTISSA_STEP)) };
}

function readWhole(reader: ByteReader, form: number, count: number): Float64Array {
  const decimals = reader.u8();
  const unit = reader.varint();
  const sign = reader.u8() === 0 ? 1 : -1;
  const first = reader.varint() * sign;
  if (decimals > MAX_DECIMALS) throw new DamagedBytesError("has too many decimals");
  const order = ((form >> 2) & 3) as Differences["order"];
  const planes = (form >> 4) & 7;
  const length = order === 0 ? count : count - 1;
  const differences =
    planes > 0 ? joinPlanes(readBody(reader, length * planes), length) : new Float64Array(length);
  const values = undo({ order, first, unit, values: differences });
  if ((form & 3) === FLOAT) return values.map(fromOrdered);
  const scale = 10 ** decimals;
  if (decimals > 0)
    for (let index = 0; index < count; index++) values[index] = (values[index] as number) / scale;
  return values;
}

function writeBody(out: ByteWriter, planes: Uint8Array): void {
  const squeezed = squeeze(planes);
  out.u8(squeezed ? SQUEEZED : PLAIN);
  out.bytes(squeezed ?? planes);
}

function readBody(reader: ByteReader, length: number): Uint8Array {
  const way = reader.u8();
  const body = reader.bytes(reader.left);
  if (way === SQUEEZED) return unsqueeze(body, length);
  if (way !== PLAIN || body.length !== length) throw new DamagedBytesError("has another length");
  return body;
}

function doublePlanes(values: Float64Array): Uint8Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  return splitPlanes(Float64Array.from(words), 4);
}

function readDoubles(reader: ByteReader, count: number): Float64Array {
  const words = joinPlanes(readBody(reader, count * 8), count * 2);
  return new Float64Array(Uint32Array.from(words).buffer);
}

function writeGaps(out: ByteWriter, column: Float64Array): void {
  const runs: number[] = [];
  let isGap = false;
  let length = 0;
  for (const value of column) {
    if (Number.isNaN(value) !== isGap) {
      runs.push(length);
      isGap = !isGap;
      length = 0;
    }
    length++;
  }
  runs.push(length);
  out.varint(runs.length);
  for (const run of runs) out.varint(run);
}

function readGaps(reader: ByteReader, rows: number): number[] {
  const count = reader.varint();
  if (count > rows + 1) throw new DamagedBytesError("has too many gaps");
  const runs = Array.from({ length: count }, () => reader.varint());
  if (runs.reduce((sum, run) => sum + run, 0) !== rows) throw new DamagedBytesError("has other gaps");
  if (runs.every((run, index) => index % 2 === 1 || run === 0)) throw new DamagedBytesError("is all gap");
  return runs;
}

function spreadOut(values: Float64Array, runs: readonly number[], rows: number): Float64Array {
  const column = new Float64Array(rows).fill(Number.NaN);
  let from = 0;
  let at = 0;
  for (const [index, run] of runs.entries()) {
    if (index % 2 === 0) {
      column.set(values.subarray(from, from + run), at);
      from += run;
    }
    at += run;
  }
  return column;
}
