import type { SourceStatus } from "../../../server/contract/sources.ts";
import type { Level } from "../../ui/meter.tsx";

export const STATES: Record<SourceStatus, { level: Level | "unknown"; word: string; help: string }> = {
  failing: { level: "critical", word: "failing", help: "The last time it could not be asked." },
  waiting: { level: "unknown", word: "waiting", help: "It has not been asked yet." },
  ok: { level: "fine", word: "answers", help: "It answered when it was asked last." },
  paused: { level: "unknown", word: "paused", help: "Somebody paused it: it is not asked." },
};

/** What needs somebody first. */
export const STATE_ORDER: readonly SourceStatus[] = ["failing", "waiting", "ok", "paused"];
