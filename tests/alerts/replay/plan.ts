/** Which faults there are in a replay, on what and when: one at a time on a machine, or on a part of a cluster. */
import type { Seeded } from "../../support/seeded.ts";
import { between, HOUR, type Span } from "./days.ts";
import { FAULT_KINDS, type FaultKind, howMany } from "./faults.ts";

export interface Fault extends Span {
  kind: FaultKind;
  /** By their place among the machines; of what is no machine none. */
  machines: number[];
  key: string;
}

/** Between two faults of the same thing. */
const APART_MS = 3 * HOUR;
/** Before the first, and after the last. */
const AROUND_MS = 3 * HOUR;
const TRIES = 5_000;

export interface PlanOptions {
  machines: number;
  faults: number;
  span: Span;
}

export function planFaults(random: Seeded, { machines, faults, span }: PlanOptions): Fault[] {
  const planned: Fault[] = [];
  const roomMs = span.to - span.from - AROUND_MS;
  const kinds = FAULT_KINDS.filter(({ lasts }) => lasts[1] + AROUND_MS < roomMs);
  /* What lasts longest is placed first, as long as there is room. */
  for (const kind of kinds.toSorted((a, b) => b.lasts[1] - a.lasts[1]))
    for (let nth = 0; nth < howMany(kind, faults); nth++) planned.push(place(random, kind, planned));
  return planned.sort((a, b) => a.from - b.from);

  function place(chance: Seeded, kind: FaultKind, others: readonly Fault[]): Fault {
    for (let tried = 0; tried < TRIES; tried++) {
      const lastsMs = between(chance, kind.lasts);
      const from = span.from + between(chance, [AROUND_MS, roomMs - lastsMs]);
      const fault = {
        kind,
        key: chance.pick(kind.keys),
        machines: kind.on === "machine" ? someOf(chance, machines, kind.machines) : [],
        from,
        to: from + lastsMs,
      };
      if (others.every((other) => !isInTheWay(fault, other))) return fault;
    }
    throw new Error(`there is no room for ${kind.name}`);
  }
}

function someOf(
  random: Seeded,
  machines: number,
  [least, most]: readonly [number, number] = [1, 1],
): number[] {
  const count = Math.min(machines, least + random.below(most - least + 1));
  const some = new Set<number>();
  while (some.size < count) some.add(random.below(machines));
  return [...some];
}

function isInTheWay(one: Fault, other: Fault): boolean {
  if (one.from > other.to + APART_MS || other.from > one.to + APART_MS) return false;
  if (one.machines.length > 0) return one.machines.some((machine) => other.machines.includes(machine));
  return one.kind.on === other.kind.on && one.key === other.key;
}
