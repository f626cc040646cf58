/**
 * What silence means. A resource that is not heard of for three intervals is `unknown`; a machine
 * silent for ten minutes is `down`. A part of a machine (a filesystem, a container) that its source has
 * not seen for a day, while it went on seeing others, is forgotten: it was unmounted or removed. What
 * is silent together with its source keeps its last picture. Only what passed while we listened is silence: neither
 * the time before the server started, nor what it slept through, nor what passed before its source was asked. And silence
 * makes nothing better: what was down stays so until it is heard of. Of what is asked no more, because somebody said so,
 * nobody knows: it is `unknown`, however long that is. Pure.
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
  /** Since when it is asked as it is now; undefined: it reports of its own accord. */
  askedSince?: number;
  /** It is paused or removed. */
  isOff?: boolean;
}

export function statusInSilence(
  resource: Resource,
  { intervalMs, heardAt, behindMs, askedSince = 0, isOff = false }: SourceRhythm,
  now: number,
  listeningSince: number,
): ResourceStatus | "forgotten" {
  const silentMs = now - Math.max(resource.lastSeenAt + behindMs, listeningSince, askedSince);
  const isPart = resource.parentId !== undefined;
  if (isPart && heardAt - resource.lastSeenAt > FORGET_PART_AFTER_MS) return "forgotten";
  const canBeDown = canBeDownInSilence(resource, isOff);
  if (canBeDown && silentMs > DOWN_AFTER_MS) return "down";
  const isDown = canBeDown && resource.status === "down";
  if (silentMs > intervalMs * MISSED_INTERVALS && !isDown) return "unknown";
  return resource.status;
}

/** A check that is not made says nothing about what it checks, nor does silence that somebody asked for. */
function canBeDownInSilence({ parentId, kind }: Resource, isOff: boolean): boolean {
  return parentId === undefined && kind !== "check" && !isOff;
}

/** Whether silence, for however long, changes nothing more about it. */
export function isSettledInSilence(resource: Resource, { isOff = false }: SourceRhythm): boolean {
  return resource.status === (canBeDownInSilence(resource, isOff) ? "down" : "unknown");
}
