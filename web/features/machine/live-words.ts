import { duration } from "../../ui/format.ts";
import type { LivePace } from "./live-motion.ts";

/** So much longer than its usual interval a machine is given to become faster. */
const GIVEN_MS = 15_000;

export interface LiveWords {
  words: string;
  isFast: boolean;
  /** A new look can be begun. */
  canBegin: boolean;
}

/** How often a machine reports that is looked at closely, and why not more often; pure. */
export function liveWords({ watching, isFast, silentMs }: LivePace, now: number): LiveWords {
  const only = (words: string, canBegin = false) => ({ words, isFast: false, canBegin });
  if (watching.state === "asking") return only("Live in a moment…");
  if (watching.state === "refused") return only(`As often as ever: ${watching.refusal.words}`);
  const { usualMs = 0, why } = watching.watch;
  const every = `Every ${usualMs === 60_000 ? "minute" : duration(usualMs / 1_000)}`;
  switch (why) {
    case "source":
      return only(`${every}: its source is not asked more often`);
    case "agent":
      return only(`${every}: its agent does not report faster; a newer one may`);
    case "shared":
      return only("As often as its organization has it reported: only its own people can have it faster");
    case "over":
      return only(`${every}: an hour of reports each second is over`, true);
    default:
      if (isFast || usualMs <= 1_000) return { words: "Every second", isFast: true, canBegin: false };
      if (silentMs > usualMs + GIVEN_MS) return only(`No report for ${duration(silentMs / 1_000)}`);
      if (now - watching.since < usualMs + GIVEN_MS) return only(`${every}, faster in a moment`);
      return only(`${every}: the machine is busy, or the way from it is slow`);
  }
}
