import type { Resource } from "../../../server/contract/resource.ts";
import { bytes, percent, plural, text } from "../../ui/format.ts";
import type { Level } from "../../ui/meter.tsx";
import { isPart } from "../resource/kinds.ts";
import { isAtRest, isMeantToBeOff, problemOf } from "../resource/status.ts";

/** Something a person should know about now. */
export interface Problem {
  /** The same for as long as the same thing is wrong. */
  key: string;
  level: "warning" | "critical";
  /** Whose page tells more, and what it is called. */
  resource: Pick<Resource, "id" | "kind" | "sources" | "name">;
  /** Said of it ("is down"), or a sentence about it or a part of it ("/var is 96 % full"). */
  words: string;
  about: "itself" | "part";
  /** When it was last heard of, for problems that are about silence. */
  seenAt?: number;
}

export const FILESYSTEM_LEVELS = { warning: 90, critical: 95 };
export const MEMORY_LEVELS = { warning: 95, critical: 98 };

export function levelOf(value: number | undefined, levels: { warning: number; critical: number }): Level {
  if (value === undefined || value < levels.warning) return "fine";
  return value < levels.critical ? "warning" : "critical";
}

const NAME_MAX = 60;

type Add = (key: string, level: Problem["level"], words: string, seenAt?: number) => void;

/** What is wrong with one machine and its parts. */
export function problemsOf(machine: Resource, parts: readonly Resource[]): Problem[] {
  const found: Problem[] = [];
  const add: Add = (key, level, words, seenAt) =>
    found.push({
      key: `${machine.id}:${key}`,
      level,
      resource: subjectOf(machine),
      words,
      about: key === "status" || key === "memory" ? "itself" : "part",
      ...(seenAt === undefined ? {} : { seenAt }),
    });

  if (isMeantToBeOff(machine)) return found;
  // Of a machine that does not report nothing else is known to be wrong now.
  if (machine.status === "down") {
    add("status", "critical", "is down", machine.lastSeenAt);
    return found;
  }
  if (machine.status === "unknown") {
    add("status", "warning", "has stopped reporting", machine.lastSeenAt);
    return found;
  }

  const failed = machine.metrics["failed_units"] ?? 0;
  if (failed > 0) add("units", "warning", failedUnits(failed, machine.attributes["failed_units"]));

  const memory = levelOf(machine.metrics["memory_used_percent"], MEMORY_LEVELS);
  if (memory !== "fine")
    add("memory", memory, `has used ${words(machine, "memory_used_percent")} of its memory`);

  for (const part of parts) {
    if (!isPart(part.kind)) continue;
    if (part.kind === "filesystem") addFilesystem(part, add);
    if (part.kind !== "interface" && (part.status === "down" || part.status === "degraded")) {
      const { words: why, about } = saidOf(problemOf(part) || `is ${part.status}`);
      const name = short(part.name);
      const level = part.status === "down" ? "critical" : "warning";
      add(`status:${part.id}`, level, about === "itself" ? `${name} ${why}` : `${name}: ${why}`);
    }
  }
  const own = problemOf(machine);
  if (own) found.push({ ...thingProblem(machine, "status", "warning", own), key: `${machine.id}:status` });
  else if (machine.status === "degraded" && found.length === 0)
    add("status", "warning", "reports itself degraded");
  return found;
}

/** What is wrong with something that is no machine and no part of one: a container, a guest, a check. */
export function problemsOfThing(thing: Resource, parent: Resource | undefined): Problem[] {
  // Where the machine is silent, that is what is wrong; what it held nobody knows.
  const isLost = parent && (parent.status === "down" || parent.status === "unknown");
  if (isPart(thing.kind) || isMeantToBeOff(thing) || isLost) return [];
  const where = parent ? `on ${short(parent.name)}` : "";
  const tell = (key: string, level: Problem["level"], problem: string) => [
    thingProblem(thing, key, level, problem, where),
  ];
  if (thing.status === "down") {
    return isAtRest(thing) ? [] : tell("status", "critical", problemOf(thing) || "is down");
  }
  if (thing.status === "degraded") return tell("status", "warning", problemOf(thing) || "is degraded");
  if (thing.status === "unknown") {
    // A container that was made and never started is unknown by right.
    if (thing.parentId) return [];
    const [problem] = tell("status", "warning", "has stopped reporting");
    return problem ? [{ ...problem, seenAt: thing.lastSeenAt }] : [];
  }
  const backup = thing.attributes["backup_problem"];
  return typeof backup === "string" && backup ? tell("backup", "warning", backup) : [];
}

function thingProblem(
  thing: Resource,
  key: string,
  level: Problem["level"],
  problem: string,
  where = "",
): Problem {
  const { words: why, about } = saidOf(problem);
  const between = !where ? "" : about === "itself" ? `${where} ` : `${where}: `;
  return {
    key: `${thing.id}:${key}`,
    level,
    resource: subjectOf(thing),
    words: between + why,
    // With a place between, the colon stands after that.
    about: where ? "itself" : about,
  };
}

function subjectOf({ id, kind, sources, name }: Resource): Problem["resource"] {
  return { id, kind, sources: [...sources], name };
}

/** "Restarts again and again." is said of it; "The certificate has expired." stands on its own. */
const OF_ITSELF = /^(?!its |this |there )(?:is|has|was|does|could|cannot|did|[a-z]+s)(?: |,|$)/;

function saidOf(problem: string): Pick<Problem, "words" | "about"> {
  const sentence = problem.replace(/\.$/, "");
  // "DNS", "I/O": what is written large within stays so.
  const words = /^[A-Z][^A-Z]?[a-z ]/.test(sentence)
    ? sentence.charAt(0).toLowerCase() + sentence.slice(1)
    : sentence;
  return { words, about: OF_ITSELF.test(words) ? "itself" : "part" };
}

/** Critical ones first, otherwise in the order given. */
export function inOrder(problems: readonly Problem[]): Problem[] {
  return [
    ...problems.filter((problem) => problem.level === "critical"),
    ...problems.filter((problem) => problem.level === "warning"),
  ];
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

/** The first thing the overview says. */
export function headline(counts: Counts, problems: readonly Problem[]): string {
  const told = countWords(counts);
  if (told.length === 0) return "Nothing reports yet";
  if (problems.length === 0) return `All well: ${listed(told)}`;
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

function addFilesystem(part: Resource, add: Add): void {
  // A read-only filesystem (an image, a CD) is always full and nobody can change it.
  if (part.attributes["read_only"] === true) return;
  const space = levelOf(part.metrics["filesystem_used_percent"], FILESYSTEM_LEVELS);
  if (space !== "fine") {
    const left = part.metrics["filesystem_available_bytes"];
    const rest = left === undefined ? "" : `, ${text(bytes(left))} left`;
    add(
      `space:${part.id}`,
      space,
      `${short(part.name)} is ${words(part, "filesystem_used_percent")} full${rest}`,
    );
  }
  const inodes = levelOf(part.metrics["filesystem_inodes_used_percent"], FILESYSTEM_LEVELS);
  if (inodes !== "fine") {
    add(
      `inodes:${part.id}`,
      inodes,
      `${short(part.name)} has used ${words(part, "filesystem_inodes_used_percent")} of its inodes`,
    );
  }
}

/** Names of parts can be as long as a path; what is wrong with them must not drown in it. */
function short(name: string): string {
  return name.length <= NAME_MAX ? name : `${name.slice(0, NAME_MAX / 2)}…${name.slice(1 - NAME_MAX / 2)}`;
}

function words(resource: Resource, metric: string): string {
  return text(percent(resource.metrics[metric]));
}

function failedUnits(count: number, names: unknown): string {
  const known = Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
  const sum = `${plural(count, "unit")} failed`;
  if (known.length === 0) return sum;
  const shown = known.slice(0, 3).map(short).join(", ");
  return known.length > 3 ? `${sum}: ${shown} and ${known.length - 3} more` : `${sum}: ${shown}`;
}
