/** One series of one resource in steps, those that are known, by when they began. */
import type { ResourceId } from "../contract/ids.ts";
import { readResource, requireOpen, type WithHistory } from "../history/range.ts";
import { Turns } from "../history/turns.ts";

export interface KnownSteps {
  avg: [at: number, value: number][];
  max: [at: number, value: number][];
}

export async function knownSteps(
  org: WithHistory,
  { id, metric }: { id: ResourceId; metric: string },
  frame: { from: number; to: number; step: number },
): Promise<KnownSteps> {
  requireOpen(org);
  const [steps] = await readResource(org, { resourceId: id, metrics: [metric] }, frame, new Turns(undefined));
  const { avg, max } = steps?.points() ?? { avg: [], max: [] };
  return { avg: known(avg, frame), max: known(max, frame) };
}

function known(
  list: readonly (number | null)[],
  { from, step }: { from: number; step: number },
): [number, number][] {
  const first = Math.floor(from / step) * step;
  return list.flatMap((value, index): [number, number][] =>
    value === null ? [] : [[first + index * step, value]],
  );
}
