import { createSignal } from "solid-js";
import type { Org } from "../../../server/contract/orgs.ts";
import type { Role } from "../../../server/contract/roles.ts";
import { api } from "../../api/client.ts";
import { explain, meansSignedOut } from "../../api/errors.ts";
import { onSwitched, place } from "../../api/org-context.ts";
import { features, noteFeatures } from "../../state/extension.ts";
import { me, refreshMe, sessionLost } from "../../state/session.ts";
import { DEFAULT_SLUG } from "./names.ts";

/** Whether the organization in the address can be shown, or why not. */
export type Standing =
  | "fine"
  | "switched_off"
  | "unlicensed"
  | "nowhere"
  | "no_access"
  | "suspended"
  | "deleted"
  | "unavailable";

/** The server has answered that what belongs to it cannot be opened now. */
const [unavailable, setUnavailable] = createSignal(false);
/** Without a licence nobody is told where they belong; that the default one is not theirs is found out by asking. */
const [denied, setDenied] = createSignal(false);
onSwitched(() => {
  setUnavailable(false);
  setDenied(false);
});

export { setDenied, setUnavailable };

/** Those of the person; one that is deleted is among them for its owner. */
export function orgs(): readonly Org[] {
  return me()?.orgs ?? [];
}

/** The one on the page. Addresses name it by its slug, and by its id as well. */
export function here(): Org | undefined {
  const slug = place().slug;
  return orgs().find((org) => org.slug === slug || org.id === slug);
}

export function roleHere(): Role | undefined {
  return here()?.role;
}

export function mayAdminister(): boolean {
  const role = roleHere();
  return role === "admin" || role === "owner";
}

export function mayEdit(): boolean {
  return roleHere() === "editor" || mayAdminister();
}

export function isLicensed(): boolean {
  return features()["multi_tenant"] === true;
}

export function standing(): Standing {
  const slug = place().slug ?? DEFAULT_SLUG;
  if (features()["multi_tenant"] === undefined) return "switched_off";
  if (!isLicensed()) return slug === DEFAULT_SLUG && !denied() ? orUnavailable() : "unlicensed";
  const org = here();
  if (!org) return orgs().some(({ state }) => state === "active") ? "no_access" : "nowhere";
  return org.state === "active" ? orUnavailable() : org.state;
}

function orUnavailable(): Standing {
  return unavailable() ? "unavailable" : "fine";
}

/** Asks anew what the person may see and what the server offers; `standing` follows. */
export async function look(): Promise<void> {
  try {
    /* First what there is at all: somebody who belongs nowhere is not where there is nothing to belong to. */
    const { features: found } = await api.features.list.query();
    await noteFeatures(found);
    await refreshMe();
  } catch (error) {
    if (meansSignedOut(explain(error))) sessionLost();
  }
}
