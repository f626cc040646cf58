import type { Config } from "../config.ts";

/** Exit status: 0 done, 1 refused or failed, 2 usage. Undefined: the command goes on (the server). */
export type ExitStatus = 0 | 1 | 2;

/** What was typed. */
export interface Call {
  /** Words after the command's name, options taken out. */
  words: string[];
  options: Record<string, string | boolean | string[] | undefined>;
  out: Output;
}

export interface Invocation extends Call {
  config: Config;
}

/** One answer, for people or, with `--json`, for scripts. */
export interface Output {
  /** Whether `--json` was given. */
  json: boolean;
  /** Prints the object with `--json`, the lines without. */
  answer(object: unknown, lines: string[]): void;
}

interface Described {
  name: string;
  summary: string;
  /** Whether words follow its name. */
  takesWords?: boolean;
  options?: Record<string, { type: "string" | "boolean"; multiple?: boolean }>;
}

export interface Command extends Described {
  /** How it is called, for `pulse help`, with these settings; nothing: it is not shown there. */
  usage(config: Config): string[];
  run(invocation: Invocation): Promise<ExitStatus | undefined>;
}

/** Has settings of its own: the server's are not even read for it. */
export interface CommandApart extends Described {
  settings: "own";
  usage(): string[];
  /** What `pulse <name> --help` says after that. */
  details(): string[];
  run(call: Call): Promise<ExitStatus | undefined>;
}

/** Wrong words or options: the line to say about it. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
