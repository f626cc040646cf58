import type { ReportedResource } from "../../contract/report.ts";
import type { ResourceStatus } from "../../contract/resource.ts";
import { clip, known, knownAttributes, percentOf, resourceKey, rounded } from "../host/figures.ts";
import { isGood } from "../proxmox/failed-tasks.ts";
import type { Picture } from "./picture.ts";
import type { DatastoreRow, JobKind, JobRow } from "./requests.ts";
import { SERVER_KEY } from "./server.ts";

export const datastoreKey = (store: string) => resourceKey("datastore", store);

/** An estimate further away than this says no more than "not soon". */
const LONGEST_ESTIMATE_SECONDS = 10 * 365 * 86_400;

const JOB_WORDS: Record<JobKind, string> = {
  verify: "verification",
  sync: "sync job",
  prune: "prune job",
  gc: "garbage collection",
};

/** Pure. */
export function datastoreResource(picture: Picture, row: DatastoreRow): ReportedResource {
  const jobs = picture.jobs.filter((job) => job.store === row.store && !job.disable);
  const groups = picture.groups.filter((group) => group.store === row.store);
  const health = healthOf(row, jobs);
  const collected = row["gc-status"];
  const [total, used, available] = [row.total, row.used, row.avail].map(readable);
  return {
    kind: "datastore",
    key: datastoreKey(row.store),
    parent: SERVER_KEY,
    name: clip(row.store) || "datastore",
    status: health.status,
    attributes: knownAttributes({
      problem: health.problem,
      mount: row["mount-status"] && clip(row["mount-status"], 40),
      // By these a cluster's storage is recognised as this datastore.
      pbs_server: clip(picture.host).toLowerCase(),
      pbs_fingerprint: picture.fingerprint256,
      verified_at: newestRun(jobs, "verify"),
      collected_at: newestRun(jobs, "gc"),
    }),
    metrics: known({
      storage_total_bytes: total || undefined,
      storage_used_bytes: used,
      storage_available_bytes: available,
      storage_used_percent: total ? percentOf(used, total) : undefined,
      full_in_seconds: secondsUntilFull(row, picture.now),
      deduplication_factor: factorOf(collected?.["index-data-bytes"], collected?.["disk-bytes"]),
      garbage_pending_bytes: collected?.["pending-bytes"],
      damaged_chunks: collected?.["still-bad"],
      backup_groups: groups.length || undefined,
      damaged_backups: groups.some(({ newest }) => newest)
        ? groups.reduce((sum, { newest }) => sum + (newest?.damaged ?? 0), 0)
        : undefined,
    }),
  };
}

/** -1 stands for what could not be read. */
function readable(figure: number | undefined): number | undefined {
  return figure === undefined || figure < 0 ? undefined : figure;
}

function healthOf(
  row: DatastoreRow,
  jobs: (JobRow & { kind: JobKind })[],
): { status: ResourceStatus; problem?: string } {
  if (row.error) return { status: "down", problem: clip(`The datastore cannot be used: ${row.error}`) };
  // A removable one that is not plugged in is where it should be: elsewhere.
  if (row["mount-status"] === "notmounted") return { status: "unknown" };
  const bad = row["gc-status"]?.["still-bad"];
  if (bad)
    return { status: "degraded", problem: `${bad} damaged chunks: backups that use them are damaged.` };
  const failed = jobs.find((job) => hasFailed(job["last-run-state"]));
  if (!failed) return { status: "up" };
  const which = failed.kind === "gc" || !failed.id ? "" : ` ${failed.id}`;
  return {
    status: "degraded",
    problem: clip(`The last ${JOB_WORDS[failed.kind]}${which} failed: ${failed["last-run-state"]}`),
  };
}

/** A job that never ran has no state; "unknown" is one that is still running or was cut off by a restart. */
function hasFailed(state: string | undefined): boolean {
  return state !== undefined && state !== "unknown" && !isGood(state);
}

function newestRun(jobs: (JobRow & { kind: JobKind })[], kind: JobKind): number | undefined {
  const ends = jobs.filter((job) => job.kind === kind).map((job) => job["last-run-endtime"] ?? 0);
  const newest = Math.max(0, ...ends);
  return newest > 0 ? newest * 1000 : undefined;
}

/** The server draws a line through the last month. Where it points to the past, the datastore is not filling up. */
function secondsUntilFull(row: DatastoreRow, now: number): number | undefined {
  const fullAt = row["estimated-full-date"];
  if (!fullAt) return undefined;
  const seconds = Math.floor(fullAt - now / 1000);
  return seconds > 0 && seconds < LONGEST_ESTIMATE_SECONDS ? seconds : undefined;
}

function factorOf(referred: number | undefined, stored: number | undefined): number | undefined {
  return referred && stored ? rounded(referred / stored) : undefined;
}
