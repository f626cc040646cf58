import { machines } from "../../state/inventory.ts";

/** Address of the machine before or after the one on the page, going round; undefined elsewhere. */
export function neighbour(step: 1 | -1): string | undefined {
  const here = /\/machines\/([^/]+)/.exec(location.pathname)?.[1];
  const all = machines();
  const index = all.findIndex((machine) => machine.id === here);
  if (index < 0 || all.length < 2) return undefined;
  const next = all[(index + step + all.length) % all.length];
  return next ? `/machines/${next.id}${location.search}` : undefined;
}
