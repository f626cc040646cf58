import {
  RESOURCES_PER_PAGE,
  type Resource,
  type ResourceGetInput,
  type ResourceList,
  type ResourceListInput,
} from "../contract/resource.ts";
import { DomainError } from "../lib/domain-error.ts";
import type { Inventory } from "./inventory.ts";

interface WithInventory {
  inventory: Pick<Inventory, "get" | "all">;
}

/** Resources in the order of their ids, a page at a time. */
export function list(
  org: { inventory: { all(): Iterable<Resource> } },
  input: ResourceListInput,
): ResourceList {
  const limit = input.limit ?? RESOURCES_PER_PAGE;
  const text = input.text?.trim().toLowerCase();
  const found: Resource[] = [];
  for (const resource of org.inventory.all()) {
    if (input.kind && resource.kind !== input.kind) continue;
    if (input.status && resource.status !== input.status) continue;
    if (text && !resource.name.toLowerCase().includes(text)) continue;
    if (input.cursor && resource.id <= input.cursor) continue;
    found.push(resource);
  }
  found.sort((a, b) => (a.id < b.id ? -1 : 1));
  const resources = found.slice(0, limit);
  const last = resources.at(-1);
  return { resources, ...(found.length > limit && last && { nextCursor: last.id }) };
}

export function get(org: WithInventory, input: ResourceGetInput): { resource: Resource } {
  const resource = org.inventory.get(input.id);
  if (!resource) throw new DomainError("not_found", "There is no such resource.");
  return { resource };
}
