import { createMemo, createRoot } from "solid-js";
import type { Resource, ResourceKind } from "../../server/contract/resource.ts";
import { picture } from "./live.ts";

const byName = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

export function compareNames(a: { name: string }, b: { name: string }): number {
  return byName.compare(a.name, b.name);
}

const NO_PARTS: readonly Resource[] = [];

const lists = createRoot(() => {
  const all = createMemo(() => Object.values(picture.resources));
  const machines = createMemo(() =>
    all()
      .filter((each) => each.kind === "host")
      .sort(compareNames),
  );
  const parts = createMemo(() => {
    const byParent = new Map<string, Resource[]>();
    for (const resource of all()) {
      if (!resource.parentId) continue;
      const siblings = byParent.get(resource.parentId);
      if (siblings) siblings.push(resource);
      else byParent.set(resource.parentId, [resource]);
    }
    for (const siblings of byParent.values()) siblings.sort(compareNames);
    return byParent;
  });
  return { machines, parts };
});

/** Every machine, by name. */
export const machines = lists.machines;

/** The parts of a machine, by name; all of them, or those of one kind. */
export function partsOf(machineId: string, kind?: ResourceKind): readonly Resource[] {
  const parts = lists.parts().get(machineId) ?? NO_PARTS;
  return kind ? parts.filter((part) => part.kind === kind) : parts;
}
