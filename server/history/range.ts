import type {
  HistoryLatest,
  HistoryLatestInput,
  HistoryRange,
  HistoryRangeInput,
} from "../contract/history.ts";
import { RANGE_LIMITS } from "../contract/history.ts";
import { unitOf } from "../contract/metrics.ts";
import type { ReadyJson } from "../contract/ready-json.ts";
import type { Resource } from "../contract/resource.ts";
import { DomainError } from "../lib/domain-error.ts";
import type { Limiter } from "../lib/limiter.ts";
import { TIERS, type Tier } from "./chunk-table.ts";
import { readPoints, readSteps } from "./read-series.ts";
import { fastestDistanceMs } from "./report-distance.ts";
import { StepSeries, stepFor, stepOfDistance, timesOf } from "./steps.ts";
import type { HistoryStore } from "./store.ts";
import { Turns } from "./turns.ts";

/** Who asks for no more than this and for fine steps looks at what comes now. */
const NOW_SPAN_MS = 10 * 60_000;

export const STEP_TIERS = ["days", "hours", "fiveMinutes"] as const satisfies Tier[];

/** What reading history needs of an org. */
export interface WithHistory {
  history: HistoryStore;
  historyReads: Limiter;
  inventory: {
    get(id: Resource["id"]): Resource | undefined;
    viewsOf(id: Resource["id"]): { id: Resource["id"]; source: string }[];
  };
  /** How often a source reports while nobody looks at it. */
  intervalOf(source: string): number;
  /** The same now, when perhaps somebody does; absent where nobody can. */
  watching?: { intervalOf(source: string, usualMs: number): number };
  /** Its file is not to be read any more. */
  readonly isClosed: boolean;
}

/**
 * A few at a time: whoever asks for years a hundred times over waits for themselves, not everybody for them. With
 * `signal` a read whose caller has left ends, and its place is somebody else's.
 */
export function range(
  org: WithHistory,
  input: HistoryRangeInput,
  { signal, reads = org.historyReads }: { signal?: AbortSignal | undefined; reads?: Limiter } = {},
): Promise<ReadyJson<HistoryRange>> {
  return reads.run(() => {
    requireOpen(org);
    return read(org, input, new Turns(signal));
  }, signal);
}

/**
 * What is seen by several sources has a past in each of them: the closest one's figures, and where it
 * has none, the next one's.
 */
async function read(
  org: WithHistory,
  input: HistoryRangeInput,
  turns: Turns,
): Promise<ReadyJson<HistoryRange>> {
  getResource(org, input.resourceId);
  const { resourceId, from, to } = input;
  const wantedMs = (to - from) / (input.maxPoints ?? RANGE_LIMITS.defaultPoints);
  let finestMs = finestStepMs(org, resourceId, from);
  for (const { source } of wantedMs < finestMs ? org.inventory.viewsOf(resourceId) : []) {
    const keptMs = keptStepMs(org.history, source, from);
    finestMs = Math.min(
      finestMs,
      Math.max(await intervalIn(org, source, input, { wantedMs, turns }), keptMs),
    );
  }
  const step = stepFor(to - from, input.maxPoints ?? RANGE_LIMITS.defaultPoints, finestMs);
  const metrics = [...new Set(input.metrics)];
  const frame = { from, to, step };
  const all = await readResource(org, { resourceId, metrics }, frame, turns);
  const times = JSON.stringify(timesOf(frame));
  const series: string[] = [];
  for (const [index, steps] of all.entries()) {
    series.push(seriesJson({ metric: metrics[index] as string, step, times }, steps));
    if (turns.isOver) await turns.next();
  }
  return { json: `{"series":[${series.join(",")}]}` };
}

/** The finest steps that make sense for what is known of a resource from then on. */
export function finestStepMs(org: WithHistory, id: Resource["id"], from: number): number {
  const views = org.inventory.viewsOf(id);
  return Math.min(
    ...views.map(({ source }) => Math.max(org.intervalOf(source), keptStepMs(org.history, source, from))),
  );
}

/** For each metric the closest view's steps, those that are empty filled from the others; nothing without a view. */
export async function readResource(
  org: WithHistory,
  { resourceId, metrics }: { resourceId: Resource["id"]; metrics: readonly string[] },
  frame: { from: number; to: number; step: number },
  turns: Turns,
): Promise<StepSeries[]> {
  const all: StepSeries[][] = [];
  for (const view of org.inventory.viewsOf(resourceId))
    all.push(await readView(org, view, metrics, frame, turns));
  const [closest = [], ...others] = all;
  for (const [index, steps] of closest.entries())
    for (const other of others) steps.fillFrom(other[index] as StepSeries);
  return closest;
}

/** A `HistorySeries`: most of it is lists that look alike, so each is made into text once. */
function seriesJson(
  { metric, step, times }: { metric: string; step: number; times: string },
  steps: StepSeries,
): string {
  const { avg, min, max } = steps.points();
  const least = JSON.stringify(min);
  const other = (list: typeof min) => (list === min ? least : JSON.stringify(list));
  const head = JSON.stringify({ metric, unit: unitOf(metric), step }).slice(0, -1);
  return `${head},"times":${times},"avg":${other(avg)},"min":${least},"max":${other(max)}}`;
}

/** How often a source reported in a range at its fastest, where steps shorter than its usual interval are wanted. */
async function intervalIn(
  org: WithHistory,
  source: string,
  { from, to }: HistoryRangeInput,
  { wantedMs, turns }: { wantedMs: number; turns: Turns },
): Promise<number> {
  const usualMs = org.intervalOf(source);
  if (wantedMs >= usualMs) return usualMs;
  const nowMs = to - from <= NOW_SPAN_MS ? (org.watching?.intervalOf(source, usualMs) ?? usualMs) : usualMs;
  if (nowMs < usualMs) return nowMs;
  const fastestMs = await fastestDistanceMs(org.history, source, { from, to, usualMs }, turns);
  requireOpen(org);
  return fastestMs < usualMs ? stepOfDistance(fastestMs) : usualMs;
}

/** The finest steps there still are of that time: samples go before what they were summarised to. */
export function keptStepMs(store: HistoryStore, source: string, from: number): number {
  const { chunks } = store;
  const ofDays = chunks.firstAt(source, "day");
  if (ofDays !== undefined && from >= ofDays) return 0;
  /* Where samples are kept for a day there are none but those of hours, and those that are still rows. */
  const ofHours = chunks.firstAt(source, "hour") ?? store.firstRowAt(source, 0);
  const samplesAt = ofDays ?? ofHours ?? Number.POSITIVE_INFINITY;
  if (from >= samplesAt) return 0;
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

export async function readView(
  org: WithHistory,
  { id, source }: { id: Resource["id"]; source: string },
  metrics: readonly string[],
  { from, to, step }: { from: number; to: number; step: number },
  turns: Turns,
): Promise<StepSeries[]> {
  const intervalMs = org.intervalOf(source);
  const series = metrics.map(() => new StepSeries(from, to, step, intervalMs));
  const tier = tierFor(step, intervalMs, keptStepMs(org.history, source, from));
  /* A step is answered whole, whatever part of it was asked for: so it is the same when the range moves. */
  const whole = { from: Math.floor(from / step) * step, to: Math.ceil(to / step) * step };
  /* The first sample may speak for more than its step: for what is since the one before it. */
  if (step < intervalMs) whole.from -= intervalMs;
  const wanted = { source, id, metrics };
  const pieces = tier
    ? readSteps(org.history, wanted, { ...whole, tier })
    : readPoints(org.history, wanted, whole);
  for (const piece of pieces) {
    for (const [index, steps] of series.entries()) {
      if ("column" in piece) steps.addAll(piece.times, piece.column(index));
      else steps.addSummaries(piece.times, piece.rollup(index));
      if (!turns.isOver) continue;
      await turns.next();
      requireOpen(org);
    }
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

export function latest(org: WithHistory, input: HistoryLatestInput): HistoryLatest {
  const resource = getResource(org, input.resourceId);
  return { at: resource.lastSeenAt, metrics: resource.metrics };
}

/** Whoever waited or read in batches may have been overtaken by the end. */
export function requireOpen(org: Pick<WithHistory, "isClosed">): void {
  if (org.isClosed) throw new DomainError("org_unavailable", "Stopped for now.", { retryAfterMs: 2_000 });
}

export function getResource(org: WithHistory, id: Resource["id"]): Resource {
  const resource = org.inventory.get(id);
  if (!resource) throw new DomainError("not_found", "There is no such resource.");
  return resource;
}
