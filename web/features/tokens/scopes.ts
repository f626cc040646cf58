import type { Scope } from "../../../server/contract/tokens.ts";

export const SCOPES: readonly { scope: Scope; words: string }[] = [
  { scope: "read", words: "See everything that is watched, and its history." },
  { scope: "write", words: "Read, and change what an editor may change." },
  { scope: "admin", words: "Write, and manage what an admin manages." },
  { scope: "report", words: "Deliver reports, and nothing else." },
];

/** What each scope holds besides itself. */
const HELD: Record<Scope, readonly Scope[]> = {
  read: [],
  write: ["read"],
  admin: ["read", "write"],
  report: [],
};

/** Whether a chosen scope already brings this one. */
export function isIncluded(chosen: readonly Scope[], scope: Scope): boolean {
  return chosen.some((held) => HELD[held].includes(scope));
}

/** The choice without what it brings anyway. */
export function withoutIncluded(chosen: readonly Scope[]): Scope[] {
  return chosen.filter((scope) => !isIncluded(chosen, scope));
}

/** The choice after a click on one of them. */
export function toggled(chosen: readonly Scope[], scope: Scope): Scope[] {
  return chosen.includes(scope) ? chosen.filter((held) => held !== scope) : [...chosen, scope];
}
