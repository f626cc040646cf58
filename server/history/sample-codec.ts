/**
 * Packed values of one report: a little-endian float32 for each column of a layout, NaN where there is no value.
 * Relative error at most 2^-24 (6e-8). A whole number that a float32 cannot hold stands as a float64 behind the
 * columns, counted from the end, and its column has a NaN that says which: so whole numbers are exact up to 2^53. A
 * value too large for a float32 becomes the largest there is: infinity has no place in JSON.
 */
const LARGEST = 3.4028234663852886e38;
const NO_VALUE = 0x7fc00000;
/** How many float64 a row has at most behind its columns; whatever is beyond is rounded. */
const MAX_EXACT = 0x3fffff;
const EXACT_BYTES = 8;

export function packValues(values: readonly number[]): Buffer {
  const packed = new Float32Array(values.length);
  let exact: number[] | undefined;
  for (let column = 0; column < values.length; column++) {
    const value = values[column] as number;
    packed[column] = Math.min(LARGEST, Math.max(-LARGEST, value));
    if (packed[column] !== value && Number.isSafeInteger(value)) {
      exact ??= [];
      if (exact.push(column) > MAX_EXACT) exact.pop();
    }
  }
  const bytes = Buffer.from(packed.buffer);
  const columns = IS_LITTLE_ENDIAN ? bytes : bytes.swap32();
  return exact ? withExact(columns, exact, values) : columns;
}

function withExact(columns: Buffer, exact: readonly number[], values: readonly number[]): Buffer {
  const packed = Buffer.alloc(columns.length + exact.length * EXACT_BYTES);
  columns.copy(packed);
  for (const [index, column] of exact.entries()) {
    packed.writeUInt32LE(NO_VALUE + index + 1, column * 4);
    packed.writeDoubleLE(values[column] as number, packed.length - (index + 1) * EXACT_BYTES);
  }
  return packed;
}

/** As is nearly every machine. */
const IS_LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** The value of a column; NaN when there is none, also when the bytes end before it. */
export function valueAt(packed: Buffer, column: number): number {
  const offset = column * 4;
  if (offset + 4 > packed.length) return Number.NaN;
  const value = packed.readFloatLE(offset);
  if (!Number.isNaN(value)) return value;
  const exact = packed.readUInt32LE(offset) - NO_VALUE;
  const at = packed.length - exact * EXACT_BYTES;
  return exact > 0 && at > offset ? packed.readDoubleLE(at) : Number.NaN;
}

/**
 * What a person would write for a float32: 12.34, not 12.34000015258789. Whole numbers stay as they are; others have
 * seven digits. A chart has thousands of them, so the usual ones do not go through text.
 */
export function tidy(value: number): number {
  if (Number.isInteger(value)) return value;
  const size = Math.abs(value);
  if (size >= 1e7 || size < 1e-3) return Number(value.toPrecision(7));
  let scale = 1;
  for (let most = 1e6; size < most; most /= 10) scale *= 10;
  return (Math.sign(value) * Math.round(size * scale)) / scale;
}
