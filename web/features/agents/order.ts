import type { AgentInfo } from "../../../server/contract/agents.ts";
import { compareNames } from "../../state/inventory.ts";

export const SORT_KEYS = ["state", "name", "version", "seen"] as const;
export type SortKey = (typeof SORT_KEYS)[number];

const WORST_FIRST: AgentInfo["state"][] = ["refused", "silent", "waiting", "reporting"];

const COMPARE: Record<SortKey, (a: AgentInfo, b: AgentInfo) => number> = {
  state: (a, b) => WORST_FIRST.indexOf(a.state) - WORST_FIRST.indexOf(b.state),
  name: compareNames,
  version: (a, b) => (a.version ?? "").localeCompare(b.version ?? "", "en", { numeric: true }),
  // The one not heard of for longest first; one that never reported is older than all.
  seen: (a, b) => (a.lastReportAt ?? 0) - (b.lastReportAt ?? 0),
};

export function ordered(agents: readonly AgentInfo[], by: SortKey, reversed: boolean): AgentInfo[] {
  const sign = reversed ? -1 : 1;
  return agents.toSorted((a, b) => sign * COMPARE[by](a, b) || compareNames(a, b));
}

/** By everything a person may remember of an agent. */
export function matching(agents: readonly AgentInfo[], wanted: string): AgentInfo[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  return agents.filter(({ name, state, version, system, address }) => {
    const text = [name, state, version, system, address].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
