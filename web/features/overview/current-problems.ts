import { createMemo, createRoot } from "solid-js";
import { everything, isMachine, machines } from "../../state/inventory.ts";
import { picture } from "../../state/live.ts";
import type { Level } from "../../ui/meter.tsx";
import { isPart } from "../resource/kinds.ts";
import { type Counts, inOrder, isTold, type Problem, problemFrom, worstOf } from "./problems.ts";

const NONE: readonly Problem[] = [];

/** What is wrong now, everywhere; computed once for all that show it, and anew only where an alert changed. */
const lists = createRoot(() => {
  const told = createMemo(() =>
    Object.values(picture.alerts)
      .filter(isTold)
      .sort((a, b) => b.firedAt - a.firedAt),
  );
  const all = createMemo(() =>
    inOrder(told().map((alert) => problemFrom(alert, picture.resources[alert.subject.id]))),
  );
  const counts = createMemo((): Counts => {
    const things = everything().filter((each) => !isMachine(each) && !isPart(each.kind));
    const ofKind = (...kinds: string[]) => things.filter(({ kind }) => kinds.includes(kind)).length;
    return {
      machines: machines().length,
      guests: ofKind("vm", "lxc"),
      containers: ofKind("container"),
      checks: ofKind("check"),
    };
  });
  const bySubject = createMemo(() => Map.groupBy(all(), ({ resource }) => resource.id as string));
  const untaken = createMemo(() => all().filter(({ acknowledged }) => !acknowledged));
  const quiet = createMemo(() => Object.values(picture.alerts).filter((alert) => !isTold(alert)));
  return { all, bySubject, counts, quiet, untaken };
});

export const problems = lists.all;

/** What is wrong and nobody is told of. */
export const quiet = lists.quiet;

/** Those nobody has taken yet. */
export function untakenCount(): number {
  return lists.untaken().length;
}

export function hasCritical(): boolean {
  return worstOf(lists.untaken()) === "critical";
}

/** How much of what is watched. */
export const counts = lists.counts;

/** Whether anything is wrong with it, or with a part of it. */
export function hasProblem(id: string): boolean {
  return lists.bySubject().has(id);
}

export function problemsAt(id: string): readonly Problem[] {
  return lists.bySubject().get(id) ?? NONE;
}

export function levelAt(machineId: string): Level {
  return worstOf(problemsAt(machineId));
}
