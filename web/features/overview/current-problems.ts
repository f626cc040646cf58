import { createMemo, createRoot, mapArray } from "solid-js";
import { machines, partsOf } from "../../state/inventory.ts";
import type { Level } from "../../ui/meter.tsx";
import { inOrder, type Problem, problemsOf, worstOf } from "./problems.ts";

/** What is wrong now, everywhere; computed once for all that show it, and anew only where a report came. */
const lists = createRoot(() => {
  const perMachine = mapArray(machines, (machine) => {
    const found = createMemo(() => problemsOf(machine, partsOf(machine.id)), [], { equals: sameProblems });
    return { id: machine.id, found };
  });
  const all = createMemo(() => inOrder(perMachine().flatMap(({ found }) => found())));
  const byMachine = createMemo(() => new Map(perMachine().map(({ id, found }) => [id as string, found])));
  return { all, byMachine };
});

function sameProblems(a: readonly Problem[], b: readonly Problem[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

export const problems = lists.all;

export function problemsAt(machineId: string): readonly Problem[] {
  return lists.byMachine().get(machineId)?.() ?? [];
}

export function levelAt(machineId: string): Level {
  return worstOf(problemsAt(machineId));
}
