import { createMemo, createRoot, mapArray } from "solid-js";
import { everything, isMachine, machines, partsOf } from "../../state/inventory.ts";
import { picture } from "../../state/live.ts";
import type { Level } from "../../ui/meter.tsx";
import { isPart } from "../resource/kinds.ts";
import { type Counts, inOrder, type Problem, problemsOf, problemsOfThing, worstOf } from "./problems.ts";

/** What is wrong now, everywhere; computed once for all that show it, and anew only where a report came. */
const lists = createRoot(() => {
  const perMachine = mapArray(machines, (machine) => {
    const found = createMemo(() => problemsOf(machine, partsOf(machine.id)), [], { equals: sameProblems });
    return { id: machine.id, found };
  });
  const things = createMemo(() => everything().filter((each) => !isMachine(each) && !isPart(each.kind)));
  const perThing = mapArray(things, (thing) =>
    createMemo(
      () => problemsOfThing(thing, thing.parentId ? picture.resources[thing.parentId] : undefined),
      [],
      { equals: sameProblems },
    ),
  );
  const all = createMemo(() =>
    inOrder([...perMachine().flatMap(({ found }) => found()), ...perThing().flatMap((found) => found())]),
  );
  const counts = createMemo((): Counts => {
    const ofKind = (...kinds: string[]) => things().filter(({ kind }) => kinds.includes(kind)).length;
    return {
      machines: machines().length,
      guests: ofKind("vm", "lxc"),
      containers: ofKind("container"),
      checks: ofKind("check"),
    };
  });
  const byMachine = createMemo(() => new Map(perMachine().map(({ id, found }) => [id as string, found])));
  const withProblems = createMemo(() => new Set<string>(all().map(({ resource }) => resource.id)));
  return { all, byMachine, counts, withProblems };
});

function sameProblems(a: readonly Problem[], b: readonly Problem[]): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

export const problems = lists.all;

/** How much of what is watched. */
export const counts = lists.counts;

/** Whether anything is wrong with it, or with a part of it. */
export function hasProblem(id: string): boolean {
  return lists.withProblems().has(id);
}

export function problemsAt(machineId: string): readonly Problem[] {
  return lists.byMachine().get(machineId)?.() ?? [];
}

export function levelAt(machineId: string): Level {
  return worstOf(problemsAt(machineId));
}
