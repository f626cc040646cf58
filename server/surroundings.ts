/** What the program finds itself in. Nothing else looks at `process.env`. */
import { cpus } from "node:os";
import { join } from "node:path";

/** A setting that is wrong: the line to say about it. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

export type Environment = Record<string, string | undefined>;

export interface Surroundings {
  environment: Environment;
  cores: number;
  isRoot: boolean;
  isTerminal: boolean;
  /** The folder of the checkout this runs in; undefined for the compiled binary. */
  checkout: string | undefined;
}

export function surroundings(): Surroundings {
  return {
    environment: process.env,
    cores: cpus().length,
    isRoot: process.getuid?.() === 0,
    isTerminal: process.stdout.isTTY === true,
    checkout: Bun.isStandaloneExecutable ? undefined : join(import.meta.dir, ".."),
  };
}

export interface UnknownName {
  name: string;
  /** Undefined when none is near enough to be what was meant. */
  nearest: string | undefined;
}

/** Names that begin like ours and that nobody knows. */
export function unknownNames(environment: Environment, prefix: string, known: string[]): UnknownName[] {
  return Object.keys(environment)
    .filter((name) => name.startsWith(prefix) && !known.includes(name))
    .map((name) => ({ name, nearest: nearestOf(name, known) }));
}

function nearestOf(name: string, known: string[]): string | undefined {
  const [best] = known
    .map((candidate) => ({ candidate, edits: distance(name, candidate) }))
    .sort((a, b) => a.edits - b.edits);
  return best && best.edits <= MAX_EDITS ? best.candidate : undefined;
}

const MAX_EDITS = 5;

/** Edits between two words (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
