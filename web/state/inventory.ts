import { createMemo, createRoot } from "solid-js";
import type { Resource, ResourceKind } from "../../server/contract/resource.ts";
import { picture } from "./live.ts";

const byName = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

export function compareNames(a: { name: string }, b: { name: string }): number {
  return byName.compare(a.name, b.name);
}

const NO_PARTS: readonly Resource[] = [];

/** What has a page as a machine: hosts, and guests in which an agent runs. */
export function isMachine({ kind, sources }: Pick<Resource, "kind" | "sources">): boolean {
  if (kind === "host") return true;
  return (kind === "vm" || kind === "lxc") && sources.some((source) => source.startsWith("agent:"));
}

const lists = createRoot(() => {
  const all = createMemo(() =>
    Object.values(picture.resources)
      .map((resource) => ({ name: resource.name, resource }))
      .sort(compareNames)
      .map(({ resource }) => resource),
  );
  const machines = createMemo(() => all().filter(isMachine));
  const parts = createMemo(() => {
    const byParent = new Map<string, Resource[]>();
    for (const resource of all()) {
      if (!resource.parentId) continue;
      const siblings = byParent.get(resource.parentId);
      if (siblings) siblings.push(resource);
      else byParent.set(resource.parentId, [resource]);
    }
    return byParent;
  });
  return { all, machines, parts };
});

/** Everything that is watched, by name. */
export const everything = lists.all;

/** Every machine, by name. */
export const machines = lists.machines;

/** What has a machine, or anything else, as its parent, by name; all of it, or that of one kind. */
export function partsOf(parentId: string, kind?: ResourceKind): readonly Resource[] {
  const parts = lists.parts().get(parentId) ?? NO_PARTS;
  return kind ? parts.filter((part) => part.kind === kind) : parts;
}
