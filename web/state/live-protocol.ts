import type { EndReason, LiveEvent } from "../../server/contract/live.ts";

/**
 * idle: nobody is signed in. connecting: no data yet. live: events arrive. away: the server stopped
 * answering at `since`, and is being tried again.
 */
export interface Connection {
  state: "idle" | "connecting" | "live" | "away";
  since: number;
}

/** From a tab. `start` with `fresh` forgets what an earlier person's stream had brought. */
export type ToStream =
  | { type: "join" }
  | { type: "leave" }
  | { type: "start"; fresh: boolean }
  | { type: "stop" }
  | { type: "retry" };

/** To every tab. */
export type FromStream =
  | { type: "connection"; connection: Connection }
  | { type: "event"; event: LiveEvent }
  | { type: "ended"; reason: EndReason };
