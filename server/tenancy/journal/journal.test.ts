/**
 * On real files. Only the wait for the disk is the test's: counted, put off, or failing. With a disk that loses
 * what was not waited for, `tests/faults/journal-power-cut` has to do.
 */
import { afterAll, afterEach, beforeEach, describe, expect, jest, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../../tests/support/until.ts";
import { DEFAULT_ORG, OrgId } from "../../contract/ids.ts";
import { mintId } from "../../lib/random-id.ts";
import { Journal } from "./journal.ts";
import { journalFiles } from "./replay.ts";
import { BLOCK_BYTES, type JournalRecord, MAX_RECORD_BYTES, readRecords, SEGMENT_BYTES } from "./segment.ts";

/** Some of these write a hundred megabytes. */
setDefaultTimeout(20_000);

const root = mkdtempSync(join(tmpdir(), "pulse-journal-"));
afterAll(() => rmSync(root, { recursive: true }));

const [acme, beta, gamma] = [mintId("o"), mintId("o"), mintId("o")].map((id) => OrgId.parse(id)) as [
  OrgId,
  OrgId,
  OrgId,
];
/** Three bodies of this size, and the rest, fill a segment to its last block. */
const LARGE = 1024 * 1024;
const REST = 252 * BLOCK_BYTES - 100;
const STORAGE_FULL = { reason: "storage_full" };

/** Waits for the disk after a group was written, and what they do. */
const disk = { syncs: 0, instead: undefined as (() => Promise<void>) | undefined };
const proto = await protoOfFiles();
const { datasync, sync } = proto;
beforeEach(() => {
  disk.syncs = 0;
  disk.instead = undefined;
  proto.datasync = async () => {
    disk.syncs++;
    await disk.instead?.();
  };
  proto.sync = async () => {};
});
afterEach(() => {
  Object.assign(proto, { datasync, sync });
  jest.useRealTimers();
});

async function protoOfFiles(): Promise<FileHandle> {
  const file = await open("/dev/null");
  await file.close();
  return Object.getPrototypeOf(file) as FileHandle;
}

let made = 0;
function newJournal(more: { now?: () => number; syncsAtOnce?: number } = {}) {
  const folder = join(root, String(made++));
  const pressed: OrgId[][] = [];
  const journal = new Journal({ folder, name: "shard-0", onPressure: (ids) => pressed.push(ids), ...more });
  const files = () => journalFiles(folder).sort();
  /** What would be delivered again, oldest first within a file. */
  const read = () => files().flatMap((path) => [...readRecords(readFileSync(path))].map(textOf));
  return { journal, folder, pressed, files, read };
}

function record(text: string, orgId: OrgId = acme, bytes = text.length): JournalRecord {
  const body = Buffer.alloc(bytes, ".");
  body.write(text);
  return { orgId, source: "agent:a", receivedAt: 1_795_461_200_000, gzip: false, body };
}
const textOf = ({ body }: JournalRecord) => Buffer.from(body.subarray(0, 40)).toString().replace(/\.+$/, "");

/** A segment full of one org's records. */
async function fill(journal: Journal, orgId: OrgId): Promise<void> {
  for (const bytes of [LARGE, LARGE, LARGE, REST]) await journal.append(record("full", orgId, bytes));
}

/** What has become of a promise so far. */
function follow(promise: Promise<void>): { state: string } {
  const followed = { state: "waiting" };
  promise.then(
    () => (followed.state = "on disk"),
    () => (followed.state = "refused"),
  );
  return followed;
}

/** Holds every wait for the disk back until it is let go. */
function holdDisk(): { isWaiting: () => boolean; letGo: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  let waiting = false;
  disk.instead = () => {
    waiting = true;
    return promise;
  };
  return { isWaiting: () => waiting, letGo: resolve };
}

describe("a record is acknowledged", () => {
  test("when the disk has it, and not before", async () => {
    const { journal, read } = newJournal();
    const held = holdDisk();
    const appended = journal.append(record("one"));
    const followed = follow(appended);
    await until(held.isWaiting);
    expect([read(), followed.state]).toEqual([["one"], "waiting"]);
    held.letGo();
    await appended;
    await journal.close();
  });

  test("together with those that come in the same moment, by one wait for the disk, in their order", async () => {
    const { journal, read, files } = newJournal();
    const texts = Array.from({ length: 100 }, (_, n) => `record ${n}`);
    await Promise.all(texts.map((text, n) => journal.append(record(text, n % 2 ? acme : beta))));
    expect(disk.syncs).toBe(1);
    expect([read(), files()]).toEqual([texts, [expect.any(String)]]);
    await journal.close();
  });

  test("in the next group when it comes while one is written", async () => {
    const { journal, read } = newJournal();
    const held = holdDisk();
    const first = journal.append(record("one"));
    await until(held.isWaiting);
    const second = follow(journal.append(record("two")));
    const third = journal.append(record("three"));
    disk.instead = undefined;
    held.letGo();
    await first;
    expect(second.state).toBe("waiting");
    await third;
    expect([second.state, disk.syncs, read()]).toEqual(["on disk", 2, ["one", "two", "three"]]);
    await journal.close();
  });

  test("never when it cannot be written, and is when it is sent again and can", async () => {
    const { journal, folder, read } = newJournal();
    writeFileSync(folder, "in the way");
    await expect(journal.append(record("one"))).rejects.toThrow();
    rmSync(folder);
    await journal.append(record("one"));
    expect(read()).toEqual(["one"]);
    await journal.close();
  });

  test("never when the disk failed; what was on it before is there, and that file is not written again", async () => {
    const { journal, files, read } = newJournal();
    await journal.append(record("before"));
    const [spoiled] = files();
    disk.instead = () => Promise.reject(new Error("EIO"));
    const refused = [journal.append(record("lost?")), journal.append(record("and this", beta))];
    expect((await Promise.allSettled(refused)).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    disk.instead = undefined;
    const bytes = readFileSync(spoiled as string);
    await journal.append(record("after"));
    expect(readFileSync(spoiled as string).equals(bytes)).toBe(true);
    expect(read()).toEqual(expect.arrayContaining(["before", "after"]));
    expect(files()).toHaveLength(2);
    /* Both orgs have written what the journal could not hold. */
    for (const orgId of [acme, beta]) journal.release(orgId);
    expect(files()).not.toContain(spoiled as string);
    await journal.close();
  });

  test("never when it is larger than could be read again", async () => {
    const { journal, read } = newJournal();
    const tooLarge = journal.append(record("x", acme, MAX_RECORD_BYTES));
    await expect(tooLarge).rejects.toMatchObject({ reason: "too_large" });
    const largest = MAX_RECORD_BYTES - (1 + acme.length + 1 + "agent:a".length + 1 + 8);
    await journal.append(record("largest", acme, largest));
    expect(read()).toEqual(["largest"]);
    await journal.close();
  });

  test("never when too much waits already, which is said at once", async () => {
    const { journal } = newJournal();
    const held = holdDisk();
    const waiting = Array.from({ length: 15 }, () => journal.append(record("x", acme, LARGE)));
    await expect(journal.append(record("x", acme, LARGE))).rejects.toMatchObject(STORAGE_FULL);
    held.letGo();
    await Promise.all(waiting);
    await journal.close();
  });
});

test("a block that is on disk is never written again", async () => {
  const { journal, files } = newJournal();
  let before = Buffer.alloc(0);
  for (const bytes of [1, 4_000, 10, 9_000, 4_040, 4_041, 1]) {
    await journal.append(record("x", acme, bytes));
    const now = readFileSync(files()[0] as string);
    const end = usedBlocks(before) * BLOCK_BYTES;
    expect(now).toHaveLength(SEGMENT_BYTES);
    expect(usedBlocks(now)).toBeGreaterThan(usedBlocks(before));
    expect(now.subarray(0, end).equals(before.subarray(0, end))).toBe(true);
    before = now;
  }
  await journal.close();
});

/** Up to the last that is not empty. */
function usedBlocks(segment: Buffer): number {
  let last = segment.length - 1;
  while (last >= 0 && segment[last] === 0) last--;
  return Math.ceil((last + 1) / BLOCK_BYTES);
}

test("when the disk had to be waited for very often, a second's records share one wait", async () => {
  jest.useFakeTimers();
  let now = 0;
  const { journal } = newJournal({ now: () => now, syncsAtOnce: 60 });
  for (let sync = 1; sync <= 60; sync++) {
    const appended = journal.append(record("quiet"));
    jest.advanceTimersByTime(10);
    await appended;
    await turn();
    expect(disk.syncs).toBe(sync);
  }
  const busy = journal.append(record("busy"));
  jest.advanceTimersByTime(999);
  const too = journal.append(record("too"));
  expect(disk.syncs).toBe(60);
  jest.advanceTimersByTime(1);
  await Promise.all([busy, too]);
  await turn();
  expect(disk.syncs).toBe(61);
  /* One more for every second. */
  now += 3_000;
  for (let sync = 62; sync <= 63; sync++) {
    const appended = journal.append(record("quiet again"));
    jest.advanceTimersByTime(10);
    await appended;
    await turn();
    expect(disk.syncs).toBe(sync);
  }
  await journal.close();
});

/** Whoever was told of a write has been; the journal is done with it too. */
async function turn(): Promise<void> {
  for (let step = 0; step < 10; step++) await Promise.resolve();
}

describe("what its org has written", () => {
  test("frees the segment, which is used again; of free ones two are kept", async () => {
    const { journal, files, pressed } = newJournal();
    for (let segment = 0; segment < 5; segment++) await fill(journal, segment % 2 ? acme : beta);
    const full = files();
    expect(full).toHaveLength(5);
    journal.release(acme);
    expect(files()).toHaveLength(5);
    journal.release(beta);
    /* Two free ones and the one that is being written. */
    const kept = files();
    expect([kept.length, journal.sizeBytes]).toEqual([3, 3 * SEGMENT_BYTES]);
    for (let segment = 0; segment < 2; segment++) await fill(journal, acme);
    expect(files().filter((path) => kept.includes(path))).toHaveLength(2);
    expect(files()).toHaveLength(2);
    await fill(journal, acme);
    expect(files()).toHaveLength(3);
    expect(pressed).toEqual([]);
    await journal.close();
  });

  test("is not read again where the segment has been begun anew", async () => {
    const { journal, read } = newJournal();
    for (let segment = 0; segment < 2; segment++) await fill(journal, beta);
    expect(read()).toEqual(Array(8).fill("full"));
    journal.release(beta);
    await journal.append(record("new"));
    expect(read().sort()).toEqual([...Array<string>(4).fill("full"), "new"]);
    journal.release(acme);
    await journal.close();
  });

  test("holds nobody else's segment, and others' records hold theirs", async () => {
    const { journal, files } = newJournal();
    const bodies = [LARGE, LARGE, LARGE, REST];
    for (const [n, bytes] of bodies.entries())
      await journal.append(record("x", n === 2 ? beta : acme, bytes));
    await journal.append(record("elsewhere", gamma));
    journal.release(acme);
    journal.release(gamma);
    const before = files();
    expect(before).toHaveLength(2);
    await journal.close();
    expect(files()).toEqual([before[0] as string]);
  });

  test("while it waited is acknowledged and not written any more", async () => {
    const { journal, read } = newJournal();
    const released = journal.append(record("released", acme));
    const other = journal.append(record("other", beta));
    journal.release(acme);
    const later = journal.append(record("later", acme));
    await Promise.all([released, other, later]);
    expect(read()).toEqual(["other", "later"]);
    await journal.close();
  });

  test.each([
    ["while the segment was made", false],
    ["while the disk was waited for", true],
  ])("%s, leaves nothing behind", async (_, isWritten) => {
    const { journal, files } = newJournal();
    const held = holdDisk();
    const appended = journal.append(record("x"));
    await until(isWritten ? held.isWaiting : () => files().length > 0);
    journal.release(acme);
    held.letGo();
    await appended;
    await journal.close();
    expect(files()).toEqual([]);
  });

  test("does not say that what came after it is written", async () => {
    const { journal, files, read } = newJournal();
    const held = holdDisk();
    const first = journal.append(record("first"));
    await until(held.isWaiting);
    journal.release(acme);
    const second = journal.append(record("second"));
    held.letGo();
    await Promise.all([first, second]);
    await journal.close();
    expect(files()).toHaveLength(1);
    expect(read()).toContain("second");
  });
});

describe("an org that is gone", () => {
  /** Whether anything of acme lies in the folder, in whatever file. */
  const remains = (folder: string) =>
    readdirSync(folder).some((name) => {
      const bytes = readFileSync(join(folder, name));
      return bytes.includes("canary") || bytes.includes(acme);
    });
  const canary = (bytes = 100) => record("canary", acme, bytes);
  const expel = (journal: Journal) => journal.expel((orgId) => orgId === acme);

  test("leaves no byte, once the others in its segments have written", async () => {
    const { journal, folder, files, pressed } = newJournal();
    await Promise.all([journal.append(canary()), journal.append(record("b", beta))]);
    for (const one of [canary(LARGE), record("b", beta, LARGE), record("g", gamma, LARGE), canary(LARGE)])
      await journal.append(one);
    await journal.append(record("b", beta));
    expect(files()).toHaveLength(2);
    expect(remains(folder)).toBe(true);
    journal.release(acme);
    expel(journal);
    expect(new Set(pressed.flat())).toEqual(new Set([beta, gamma]));
    for (const orgId of [beta, gamma]) journal.release(orgId);
    expect(remains(folder)).toBe(false);
    /* And the others go on. */
    await journal.append(record("after", beta));
    await journal.close();
    expect(remains(folder)).toBe(false);
  });

  test("leaves none in segments that are free, nor in those that others have begun to use again", async () => {
    const { journal, folder, read } = newJournal();
    for (let one = 0; one < 9; one++) await journal.append(canary(LARGE));
    await journal.append(record("b", beta));
    journal.release(acme);
    journal.release(beta);
    await journal.append(record("over the first canary", beta, LARGE));
    expect(remains(folder)).toBe(true);
    expel(journal);
    journal.release(beta);
    expect(remains(folder)).toBe(false);
    await journal.append(record("after", beta));
    expect(read()).toEqual(["after"]);
    await journal.close();
  });

  test.each([
    ["that still waited", "waiting"],
    ["that were being written when it went", "written"],
  ])("leaves none of the records %s", async (_, when) => {
    const { journal, folder } = newJournal();
    await journal.append(record("b", beta));
    const held = holdDisk();
    const appended = [journal.append(canary()), ...(when === "written" ? [] : [journal.append(canary())])];
    if (when === "written") await until(held.isWaiting);
    journal.release(acme);
    expel(journal);
    held.letGo();
    await Promise.all(appended);
    journal.release(beta);
    await journal.settled();
    await until(() => !remains(folder));
    await journal.append(record("after", beta));
    await journal.close();
    expect(remains(folder)).toBe(false);
  });
});

test("a file is not closed under a write, whatever becomes of its org meanwhile", async () => {
  const { journal, files } = newJournal();
  const held = holdDisk();
  const { close } = proto;
  let closed = 0;
  proto.close = function (this: FileHandle) {
    closed++;
    return close.call(this);
  };
  try {
    const appended = journal.append(record("x"));
    await until(held.isWaiting);
    journal.release(acme);
    journal.expel((orgId) => orgId === acme);
    expect(closed).toBe(0);
    held.letGo();
    await appended;
    await journal.close();
    expect([closed, files()]).toEqual([1, []]);
  } finally {
    proto.close = close;
  }
});

describe("when orgs do not write", () => {
  test("those in the oldest segment are asked to, again and again, and past the limit nothing is taken", async () => {
    const { journal, pressed, files } = newJournal();
    for (const bytes of [LARGE, LARGE, LARGE, REST])
      await journal.append(record("old", bytes === REST ? gamma : beta, bytes));
    for (let segment = 2; segment <= 11; segment++) await fill(journal, acme);
    expect(pressed).toEqual([]);
    await journal.append(record("full", acme, LARGE));
    expect(pressed).toEqual([[beta, gamma]]);
    journal.release(gamma);
    await journal.append(record("full", acme, LARGE));
    expect(pressed[1]).toEqual([beta]);
    await journal.append(record("full", acme, LARGE));
    for (let segment = 13; segment <= 16; segment++) await fill(journal, acme);
    await expect(journal.append(record("full", acme, LARGE))).rejects.toMatchObject(STORAGE_FULL);
    expect(files()).toHaveLength(16);

    journal.release(beta);
    await journal.append(record("fits", acme, LARGE));
    expect(files()).toHaveLength(16);
    journal.release(acme);
    await journal.close();
    expect(files()).toEqual([]);
  });
});

describe("whoever waits until all is on disk", () => {
  test("waits for what was appended, also for what is just being written, and for nothing that comes later", async () => {
    const { journal } = newJournal();
    await journal.settled();
    const held = holdDisk();
    journal.append(record("one")).catch(() => {});
    await until(held.isWaiting);
    const settled = journal.settled();
    const followed = follow(settled);
    const later = Promise.withResolvers<void>();
    disk.instead = () => later.promise;
    const after = follow(journal.append(record("two")));
    expect(followed.state).toBe("waiting");
    held.letGo();
    await settled;
    expect(after.state).toBe("waiting");
    later.resolve();
    await journal.close();
    expect(after.state).toBe("on disk");
  });

  test("is refused when some of it could not be written", async () => {
    const { journal } = newJournal();
    disk.instead = () => Promise.reject(new Error("EIO"));
    const appended = journal.append(record("one"));
    const settled = journal.settled();
    const outcomes = await Promise.allSettled([appended, settled]);
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await journal.close();
  });
});

describe("closed", () => {
  test("with everything in the orgs' files it leaves no file", async () => {
    const { journal, files, folder } = newJournal();
    for (let segment = 0; segment < 3; segment++) await fill(journal, acme);
    void journal.append(record("last"));
    journal.release(acme);
    await journal.close();
    expect(files()).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("with something that is not, it leaves exactly what is needed, and has written what waited", async () => {
    const { journal, files, read } = newJournal();
    await fill(journal, acme);
    await journal.append(record("here", beta, LARGE));
    const waiting = [journal.append(record("waits", DEFAULT_ORG)), journal.append(record("waits too", beta))];
    journal.release(acme);
    await journal.close();
    await Promise.all(waiting);
    expect(files()).toHaveLength(1);
    expect(read()).toEqual(["here", "waits", "waits too"]);
  });

  test("that never had anything, it makes no folder", async () => {
    const { journal, folder } = newJournal();
    await journal.close();
    expect(() => readdirSync(folder)).toThrow("ENOENT");
  });
});

test("its files are nobody else's", async () => {
  const { journal, files, folder } = newJournal();
  mkdirSync(folder, { mode: 0o777 });
  await journal.append(record("x"));
  expect([folder, ...files()].map((path) => (statSync(path).mode & 0o777).toString(8))).toEqual([
    "700",
    "600",
  ]);
  journal.release(acme);
  await journal.close();
});
