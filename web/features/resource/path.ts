import type { Resource } from "../../../server/contract/resource.ts";
import { isMachine } from "../../state/inventory.ts";

/** Where the page of a resource is. */
export function pathOf(resource: Pick<Resource, "id" | "kind" | "sources">): string {
  return isMachine(resource) ? `/machines/${resource.id}` : `/resources/${resource.id}`;
}
