import type { Resource } from "../../../server/contract/resource.ts";
import { bytes, percent, plural, text } from "../../ui/format.ts";
import type { Level } from "../../ui/meter.tsx";

/** Something a person should know about now. */
export interface Problem {
  /** The same for as long as the same thing is wrong. */
  key: string;
  level: "warning" | "critical";
  machineId: string;
  machineName: string;
  /** Said of the machine ("is down"), or a sentence about a part of it ("/var is 96 % full"). */
  words: string;
  about: "machine" | "part";
  /** When the machine was last heard of, for problems that are about silence. */
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
      machineId: machine.id,
      machineName: machine.name,
      words,
      about: key === "status" || key === "memory" ? "machine" : "part",
      ...(seenAt === undefined ? {} : { seenAt }),
    });

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
    if (part.kind === "filesystem") addFilesystem(part, add);
    if (part.kind !== "interface" && (part.status === "down" || part.status === "degraded")) {
      add(
        `status:${part.id}`,
        part.status === "down" ? "critical" : "warning",
        `${short(part.name)} is ${part.status}`,
      );
    }
  }
  if (machine.status === "degraded" && found.length === 0)
    add("status", "warning", "reports itself degraded");
  return found;
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

/** The first thing the overview says. */
export function headline(machineCount: number, problems: readonly Problem[]): string {
  if (machineCount === 0) return "Nothing reports yet";
  if (problems.length === 0) return `All well: ${plural(machineCount, "machine")}`;
  const critical = problems.filter((problem) => problem.level === "critical").length;
  const sum = plural(problems.length, "problem");
  if (critical === 0) return sum;
  return critical === problems.length ? `${sum}, critical` : `${sum}, ${critical} critical`;
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
