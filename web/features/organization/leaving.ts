import { goTo, homeOf, usedFirst } from "./moving.ts";
import { here } from "./standing.ts";

/** After the organization on the page is no longer one's own: to another one, or to the page that says there is none. */
export function goElsewhere(): void {
  const next = usedFirst().find(({ state, id }) => state === "active" && id !== here()?.id);
  goTo(next ? homeOf(next.slug) : "/");
}
