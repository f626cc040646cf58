/**
 * What a rule is. It looks at one resource and says whether something is wrong with it now; when that
 * becomes an alert, and when it is over, `evaluate` decides, for every rule in the same way.
 */
import type { AlertLevel, LevelInfo } from "../contract/alerts.ts";
import type { ResourceId } from "../contract/ids.ts";
import type { Resource, ResourceKind } from "../contract/resource.ts";
import type { Usual } from "./baseline.ts";
import type { Said } from "./words.ts";

/** What a rule may know besides the resource itself. */
export interface Around {
  /** What it is a part of, or runs on. */
  parentOf(resource: Resource): Resource | undefined;
  /** Nothing was heard of it for some time: its status is what silence says. */
  isSilent(id: ResourceId): boolean;
  /** Whoever asked for it was told not to: what is silent then is meant to be. */
  isUnasked(id: ResourceId): boolean;
  /** In how many milliseconds it is full, as it fills; Infinity: not soon. Undefined: that has not been looked at. */
  fullInMs(id: ResourceId): number | undefined;
  /** What is usual for a metric of it at this hour of the week; undefined: too little is known. */
  usualOf(id: ResourceId, metric: string): Usual | undefined;
  /** The version of the server. */
  version: string;
}

/** What is wrong now. */
export interface Finding extends Said {
  level: AlertLevel;
  value?: number;
  seenAt?: number;
}

/** `unknown`: nothing can be said now, so what was found before neither begins nor ends. */
export type Found = Finding | "unknown" | undefined;

interface RuleFacts {
  name: string;
  title: string;
  says: string;
  /** Undefined: every kind. */
  kinds: readonly ResourceKind[] | undefined;
  /** Narrows the kinds; of what it refuses nothing is said. */
  isFor?(resource: Resource): boolean;
  /** Until somebody switches it on. */
  off?: true;
  /** What a machine shows while it starts is no trouble yet. */
  settles?: true;
  /** Others that tell of the same trouble: what one has told of at a level, this one does not tell of again. */
  sameAs?: readonly string[];
  /** By how long being over, or better, has to have lasted; at once unless given. */
  clearAfterMs?: number;
  warning?: LevelInfo;
  critical?: LevelInfo;
}

/** A value that is too high, or too low. */
export interface ThresholdRule extends RuleFacts {
  type: "threshold";
  metric: string;
  direction: "above" | "below";
  /** Where the value is not one of the resource's own metrics. */
  measure?(resource: Resource, around: Around): number | undefined;
  /** Trigger and clear are no values: they say how many spreads above what is usual for the resource itself. */
  baseline?: true;
  /** What the resource itself says its limits are; counts where nobody has set others. */
  limitsOf?(resource: Resource): { warning?: number; critical?: number };
  words(resource: Resource, value: number): Said;
  /** A value that moves by less is not told again. */
  minChange: number;
}

/** Something that is so or is not. */
export interface StateRule extends RuleFacts {
  type: "state";
  find(resource: Resource, around: Around): Found;
  /** Looks at silence itself; every other rule says nothing about what is silent. */
  isAboutSilence?: true;
}

export type Rule = ThresholdRule | StateRule;

/** A rule as it is for one resource, with what people changed. */
export interface Applied {
  rule: Rule;
  off: boolean;
  warning: AppliedLevel | undefined;
  critical: AppliedLevel | undefined;
  clearAfterMs: number;
  from: string[];
}

export interface AppliedLevel extends LevelInfo {
  /** Somebody has set this one: what the resource says of itself does not count. */
  isSet?: true;
}

const PARTS: ReadonlySet<ResourceKind> = new Set<ResourceKind>([
  "filesystem",
  "disk",
  "interface",
  "sensor",
  "core",
  "series",
]);

/** Nothing anybody runs for its own sake: it says how its machine is. */
export function isPart({ kind }: Resource): boolean {
  return PARTS.has(kind);
}

/** What has a page as a machine: hosts, and guests in which an agent runs. */
export function isMachine({ kind, sources }: Resource): boolean {
  if (kind === "host") return true;
  return (kind === "vm" || kind === "lxc") && sources.some((source) => source.startsWith("agent:"));
}

/** Down only because nothing was heard of it for ten minutes; of a machine that is told in the same way as what others say. */
export function isDownBySilence({ id, kind, status, parentId }: Resource, around: Around): boolean {
  return status === "down" && parentId === undefined && kind !== "check" && around.isSilent(id);
}

/** After a start everything is busy, and what needs something else waits for it. */
const SETTLES_WITHIN_SECONDS = 5 * 60;

/** Whether the machine, or the one it is on, has just started. */
export function hasJustStarted(resource: Resource, around: Around): boolean {
  const machine = isMachine(resource) ? resource : around.parentOf(resource);
  const uptime = machine?.metrics["uptime_seconds"];
  return uptime !== undefined && uptime < SETTLES_WITHIN_SECONDS;
}

/** Not there, and somebody has said that this is nothing to worry about. */
export function isMeantToBeOff({ status, own }: Resource): boolean {
  return own?.expectedOff === true && (status === "down" || status === "unknown");
}

/** A guest or a container that does not run, with nothing wrong about that. */
export function isAtRest(resource: Resource): boolean {
  const { kind, attributes } = resource;
  if (isMachine(resource) || (kind !== "container" && kind !== "vm" && kind !== "lxc")) return false;
  const { ended, problem } = attributes;
  return ended === "finished" || ended === "stopped" || typeof problem !== "string" || problem === "";
}
