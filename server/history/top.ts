/**
 * Which resources had most of something over a time: the mean, the greatest or the total of one metric, of up to
 * thousands of resources in one pass over each of their sources (`tally`). When it was highest is looked up for those
 * alone that are answered, and so are their series.
 *
 * Of a resource that several sources see, the figures are those of one: the closest, unless another covers a
 * twentieth more of the time. (A chart fills the gaps of the closest from the others.)
 */
import {
  type HistoryTop,
  type HistoryTopInput,
  type RankBy,
  type Ranked,
  TOP_LIMITS,
} from "../contract/history.ts";
import type { ResourceId } from "../contract/ids.ts";
import { isPerSecond, unitOf } from "../contract/metrics.ts";
import type { Resource } from "../contract/resource.ts";
import { DomainError } from "../lib/domain-error.ts";
import type { Limiter } from "../lib/limiter.ts";
import { TIERS } from "./chunk-table.ts";
import { finestStepMs, keptStepMs, readResource, requireOpen, type WithHistory } from "./range.ts";
import { readPoints } from "./read-series.ts";
import { tidy } from "./sample-codec.ts";
import { stepFor, timesOf } from "./steps.ts";
import { Tallies, tallySamples, tallySteps, type WantedByMany } from "./tally.ts";
import { Turns } from "./turns.ts";

/** Years of thousands of resources; what takes longer is refused. */
const MOST_WORK_MS = 10_000;
/** As often a source that is sealed meanwhile is begun anew; that happens once in an hour, and takes two minutes. */
const MOST_ATTEMPTS = 3;
/** So much more of the time a source has to cover than a closer one. */
const CLEARLY_MORE = 0.05;
const STEP_TIERS = ["fiveMinutes", "hours", "days"] as const;

export interface WithRanking extends WithHistory {
  clock: () => number;
  inventory: WithHistory["inventory"] & {
    all(): Iterable<Resource>;
    isWithin(id: ResourceId, whole: ResourceId): boolean;
  };
}

interface View {
  id: ResourceId;
  source: string;
}

/** One resource by what one source said of it. */
interface Figures extends View {
  avg: number;
  min: number;
  max: number;
  maxFrom: number;
  maxTo: number;
  coveredMs: number;
}

interface Frame {
  metric: string;
  from: number;
  to: number;
  /** How much of it is over. */
  elapsedMs: number;
}

/** With `signal` it ends when its caller has left. */
export function top(
  org: WithRanking,
  input: HistoryTopInput,
  { signal, seen = () => org.inventory.all(), reads = org.historyReads }: Partial<Reading> = {},
): Promise<HistoryTop> {
  return reads.run(() => {
    requireOpen(org);
    if (input.within && !org.inventory.get(input.within))
      throw new DomainError("not_found", "There is no such resource.");
    return rank(org, input, seen(), new Turns(signal, MOST_WORK_MS));
  }, signal);
}

interface Reading {
  signal: AbortSignal | undefined;
  /** What may be seen of it all. */
  seen: () => Iterable<Resource>;
  reads: Limiter;
}

async function rank(
  org: WithRanking,
  input: HistoryTopInput,
  seen: Iterable<Resource>,
  turns: Turns,
): Promise<HistoryTop> {
  const { metric, from, to, by = "avg", limit = TOP_LIMITS.standard } = input;
  const unit = unitOf(metric);
  const frame = { metric, from, to, elapsedMs: Math.max(0, Math.min(to, org.clock()) - from) };
  const all = wanted(org, input, seen);
  const resources = all.slice(0, TOP_LIMITS.resources);
  const figures = await figuresOf(org, resources, frame, turns);
  const ranked = [...figures]
    /* What reads the same ranks the same, whether it was a row or a chunk that told it. */
    .map(([resourceId, best]) => ({ resourceId, best, key: tidy(keyOf(best, by)) }))
    .sort((a, b) => b.key - a.key || (a.resourceId < b.resourceId ? -1 : 1))
    .slice(0, limit);
  const ranking: Ranked[] = [];
  for (const { resourceId, best } of ranked) {
    const { avg, min, max, coveredMs } = best;
    ranking.push({
      resourceId,
      avg: tidy(avg),
      min: tidy(min),
      max: tidy(max),
      maxAt: whenHighest(org, best, frame),
      coverage: frame.elapsedMs > 0 ? tidy(coveredMs / frame.elapsedMs) : 0,
      ...(isPerSecond(unit) && { total: tidy((avg * coveredMs) / 1_000) }),
    });
    if (turns.isOver) await pause(org, turns);
  }
  const answer = { metric, unit, found: all.length, considered: resources.length, measured: figures.size };
  if (input.maxPoints === undefined) return { ...answer, ranking };
  const ids = ranking.map(({ resourceId }) => resourceId);
  return {
    ...answer,
    ranking,
    series: await seriesOf(org, { ids, maxPoints: input.maxPoints }, frame, turns),
  };
}

/** What fits, in the order of ids. */
function wanted(
  { inventory }: WithRanking,
  { kind, within, resources, text, tag }: HistoryTopInput,
  seen: Iterable<Resource>,
): Resource[] {
  const named = resources && new Set(resources);
  const words = text?.trim().toLowerCase();
  const found: Resource[] = [];
  for (const resource of seen) {
    if (kind && resource.kind !== kind) continue;
    if (named && !named.has(resource.id)) continue;
    if (words && !resource.name.toLowerCase().includes(words)) continue;
    if (tag && !hasTag(resource, tag)) continue;
    if (within && (resource.id === within || !inventory.isWithin(resource.id, within))) continue;
    found.push(resource);
  }
  return found.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** A person's own, or one its source gave it. */
function hasTag({ own, attributes }: Resource, tag: string): boolean {
  const told = attributes["tags"];
  return own?.tags?.includes(tag) === true || (Array.isArray(told) && told.includes(tag));
}

/** Of those that have any. */
async function figuresOf(
  org: WithRanking,
  resources: readonly Resource[],
  frame: Frame,
  turns: Turns,
): Promise<Map<ResourceId, Figures>> {
  const views = new Map(resources.map(({ id }) => [id, org.inventory.viewsOf(id)]));
  const bySource = Map.groupBy([...views.values()].flat(), ({ source }) => source);
  const known = new Map<ResourceId, Figures>();
  for (const [source, seen] of bySource) {
    const ids = seen.map(({ id }) => id);
    const tallies = await tallied(org, { source, metric: frame.metric, ids }, frame, turns);
    for (const [index, id] of ids.entries()) {
      const count = tallies.count[index] as number;
      if (count === 0) continue;
      known.set(id, {
        id,
        source,
        avg: (tallies.sum[index] as number) / count,
        min: tallies.least[index] as number,
        max: tallies.greatest[index] as number,
        maxFrom: tallies.greatestFrom[index] as number,
        maxTo: tallies.greatestTo[index] as number,
        coveredMs: Math.min(frame.elapsedMs, count * org.intervalOf(source)),
      });
    }
  }
  const best = new Map<ResourceId, Figures>();
  for (const [id, closestFirst] of views) {
    const [first, ...others] = closestFirst.flatMap((view) => known.get(view.id) ?? []);
    if (!first) continue;
    const clearlyMore = CLEARLY_MORE * frame.elapsedMs;
    best.set(
      id,
      others.reduce((chosen, one) => (one.coveredMs > chosen.coveredMs + clearlyMore ? one : chosen), first),
    );
  }
  return best;
}

/** All a source has of these; anew when it was sealed meanwhile. */
async function tallied(
  org: WithRanking,
  wanted: WantedByMany,
  { from, to }: Frame,
  turns: Turns,
): Promise<Tallies> {
  const { history } = org;
  const { source } = wanted;
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const tallies = new Tallies(wanted.ids.length);
    const revision = history.chunks.revisionOf(source);
    const isSame = () => history.chunks.revisionOf(source) === revision;
    const stepMs = keptStepMs(history, source, from);
    const tier = STEP_TIERS.find((one) => TIERS[one].stepMs === stepMs);
    const samplesAt = history.chunks.firstAt(source, "day") ?? to;
    const work = function* () {
      yield* tallySamples(history, wanted, { from, to }, tallies);
      if (tier) yield* tallySteps(history, wanted, { from, to: Math.min(to, samplesAt), tier }, tallies);
    };
    if (await runs(org, work(), turns, isSame)) return tallies;
  }
  throw new DomainError("rate_limited", "History is being put in order. Try again in a moment.", {
    retryAfterMs: 2_000,
  });
}

/** Looks closer where it is only known in which chunk or step it was. */
function whenHighest(
  { history }: WithRanking,
  { id, source, maxFrom, maxTo }: Figures,
  { metric, from, to }: Frame,
): number {
  if (maxTo - maxFrom <= 1) return maxFrom;
  let found = maxFrom;
  let highest = Number.NEGATIVE_INFINITY;
  const span = { from: Math.max(from, maxFrom), to: Math.min(to, maxTo) };
  for (const { times, column } of readPoints(history, { source, id, metrics: [metric] }, span)) {
    for (const [row, value] of column(0).entries()) {
      if (!(value > highest)) continue;
      highest = value;
      found = times[row] as number;
    }
  }
  return found;
}

/** All in the same steps: those of the one that reports most seldom. */
async function seriesOf(
  org: WithRanking,
  { ids, maxPoints }: { ids: readonly ResourceId[]; maxPoints: number },
  { metric, from, to }: Frame,
  turns: Turns,
): Promise<HistoryTop["series"]> {
  const finestMs = Math.max(0, ...ids.map((id) => finestStepMs(org, id, from)).filter(Number.isFinite));
  const frame = { from, to, step: stepFor(to - from, maxPoints, finestMs) };
  const described = { metric, unit: unitOf(metric), step: frame.step, times: timesOf(frame) };
  const series: HistoryTop["series"] = [];
  for (const resourceId of ids)
    for (const steps of await readResource(org, { resourceId, metrics: [metric] }, frame, turns))
      series.push({ resourceId, ...described, ...steps.points() });
  return series;
}

function keyOf({ avg, max, coveredMs }: Figures, by: RankBy): number {
  return by === "avg" ? avg : by === "max" ? max : avg * coveredMs;
}

/** Whether it came to its end; it does not when it becomes void while others have their turn. */
async function runs(
  org: WithRanking,
  work: Iterator<void>,
  turns: Turns,
  isValid: () => boolean,
): Promise<boolean> {
  for (;;) {
    if (turns.isOver) {
      await pause(org, turns);
      if (!isValid()) return false;
    }
    if (work.next().done) return true;
  }
}

/** Others first; then it may be that the org is not to be read any more. */
async function pause(org: WithRanking, turns: Turns): Promise<void> {
  await turns.next();
  requireOpen(org);
}
