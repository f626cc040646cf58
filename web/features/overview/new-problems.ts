import { createEffect, untrack } from "solid-js";
import { picture } from "../../state/live.ts";
import { problems } from "./current-problems.ts";
import type { Problem } from "./problems.ts";

/**
 * Tells of what is wrong since the page is looking: what came, and what became critical. What there was when it began
 * to look is not new; what happened while the server was away is.
 */
export function onNewProblems(tell: (fresh: readonly Problem[]) => void): void {
  let known: Map<string, Problem["level"]> | undefined;
  createEffect(() => {
    const current = problems();
    const before = known;
    known = picture.known ? new Map(current.map(({ key, level }) => [key, level])) : undefined;
    if (!before || !known) return;
    const fresh = current.filter(({ key, level }) => {
      const was = before.get(key);
      return was === undefined || (was === "warning" && level === "critical");
    });
    if (fresh.length > 0) untrack(() => tell(fresh));
  });
}

/** "critical: nas is down" */
export function saidOf({ level, resource, about, words }: Problem): string {
  return `${level}: ${about === "part" ? `${resource.name}:` : resource.name} ${words}`;
}
