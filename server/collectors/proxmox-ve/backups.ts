/**
 * When a guest was last backed up. A token that may only look is not shown the backups on a storage
 * (that takes Datastore.AllocateSpace and VM.Backup, with which it could delete them), so the answer comes
 * from the nodes' protocols of what their backup jobs did, which Sys.Audit shows. A job for one guest says
 * how it ended in the list of tasks; a job for many says it guest by guest in its log. Where the token may
 * list the backups all the same, the newer of the two counts. Pure.
 */
import { clip, known } from "../host/figures.ts";
import { isGood } from "../proxmox/failed-tasks.ts";
import type { BackupHistory, Picture, StoredBackup } from "./picture.ts";
import type { TaskRow } from "./requests.ts";

/** Whether only its log says how it went for each guest, or why it failed. */
export function needsLog(task: TaskRow): boolean {
  return !isForOne(task) || !isGood(task.status);
}

function isForOne(task: TaskRow): boolean {
  return task.id !== undefined && /^\d+$/.test(task.id);
}

/** What a finished task for one guest says. */
export function readTask(task: TaskRow): Map<number, BackupHistory> {
  const vmid = Number(task.id);
  if (!isForOne(task) || task.endtime === undefined) return new Map();
  const at = task.endtime * 1000;
  return new Map([
    [vmid, isGood(task.status) ? { goodAt: at } : { badAt: at, error: task.status ?? "unknown" }],
  ]);
}

const STARTED = /^INFO: Backup started at (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)$/;
const ENDED = /^INFO: (?:Backup finished|Failed) at (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)$/;
const FINISHED = /^INFO: Finished Backup of VM (\d+) /;
const FAILED = /^ERROR: Backup of VM (\d+) failed - (.*)$/;

/**
 * The log of a job for many guests. Its times are the node's own, without a zone; only how far they are
 * from the first of them counts, added to when the task began.
 */
export function readLog(task: TaskRow, lines: readonly string[]): Map<number, BackupHistory> {
  const found = new Map<number, BackupHistory>();
  const beganAt = (task.starttime ?? 0) * 1000;
  let first: number | undefined;
  let last: { vmid: number; error?: string } | undefined;
  const note = (at: number) => {
    if (last)
      found.set(last.vmid, last.error === undefined ? { goodAt: at } : { badAt: at, error: last.error });
    last = undefined;
  };
  for (const line of lines) {
    const [, startedOn, startedAt] = STARTED.exec(line) ?? [];
    if (startedOn) first ??= localMs(startedOn, startedAt);
    const [, endedOn, endedAt] = ENDED.exec(line) ?? [];
    if (endedOn && first !== undefined) note(beganAt + localMs(endedOn, endedAt) - first);
    const [, finished] = FINISHED.exec(line) ?? [];
    const [, failed, error = ""] = FAILED.exec(line) ?? [];
    if (!finished && !failed) continue;
    // Without a time of its own it was over, at the latest, when the task was.
    note((task.endtime ?? 0) * 1000);
    last = finished ? { vmid: Number(finished) } : { vmid: Number(failed), error };
  }
  note((task.endtime ?? 0) * 1000);
  return found;
}

function localMs(day: string, time = ""): number {
  return Date.parse(`${day}T${time}Z`);
}

/** The newest backup of each guest among those a storage lists. */
export function readStored(backups: readonly StoredBackup[]): Map<number, BackupHistory> {
  const newest = new Map<number, StoredBackup>();
  for (const backup of backups) {
    if (backup.ctime > (newest.get(backup.vmid)?.ctime ?? 0)) newest.set(backup.vmid, backup);
  }
  return new Map(
    [...newest].map(([vmid, { ctime, size, verification }]) => [
      vmid,
      {
        goodAt: ctime * 1000,
        ...(size && { sizeBytes: size }),
        ...(verification?.state && { verified: verification.state === "ok" ? "ok" : "failed" }),
      },
    ]),
  );
}

/** All that is known of each guest, the newest of each kind. */
export function joinHistories(
  histories: Iterable<ReadonlyMap<number, BackupHistory>>,
): Map<number, BackupHistory> {
  const joined = new Map<number, BackupHistory>();
  for (const history of histories) {
    for (const [vmid, seen] of history) {
      const known = joined.get(vmid) ?? {};
      const next = { ...known };
      if (seen.goodAt !== undefined && seen.goodAt > (known.goodAt ?? 0)) {
        next.goodAt = seen.goodAt;
        /* A job's end and the moment its backup was begun differ, so what is known about the backup itself stays. */
        if (seen.sizeBytes !== undefined) next.sizeBytes = seen.sizeBytes;
        if (seen.verified !== undefined) next.verified = seen.verified;
      }
      if (seen.badAt !== undefined && seen.badAt > (known.badAt ?? 0)) {
        next.badAt = seen.badAt;
        next.error = seen.error ?? "";
      }
      joined.set(vmid, next);
    }
  }
  return joined;
}

export function backupFacts(picture: Picture, vmid: number) {
  const history = picture.backups.get(vmid) ?? {};
  const problem = problemOf(history, picture.notBackedUp?.has(vmid) === true);
  return {
    attributes: {
      backup_at: history.goodAt,
      backup_verified: history.verified,
      backup_problem: problem,
    },
    metrics: known({
      backup_age_seconds:
        history.goodAt === undefined
          ? undefined
          : Math.max(0, Math.floor((picture.now - history.goodAt) / 1000)),
      backup_size_bytes: history.sizeBytes,
    }),
  };
}

function problemOf(history: BackupHistory, hasNoJob: boolean): string | undefined {
  if (history.badAt !== undefined && history.badAt > (history.goodAt ?? 0)) {
    return clip(`The last backup failed: ${history.error || "the log says no more"}`);
  }
  if (history.verified === "failed") return "The newest backup was found damaged when it was verified.";
  return hasNoJob ? "No backup job covers this guest." : undefined;
}
