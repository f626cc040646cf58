import type { Caller, Claims, Gatekeepers } from "../access/admission.ts";
import type { Throttle } from "../access/throttle.ts";
import type { BuildInfo } from "../contract/system.ts";
import type { EdgeMetrics } from "../lib/edge-metrics.ts";
import type { Log } from "../lib/log.ts";
import type { Bus } from "../runtime/bus.ts";
import type { Shards } from "../runtime/shards.ts";

/** The long-lived things a call is served with; made once, in `app.ts`. */
export interface Edge extends Gatekeepers {
  shards: Pick<Shards, "instance" | "org">;
  bus: Bus;
  log: Log;
  metrics: EdgeMetrics;
  throttles: {
    /** Calls of one session, or of one address where there is no session. */
    calls: Throttle;
    signInAccount: Throttle;
    signInAddress: Throttle;
  };
  build: BuildInfo;
  startedAt: number;
}

/** What one request brings. Claims only: each procedure admits for itself. */
export interface Context {
  edge: Edge;
  claims: Claims;
  requestId: string;
  userAgent: string;
  resHeaders: Headers;
  /** Who it is, from the moment a call in this request needed to know; also for calls then refused. */
  caller: Caller | undefined;
}
