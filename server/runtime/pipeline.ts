/**
 * The one way a report gets in, whoever made it. Reads top to bottom: accept, merge, history,
 * commit, publish. Nothing else changes the picture.
 *
 * Open pages see a report at once; it is acknowledged (`durable` resolves) when it is on disk.
 */
import { ORG_LIMITS } from "../contract/limits.ts";
import { Report } from "../contract/report.ts";
import { DomainError } from "../lib/domain-error.ts";
import type { OrgRuntime } from "./org-runtime.ts";

/** A reporter's clock may be ahead of ours by this much. */
const MAX_AHEAD_MS = 5 * 60_000;
/** Samples that wait for the disk. Beyond it the disk is not keeping up and nothing more is taken. */
const MAX_STAGED = 10_000;
/** How long what is new about a resource (its id, its name, its status) may be in memory only. */
const DESCRIPTIONS_WITHIN_MS = 500;

export interface IngestOptions {
  source: string;
  report: Report;
  /** The longest the reporter can wait for its acknowledgement. */
  commitWithinMs: number;
  /** Resources the org may hold; a report that crosses the line is still taken whole. */
  resourceLimit?: number | undefined;
}

export interface Ingested {
  outcome: "stored" | "duplicate";
  /** Resolves when the report is on disk. */
  durable: Promise<void>;
}

export function ingest(org: OrgRuntime, options: IngestOptions): Ingested {
  const { source, report, commitWithinMs, resourceLimit = ORG_LIMITS.resources.standard } = options;
  const durable = () => org.commit.durable(commitWithinMs);

  const cursor = org.cursors.get(source);
  if (cursor && cursor.boot === report.boot && report.seq <= cursor.seq) {
    return { outcome: "duplicate", durable: org.hasUnwritten ? durable() : Promise.resolve() };
  }
  /* One of an earlier start of the reporter that is sent again is known by its time. */
  if (cursor && report.at <= cursor.at && cursor.boot !== report.boot && org.history.has(source, report.at)) {
    return { outcome: "duplicate", durable: org.hasUnwritten ? durable() : Promise.resolve() };
  }
  accept(org, report, resourceLimit);

  const changes = org.inventory.merge(source, report);
  org.history.stage(source, report.at, resourcesOf(org, changes.changed));
  org.cursors.move(source, {
    boot: report.boot,
    seq: report.seq,
    at: report.at,
    intervalMs: report.intervalMs,
  });
  /* A resource's id is on disk before anybody has time to keep a link to it. */
  if (org.inventory.hasUnwritten) org.commit.request(DESCRIPTIONS_WITHIN_MS);
  const committed = durable();
  org.show(changes);
  return { outcome: "stored", durable: committed };
}

function accept(org: OrgRuntime, report: Report, resourceLimit: number): void {
  if (report.at > org.clock() + MAX_AHEAD_MS) {
    throw new DomainError(
      "invalid_request",
      "The report is from the future: check the clock of the machine that sent it.",
      {
        fields: { at: "is more than 5 minutes ahead of the server's clock" },
      },
    );
  }
  if (org.inventory.size > resourceLimit) {
    throw new DomainError(
      "limit_reached",
      `${org.inventory.size} resources are watched, and at most ${resourceLimit} may be.`,
    );
  }
  if (org.history.stagedCount >= MAX_STAGED) {
    throw new DomainError("storage_full", "The disk does not keep up. Keep the report and send it again.", {
      retryAfterMs: 5_000,
    });
  }
}

function* resourcesOf(org: OrgRuntime, changed: { id: Parameters<OrgRuntime["inventory"]["get"]>[0] }[]) {
  for (const { id } of changed) {
    const resource = org.inventory.get(id);
    if (resource) yield resource;
  }
}

/** A report that came from another process: its form is checked here and nowhere else. */
export async function ingestFromOutside(
  org: OrgRuntime,
  input: { source: string; report: unknown; resourceLimit?: number },
): Promise<{ outcome: Ingested["outcome"] }> {
  const parsed = Report.safeParse(input.report);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new DomainError("invalid_request", "The report is not in the form of version 1.", {
      fields: { [issue?.path.join(".") || "report"]: issue?.message ?? "is not valid" },
    });
  }
  const { outcome, durable } = ingest(org, {
    source: input.source,
    report: parsed.data,
    commitWithinMs: ACKNOWLEDGE_WITHIN_MS,
    resourceLimit: input.resourceLimit,
  });
  await durable;
  return { outcome };
}

/** Reports that arrive this close together share one commit. */
const ACKNOWLEDGE_WITHIN_MS = 5;
