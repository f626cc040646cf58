import type { Org } from "../../../server/contract/orgs.ts";
import { now } from "../../state/clock.ts";
import { ahead, date } from "../../ui/format.ts";

/** Of one that is deleted. */
export function purgeWords(org: Org): string {
  if (org.purgeAt === undefined) return "deleted";
  return `deleted, until ${date(org.purgeAt)} (${ahead(org.purgeAt, now())})`;
}

/** "an admin" */
export function withArticle(word: string): string {
  return `${/^[aeio]/i.test(word) ? "an" : "a"} ${word}`;
}
