import type { Resource } from "../../../server/contract/resource.ts";
import type { MachineFigures } from "./figures.ts";

export interface Row {
  machine: Resource;
  figures: () => MachineFigures;
}

export const SORT_KEYS = [
  "name",
  "cpu",
  "memory",
  "disk",
  "receive",
  "transmit",
  "load",
  "temperature",
  "uptime",
] as const;
export type SortKey = (typeof SORT_KEYS)[number];

/** Names rise, figures fall (the highest is what one looks for), and what is unknown comes last. */
export function ordered(rows: readonly Row[], by: SortKey, reversed: boolean): Row[] {
  const sign = reversed ? -1 : 1;
  // The rows come in order of name; sorting is stable, so equal figures stay in that order.
  if (by === "name") return reversed ? rows.toReversed() : [...rows];
  return rows.toSorted((a, b) => {
    const left = a.figures()[by];
    const right = b.figures()[by];
    if (left === undefined || right === undefined)
      return Number(left === undefined) - Number(right === undefined);
    return sign * (right - left);
  });
}

export function matching(rows: readonly Row[], wanted: string): Row[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(({ machine }) => {
    const name = machine.name.toLowerCase();
    return words.every((word) => name.includes(word));
  });
}
