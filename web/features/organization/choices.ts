import type { Org } from "../../../server/contract/orgs.ts";
import { me } from "../../state/session.ts";
import { plural } from "../../ui/format.ts";
import { rank } from "../shell/rank.ts";
import { waiting } from "./inbox.ts";
import { goTo, homeOf, usedFirst } from "./moving.ts";
import { here, orgs } from "./standing.ts";
import { purgeWords } from "./words.ts";

/** A line of the switcher. */
export interface Choice {
  id: string;
  name: string;
  /** A second line, where there is something to say. */
  below?: string;
  org?: Org;
  /** What it is found by besides its name. */
  slug?: string;
  /** It can only be brought back. */
  restores?: true;
  /** The first of another kind. */
  begins?: boolean;
  run?: () => void;
}

export const INVITATIONS = "/organizations/invitations";
export const CREATE = "/organizations/new";

export function choices(): Choice[] {
  const others: Choice[] = [];
  if (waiting() > 0) {
    others.push({
      id: "invitations",
      name: plural(waiting(), "invitation"),
      run: () => goTo(inPlace(INVITATIONS)),
    });
  }
  if (me()?.operator) {
    others.push({ id: "create", name: "Create organization…", run: () => goTo(inPlace(CREATE)) });
  }
  return [
    ...usedFirst().map(choiceOf),
    ...others.map((choice, index) => ({ ...choice, begins: index === 0 })),
  ];
}

/** The choices that match what was typed, best first. */
export function matching(wanted: string): Choice[] {
  const named = choices().map((choice) => ({ name: `${choice.name} ${choice.slug ?? ""}`, choice }));
  return rank(named, wanted).map(({ choice }) => choice);
}

function choiceOf(org: Org): Choice {
  const { id, name, slug, state } = org;
  if (state === "deleted") return { id, name, org, restores: true, below: purgeWords(org) };
  const hasTwin = orgs().some((other) => other.name === name && other.id !== id);
  const below = state === "suspended" ? { below: "suspended" } : hasTwin ? { below: slug } : {};
  const run = () => {
    if (id !== here()?.id) goTo(homeOf(slug));
  };
  return { id, name, org, slug, ...below, run };
}

/** Pages about no organization in particular are shown in the one that one stands in. */
function inPlace(path: string): string {
  const org = here();
  return org ? homeOf(org.slug).replace(/\/$/, path) : path;
}
