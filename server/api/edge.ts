import type { Caller, Claims, Gatekeepers } from "../access/admission.ts";
import type { HeartbeatKeys } from "../access/heartbeat-keys.ts";
import type { RequestedOrg } from "../access/requested-org.ts";
import type { Throttle } from "../access/throttle.ts";
import type { TokenUse } from "../access/tokens.ts";
import type { OrgId } from "../contract/ids.ts";
import type { HealthCounts } from "../contract/orgs.ts";
import type { BuildInfo } from "../contract/system.ts";
import type { EdgeMetrics } from "../lib/edge-metrics.ts";
import type { Log } from "../lib/log.ts";
import type { Bus } from "../runtime/bus.ts";
import type { Shards } from "../runtime/shards.ts";
import type { Exports } from "./exports.ts";
import type { ReadyAnswers } from "./ready-answers.ts";

/** The long-lived things a call is served with; made once, in `app.ts`. */
export interface Edge extends Gatekeepers {
  shards: Pick<Shards, "instance" | "org">;
  bus: Bus;
  log: Log;
  metrics: EdgeMetrics;
  throttles: {
    /** Calls of one session, of one token, or of one address where there is neither. */
    calls: Throttle;
    /** Calls of everybody in one org together. */
    orgCalls: Throttle;
    /** Deliveries of one agent. */
    agents: Throttle;
    /** Deliveries of all agents of one org. */
    orgReports: Throttle;
    signInAccount: Throttle;
    signInAddress: Throttle;
  };
  tokenUse: TokenUse;
  heartbeats: HeartbeatKeys;
  exports: Exports;
  /** How each org's resources are, as its actor last said. */
  health: ReadonlyMap<OrgId, HealthCounts>;
  build: BuildInfo;
  /** What links that leave the server begin with, where it is set. */
  publicUrl: string | undefined;
  startedAt: number;
}

/** What one request brings. Claims only: each procedure admits for itself. */
export interface Context {
  edge: Edge;
  claims: Claims;
  requestId: string;
  /** Where the request was sent to, as the browser names it: `https://pulse.example.org`. */
  origin: string;
  userAgent: string;
  /** What the caller calls this request, to have it done once however often it is sent. */
  idempotencyKey: string | undefined;
  resHeaders: Headers;
  /** What calls of this request have to say that is JSON already. */
  ready: ReadyAnswers;
  /** Who it is, from the moment a call in this request needed to know; also for calls then refused. */
  caller: Caller | undefined;
  /** Which org it is about, likewise. */
  requested: RequestedOrg | undefined;
}
