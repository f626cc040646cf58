import type { HistorySeries } from "../../server/contract/history.ts";

/**
 * A series that grows while one watches: the answer of the server, continued by what arrives live.
 * The last step is an average over `inLast` samples, so that the next one weighs in rightly.
 */
export interface LiveSeries extends HistorySeries {
  inLast: number;
}

export function begin(series: HistorySeries, inLast = 1): LiveSeries {
  return { ...series, inLast };
}

/**
 * The series with one more sample, without the steps that began before `from`. `speaksForMs`: in steps shorter than
 * reports are apart, so long a time before it a sample fills.
 */
export function append(
  series: LiveSeries,
  at: number,
  value: number | undefined,
  from: number,
  speaksForMs = 0,
): LiveSeries {
  const time = Math.floor(at / series.step) * series.step;
  const last = series.times.at(-1);
  if (last !== undefined && time < last) return series;
  const cut = firstAtOrAfter(series.times, from - series.step);
  const times = series.times.slice(cut);
  const avg = series.avg.slice(cut);
  const min = series.min.slice(cut);
  const max = series.max.slice(cut);
  let inLast = series.inLast;

  if (times.length > 0 && time === last) {
    const end = times.length - 1;
    const known = avg[end];
    if (value !== undefined) {
      inLast = known === null || known === undefined ? 1 : inLast + 1;
      avg[end] = known === null || known === undefined ? value : known + (value - known) / inLast;
      min[end] = Math.min(min[end] ?? value, value);
      max[end] = Math.max(max[end] ?? value, value);
    }
  } else {
    // Steps nobody reported in are a gap, not a line.
    if (last !== undefined && (time - last) / series.step < 5_000) {
      for (let missing = last + series.step; missing < time; missing += series.step) {
        times.push(missing);
        avg.push(null);
        min.push(null);
        max.push(null);
      }
    }
    times.push(time);
    avg.push(value ?? null);
    min.push(value ?? null);
    max.push(value ?? null);
    inLast = 1;
  }
  if (value !== undefined) speakForBefore([avg, min, max], value, Math.floor(speaksForMs / series.step));
  return { ...series, times, avg, min, max, inLast };
}

/** Fills the empty steps before the last one, where they are no more than `most`. */
function speakForBefore(columns: (number | null)[][], value: number, most: number): void {
  const [avg = []] = columns;
  const end = avg.length - 1;
  const before = avg.findLastIndex((known, index) => index < end && known !== null);
  if (before < 0 || end - before > most) return;
  for (const column of columns) column.fill(value, before + 1, end);
}

/** Series over one list of times, as a chart wants them. A time a series does not know is null. */
export function align(
  many: readonly (HistorySeries | undefined)[],
  pick: "avg" | "min" | "max" = "avg",
): { times: number[]; columns: (number | null)[][] } {
  const times = timesOf(many);
  const columns = many.map((series) => {
    if (!series) return times.map(() => null);
    if (series.times.length === times.length) return series[pick];
    const at = new Map(series.times.map((time, index) => [time, series[pick][index] ?? null]));
    return times.map((time) => at.get(time) ?? null);
  });
  return { times, columns };
}

/** Mostly all have the same times, and to put them together would cost more than all that follows. */
function timesOf(many: readonly (HistorySeries | undefined)[]): number[] {
  const known = many.filter((series) => series !== undefined);
  const [first] = known;
  if (!first) return [];
  const isSame = ({ times, step }: HistorySeries) =>
    step === first.step && times.length === first.times.length && times[0] === first.times[0];
  if (known.every(isSame)) return first.times;
  const all = new Set<number>();
  for (const { times } of known) for (const time of times) all.add(time);
  return [...all].sort((a, b) => a - b);
}

/** Distances between known steps that must be there before they say how often something reports. */
const DISTANCES_LEAST = 5;

/** How many steps usually lie between two reports: one, or more where something reports seldom. */
export function reachOf(values: readonly (number | null | undefined)[]): number {
  const distances: number[] = [];
  let neighbours = 0;
  let before: number | undefined;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    if (value === null || value === undefined) continue;
    if (before === index - 1) neighbours += 1;
    else if (before !== undefined) distances.push(index - before);
    before = index;
  }
  const count = distances.length + neighbours;
  if (count < DISTANCES_LEAST || neighbours > count >> 1) return 1;
  for (let each = 0; each < neighbours; each += 1) distances.push(1);
  return distances.sort((a, b) => a - b)[distances.length >> 1] ?? 1;
}

/**
 * Reports do not come to the millisecond, so where a step is about as long as the time between two of them a
 * single one may stay empty by chance; where they come seldom most steps are empty by right. Such a hole is
 * `undefined`: drawn over, not a gap. A gap is where more than one report is missing. `seldomOnly` for steps that
 * hold several reports of whatever reports often: there no hole is by chance.
 */
export function bridge(values: (number | null)[], seldomOnly = false): (number | null | undefined)[] {
  const reach = reachOf(values);
  if (seldomOnly && reach === 1) return values;
  const bridged: (number | null | undefined)[] = [...values];
  let before: number | undefined;
  values.forEach((value, index) => {
    if (value === null) return;
    if (before !== undefined && index - before <= 2 * reach) bridged.fill(undefined, before + 1, index);
    before = index;
  });
  return bridged;
}

function firstAtOrAfter(times: readonly number[], wanted: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
