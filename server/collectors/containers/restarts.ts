import { increase } from "../host/figures.ts";

/** So many starts within so long are a loop. An engine that pauses a minute between two is still seen. */
const LOOP_STARTS = 3;
const LOOP_WITHIN_MS = 300_000;

/** Whoever starts a container again does so within this time; after it the container is given up. */
const GIVEN_UP_AFTER_MS = 60_000;

export interface Run {
  id: string;
  state: string;
  startedAt: number | undefined;
  finishedAt: number | undefined;
  restartCount: number | undefined;
}

interface Past {
  last: Run;
  /** When the newest starts were seen; at most `LOOP_STARTS`. */
  seenAt: number[];
}

/**
 * Notices containers that are started over and over: by the engine, which counts, or by somebody else (systemd, a
 * script, an orchestrator that makes a new container each time), which only shows in when and what was started.
 */
export class Restarts {
  private past = new Map<string, Past>();

  /** `runs` by name are all that is there: every other one is forgotten. Returns the names that are in a loop. */
  observe(runs: ReadonlyMap<string, Run>, nowMs: number): Set<string> {
    const kept = new Map<string, Past>();
    const looping = new Set<string>();
    for (const [name, run] of runs) {
      const past = this.past.get(name);
      const starts = past === undefined ? startsBefore(run, nowMs) : startsBetween(past.last, run);
      const seen = [...(past?.seenAt ?? []), ...Array<number>(Math.min(LOOP_STARTS, starts)).fill(nowMs)];
      const seenAt = seen.filter((at) => nowMs - at < LOOP_WITHIN_MS).slice(-LOOP_STARTS);
      kept.set(name, { last: run, seenAt });
      if (seenAt.length === LOOP_STARTS && !isGivenUp(run, nowMs)) looping.add(name);
    }
    this.past = kept;
    return looping;
  }
}

/** The engine's count says more than two looks can; it may start anew when somebody starts the container by hand. */
function startsBetween(before: Run, after: Run): number {
  const counted = before.id === after.id ? increase(before.restartCount, after.restartCount) : undefined;
  const isAnother = before.startedAt !== undefined && after.startedAt !== before.startedAt;
  return Math.max(counted ?? 0, isAnother ? 1 : 0);
}

/** Seen for the first time: it waits for its next start, has had several, and has not run for long. */
function startsBefore(run: Run, nowMs: number): number {
  const hasJustRun = run.startedAt !== undefined && nowMs - run.startedAt < LOOP_WITHIN_MS;
  return run.state === "restarting" && hasJustRun ? (run.restartCount ?? 0) : 0;
}

/** The engine's last try failed, or somebody stopped it. */
function isGivenUp(run: Run, nowMs: number): boolean {
  return run.state === "exited" && nowMs - (run.finishedAt ?? 0) >= GIVEN_UP_AFTER_MS;
}
