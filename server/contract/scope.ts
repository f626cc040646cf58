/** Whom a silence or a route is for. Pure. */
import type { AlertFacts, SilenceScope } from "./alerts.ts";
import type { Resource } from "./resource.ts";

/** All that is named has to fit, of a list one. */
export function fits(
  { resourceIds, tags, kinds, rules }: SilenceScope,
  { rule, kind, resourceId, parentId, tags: own }: AlertFacts,
): boolean {
  if (rules && !rules.includes(rule)) return false;
  if (kinds && !kinds.includes(kind)) return false;
  if (resourceIds && !resourceIds.includes(resourceId) && !(parentId && resourceIds.includes(parentId)))
    return false;
  return !tags || tags.some((tag) => own.includes(tag));
}

/** A part has the tags of what it is a part of as well. */
export function factsOf(rule: string, resource: Resource, parent: Resource | undefined): AlertFacts {
  return {
    rule,
    kind: resource.kind,
    resourceId: resource.id,
    ...(parent && { parentId: parent.id }),
    tags: [...(resource.own?.tags ?? []), ...(parent?.own?.tags ?? [])],
  };
}
