/**
 * What is so or is not: silence, states and health, in the words of whoever saw it. A collector has
 * judged already (a check after its retries, a restart loop after several restarts): a status and a
 * sentence about it are what these rules go by.
 */
import type { LevelInfo } from "../contract/alerts.ts";
import type { Resource, ResourceKind } from "../contract/resource.ts";
import { plural, span } from "../lib/spans.ts";
import {
  type Around,
  type Found,
  isAtRest,
  isDownBySilence,
  isMachine,
  isMeantToBeOff,
  isPart,
  type StateRule,
} from "./rule.ts";
import { listed, problemOf, type Said, saidOf, short } from "./words.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const after = (delayMs: number): LevelInfo => ({ delayMs });
const NOW = after(0);

type Facts = Omit<StateRule, "type" | "kinds"> & { kinds: readonly ResourceKind[] | undefined };

function state(facts: Facts): StateRule {
  return { type: "state", ...facts };
}

const MACHINES: readonly ResourceKind[] = ["host", "vm", "lxc"];

export const STATE_RULES: readonly StateRule[] = [
  state({
    name: "silence",
    title: "Silence",
    says: "A machine, or anything else that stands on its own, is not heard of any more: a warning at first, critical when a machine, a cluster or an exporter has been silent for ten minutes or whoever runs a machine says that it is down.",
    kinds: undefined,
    isFor: (resource) => !isPart(resource),
    isAboutSilence: true,
    warning: after(3 * MINUTE),
    critical: NOW,
    find: findSilence,
  }),
  state({
    name: "machine",
    title: "State of a machine",
    says: "A machine says of itself that something is wrong.",
    settles: true,
    kinds: MACHINES,
    isFor: isMachine,
    warning: after(MINUTE),
    find: findTroubleOfMachine,
  }),
  state({
    name: "units",
    title: "Failed units",
    says: "Units of systemd that have failed.",
    settles: true,
    kinds: MACHINES,
    isFor: isMachine,
    warning: NOW,
    find: findFailedUnits,
  }),
  state({
    name: "oom",
    title: "Out of memory",
    says: "The kernel killed a process because the machine had no memory left. Told of for an hour. What reached a limit of its own is told of as what it is: a container, a unit.",
    kinds: MACHINES,
    isFor: isMachine,
    warning: NOW,
    find: findMemoryKills,
  }),
  state({
    name: "failed_tasks",
    title: "Failed tasks",
    says: "Tasks of a Proxmox that ended with an error within a day: backups, replications, migrations.",
    kinds: ["host"],
    warning: NOW,
    find: findFailedTasks,
  }),
  state({
    name: "clock",
    title: "Clock of a machine",
    says: "A machine's clock is wrong: what it reports stands in the wrong place.",
    kinds: MACHINES,
    isFor: isMachine,
    warning: after(5 * MINUTE),
    critical: after(5 * MINUTE),
    find: findWrongClock,
  }),
  state({
    name: "agent_outdated",
    title: "Outdated agent",
    says: "An agent is older than this server.",
    kinds: MACHINES,
    isFor: isMachine,
    warning: after(7 * DAY),
    find: findOldAgent,
  }),
  state({
    name: "container",
    title: "State of a container",
    says: "A container ended with an error, restarts again and again, or its health check fails. What was stopped, or had come to its end, is left out.",
    settles: true,
    kinds: ["container"],
    warning: after(MINUTE),
    critical: after(MINUTE),
    find: (one) => (isOutOfMemory(one) ? undefined : findTrouble(one)),
  }),
  state({
    name: "container_oom",
    title: "Container out of memory",
    says: "A container was killed because it ran out of the memory it may have.",
    kinds: ["container"],
    settles: true,
    warning: after(MINUTE),
    critical: after(MINUTE),
    find: (one) => (isOutOfMemory(one) ? findTrouble(one) : isKnown(one) ? undefined : "unknown"),
  }),
  state({
    name: "container_off",
    title: "Stopped container",
    says: "A container that was stopped or had come to its end. Off: mostly somebody meant it.",
    settles: true,
    kinds: ["container"],
    off: true,
    warning: after(2 * MINUTE),
    find: findOff,
  }),
  state({
    name: "guest",
    title: "State of a guest",
    says: "A guest stands still, has crashed, or is not replicated.",
    settles: true,
    kinds: ["vm", "lxc"],
    isFor: (resource) => !isMachine(resource),
    warning: after(MINUTE),
    critical: after(30_000),
    find: findTrouble,
  }),
  state({
    name: "guest_off",
    title: "Stopped guest",
    says: "A guest that does not run. Off: mostly somebody meant it.",
    settles: true,
    kinds: ["vm", "lxc"],
    isFor: (resource) => !isMachine(resource),
    off: true,
    warning: after(2 * MINUTE),
    find: findOff,
  }),
  state({
    name: "backup",
    title: "State of backups",
    says: "The last backup of a guest failed, no job covers it, or a backup was found damaged.",
    kinds: ["vm", "lxc", "backup"],
    warning: NOW,
    critical: NOW,
    find: findBackupTrouble,
  }),
  state({
    name: "check",
    title: "Checks",
    says: "A check fails, after as many tries as it is set to make. Certificates and heartbeats have rules of their own.",
    kinds: ["check"],
    isFor: (check) => !isHeartbeat(check),
    warning: NOW,
    critical: NOW,
    find: (check) => (isAboutCertificate(check) ? undefined : findTrouble(check)),
  }),
  state({
    name: "certificate",
    title: "Certificates",
    says: "A certificate has expired, or ends within the days its check is set to warn before.",
    kinds: ["check"],
    isFor: (check) => !isHeartbeat(check),
    warning: NOW,
    critical: NOW,
    find: (check) =>
      isAboutCertificate(check) ? findTrouble(check) : isKnown(check) ? undefined : "unknown",
  }),
  state({
    name: "heartbeat",
    title: "Heartbeats",
    says: "What should say that it is still there did not.",
    kinds: ["check"],
    isFor: isHeartbeat,
    warning: NOW,
    critical: NOW,
    find: findTrouble,
  }),
  state({
    name: "disk",
    title: "Health of a disk",
    says: "A disk says of itself that it fails (SMART).",
    kinds: ["disk"],
    warning: NOW,
    critical: NOW,
    find: findTrouble,
  }),
  state({
    name: "pool",
    title: "State of pools and storages",
    says: "A pool has lost a disk, a storage is not available, a datastore has damaged chunks.",
    kinds: ["pool", "storage", "datastore"],
    warning: after(MINUTE),
    critical: after(MINUTE),
    find: findTrouble,
  }),
  state({
    name: "interface",
    title: "State of an interface",
    says: "A network interface has no link. Off: a cable that is not plugged in is nobody's worry.",
    kinds: ["interface"],
    off: true,
    warning: after(MINUTE),
    find: (resource) => findStatus(resource, { critical: "warning" }),
  }),
  state({
    name: "health",
    title: "State of anything else",
    says: "A cluster, an exporter, a filesystem or a sensor is degraded or down.",
    kinds: ["cluster", "exporter", "filesystem", "sensor", "core", "series"],
    warning: after(MINUTE),
    critical: after(MINUTE),
    find: findTrouble,
  }),
];

/** Whether its status is somebody's word about it. */
function isKnown(resource: Resource): boolean {
  return resource.status === "up" || resource.status === "degraded" || resource.status === "down";
}

function findSilence(resource: Resource, around: Around): Found {
  if (isMeantToBeOff(resource)) return undefined;
  const seenAt = resource.lastSeenAt;
  const { status } = resource;
  if (status === "down" && isMachine(resource)) {
    const problem = problemOf(resource);
    return { level: "critical", ...(problem ? saidOf(problem) : IS_DOWN), seenAt };
  }
  if (isDownBySilence(resource, around)) return { level: "critical", ...IS_DOWN, seenAt };
  if (status !== "unknown") return undefined;
  if (isMachine(resource)) return { level: "warning", ...HAS_STOPPED, seenAt };
  /* A container that was made and never started is unknown by right; so is what its source cannot see now. */
  if (resource.parentId) return undefined;
  if (around.isSilent(resource.id)) return { level: "warning", ...HAS_STOPPED, seenAt };
  const { problem } = resource.attributes;
  return typeof problem === "string" && problem ? { level: "warning", ...saidOf(problem) } : undefined;
}

const IS_DOWN: Said = { words: "is down", about: "itself" };
const HAS_STOPPED: Said = { words: "has stopped reporting", about: "itself" };

function findTrouble(resource: Resource): Found {
  if (isMeantToBeOff(resource)) return undefined;
  if (!isKnown(resource)) return "unknown";
  if (resource.status === "down" && isAtRest(resource)) return undefined;
  return findStatus(resource, {});
}

function findStatus(
  resource: Resource,
  { critical = "critical" }: { critical?: "warning" | "critical" },
): Found {
  const { status } = resource;
  if (!isKnown(resource)) return "unknown";
  if (status === "up") return undefined;
  const said = saidOf(problemOf(resource) || `is ${status}`);
  return { level: status === "down" ? critical : "warning", ...underMachine(resource, said) };
}

/** What is said of a part names it, because the alert stands under its machine. */
function underMachine(resource: Resource, said: Said): Said {
  if (!isPart(resource)) return said;
  const name = short(resource.name);
  return {
    words: said.about === "itself" ? `${name} ${said.words}` : `${name}: ${said.words}`,
    about: "part",
  };
}

function findTroubleOfMachine(machine: Resource): Found {
  const { status, metrics } = machine;
  if (status === "down" || status === "unknown") return "unknown";
  if (status === "up") return undefined;
  const problem = problemOf(machine);
  if (problem) return { level: "warning", ...saidOf(problem) };
  /* Where the reason is known it is told alone. */
  if ((metrics["failed_units"] ?? 0) > 0) return undefined;
  return { level: "warning", words: "reports itself degraded", about: "itself" };
}

function findFailedUnits(machine: Resource): Found {
  if (isAway(machine)) return "unknown";
  const failed = machine.metrics["failed_units"];
  if (failed === undefined) return machine.attributes["failed_units"] === undefined ? undefined : "unknown";
  if (failed === 0) return undefined;
  const names = textsIn(machine.attributes["failed_units"]);
  const sum = `${plural(failed, "unit")} failed`;
  return {
    level: "warning",
    words: names.length > 0 ? `${sum}: ${listed(names)}` : sum,
    about: "part",
    value: failed,
  };
}

function findMemoryKills(machine: Resource): Found {
  if (isAway(machine)) return "unknown";
  const kills = machine.metrics["oom_kills"];
  if (!kills) return undefined;
  const names = textsIn(machine.attributes["oom_killed"]);
  const whom = names.length > 0 ? listed(names) : kills === 1 ? "a process" : `${kills} processes`;
  return {
    level: "warning",
    words: `the kernel killed ${whom} because memory ran out`,
    about: "part",
    value: kills,
  };
}

function findFailedTasks(node: Resource): Found {
  if (isAway(node)) return "unknown";
  const failed = node.metrics["failed_tasks"];
  if (!failed) return undefined;
  const tasks = node.attributes["failed_tasks"];
  const names = Array.isArray(tasks) ? tasks.flatMap(nameOfTask) : [];
  const sum = `${plural(failed, "task")} failed`;
  return {
    level: "warning",
    words: names.length > 0 ? `${sum}: ${listed(names)}` : sum,
    about: "part",
    value: failed,
  };
}

function nameOfTask(task: unknown): string[] {
  const { type, about } = (task ?? {}) as { type?: unknown; about?: unknown };
  const words = [type, about].filter((word) => typeof word === "string");
  return words.length > 0 ? [words.join(" ")] : [];
}

const CLOCK_WARNING_MS = 30_000;
const CLOCK_CRITICAL_MS = 4 * MINUTE;

/** The agent compares itself with the server: what it says is by how much it is ahead. */
function findWrongClock(machine: Resource): Found {
  if (isAway(machine)) return "unknown";
  const offset = machine.attributes["agent_clock_offset_ms"];
  if (typeof offset !== "number" || Math.abs(offset) < CLOCK_WARNING_MS) return undefined;
  const level = Math.abs(offset) < CLOCK_CRITICAL_MS ? "warning" : "critical";
  const side = offset > 0 ? "ahead" : "behind";
  return { level, words: `its clock is ${span(Math.abs(offset))} ${side}`, about: "part" };
}

function findOldAgent(machine: Resource, { version }: Around): Found {
  if (isAway(machine)) return "unknown";
  const own = machine.attributes["agent_version"];
  if (typeof own !== "string" || !isOlder(own, version)) return undefined;
  return {
    level: "warning",
    words: `its agent is of version ${short(own)}, the server of ${version}`,
    about: "part",
  };
}

/** By the three numbers of a version; what has another form is not judged. */
export function isOlder(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => /^(\d+)\.(\d+)\.(\d+)/.exec(text)?.slice(1).map(Number));
  if (!a || !b) return false;
  for (const [place, number] of a.entries()) {
    const against = b[place] ?? 0;
    if (number !== against) return number < against;
  }
  return false;
}

function findOff(resource: Resource): Found {
  if (isMeantToBeOff(resource)) return undefined;
  if (!isKnown(resource)) return "unknown";
  if (resource.status !== "down" || !isAtRest(resource)) return undefined;
  return { level: "warning", words: "does not run", about: "itself" };
}

function findBackupTrouble(resource: Resource): Found {
  if (resource.kind === "backup") return findTrouble(resource);
  if (resource.status === "unknown") return "unknown";
  const problem = resource.attributes["backup_problem"];
  /* What does not run changes nothing that would have to be kept. */
  if (resource.status === "down" || typeof problem !== "string" || !problem) return undefined;
  return { level: "warning", ...saidOf(problem) };
}

function isOutOfMemory(container: Resource): boolean {
  return container.attributes["ended"] === "out_of_memory" || /\bout of memory\b/i.test(problemOf(container));
}

function isHeartbeat({ attributes }: Resource): boolean {
  return attributes["type"] === "heartbeat";
}

function isAboutCertificate(check: Resource): boolean {
  return check.metrics["certificate_days_left"] !== undefined && /\bcertificate\b/i.test(problemOf(check));
}

/** Nothing it said last is so now. */
function isAway({ status }: Resource): boolean {
  return status === "down" || status === "unknown";
}

function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}
