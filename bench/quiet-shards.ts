/** The real shards on a data directory, with nobody listening to what they say. */
import { Log } from "../server/lib/log.ts";
import { MetricRegistry } from "../server/lib/metrics.ts";
import { Shards } from "../server/runtime/shards.ts";

export function quietShards(dataDir: string, count: number): Shards {
  return new Shards({
    dataDir,
    count,
    watchThisMachine: false,
    multiTenantAllowed: true,
    log: new Log((level, message, fields) => {
      if (level === "warn" || level === "error") console.error(message, fields);
    }),
    queueDepth: new MetricRegistry().gauge("queue_depth", ""),
    onDirectory: () => {},
    onEvent: () => {},
    onHealth: () => {},
    onUnhandled: () => console.error("unhandled rejection"),
    onLost: (message) => {
      throw new Error(message);
    },
  });
}
