/**
 * What silence means. A resource that is not heard of for three intervals is `unknown`; a machine
 * silent for ten minutes is `down`. A part of a machine (a filesystem, a container) that its source has
 * not seen for a day, while it went on seeing others, is forgotten: it was unmounted or removed. What
 * is silent together with its source keeps its last picture. Only what passed while we listened is silence: neither the time before the server
 * started nor what it slept through. Pure.
 */
import type { Resource, ResourceStatus } from "../contract/resource.ts";

const MISSED_INTERVALS = 3;
const DOWN_AFTER_MS = 10 * 60_000;
const FORGET_PART_AFTER_MS = 24 * 3_600_000;

export interface SourceRhythm {
  intervalMs: number;
  /** By the source's clock. */
  heardAt: number;
  /** By how much that clock is behind ours. */
  behindMs: number;
}

export function statusInSilence(
  resource: Resource,
  { intervalMs, heardAt, behindMs }: SourceRhythm,
  now: number,
  listeningSince: number,
): ResourceStatus | "forgotten" {
  const silentMs = now - Math.max(resource.lastSeenAt + behindMs, listeningSince);
  const isPart = resource.parentId !== undefined;
  if (isPart && heardAt - resource.lastSeenAt > FORGET_PART_AFTER_MS) return "forgotten";
  /* A check that is not made says nothing about what it checks. */
  const canBeDown = !isPart && resource.kind !== "check";
  if (canBeDown && silentMs > DOWN_AFTER_MS) return "down";
  if (silentMs > intervalMs * MISSED_INTERVALS) return "unknown";
  return resource.status;
}
