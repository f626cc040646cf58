/**
 * Whether something is a report as nearly every report is: judged by hand, because asking the schema costs
 * ten times as much, for every report of every machine. Says yes only to what the schema would take as it
 * is; to whatever is unusual it says no, and then the schema decides and finds the words.
 */

import type { Report, ReportedResource } from "../contract/report.ts";
import { REPORT_LIMITS } from "../contract/report-limits.ts";
import { ResourceKind, ResourceStatus } from "../contract/resource.ts";

const KINDS = new Set<unknown>(ResourceKind.options);
const STATUSES = new Set<unknown>(ResourceStatus.options);
/** Of lists and objects in an attribute. */
const PLAIN_DEPTH = 4;
/** A character is written as two at most: controls are gone by now. */
const LONGEST_NUMBER = 25;

/** Names that were found to be in order, so that each is looked at once. */
const names = new Set<string>();
const MAX_NAMES = 20_000;
const NAME = /^[a-z][a-z0-9_]{0,79}$/;

export function isPlainReport(sent: unknown): sent is Report {
  if (!isObject(sent)) return false;
  let fields = 0;
  for (const _ in sent) fields++;
  if (fields !== 6 || sent["v"] !== 1) return false;
  const { boot, seq, at, intervalMs, resources } = sent;
  if (typeof boot !== "string" || boot.length < 8 || boot.length > 64) return false;
  if (!isCount(seq) || !isCount(at) || !isCount(intervalMs)) return false;
  if (intervalMs < 1_000 || intervalMs > 3_600_000) return false;
  if (!Array.isArray(resources) || resources.length > REPORT_LIMITS.resources) return false;
  const keys = new Set<string>();
  for (const resource of resources) {
    if (!isPlainResource(resource)) return false;
    keys.add(resource.key);
  }
  return keys.size === resources.length;
}

function isPlainResource(sent: unknown): sent is ReportedResource {
  if (!isObject(sent)) return false;
  const { kind, key, parent, name, status, attributes, metrics } = sent;
  let fields = 0;
  for (const _ in sent) fields++;
  if (fields !== (parent === undefined ? 6 : 7)) return false;
  if (!KINDS.has(kind) || !STATUSES.has(status)) return false;
  if (!isText(key, REPORT_LIMITS.keyLength) || !isText(name, REPORT_LIMITS.nameLength)) return false;
  if (parent !== undefined && !isText(parent, REPORT_LIMITS.keyLength)) return false;
  return isPlainMetrics(metrics) && isPlainAttributes(attributes);
}

function isPlainMetrics(sent: unknown): boolean {
  if (!isObject(sent)) return false;
  let count = 0;
  for (const name in sent) {
    if (!isName(name) || !Number.isFinite(sent[name])) return false;
    count++;
  }
  return count <= REPORT_LIMITS.metricsPerResource;
}

function isPlainAttributes(sent: unknown): boolean {
  if (!isObject(sent)) return false;
  let count = 0;
  for (const name in sent) {
    if (!isName(name)) return false;
    count++;
  }
  if (count > REPORT_LIMITS.attributesPerResource) return false;
  return longestJson(sent, PLAIN_DEPTH) <= REPORT_LIMITS.attributeBytes;
}

/** Characters its JSON has at most. */
function longestJson(value: unknown, depth: number): number {
  if (typeof value === "string") return value.length * 2 + 2;
  if (typeof value === "number") return LONGEST_NUMBER;
  if (typeof value === "boolean" || value === null) return 5;
  if (typeof value !== "object" || depth === 0) return Number.POSITIVE_INFINITY;
  let length = 2;
  if (Array.isArray(value)) for (const entry of value) length += longestJson(entry, depth - 1) + 1;
  else
    for (const name in value)
      length += name.length * 2 + 4 + longestJson((value as Record<string, unknown>)[name], depth - 1);
  return length;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown, most: number): boolean {
  return typeof value === "string" && value.length > 0 && value.length <= most;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isName(name: string): boolean {
  if (names.has(name)) return true;
  if (!NAME.test(name)) return false;
  if (names.size >= MAX_NAMES) names.clear();
  names.add(name);
  return true;
}
