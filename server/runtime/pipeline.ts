/**
 * The one way a report gets in, whoever made it. Reads top to bottom: accept, merge, history,
 * publish, alerts, commit. Nothing else changes the picture.
 *
 * Open pages see a report at once; it is acknowledged when it is on disk.
 */
import { ORG_LIMITS } from "../contract/limits.ts";
import type { Report } from "../contract/report.ts";
import { type Arrival, judgeArrival, noticeClone } from "../inventory/arrival.ts";
import type { PictureChange, SeenValues } from "../inventory/inventory.ts";
import { DomainError } from "../lib/domain-error.ts";
import type { OrgRuntime } from "./org-runtime.ts";

/** A reporter's clock may be ahead of ours by this much. */
const MAX_AHEAD_MS = 5 * 60_000;
/** What is older than a reporter keeps anything for is a clock that is wrong. */
export const OLDEST_TAKEN_MS = 31 * 86_400_000;
/** Samples that wait for the disk. Beyond it the disk is not keeping up and nothing more is taken. */
const MAX_STAGED = 10_000;
/** From here on they are written soon, however long they could wait. */
const MANY_STAGED = 2_000;
const MANY_STAGED_WITHIN_MS = 1_000;
/** How long what is new about a resource (its id, its name, its status) may be in memory only. */
const DESCRIPTIONS_WITHIN_MS = 500;
/** What is older says how it was: of the past nobody is alarmed. */
const STILL_SO_MS = 2 * 60_000;
/** An error of a clock that is smaller is the way of the report. */
const WORTH_A_WORD_MS = 5_000;

export interface IngestOptions {
  source: string;
  report: Report;
  /** When it came, by our clock; undefined: now. */
  receivedAt?: number | undefined;
  /** It is in a journal, from which what it says about resources can be had again. */
  isJournaled?: boolean | undefined;
  /** It is what the reporter sees at this moment, not one of many it had kept. */
  isCurrent?: boolean | undefined;
  /** The last of those it had kept: what it sees at this moment, unless more are to come. */
  isLast?: boolean | undefined;
}

/** `expired`: too old to be kept. `clone`: from a second machine, and refused. */
export type Outcome = Exclude<Arrival, "new" | "late"> | "stored" | "expired";

/** Takes a report into memory. What it changed waits for a commit, which the caller asks for. */
export function ingest(org: OrgRuntime, options: IngestOptions): Outcome {
  const { source, report, receivedAt = org.clock(), isCurrent = true, isJournaled = false } = options;
  if (report.at < receivedAt - OLDEST_TAKEN_MS) return "expired";
  const memory = org.cursors.of(source);
  const newest = memory.cursor?.at ?? Number.NEGATIVE_INFINITY;
  let arrival = judgeArrival(memory, report, (at) => org.history.has(source, at));
  if (arrival === "clone" && noticeClone(memory, report.boot, receivedAt)) arrival = "new";
  if (arrival === "duplicate" || arrival === "clone") return arrival;

  const changes = arrival === "late" ? placed(org, options) : org.inventory.merge(source, report);
  org.history.stage(source, report.at, changes.seen);
  const behindMs = isCurrent && arrival === "new" ? behind(receivedAt - report.at) : undefined;
  org.cursors.move(source, report, receivedAt, behindMs);
  if (report.at > newest || arrival === "new") org.show(changes);
  if (arrival === "new" && (isCurrent || (options.isLast && isStillSo(org, options, receivedAt)))) {
    const ids = [...changes.changed.map(({ id }) => id), ...changes.removed];
    org.alerts.look(ids, receivedAt, { isJournaled });
  }
  /* A resource's id is on disk before anybody has time to keep a link to it. */
  if (!isJournaled && org.inventory.hasUnwritten) org.commit.request(DESCRIPTIONS_WITHIN_MS);
  if (org.history.stagedCount >= MANY_STAGED) org.commit.request(MANY_STAGED_WITHIN_MS);
  return "stored";
}

/** Whether a delivery can be taken at all: looked at before anything of it is. */
export function requireTakeable(
  org: OrgRuntime,
  { source, reports, receivedAt }: { source: string; reports: readonly Report[]; receivedAt: number },
  resourceLimit: number = ORG_LIMITS.resources.standard,
): void {
  for (const [index, { at }] of reports.entries()) {
    if (at <= receivedAt + MAX_AHEAD_MS) continue;
    const field = reports.length === 1 ? "at" : `reports.${index}.at`;
    throw new DomainError(
      "invalid_request",
      "The report is from the future: check the clock of the machine that sent it.",
      { fields: { [field]: "is more than 5 minutes ahead of the server's clock" } },
    );
  }
  requireResourcesLeft(org, source, reports, resourceLimit);
  if (org.history.stagedCount >= MAX_STAGED) {
    throw new DomainError("storage_full", "The disk does not keep up. Keep the report and send it again.", {
      retryAfterMs: 5_000,
    });
  }
  org.requireRoom();
}

/** What is watched already goes on being watched. */
function requireResourcesLeft(
  { inventory }: OrgRuntime,
  source: string,
  reports: readonly Report[],
  limit: number,
): void {
  if (inventory.size <= limit) return;
  const isKnown = ({ key }: { key: string }) => inventory.find(source, key) !== undefined;
  if (reports.every(({ resources }) => resources.every(isKnown))) return;
  throw new DomainError(
    "limit_reached",
    `${inventory.size} resources are watched, and at most ${limit} may be.`,
  );
}

function placed(org: OrgRuntime, { source, report }: IngestOptions): PictureChange & { seen: SeenValues[] } {
  return { seen: org.inventory.place(source, report), changed: [], removed: [] };
}

function isStillSo(org: OrgRuntime, { source, report }: IngestOptions, receivedAt: number): boolean {
  return receivedAt - report.at - org.cursors.rhythmOf(source).behindMs < STILL_SO_MS;
}

function behind(ms: number): number {
  return Math.abs(ms) < WORTH_A_WORD_MS ? 0 : ms;
}
