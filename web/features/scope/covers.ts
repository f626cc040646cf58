import type { SilenceScope } from "../../../server/contract/alerts.ts";
import type { Resource } from "../../../server/contract/resource.ts";
import { factsOf, fits } from "../../../server/contract/scope.ts";
import { everything, isMachine } from "../../state/inventory.ts";
import { picture } from "../../state/live.ts";
import type { Covered } from "./words.ts";

/** What fits now. What another organization shows here is for it to silence. */
export function coveredBy(scope: SilenceScope): Covered {
  const { rules: _, ...whom } = scope;
  const isMeant = (resource: Resource, rule: string, by: SilenceScope) =>
    fits(by, factsOf(rule, resource, picture.resources[resource.parentId ?? ""]));
  const things = everything().filter((one) => !one.sharedFrom && isMeant(one, "", whom));
  const machines = things.filter(isMachine).length;
  const alerts = Object.values(picture.alerts).filter(({ resource: { id }, rule, sharedFrom }) => {
    const resource = picture.resources[id];
    return resource && !sharedFrom && isMeant(resource, rule, scope);
  }).length;
  return { machines, others: things.length - machines, alerts };
}
