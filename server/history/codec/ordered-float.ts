/**
 * Floats as whole numbers in the same order: the bits of a float32, counted from zero in both
 * directions. Near values are near numbers, whatever their size.
 */
const floats = new Float32Array(1);
const bits = new Int32Array(floats.buffer);

const LARGEST = 0x7f7fffff;
/** Steps of 2^10 leave 13 bits of the mantissa: half a step is 2^-14 of the value. */
export const MANTISSA_STEP = 1_024;

/** Rounded to a multiple of `step`, never to infinity. */
export function toOrdered(value: number, step: number): number {
  floats[0] = value;
  const pattern = bits[0] as number;
  const size = pattern & 0x7fffffff;
  const most = LARGEST - (LARGEST % step);
  const rounded = Math.min(most, Math.round(size / step) * step);
  return pattern < 0 && rounded !== 0 ? -rounded : rounded;
}

export function fromOrdered(ordered: number): number {
  bits[0] = Math.min(LARGEST, Math.abs(ordered));
  const size = floats[0] as number;
  return ordered < 0 ? -size : size;
}
