/** Whole numbers as differences: from the least, from the one before, or from the step before. */
import { unzigzag, zigzag } from "./bytes.ts";

/** Second differences of what lies within this are still exact. */
const MAX_SPREAD = 2 ** 50;
/** Differences looked at to choose between the orders. */
const MOST_WEIGHED = 1_000;

export interface Differences {
  order: 0 | 1 | 2;
  /** What they start from: the least, or the first. */
  first: number;
  /** What all are a multiple of. */
  unit: number;
  values: Float64Array;
  /** About how many they need. */
  bits: number;
}

/** The differences of the order that needs the fewest bits; undefined for what lies too far apart. */
export function differencesOf(values: Float64Array): Differences | undefined {
  const first = values[0] as number;
  let least = first;
  let most = first;
  let unit = 0;
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
    if (unit !== 1 && (unit === 0 || (value - first) % unit !== 0)) {
      unit = greatestDivisor(Math.abs(value - first), unit);
    }
  }
  if (most - least >= MAX_SPREAD) return undefined;
  unit ||= 1;
  const candidates = [levels(values, least, unit), steps(values, unit), turns(values, unit)];
  return candidates.reduce((best, one) => (one.bits < best.bits ? one : best));
}

function greatestDivisor(a: number, b: number): number {
  let [large, small] = [a, b];
  while (small !== 0) [large, small] = [small, large % small];
  return large;
}

function levels(values: Float64Array, least: number, unit: number): Differences {
  const made = values.map((value) => (value - least) / unit);
  return weighed(0, least, unit, made);
}

function steps(values: Float64Array, unit: number): Differences {
  const made = new Float64Array(values.length - 1);
  for (let index = 0; index < made.length; index++) {
    made[index] = zigzag(((values[index + 1] as number) - (values[index] as number)) / unit);
  }
  return weighed(1, values[0] as number, unit, made);
}

function turns(values: Float64Array, unit: number): Differences {
  const made = new Float64Array(values.length - 1);
  let before = 0;
  for (let index = 0; index < made.length; index++) {
    const step = ((values[index + 1] as number) - (values[index] as number)) / unit;
    made[index] = zigzag(step - before);
    before = step;
  }
  return weighed(2, values[0] as number, unit, made);
}

function weighed(
  order: Differences["order"],
  first: number,
  unit: number,
  values: Float64Array,
): Differences {
  const stride = Math.ceil(values.length / MOST_WEIGHED);
  let bits = 0;
  for (let index = 0; index < values.length; index += stride)
    bits += Math.log2((values[index] as number) + 1);
  return { order, first, unit, values, bits: bits * stride };
}

/** What `differencesOf` was given. */
export function undo({ order, first, unit, values }: Omit<Differences, "bits">): Float64Array {
  return order === 0 ? raised(values, first, unit) : summed(unzigzag(values), order, first, unit);
}

function raised(differences: Float64Array, least: number, unit: number): Float64Array {
  for (let index = 0; index < differences.length; index++) {
    differences[index] = least + (differences[index] as number) * unit;
  }
  return differences;
}

function summed(differences: Float64Array, order: number, first: number, unit: number): Float64Array {
  const values = new Float64Array(differences.length + 1);
  values[0] = first;
  let value = 0;
  let step = 0;
  for (let index = 0; index < differences.length; index++) {
    const difference = differences[index] as number;
    step = order === 2 ? step + difference : difference;
    value += step;
    values[index + 1] = first + value * unit;
  }
  return values;
}
