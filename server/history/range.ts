import type {
  HistoryLatest,
  HistoryLatestInput,
  HistoryRange,
  HistoryRangeInput,
  HistorySeries,
} from "../contract/history.ts";
import { RANGE_LIMITS } from "../contract/history.ts";
import { unitOf } from "../contract/metrics.ts";
import type { Resource } from "../contract/resource.ts";
import { DomainError } from "../lib/domain-error.ts";
import type { Limiter } from "../lib/limiter.ts";
import { TIERS, type Tier } from "./chunk-table.ts";
import { type Points, readPoints, readSteps, type Steps } from "./read-series.ts";
import { StepSeries, stepFor } from "./steps.ts";
import type { HistoryStore } from "./store.ts";

const STEP_TIERS = ["days", "hours", "fiveMinutes"] as const satisfies Tier[];

export interface WithHistory {
  history: HistoryStore;
  historyReads: Limiter;
  inventory: {
    get(id: Resource["id"]): Resource | undefined;
    viewsOf(id: Resource["id"]): { id: Resource["id"]; source: string }[];
  };
  intervalOf(source: string): number;
  /** Its file is not to be read any more. */
  readonly isClosed: boolean;
}

/** A few at a time: whoever asks for years a hundred times over waits for themselves, not everybody for them. */
export function range(
  org: WithHistory,
  input: HistoryRangeInput,
  reads: Limiter = org.historyReads,
): Promise<HistoryRange> {
  return reads.run(() => {
    requireOpen(org);
    return read(org, input);
  });
}

/**
 * What is seen by several sources has a past in each of them: the closest one's figures, and where it
 * has none, the next one's.
 */
async function read(org: WithHistory, input: HistoryRangeInput): Promise<HistoryRange> {
  getResource(org, input.resourceId);
  const { resourceId, from, to } = input;
  const finestMs = finestStepMs(org, resourceId, from);
  const step = stepFor(to - from, input.maxPoints ?? RANGE_LIMITS.defaultPoints, finestMs);
  const metrics = [...new Set(input.metrics)];
  return { series: await readResource(org, resourceId, metrics, { from, to, step }) };
}

/** The finest steps that make sense for what is known of a resource from then on. */
export function finestStepMs(org: WithHistory, id: Resource["id"], from: number): number {
  const views = org.inventory.viewsOf(id);
  return Math.min(
    ...views.map(({ source }) => Math.max(org.intervalOf(source), keptStepMs(org.history, source, from))),
  );
}

/** One series for each metric, in steps of this length. */
export async function readResource(
  org: WithHistory,
  id: Resource["id"],
  metrics: readonly string[],
  frame: { from: number; to: number; step: number },
): Promise<HistorySeries[]> {
  const all: StepSeries[][] = [];
  for (const view of org.inventory.viewsOf(id)) all.push(await readView(org, view, metrics, frame));
  return metrics.flatMap((metric, index) => {
    const [closest, ...others] = all.map((steps) => steps[index] as StepSeries);
    if (!closest) return [];
    for (const other of others) closest.fillFrom(other);
    const points = closest.points();
    return { metric, unit: unitOf(metric), step: frame.step, times: closest.times(), ...points };
  });
}

/** The finest steps there still are of that time: samples go before what they were summarised to. */
export function keptStepMs({ chunks }: HistoryStore, source: string, from: number): number {
  const samplesAt = chunks.firstAt(source, "day");
  if (samplesAt === undefined || from >= samplesAt) return 0;
  let oldestAt = samplesAt;
  let stepMs = 0;
  for (const tier of ["fiveMinutes", "hours", "days"] as const) {
    const startAt = chunks.firstAt(source, tier);
    if (from >= oldestAt) break;
    /* A chunk of steps may begin long before what is in it. */
    if (startAt === undefined || startAt + TIERS[tier].spanMs > oldestAt) continue;
    oldestAt = startAt;
    stepMs = TIERS[tier].stepMs;
  }
  return stepMs;
}

/** Between two pieces the actor sees to whatever else has come in. */
async function readView(
  org: WithHistory,
  { id, source }: { id: Resource["id"]; source: string },
  metrics: readonly string[],
  { from, to, step }: { from: number; to: number; step: number },
): Promise<StepSeries[]> {
  const intervalMs = org.intervalOf(source);
  const series = metrics.map(() => new StepSeries(from, to, step, intervalMs));
  const tier = tierFor(step, intervalMs, keptStepMs(org.history, source, from));
  /* A step is answered whole, whatever part of it was asked for: so it is the same when the range moves. */
  const whole = { from: Math.floor(from / step) * step, to: Math.ceil(to / step) * step };
  const wanted = { source, id, metrics };
  const pieces = tier
    ? readSteps(org.history, wanted, { ...whole, tier })
    : readPoints(org.history, wanted, whole);
  for (const piece of pieces) {
    if ("columns" in piece) addPoints(series, piece);
    else addSteps(series, piece);
    await new Promise(setImmediate);
    requireOpen(org);
  }
  return series;
}

/** The coarsest steps that these are made of; undefined: the samples themselves, where they are still kept. */
function tierFor(step: number, intervalMs: number, keptMs: number): Tier | undefined {
  return STEP_TIERS.find((tier) => {
    const { stepMs } = TIERS[tier];
    return step % stepMs === 0 && (stepMs >= intervalMs * 2 || stepMs <= keptMs);
  });
}

function addPoints(series: readonly StepSeries[], { times, columns }: Points): void {
  for (const [index, column] of columns.entries()) {
    const steps = series[index];
    for (let row = 0; row < times.length; row++) steps?.add(times[row] as number, column[row] as number);
  }
}

function addSteps(series: readonly StepSeries[], { times, rollups }: Steps): void {
  for (const [index, { least, greatest, mean, count }] of rollups.entries()) {
    for (let row = 0; row < times.length; row++) {
      series[index]?.addSummary(times[row] as number, {
        least: least[row] as number,
        greatest: greatest[row] as number,
        mean: mean[row] as number,
        count: count[row] as number,
      });
    }
  }
}

export function latest(org: WithHistory, input: HistoryLatestInput): HistoryLatest {
  const resource = getResource(org, input.resourceId);
  return { at: resource.lastSeenAt, metrics: resource.metrics };
}

/** Whoever waited or read in batches may have been overtaken by the end. */
export function requireOpen(org: Pick<WithHistory, "isClosed">): void {
  if (org.isClosed) throw new DomainError("org_unavailable", "Stopped for now.", { retryAfterMs: 2_000 });
}

function getResource(org: WithHistory, id: Resource["id"]): Resource {
  const resource = org.inventory.get(id);
  if (!resource) throw new DomainError("not_found", "There is no such resource.");
  return resource;
}
