import type { Resource, ResourceStatus } from "../../../server/contract/resource.ts";
import { isMachine } from "../../state/inventory.ts";
import type { Level } from "../../ui/meter.tsx";
import { textOf } from "../machine/facts.ts";

export interface Status {
  level: Level | "unknown";
  word: string;
}

const LEVELS: Record<ResourceStatus, Status["level"]> = {
  up: "fine",
  degraded: "warning",
  down: "critical",
  unknown: "unknown",
};

const WORDS: Record<ResourceStatus, string> = {
  up: "up",
  degraded: "degraded",
  down: "down",
  unknown: "silent",
};

/** How a resource is, by what it says of itself. */
export function statusOf(resource: Resource): Status {
  const { kind, status } = resource;
  const word = WORDS[status];
  if (isMeantToBeOff(resource)) return { level: "unknown", word: "off, as expected" };
  // A cable that is not plugged in is nobody's worry.
  if (kind === "interface" && status === "down") return { level: "unknown", word };
  // Whoever runs it has stopped it, or it had come to its end: it is where it should be.
  if (status === "down" && isAtRest(resource)) return { level: "unknown", word: stateOf(resource) || word };
  // "exited" says more than "down", but of what is silent the last state is not the state.
  const state = status === "unknown" ? "" : stateOf(resource);
  return { level: LEVELS[status], word: state || word };
}

/** Not there, and somebody has said that this is nothing to worry about. */
export function isMeantToBeOff({ status, own }: Resource): boolean {
  return own?.expectedOff === true && (status === "down" || status === "unknown");
}

/** A guest or a container that does not run, with nothing wrong about that. */
export function isAtRest(resource: Resource): boolean {
  const { kind, attributes } = resource;
  if (isMachine(resource) || (kind !== "container" && kind !== "vm" && kind !== "lxc")) return false;
  const ended = attributes["ended"];
  return ended === "finished" || ended === "stopped" || !textOf(attributes["problem"]);
}

/** "running", "paused": what runs something calls its state. */
function stateOf({ attributes }: Resource): string {
  return textOf(attributes["state"]).replaceAll("_", " ");
}

/** The sentence about what is wrong; of what is well or silent there is none. */
export function problemOf({ status, attributes }: Resource): string {
  return status === "down" || status === "degraded" ? textOf(attributes["problem"]) : "";
}

/** Whether its figures are from now. */
export function isFresh({ status }: Resource): boolean {
  return status !== "unknown";
}
