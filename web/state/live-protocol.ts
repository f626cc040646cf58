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

/** Workers of one name are shared: each place has its own, and a worker knows its place by its name. */
const WORKER = "pulse-live";

export function workerName(slug: string | undefined): string {
  return slug === undefined ? WORKER : `${WORKER}/${slug}`;
}

export function slugOfWorker(name: string): string | undefined {
  return name.startsWith(`${WORKER}/`) ? name.slice(WORKER.length + 1) : undefined;
}
