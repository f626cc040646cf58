import { now } from "../../state/clock.ts";
import { connection } from "../../state/live.ts";
import { clock } from "../../ui/format.ts";

/** A reconnect that takes a moment is nobody's concern; this long and it is said. */
const PATIENCE_MS = 4_000;

/** Whether what is on the page has stopped being live long enough to say so. */
export function looksOld(): boolean {
  const { state, since } = connection();
  if (state !== "away") return false;
  now();
  return Date.now() - since > PATIENCE_MS;
}

export function connectionWords(): string {
  const { state, since } = connection();
  if (state === "live") return "Live";
  if (state === "away") return `Server away since ${clock(since)}`;
  return "Connecting";
}
