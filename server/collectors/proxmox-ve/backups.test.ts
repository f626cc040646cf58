import { expect, test } from "bun:test";
import { joinHistories, needsLog, readLog, readStored, readTask } from "./backups.ts";

const task = { upid: "UPID:a:1", id: undefined, type: undefined, user: undefined };
const job = { ...task, starttime: 1_000, endtime: 9_000, status: "job errors" };

test("a job for many guests says in its log how it went for each, and when", () => {
  const log = [
    "INFO: starting new backup job: vzdump 1 2 3 --storage x",
    "INFO: Starting Backup of VM 1 (qemu)",
    "INFO: Backup started at 2026-03-29 01:59:00",
    "INFO: Finished Backup of VM 1 (00:01:00)",
    "INFO: Backup finished at 2026-03-29 02:00:00",
    "INFO: Starting Backup of VM 2 (lxc)",
    "INFO: Backup started at 2026-03-29 02:00:00",
    "ERROR: Backup of VM 2 failed - no space - really",
    "INFO: Failed at 2026-03-29 02:00:30",
    "INFO: Backup job finished with errors",
  ];
  expect([...readLog(job, log)]).toEqual([
    [1, { goodAt: 1_060_000 }],
    [2, { badAt: 1_090_000, error: "no space - really" }],
  ]);
});

test("without times of its own a backup was over when its job was", () => {
  const log = [
    "INFO: Finished Backup of VM 1 (00:00:03)",
    "ERROR: Backup of VM 2 failed - x",
    "INFO: Backup job finished with errors",
  ];
  expect([...readLog(job, log)]).toEqual([
    [1, { goodAt: 9_000_000 }],
    [2, { badAt: 9_000_000, error: "x" }],
  ]);
});

test("what guests write into a log is not taken for what the job says", () => {
  const log = [
    "INFO:  INFO: Finished Backup of VM 9 (00:00:03)",
    "guest: ERROR: Backup of VM 9 failed - x",
    "",
    "{}",
  ];
  expect([...readLog(job, log)]).toEqual([]);
});

test("a job for one guest says it by how it ended", () => {
  const one = { ...task, id: "7", starttime: 1, endtime: 2 };
  expect([...readTask({ ...one, status: "OK" })]).toEqual([[7, { goodAt: 2_000 }]]);
  expect([...readTask({ ...one, status: "WARNINGS: 3" })]).toEqual([[7, { goodAt: 2_000 }]]);
  expect([...readTask({ ...one, status: "interrupted by signal" })]).toEqual([
    [7, { badAt: 2_000, error: "interrupted by signal" }],
  ]);
  expect([...readTask({ ...one, id: "", status: "OK" })]).toEqual([]);
  expect([...readTask({ ...one, status: "OK", endtime: undefined })]).toEqual([]);
});

test("the log is read where the list of tasks does not say enough", () => {
  const one = { ...task, id: "7", starttime: 1, endtime: 2 };
  expect(needsLog({ ...one, status: "OK" })).toBe(false);
  expect(needsLog({ ...one, status: "job errors" })).toBe(true);
  expect(needsLog({ ...one, id: undefined, status: "OK" })).toBe(true);
});

test("of all that is known the newest counts, good and bad by itself", () => {
  const joined = joinHistories([
    new Map([[1, { goodAt: 5, sizeBytes: 10 }]]),
    new Map([[1, { badAt: 9, error: "later" }]]),
    new Map([[1, { badAt: 7, error: "earlier" }]]),
    new Map([[1, { goodAt: 3, sizeBytes: 99, verified: "failed" as const }]]),
  ]);
  expect(joined.get(1)).toEqual({ goodAt: 5, sizeBytes: 10, badAt: 9, error: "later" });
});

test("of the backups a storage lists the newest of each guest counts", () => {
  const stored = readStored([
    { vmid: 1, ctime: 5, size: 50, verification: { state: "ok" } },
    { vmid: 1, ctime: 9, size: 0, verification: { state: "failed" } },
    { vmid: 2, ctime: 1, size: undefined, verification: undefined },
  ]);
  expect([...stored]).toEqual([
    [1, { goodAt: 9_000, verified: "failed" }],
    [2, { goodAt: 1_000 }],
  ]);
});
