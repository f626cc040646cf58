/**
 * Values of series on a grid of times. They are read from the coarsest steps that the grid is made of, as charts are: a
 * year costs as much as a day when it is asked for in hours. Where the grid does not lie on steps, samples are read,
 * and a limit says when that would be too many.
 */
import {
  NAME_LABEL,
  PROMETHEUS_LIMITS,
  PROMETHEUS_PREFIX,
  type SelectedSeries,
  type SelectInput,
} from "../../contract/prometheus.ts";
import { DomainError } from "../../lib/domain-error.ts";
import type { Limiter } from "../../lib/limiter.ts";
import { TIERS, type Tier } from "../chunk-table.ts";
import type { Rollup } from "../codec/rollup.ts";
import type { WithParts } from "../known-series.ts";
import { keptStepMs, requireOpen, STEP_TIERS } from "../range.ts";
import { readPoints, readSteps } from "../read-series.ts";
import { tidy } from "../sample-codec.ts";
import { type Behind, type Found, findSeries } from "./matching.ts";
import { type Grid, newPoints, overWindows, type Points } from "./windows.ts";

/** A sample speaks until two more are missing. */
const INTERVALS_BACK = 2.5;

interface Reading {
  tier: Tier | undefined;
  grid: Grid;
  /** Points of one series there may be. */
  most: number;
}

export function select(
  org: WithParts,
  input: SelectInput,
  behind?: Behind,
  reads: Limiter = org.historyReads,
): Promise<SelectedSeries[]> {
  return reads.run(async () => {
    requireOpen(org);
    const found = await matching(org, input, behind);
    requireBounded(org, input, found);
    const selected: SelectedSeries[] = [];
    for (const { resource, metrics, labels } of found) {
      const all = await valuesOf(org, resource.id, metrics, input);
      for (const [index, metric] of metrics.entries()) {
        const values = all[index] as Float64Array;
        if (values.some((value) => !Number.isNaN(value)))
          selected.push({ labels: { [NAME_LABEL]: PROMETHEUS_PREFIX + metric, ...labels }, values });
      }
    }
    return selected;
  });
}

async function matching(org: WithParts, input: SelectInput, behind: Behind | undefined): Promise<Found[]> {
  const from = Math.max(0, input.startAt - input.windowMs);
  const range = { from, to: Math.max(from, endOf(input)) + 1 };
  const found: Found[] = [];
  let series = 0;
  for await (const one of findSeries(org, [input.selector], range, behind)) {
    found.push(one);
    series += one.metrics.length;
    if (series > PROMETHEUS_LIMITS.series)
      throw tooMuch(`has more than ${PROMETHEUS_LIMITS.series} series: name the metric or the machine`);
  }
  if (series * input.count > PROMETHEUS_LIMITS.values)
    throw tooMuch(
      `would give more than ${PROMETHEUS_LIMITS.values} values: take a longer step, or fewer series`,
    );
  return found;
}

function requireBounded(org: WithParts, input: SelectInput, found: readonly Found[]): void {
  let points = 0;
  for (const { resource, metrics } of found)
    for (const { source } of org.inventory.viewsOf(resource.id))
      points += readingOf(org, source, input).most * metrics.length;
  if (points > PROMETHEUS_LIMITS.read)
    throw tooMuch(
      "would read too many samples: take less time, or a step and ranges of whole 5 minutes, hours or days",
    );
}

function endOf({ startAt, stepMs, count }: SelectInput): number {
  return startAt + (count - 1) * stepMs;
}

/** How this source is read for it. */
function readingOf(org: WithParts, source: string, input: SelectInput): Reading {
  const intervalMs = org.intervalOf(source);
  const isLast = input.over === "last";
  const keptMs = keptStepMs(org.history, source, Math.max(0, input.startAt - input.windowMs));
  const isOn = (stepMs: number) =>
    [input.windowMs, input.startAt, ...(input.count > 1 ? [input.stepMs] : [])].every(
      (ms) => ms % stepMs === 0,
    );
  const tier = STEP_TIERS.find((one) => {
    const { stepMs } = TIERS[one];
    return stepMs <= keptMs || (!isLast && stepMs >= intervalMs * 2 && isOn(stepMs));
  });
  const pointMs = tier ? TIERS[tier].stepMs : intervalMs;
  /* Of what is only kept in steps a window holds at least one. */
  const least = isLast ? Math.max(pointMs, intervalMs * INTERVALS_BACK) : tier ? pointMs : 0;
  const windowMs = Math.max(input.windowMs, least);
  const { startAt, stepMs, count } = input;
  const closed = tier && !isLast ? "left" : "right";
  return {
    tier,
    grid: { startAt, stepMs, count, windowMs, closed },
    most: (endOf(input) - startAt + windowMs) / pointMs,
  };
}

/** The closest source that has anything to say of a point has the word. */
async function valuesOf(
  org: WithParts,
  id: Found["resource"]["id"],
  metrics: readonly string[],
  input: SelectInput,
): Promise<Float64Array[]> {
  let all: Float64Array[] | undefined;
  for (const view of org.inventory.viewsOf(id)) {
    const reading = readingOf(org, view.source, input);
    const points = await pointsOf(org, { ...view, metrics }, reading);
    const values = points.map((one) => overWindows(one, input.over, reading.grid));
    if (!all) all = values;
    else for (const [index, column] of all.entries()) fillFrom(column, values[index]);
  }
  for (const column of all ?? [])
    for (const [index, value] of column.entries()) if (!Number.isNaN(value)) column[index] = tidy(value);
  return all ?? metrics.map(() => new Float64Array(input.count).fill(Number.NaN));
}

function fillFrom(column: Float64Array, other: Float64Array | undefined): void {
  for (const [index, value] of column.entries())
    if (Number.isNaN(value)) column[index] = other?.[index] ?? Number.NaN;
}

/** Between two pieces the actor sees to whatever else has come in. */
async function pointsOf(
  org: WithParts,
  wanted: { source: string; id: Found["resource"]["id"]; metrics: readonly string[] },
  { tier, grid }: Reading,
): Promise<Points[]> {
  const range = {
    from: Math.max(0, grid.startAt - grid.windowMs),
    to: Math.max(0, grid.startAt + (grid.count - 1) * grid.stepMs) + 1,
  };
  const series = wanted.metrics.map(() => newPoints(tier ? "steps" : "samples"));
  const pieces = tier
    ? readSteps(org.history, wanted, { ...range, tier })
    : readPoints(org.history, wanted, range);
  for (const piece of pieces) {
    for (const [index, into] of series.entries()) {
      if ("rollup" in piece) addSteps(into, piece.times, piece.rollup(index));
      else addSamples(into, piece.times, piece.column(index));
    }
    await new Promise(setImmediate);
    requireOpen(org);
  }
  /* Steps come before the samples that are in none yet, whenever those were. */
  return tier ? series.map(inOrder) : series;
}

function addSamples(into: Points, times: Float64Array, column: Float64Array): void {
  for (let row = 0; row < times.length; row++) {
    const value = column[row] as number;
    if (Number.isNaN(value)) continue;
    into.times.push(times[row] as number);
    into.mean.push(value);
    if (!into.count) continue;
    into.least.push(value);
    into.greatest.push(value);
    into.count.push(1);
  }
}

function addSteps(into: Points, times: Float64Array, { mean, least, greatest, count }: Rollup): void {
  for (let row = 0; row < times.length; row++) {
    if (!count[row]) continue;
    into.times.push(times[row] as number);
    into.mean.push(mean[row] as number);
    into.least.push(least[row] as number);
    into.greatest.push(greatest[row] as number);
    into.count?.push(count[row] as number);
  }
}

function inOrder(points: Points): Points {
  const { times, count } = points;
  if (times.every((at, index) => index === 0 || at >= (times[index - 1] as number))) return points;
  const order = times.map((_, index) => index).sort((a, b) => (times[a] as number) - (times[b] as number));
  const sorted = (column: readonly number[]) => order.map((index) => column[index] as number);
  return {
    times: sorted(times),
    mean: sorted(points.mean),
    least: sorted(points.least),
    greatest: sorted(points.greatest),
    count: count && sorted(count),
  };
}

function tooMuch(what: string): DomainError {
  return new DomainError("too_large", `The query ${what}.`);
}
