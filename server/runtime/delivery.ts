/**
 * A delivery: what a reporter sent in one request. Unpacked, judged on its form and taken through the
 * pipeline as a whole: either everything in it can be taken, or nothing of it is.
 */
import { gunzipSync } from "node:zlib";
import { configName } from "../agents/fleet.ts";
import type { FieldErrors } from "../contract/errors.ts";
import { AgentId } from "../contract/ids.ts";
import { Report, ReportBatch } from "../contract/report.ts";
import { REPORT_LIMITS } from "../contract/report-limits.ts";
import { DomainError } from "../lib/domain-error.ts";
import { requireShallow } from "../lib/shallow-json.ts";
import { withoutControls } from "../lib/visible-text.ts";
import type { OrgRuntime, Reporter } from "./org-runtime.ts";
import { ingest, requireTakeable } from "./pipeline.ts";
import { isPlainReport } from "./plain-report.ts";

export interface DeliveryInput {
  source: string;
  body: Uint8Array;
  gzip: boolean;
  receivedAt: number;
  resourceLimit?: number | undefined;
  /** Bytes the org's file may have. */
  sizeLimit?: number | undefined;
  from?: Reporter | undefined;
}

export interface Delivered {
  stored: number;
  duplicates: number;
  /** Too old to be kept. */
  expired: number;
}

export interface DeliveredBy extends Delivered {
  /** How often the reporter is to report: as it says it does, or faster while somebody looks. */
  intervalMs: number;
  /** Names what it is to check, where there is something. */
  config?: string | undefined;
}

/** Answers when everything it took is on disk. */
export async function deliver(org: OrgRuntime, input: DeliveryInput): Promise<DeliveredBy> {
  const { source, body, gzip, receivedAt } = input;
  const reports = unpack(body, gzip);
  org.upkeep.limitBytes = input.sizeLimit ?? org.upkeep.limitBytes;
  requireSize(org, input.sizeLimit);
  requireTakeable(org, { source, reports, receivedAt }, input.resourceLimit);
  if (input.from) org.reporters.set(source, input.from);
  const { clones, ...delivered } = take(org, { source, reports, receivedAt });
  if (clones > 0 && clones === reports.length) {
    throw new DomainError(
      "conflict",
      "Another machine reports with this token. Add this machine with a token of its own.",
    );
  }
  if (delivered.stored > 0) await org.secure({ source, receivedAt, gzip, body });
  else await org.secured();
  const intervalMs = org.watching.intervalOf(source, reports.at(-1)?.intervalMs ?? 0);
  return { ...delivered, intervalMs, config: checksNamed(org, source) };
}

function checksNamed(org: OrgRuntime, source: string): string | undefined {
  const id = AgentId.safeParse(source.replace(/^agent:/, ""));
  return id.success ? configName(org, id.data) : undefined;
}

/** A report that is at hand as what it is. */
export async function ingestFromOutside(
  org: OrgRuntime,
  { report, ...input }: { source: string; report: unknown; resourceLimit?: number },
): Promise<{ outcome: "stored" | "duplicate" }> {
  const body = Buffer.from(JSON.stringify(report) ?? "");
  const { duplicates } = await deliver(org, { ...input, body, gzip: false, receivedAt: org.clock() });
  return { outcome: duplicates > 0 ? "duplicate" : "stored" };
}

/**
 * What a journal held, in the order in which it came; on disk when this returns. Throws when some of it
 * could not be taken, and has taken the rest.
 */
export function deliverAgain(
  org: OrgRuntime,
  records: readonly Pick<DeliveryInput, "source" | "receivedAt" | "gzip" | "body">[],
): void {
  const failures: unknown[] = [];
  for (const { source, receivedAt, gzip, body } of records) {
    try {
      take(org, { source, receivedAt, reports: unpack(body, gzip) });
    } catch (error) {
      failures.push(error);
    }
  }
  org.commit.flush();
  if (failures.length > 0) throw failures[0];
}

function take(
  org: OrgRuntime,
  { source, reports, receivedAt }: { source: string; reports: readonly Report[]; receivedAt: number },
): Delivered & { clones: number } {
  const taken = { stored: 0, duplicates: 0, expired: 0, clones: 0 };
  for (const [index, report] of reports.entries()) {
    const outcome = ingest(org, {
      source,
      report,
      receivedAt,
      isJournaled: true,
      isCurrent: reports.length === 1,
      isLast: index === reports.length - 1,
    });
    if (outcome === "stored") taken.stored++;
    else if (outcome === "expired") taken.expired++;
    else if (outcome === "duplicate") taken.duplicates++;
    else taken.clones++;
  }
  return taken;
}

function requireSize(org: OrgRuntime, sizeLimit: number | undefined): void {
  const { sizeBytes } = org;
  if (sizeLimit === undefined || sizeBytes < sizeLimit) return;
  throw new DomainError(
    "storage_full",
    "What may be stored is used up. Keep the report, and have the limit raised or the history shortened.",
    { retryAfterMs: 300_000 },
  );
}

function unpack(body: Uint8Array, gzip: boolean): Report[] {
  /* More than this could not be read from a journal again. */
  if (body.length > REPORT_LIMITS.sentBytes)
    throw new DomainError("too_large", `A delivery is sent in at most ${REPORT_LIMITS.sentBytes} bytes.`);
  const text = Buffer.from(gzip ? gunzip(body) : body);
  requireShallow(text);
  const sent = parse(text.toString("utf8"));
  if (isBatch(sent)) {
    if (Array.isArray(sent.reports))
      sent.reports.slice(0, REPORT_LIMITS.reportsPerDelivery).forEach(requireFew);
    if (isPlainBatch(sent)) return sent.reports;
    const batch = ReportBatch.safeParse(sent);
    if (!batch.success) throw malformed(batch.error.issues);
    return batch.data.reports;
  }
  requireFew(sent);
  if (isPlainReport(sent)) return [sent];
  const one = Report.safeParse(sent);
  if (!one.success) throw malformed(one.error.issues);
  return [one.data];
}

/**
 * The schema looks at every entry before it counts them, which takes seconds for as many as fit into a
 * delivery: so they are counted first.
 */
function requireFew(sent: unknown): void {
  const { resources } = (sent ?? {}) as { resources?: unknown };
  if (!Array.isArray(resources)) return;
  if (resources.length > REPORT_LIMITS.resources) throw tooMany("resources", "too many resources");
  for (const [index, resource] of resources.entries()) {
    const { attributes, metrics } = (resource ?? {}) as { attributes?: unknown; metrics?: unknown };
    if (entriesIn(attributes) > REPORT_LIMITS.attributesPerResource)
      throw tooMany(`resources.${index}.attributes`, "too many attributes");
    if (entriesIn(metrics) > REPORT_LIMITS.metricsPerResource)
      throw tooMany(`resources.${index}.metrics`, "too many metrics");
  }
}

function entriesIn(held: unknown): number {
  return typeof held === "object" && held !== null ? Object.keys(held).length : 0;
}

function tooMany(field: string, what: string): DomainError {
  return malformed([{ path: [field], message: what }]);
}

function isBatch(sent: unknown): sent is { reports: unknown } {
  return typeof sent === "object" && sent !== null && "reports" in sent;
}

function isPlainBatch(sent: { reports: unknown; v?: unknown }): sent is ReportBatch {
  const { reports, v } = sent;
  if (v !== 1 || Object.keys(sent).length !== 2 || !Array.isArray(reports)) return false;
  const { reportsPerDelivery } = REPORT_LIMITS;
  return reports.length > 0 && reports.length <= reportsPerDelivery && reports.every(isPlainReport);
}

function gunzip(body: Uint8Array): Uint8Array {
  try {
    return gunzipSync(body, { maxOutputLength: REPORT_LIMITS.unpackedBytes });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE")
      throw new DomainError("too_large", `A delivery holds at most ${REPORT_LIMITS.unpackedBytes} bytes.`);
    throw new DomainError("invalid_request", "The delivery is not whole, or not packed with gzip.", {
      cause,
    });
  }
}

function parse(text: string): unknown {
  try {
    return withoutControls(text);
  } catch (cause) {
    throw new DomainError("invalid_request", "The delivery is not valid JSON.", { cause });
  }
}

function malformed(issues: readonly { path: PropertyKey[]; message: string }[]): DomainError {
  const fields: FieldErrors = {};
  for (const { path, message } of issues.slice(0, 10))
    fields[path.map(String).join(".") || "report"] = message;
  return new DomainError("invalid_request", "The report is not in the form of version 1.", { fields });
}
