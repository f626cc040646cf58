/**
 * What a report changes in what its source sees. Pure: the same view, report and time give the same
 * answer. Attributes and metrics are replaced by what the report says: a key it no longer has is gone.
 */
import { isDeepStrictEqual } from "node:util";
import type { ResourceId } from "../contract/ids.ts";
import type { ReportedResource } from "../contract/report.ts";
import type { Resource, ResourceChange } from "../contract/resource.ts";

export interface Merged {
  resource: Resource;
  change: ResourceChange;
  /** Whether what is kept about it on disk (everything but its values and when it was seen) changed. */
  described: boolean;
}

/** Attributes that are a picture of the moment: shown, never written to disk. */
const MOMENTARY_ATTRIBUTES = new Set([
  "top_processes",
  "agent_clock_offset_ms",
  "agent_gap",
  "agent_spooled_reports",
  "agent_spool_bytes",
]);

export function mergeResource(
  known: Resource | undefined,
  reported: ReportedResource,
  identity: { id: ResourceId; parentId: ResourceId | undefined; source: string },
  at: number,
): Merged {
  const resource: Resource = {
    id: identity.id,
    kind: reported.kind,
    name: reported.name,
    status: reported.status,
    ...(identity.parentId && { parentId: identity.parentId }),
    sources: known ? withSource(known.sources, identity.source) : [identity.source],
    lastSeenAt: Math.max(at, known?.lastSeenAt ?? 0),
    attributes: reported.attributes,
    metrics: reported.metrics,
  };
  if (!known) return { resource, change: resource, described: true };
  const change = changeBetween(known, resource);
  return { resource, change, described: isDescription(change) };
}

/** The fields of `after` that differ from `before`, keys of attributes and metrics one by one. */
export function changeBetween(before: Resource, after: Resource): ResourceChange {
  const change: ResourceChange = { id: after.id };
  if (before.kind !== after.kind) change.kind = after.kind;
  if (before.name !== after.name) change.name = after.name;
  if (before.status !== after.status) change.status = after.status;
  if (before.parentId !== after.parentId) change.parentId = after.parentId ?? null;
  if (before.lastSeenAt !== after.lastSeenAt) change.lastSeenAt = after.lastSeenAt;
  if (!isDeepStrictEqual(before.sources, after.sources)) change.sources = after.sources;
  if (!isDeepStrictEqual(before.own, after.own)) change.own = after.own ?? null;
  const attributes = changedKeys(before.attributes, after.attributes);
  if (attributes) change.attributes = attributes;
  const metrics = changedKeys(before.metrics, after.metrics);
  if (metrics) change.metrics = metrics;
  return change;
}

/** One change that does what `earlier` and then `later` would do. */
export function joinChanges(earlier: ResourceChange, later: ResourceChange): ResourceChange {
  return {
    ...earlier,
    ...later,
    ...((earlier.attributes || later.attributes) && {
      attributes: { ...earlier.attributes, ...later.attributes },
    }),
    ...((earlier.metrics || later.metrics) && { metrics: { ...earlier.metrics, ...later.metrics } }),
  };
}

export function lastingAttributes(attributes: Resource["attributes"]): Resource["attributes"] {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !MOMENTARY_ATTRIBUTES.has(name)));
}

function isDescription(change: ResourceChange): boolean {
  if (change.kind || change.name || change.status || change.sources || "parentId" in change) return true;
  return Object.keys(change.attributes ?? {}).some((name) => !MOMENTARY_ATTRIBUTES.has(name));
}

function withSource(sources: string[], source: string): string[] {
  return sources.includes(source) ? sources : [...sources, source];
}

function changedKeys<T>(
  before: Record<string, T>,
  after: Record<string, T>,
): Record<string, T | null> | undefined {
  let changed: Record<string, T | null> | undefined;
  for (const key in after) {
    const value = after[key] as T;
    const known = before[key];
    if (Object.is(known, value)) continue;
    const mayBeEqual = typeof value === "object" && typeof known === "object";
    if (mayBeEqual && isDeepStrictEqual(known, value)) continue;
    changed ??= {};
    changed[key] = value;
  }
  for (const key in before) {
    if (Object.hasOwn(after, key)) continue;
    changed ??= {};
    changed[key] = null;
  }
  return changed;
}
