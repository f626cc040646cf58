/**
 * What the state of a container means to whoever has to keep it running.
 *
 * | the engine says                       | status   | problem |
 * |---------------------------------------|----------|---------|
 * | running, no health check or healthy   | up       |         |
 * | running, health check still starting  | up       |         |
 * | running, unhealthy                    | degraded | its health check fails |
 * | running or waiting, restarts again and again | degraded | restarts again and again |
 * | restarting (ended, will be started)   | degraded | ended, is started again |
 * | paused                                | degraded | paused |
 * | stopping                              | degraded | is being stopped |
 * | exited with 0                         | down     | none: `ended` is `finished` |
 * | exited with 143 or 130                | down     | stopped by a signal: `ended` is `stopped` |
 * | exited with anything else             | down     | the exit code: `ended` is `failed` or `killed` |
 * | exited, out of memory                 | down     | out of memory: `ended` is `out_of_memory` |
 * | created, never started                | unknown  | none, or why it could not be started: then down |
 * | dead                                  | down     | the engine could not remove it |
 * | removing, or a word not known         | unknown  |         |
 * | the engine does not answer            | unknown  | the engine does not answer |
 *
 * An unhealthy container and one in a loop are degraded, not down: something runs and may well serve in between, and
 * a loop that is seen now in its second of running and now in its pause must not change its status each time.
 * A container that finished is down (it is not running) but nothing is wrong with it: it has no problem.
 */
import type { ResourceStatus } from "../../contract/resource.ts";
import { clip } from "../host/figures.ts";

export type Ending = "finished" | "stopped" | "failed" | "killed" | "out_of_memory";

export interface Condition {
  state: string;
  health: string | undefined;
  exitCode: number | undefined;
  isOomKilled: boolean;
  error: string | undefined;
  isLooping: boolean;
}

export interface Verdict {
  status: ResourceStatus;
  problem?: string;
  ended?: Ending;
}

/** 128 and the number of the signal that ended it. */
const INTERRUPTED = 130;
const KILLED = 137;
const TERMINATED = 143;

const ERROR_LENGTH = 200;

export function judge(condition: Condition): Verdict {
  if (condition.isLooping)
    return { status: "degraded", problem: `Restarts again and again${cause(condition)}.` };
  switch (condition.state) {
    case "running":
      return condition.health === "unhealthy"
        ? { status: "degraded", problem: "Its health check fails." }
        : { status: "up" };
    case "restarting":
      return { status: "degraded", problem: `Ended${cause(condition)} and is started again.` };
    case "paused":
      return { status: "degraded", problem: "Paused." };
    case "stopping":
      return { status: "degraded", problem: "Is being stopped." };
    case "exited":
      return ended(condition);
    case "created":
      return condition.error === undefined
        ? { status: "unknown" }
        : { status: "down", problem: `Could not be started: ${clip(condition.error, ERROR_LENGTH)}` };
    case "dead":
      return { status: "down", problem: "Dead: the engine could not remove it." };
    default:
      return { status: "unknown" };
  }
}

function ended(condition: Condition): Verdict {
  const { exitCode, isOomKilled, error } = condition;
  if (isOomKilled)
    return { status: "down", problem: "Killed because it ran out of memory.", ended: "out_of_memory" };
  if (exitCode === undefined) return { status: "down" };
  if (exitCode === 0) return { status: "down", ended: "finished" };
  if (exitCode === TERMINATED || exitCode === INTERRUPTED) {
    return { status: "down", problem: `Stopped by a signal (exit code ${exitCode}).`, ended: "stopped" };
  }
  if (exitCode === KILLED) {
    // Not every engine on every kernel notices that it was the memory.
    return {
      status: "down",
      problem: "Killed (exit code 137), by hand or for want of memory.",
      ended: "killed",
    };
  }
  const why = error === undefined ? "" : `: ${clip(error, ERROR_LENGTH)}`;
  return { status: "down", problem: `Ended with exit code ${exitCode}${why}.`, ended: "failed" };
}

function cause({ exitCode, isOomKilled }: Condition): string {
  if (isOomKilled) return ", out of memory";
  return exitCode === undefined || exitCode === 0 ? "" : ` (exit code ${exitCode})`;
}
