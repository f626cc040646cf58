/** Rules by what they are about, and those somebody looks for. Of a rule nothing is taken for granted but its kinds. */
import type { RuleInfo } from "../../../server/contract/alerts.ts";
import type { ResourceKind } from "../../../server/contract/resource.ts";

export type RuleGroup = "machines" | "storage" | "guests" | "checks" | "pulse" | "own";

export const GROUPS: readonly { id: RuleGroup; title: string }[] = [
  { id: "machines", title: "Machines" },
  { id: "storage", title: "Storage" },
  { id: "guests", title: "Containers and guests" },
  { id: "checks", title: "Checks" },
  { id: "pulse", title: "Pulse itself" },
  { id: "own", title: "Your own" },
];

const GROUP_OF: Record<ResourceKind, RuleGroup> = {
  host: "machines",
  cluster: "machines",
  core: "machines",
  sensor: "machines",
  interface: "machines",
  filesystem: "storage",
  disk: "storage",
  storage: "storage",
  pool: "storage",
  datastore: "storage",
  backup: "storage",
  vm: "guests",
  lxc: "guests",
  container: "guests",
  check: "checks",
  exporter: "checks",
  series: "checks",
};

/** About the watching rather than about what is watched. */
const OF_PULSE = /^(?:agent|delivery|channel|pulse|server)(?:_|$)/;

export function groupOf({ name, kinds }: Pick<RuleInfo, "name" | "kinds">): RuleGroup {
  if (name.startsWith("own_")) return "own";
  if (OF_PULSE.test(name)) return "pulse";
  const [first] = kinds ?? [];
  return first ? (GROUP_OF[first] ?? "machines") : "machines";
}

/** Every word has to be found in what the rule says of itself. */
export function isSought(rule: RuleInfo, typed: string, alsoSaid: string): boolean {
  const text = `${rule.title} ${rule.says} ${rule.name} ${rule.metric ?? ""} ${alsoSaid}`.toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
