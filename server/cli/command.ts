import type { Config } from "../config.ts";

/** Exit status: 0 done, 1 refused or failed, 2 usage. Undefined: the command goes on (the server). */
export type ExitStatus = 0 | 1 | 2;

export interface Invocation {
  /** Words after the command's name, options taken out. */
  words: string[];
  options: Record<string, string | boolean | string[] | undefined>;
  config: Config;
  out: Output;
}

/** One answer, for people or, with `--json`, for scripts. */
export interface Output {
  /** Whether `--json` was given. */
  json: boolean;
  /** Prints the object with `--json`, the lines without. */
  answer(object: unknown, lines: string[]): void;
}

export interface Command {
  name: string;
  /** How it is called, for `pulse help`, with these settings; nothing: it is not shown there. */
  usage(config: Config): string[];
  summary: string;
  /** Whether words follow its name. */
  takesWords?: boolean;
  options?: Record<string, { type: "string" | "boolean"; multiple?: boolean }>;
  run(invocation: Invocation): Promise<ExitStatus | undefined>;
}

/** Wrong words or options: the line to say about it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
