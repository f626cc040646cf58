import type {
  HistoryLatest,
  HistoryLatestInput,
  HistoryRange,
  HistoryRangeInput,
} from "../contract/history.ts";
import { RANGE_LIMITS } from "../contract/history.ts";
import { unitOf } from "../contract/metrics.ts";
import type { Resource } from "../contract/resource.ts";
import { DomainError } from "../lib/domain-error.ts";
import type { Limiter } from "../lib/limiter.ts";
import { valueAt } from "./sample-codec.ts";
import { StepSeries, stepFor } from "./steps.ts";
import type { Columns, HistoryStore } from "./store.ts";

interface WithHistory {
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
  const views = org.inventory.viewsOf(input.resourceId);
  const intervalMs = Math.min(...views.map(({ source }) => org.intervalOf(source)));
  const step = stepFor(input.to - input.from, input.maxPoints ?? RANGE_LIMITS.defaultPoints, intervalMs);
  const metrics = [...new Set(input.metrics)];
  const frame = { from: input.from, to: input.to, step };
  const all: StepSeries[][] = [];
  for (const view of views) all.push(await readView(org, view, metrics, frame));
  const series = metrics.map((metric, index) => {
    const [closest, ...others] = all.map((steps) => steps[index] as StepSeries);
    for (const other of others) closest?.fillFrom(other);
    return { metric, steps: closest as StepSeries };
  });
  return {
    series: series.map(({ metric, steps }) => ({
      metric,
      unit: unitOf(metric),
      step,
      times: steps.times(),
      ...steps.points(),
    })),
  };
}

/** Between two batches of rows the actor sees to whatever else has come in. */
async function readView(
  org: WithHistory,
  { id, source }: { id: Resource["id"]; source: string },
  metrics: readonly string[],
  { from, to, step }: { from: number; to: number; step: number },
): Promise<StepSeries[]> {
  const series = metrics.map(() => new StepSeries(from, to, step, org.intervalOf(source)));
  let known: { columns: Columns; positions: (number | undefined)[] } | undefined;
  for (const batch of org.history.samples(source, from, to)) {
    for (const { at, columns, packed } of batch) {
      if (known?.columns !== columns) {
        known = { columns, positions: metrics.map((metric) => columns.of(id, metric)) };
      }
      for (const [index, position] of known.positions.entries()) {
        if (position !== undefined) series[index]?.add(at, valueAt(packed, position));
      }
    }
    await new Promise(setImmediate);
    requireOpen(org);
  }
  return series;
}

export function latest(org: WithHistory, input: HistoryLatestInput): HistoryLatest {
  const resource = getResource(org, input.resourceId);
  return { at: resource.lastSeenAt, metrics: resource.metrics };
}

/** Whoever waited or read in batches may have been overtaken by the end. */
function requireOpen(org: WithHistory): void {
  if (org.isClosed) throw new DomainError("org_unavailable", "Stopped for now.", { retryAfterMs: 2_000 });
}

function getResource(org: WithHistory, id: Resource["id"]): Resource {
  const resource = org.inventory.get(id);
  if (!resource) throw new DomainError("not_found", "There is no such resource.");
  return resource;
}
