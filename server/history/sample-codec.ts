/**
 * Packed values of one report: a little-endian float32 for each column of a layout, NaN where there
 * is no value. Relative error at most 2^-24 (6e-8); integers are exact below 16,777,216. A value too
 * large for it becomes the largest there is: infinity has no place in JSON.
 */
const LARGEST = 3.4028234663852886e38;

export function packValues(values: readonly number[]): Buffer {
  const packed = new Float32Array(values.length);
  for (let column = 0; column < values.length; column++)
    packed[column] = Math.min(LARGEST, Math.max(-LARGEST, values[column] as number));
  const bytes = Buffer.from(packed.buffer);
  return IS_LITTLE_ENDIAN ? bytes : bytes.swap32();
}

/** As is nearly every machine. */
const IS_LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** The value of a column; NaN when there is none, also when the bytes end before it. */
export function valueAt(packed: Buffer, column: number): number {
  const offset = column * 4;
  return offset + 4 <= packed.length ? packed.readFloatLE(offset) : Number.NaN;
}

/** What a person would write for a float32: 12.34, not 12.34000015258789. Whole numbers stay as they are. */
export function tidy(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(7));
}
