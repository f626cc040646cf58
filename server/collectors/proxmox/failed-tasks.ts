/** Tasks that ended badly, as both products list them. */
import { clip, knownAttributes } from "../host/figures.ts";

/** Failed tasks of one machine that are named; all that were read are counted. */
const NAMED_TASKS = 20;

/** A task that ended with warnings did what it should. */
const GOOD = /^(?:OK|WARNINGS: \d+)$/;

export function isGood(status: string | undefined): boolean {
  return status !== undefined && GOOD.test(status);
}

export interface FailedTask {
  type?: string | undefined;
  about?: string | undefined;
  user?: string | undefined;
  endtime?: number | undefined;
  status?: string | undefined;
}

/** Pure. */
export function describeTasks(tasks: readonly FailedTask[] | undefined) {
  return tasks?.slice(0, NAMED_TASKS).map((task) =>
    knownAttributes({
      type: task.type && clip(task.type, 80),
      about: task.about && clip(task.about, 80),
      by: task.user && clip(task.user, 80),
      ended_at: task.endtime === undefined ? undefined : task.endtime * 1000,
      error: task.status && clip(task.status),
    }),
  );
}
