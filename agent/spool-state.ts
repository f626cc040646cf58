/** What a spool remembers beside its reports. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { findJsonFile, replaceFile } from "./private-file.ts";

/** Reports that had to go: times of the first and the last, and how many. */
export interface Gap {
  from: number;
  to: number;
  reports: number;
}

export interface SpoolState {
  /** Reports with lower numbers need not be sent again. */
  acknowledged: number;
  gap?: Gap | undefined;
  /** Whose reports these are, in the words of whoever opened the spool. */
  owner?: string | undefined;
}

export function widen(gap: Gap | undefined, lost: readonly { at: number }[]): Gap | undefined {
  const [first] = lost;
  const last = lost.at(-1);
  if (!first || !last) return gap;
  return { from: gap?.from ?? first.at, to: last.at, reports: (gap?.reports ?? 0) + lost.length };
}

const pathIn = (folder: string) => join(folder, "state.json");

export function findSpoolState(folder: string): SpoolState | undefined {
  const found = findJsonFile(pathIn(folder)) as Partial<SpoolState> | undefined | null;
  if (typeof found?.acknowledged !== "number") return undefined;
  return {
    acknowledged: found.acknowledged,
    gap: isGap(found.gap) ? found.gap : undefined,
    owner: typeof found.owner === "string" ? found.owner : undefined,
  };
}

/** Not waited for: when it is lost, reports are sent again that the server knows. */
export function keepSpoolState(folder: string, state: SpoolState | undefined): void {
  if (state) replaceFile(pathIn(folder), state, { durable: false });
  else rmSync(pathIn(folder), { force: true });
}

function isGap(value: unknown): value is Gap {
  const gap = value as Partial<Gap> | null | undefined;
  return [gap?.from, gap?.to, gap?.reports].every((part) => typeof part === "number");
}
