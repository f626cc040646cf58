/** That messages of a channel do not arrive, as news for the other channels: pure. */
import { type AlertTransition, DELIVERY_FAILURES } from "../contract/notifications.ts";
import { span } from "../lib/spans.ts";
import type { StoredChannel, StoredTrouble } from "./channel-book.ts";
import { TROUBLE_WORDS } from "./wording.ts";

/** What is mended by then is nobody's concern. */
const TOLD_AFTER_MS = 10 * 60_000;

/** When the others are told of it; never where there is nothing to tell. */
export function troubleToldAt({ enabled, problem }: StoredChannel): number {
  return enabled && problem && !problem.isTold ? problem.since + TOLD_AFTER_MS : Number.POSITIVE_INFINITY;
}

export function troubleOf(channel: StoredChannel, now: number): AlertTransition {
  const problem = problemOf(channel);
  const sinceMs = Math.max(0, now - problem.since);
  const lines = [DELIVERY_FAILURES[problem.failure], `Nothing has arrived there for ${span(sinceMs)}.`];
  return { ...newsOf(channel, problem), event: "fired", lines };
}

/** `how`: what has become of it. */
export function noTroubleOf(channel: StoredChannel, how: string): AlertTransition {
  return { ...newsOf(channel, problemOf(channel)), event: "resolved", lines: [how] };
}

function newsOf(
  { id, name }: StoredChannel,
  { failure, since }: StoredTrouble,
): Omit<AlertTransition, "event" | "lines"> {
  return {
    id: `delivery-${id}`,
    level: "warning",
    title: `Messages to ${name} do not arrive: ${TROUBLE_WORDS[failure]}`,
    since,
    path: "/settings/notifications",
  };
}

function problemOf({ problem }: StoredChannel): StoredTrouble {
  if (!problem) throw new Error("nothing is wrong with the channel");
  return problem;
}
