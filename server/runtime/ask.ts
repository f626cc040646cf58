/** How sources are asked from this thread: their collectors, the one door to the network, and turns. */
import type { Collector } from "../collectors/collector.ts";
import { createSourceCollector, tryOut } from "../collectors/sources.ts";
import type { SourceTest, SourceType } from "../contract/sources.ts";
import type { Egress } from "../lib/egress.ts";
import { Limiter } from "../lib/limiter.ts";
import type { StoredSource } from "../sources/source-book.ts";
import { checkKeyOf } from "../sources/sources.ts";

export interface Ask {
  /** `lastBeatAt` is for what is not asked but heard. */
  collectorFor(
    source: StoredSource,
    secrets: Record<string, unknown>,
    lastBeatAt: () => number | undefined,
  ): Collector;
  /** Whoever asks waits until it is their turn: so many at a time from this thread. */
  turn<T>(work: () => Promise<T>): Promise<T>;
  tryOut(source: {
    type: SourceType;
    config: Record<string, unknown>;
    secrets: Record<string, unknown>;
  }): Promise<SourceTest>;
}

/** From one thread, of all its orgs together. */
const AT_ONCE = 32;
const MAX_WAITING = 5_000;

export function askThrough(egress: Egress): Ask {
  const turns = new Limiter({
    atOnce: AT_ONCE,
    maxWaiting: MAX_WAITING,
    refusal: "Too many sources are being asked at once.",
  });
  return {
    collectorFor: ({ id, type, name, config, intervalMs, createdAt }, secrets, lastBeatAt) =>
      createSourceCollector({
        type,
        name,
        key: checkKeyOf(id),
        config,
        intervalMs,
        secrets,
        egress,
        beats: { lastBeatAt, since: createdAt },
      }),
    turn: (work) => turns.run(work),
    tryOut: (source) => turns.run(() => tryOut({ ...source, egress })),
  };
}
