import type { Alert } from "../../../server/contract/alerts.ts";
import type { Resource } from "../../../server/contract/resource.ts";
import { grouped, plural } from "../../ui/format.ts";
import type { Level } from "../../ui/meter.tsx";

/** Something a person should know about now. */
export interface Problem {
  /** The same for as long as the same thing is wrong. */
  key: string;
  level: "warning" | "critical";
  /** Where its incident is told. What another org shows has it there. */
  incident?: string;
  firedAt: number;
  /** Whose page tells more, and what it is called. */
  resource: Pick<Resource, "id" | "kind" | "sources" | "name">;
  /** Said of it ("is down"), or a sentence about it or a part of it ("/var is 96 % full"). */
  words: string;
  about: "itself" | "part";
  /** When it was last heard of, for problems that are about silence. */
  seenAt?: number;
  /** Somebody takes care of it. */
  acknowledged?: true;
}

/** From where on a bar is coloured. What is a problem, the server's rules decide. */
export const FILESYSTEM_LEVELS = { warning: 90, critical: 95 };
export const MEMORY_LEVELS = { warning: 95, critical: 98 };

export function levelOf(value: number | undefined, levels: { warning: number; critical: number }): Level {
  if (value === undefined || value < levels.warning) return "fine";
  return value < levels.critical ? "warning" : "critical";
}

const NAME_MAX = 60;

/** An alert as one line. `known`: the resource it is about as it is now. */
export function problemFrom(alert: Alert, known?: Pick<Resource, "name" | "sources">): Problem {
  const { id, level, subject, on, about, words, firedAt, seenAt, acknowledged, sharedFrom } = alert;
  const where = on ? `on ${short(on.name)}` : "";
  const between = !where ? "" : about === "itself" ? `${where} ` : `${where}: `;
  return {
    key: id,
    level,
    ...(!sharedFrom && { incident: `/alerts/${id}` }),
    firedAt,
    resource: {
      id: subject.id,
      kind: subject.kind,
      name: known?.name ?? subject.name,
      sources: [...(known?.sources ?? [])],
    },
    words: between + words,
    // With a place between, the colon stands after that.
    about: where ? "itself" : about,
    ...(seenAt !== undefined && { seenAt }),
    ...(acknowledged && { acknowledged: true as const }),
  };
}

/** Why nobody is told of it now; nothing where it is something to know about. */
export function whyQuiet({ behind, silencedBy, snoozedUntil }: Alert): string {
  if (behind !== undefined) return "not heard of now";
  if (silencedBy !== undefined) return "silenced";
  return snoozedUntil === undefined ? "" : "snoozed";
}

export function isTold(alert: Alert): boolean {
  return whyQuiet(alert) === "";
}

/** What is wrong although there is nothing to tell: "Nothing to tell; 12 silenced, 3 of them critical". */
export function quietHeadline(quiet: readonly Alert[]): string {
  const [why, ...others] = new Set(quiet.map(whyQuiet));
  const critical = quiet.filter(({ level }) => level === "critical").length;
  const sum = `Nothing to tell; ${grouped(quiet.length)} ${others.length > 0 ? "kept quiet" : why}`;
  if (critical === 0) return sum;
  if (critical < quiet.length) return `${sum}, ${grouped(critical)} of them critical`;
  return critical === 1 ? `${sum}, critical` : `${sum}, all of them critical`;
}

/** Those nobody has taken yet first, of them the critical ones; otherwise in the order given. */
export function inOrder(problems: readonly Problem[]): Problem[] {
  const rank = ({ level, acknowledged }: Problem) => (acknowledged ? 2 : 0) + (level === "critical" ? 0 : 1);
  return problems.toSorted((a, b) => rank(a) - rank(b));
}

export function worstOf(problems: readonly Problem[]): Level {
  if (problems.some((problem) => problem.level === "critical")) return "critical";
  return problems.length > 0 ? "warning" : "fine";
}

/** What is watched, as the overview counts it. */
export interface Counts {
  machines: number;
  guests?: number;
  containers?: number;
  checks?: number;
}

/** The first thing the overview says. All is well only where nothing is wrong in silence either. */
export function headline(counts: Counts, problems: readonly Problem[], quiet: readonly Alert[] = []): string {
  const told = countWords(counts);
  if (told.length === 0) return "Nothing reports yet";
  if (problems.length === 0) return quiet.length > 0 ? quietHeadline(quiet) : `All well: ${listed(told)}`;
  const critical = problems.filter((problem) => problem.level === "critical").length;
  const sum = plural(problems.length, "problem");
  if (critical === 0) return sum;
  return critical === problems.length ? `${sum}, critical` : `${sum}, ${critical} critical`;
}

function countWords({ machines, guests = 0, containers = 0, checks = 0 }: Counts): string[] {
  const words: [number, string][] = [
    [machines, "machine"],
    [guests, "guest"],
    [containers, "container"],
    [checks, "check"],
  ];
  return words.filter(([count]) => count > 0).map(([count, word]) => plural(count, word));
}

function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** Names of parts can be as long as a path; what is wrong with them must not drown in it. */
function short(name: string): string {
  return name.length <= NAME_MAX ? name : `${name.slice(0, NAME_MAX / 2)}…${name.slice(1 - NAME_MAX / 2)}`;
}
