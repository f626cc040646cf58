/** Routes, as they are read aloud: pure. */
import type { QuietTime, RestPolicy, Route, RouteMatch } from "../../../server/contract/routes.ts";
import { duration } from "../../ui/format.ts";
import { weeklyWords } from "../../ui/weekly-words.ts";
import { listed, scopeWords } from "../scope/words.ts";

export interface RouteNames {
  /** Undefined: it is not there any more. */
  resource: (id: string) => string | undefined;
  rule: (name: string) => string | undefined;
  channel: (id: string) => string | undefined;
  /** The zone of whoever reads it. */
  zone: string;
}

/** "What is tagged prod, when critical" */
export function whatWords({ leastLevel, ...scope }: RouteMatch, names: RouteNames): string {
  const words = scopeWords(scope, names);
  const what = words === "everything" && leastLevel === "critical" ? "everything critical" : words;
  const level = leastLevel === "critical" && words !== "everything" ? ", when critical" : "";
  return what.charAt(0).toUpperCase() + what.slice(1) + level;
}

/** "Ops mail and Phone" */
export function whomWords({ channels }: Pick<RestPolicy, "channels">, names: RouteNames): string {
  if (channels === "all") return "every channel";
  if (channels.length === 0) return "nobody";
  return namesOf(channels, names);
}

/** What else is so: "again every 4 h, after 30 min Boss as well, quiet every day, 22:00 to 07:00 the next day, except for what is critical" */
export function howWords(policy: RestPolicy & Pick<Route, "goesOn">, names: RouteNames): string[] {
  const { quiet = [], togetherMs, repeatMs, escalate, goesOn } = policy;
  return [
    repeatMs !== undefined && `again every ${span(repeatMs)}`,
    escalate && `after ${span(escalate.afterMs)} ${namesOf(escalate.channels, names)} as well`,
    togetherMs !== undefined &&
      (togetherMs === 0 ? "each alert by itself" : `gathered for ${span(togetherMs)}`),
    ...quiet.map((time) => quietWords(time, names.zone)),
    goesOn && "and by the routes below as well",
  ].filter((part) => typeof part === "string");
}

export function quietWords({ breaksThrough, ...time }: QuietTime, zone: string): string {
  const but = breaksThrough === "critical" ? ", except for what is critical" : "";
  return `quiet ${weeklyWords(time, zone)}${but}`;
}

export function span(ms: number): string {
  return duration(ms / 1_000);
}

function namesOf(ids: readonly string[], { channel }: RouteNames): string {
  return listed(
    ids.map((id) => channel(id) ?? "a channel that is gone"),
    "and",
  );
}
