/** Reads every chunk of a file and says which are damaged. For whoever looks for trouble, not for a server at work. */
import type { Database } from "../../db/driver.ts";
import { TIERS, type Tier } from "./chunk-table.ts";
import { HistoryStore } from "./store.ts";

/** Named one by one; the rest are counted. */
const MOST_NAMED = 3;

/** In words, one sentence for all of them; nothing when all are sound. */
export function damagedHistory(db: Database): string[] {
  const spans = new Map<string, { tier: Tier; startAt: number }>();
  const { chunks } = new HistoryStore(
    () => db,
    ({ source, tier, startAt }) => spans.set(`${source} ${tier} ${startAt}`, { tier, startAt }),
  );
  for (const source of chunks.sources()) {
    for (const tier of Object.keys(TIERS) as Tier[]) {
      for (let next = 0; ; ) {
        const chunk = chunks.next(source, tier, next, Number.MAX_SAFE_INTEGER);
        if (!chunk) break;
        chunks.check(source, chunk);
        next = chunk.endAt;
      }
    }
  }
  if (spans.size === 0) return [];
  const named = [...spans.values()].slice(0, MOST_NAMED).map(({ tier, startAt }) => {
    const from = new Date(startAt).toISOString().slice(0, 16);
    return `${TIERS[tier].spanMs / 3_600_000} h from ${from}`;
  });
  const more = spans.size > MOST_NAMED ? ` and ${spans.size - MOST_NAMED} more` : "";
  return [
    `${spans.size} pieces of history are damaged (${named.join(", ")}${more}); they are left out, all others are read`,
  ];
}
