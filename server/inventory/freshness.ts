/**
 * What silence means. A resource that is not heard of for three intervals is `unknown`; a machine
 * silent for ten minutes is `down`. A part of a machine (a filesystem, an interface) that has not
 * been seen for a day is forgotten: it was unmounted or unplugged. Machines are never forgotten
 * by silence. Only what passed while we listened is silence: neither the time before the server
 * started nor what it slept through. Pure.
 */
import type { Resource, ResourceStatus } from "../contract/resource.ts";

const MISSED_INTERVALS = 3;
const DOWN_AFTER_MS = 10 * 60_000;
const FORGET_PART_AFTER_MS = 24 * 3_600_000;

export function statusInSilence(
  resource: Resource,
  intervalMs: number,
  now: number,
  listeningSince: number,
): ResourceStatus | "forgotten" {
  const silentMs = now - Math.max(resource.lastSeenAt, listeningSince);
  const isPart = resource.parentId !== undefined;
  if (isPart && silentMs > FORGET_PART_AFTER_MS) return "forgotten";
  if (!isPart && silentMs > DOWN_AFTER_MS) return "down";
  if (silentMs > intervalMs * MISSED_INTERVALS) return "unknown";
  return resource.status;
}
