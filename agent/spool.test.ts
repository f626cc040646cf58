import { describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { keptLog } from "../tests/support/kept-log.ts";
import { Spool } from "./spool.ts";
import type { SpooledReport } from "./spool-segment.ts";

const PLENTY = { reports: 100, packedBytes: 1e6, unpackedBytes: 8e6 };
const T0 = 1_790_000_000_000;

function newFolder(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), "pulse-spool-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

function open(folder: string, limitBytes = 50e6) {
  const log = keptLog();
  return { spool: new Spool({ folder, limitBytes, log: log.log }), log };
}

/** The n-th report; padded with what does not pack. */
function report(n: number, padding = 0): SpooledReport {
  const noise = Buffer.from(crypto.getRandomValues(new Uint8Array(padding))).toString("hex");
  const json = JSON.stringify({ n, noise });
  return { at: T0 + n * 10_000, unpackedBytes: json.length, packed: gzipSync(json) };
}

function numbersIn(spool: Spool, limits = PLENTY): number[] {
  return spool.peek(limits).reports.map(({ packed }) => JSON.parse(gunzipSync(packed).toString()).n);
}
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index);

test("reports come back in order, also to the next process, until they are removed", async () => {
  using folder = newFolder();
  const { spool } = open(folder.path);
  for (const n of upTo(5)) spool.append(report(n));
  spool.removeUpTo(spool.peek({ ...PLENTY, reports: 2 }).upTo);
  expect(numbersIn(spool)).toEqual([2, 3, 4]);
  await spool.close();

  const { spool: next } = open(folder.path);
  expect({ count: next.count, numbers: numbersIn(next) }).toEqual({ count: 3, numbers: [2, 3, 4] });
  next.append(report(5));
  expect(numbersIn(next)).toEqual([2, 3, 4, 5]);
  next.removeUpTo(next.peek(PLENTY).upTo);
  expect(next.count).toBe(0);
  expect(readdirSync(folder.path)).toEqual([]);
});

test("a batch keeps to every limit, but a report that is larger than one is still a batch", () => {
  using folder = newFolder();
  const { spool } = open(folder.path);
  for (const n of upTo(4)) spool.append(report(n, 1_000));
  expect(numbersIn(spool, { ...PLENTY, reports: 3 })).toEqual([0, 1, 2]);
  expect(numbersIn(spool, { ...PLENTY, unpackedBytes: 4_500 })).toEqual([0, 1]);
  expect(numbersIn(spool, { ...PLENTY, packedBytes: 10 })).toEqual([0]);
});

test("a segment cut at any byte gives back every report that is whole in it", async () => {
  using folder = newFolder();
  const { spool } = open(folder.path);
  const ends: number[] = [];
  for (const n of upTo(4)) {
    spool.append(report(n));
    ends.push(readFileSync(segmentIn(folder.path)).length);
  }
  await spool.close();
  const whole = readFileSync(segmentIn(folder.path));
  const torn = join(folder.path, "torn");
  for (let length = 0; length <= whole.length; length++) {
    mkdirSync(torn);
    writeFileSync(join(torn, "000000000000000.seg"), whole.subarray(0, length));
    const { spool: next } = open(torn);
    const expected = upTo(ends.filter((end) => end <= length).length);
    next.append(report(9));
    expect({ length, numbers: numbersIn(next) }).toEqual({ length, numbers: [...expected, 9] });
    await next.close();
    rmSync(torn, { recursive: true });
  }
});

test("a byte that changed anywhere costs that report and those after it, never a wrong one", async () => {
  using folder = newFolder();
  const { spool } = open(folder.path);
  for (const n of upTo(3)) spool.append(report(n));
  await spool.close();
  const whole = readFileSync(segmentIn(folder.path));
  for (let place = 0; place < whole.length; place++) {
    const bent = Buffer.from(whole);
    bent[place] = (bent[place] as number) ^ 0x10;
    writeFileSync(join(folder.path, "000000000000000.seg"), bent);
    const { spool: next, log } = open(folder.path);
    const numbers = numbersIn(next);
    expect(numbers).toEqual(upTo(numbers.length));
    expect(numbers.length).toBeLessThan(3);
    expect(log.lines.map(({ message }) => message)).toEqual([
      "the end of the spool was damaged and is left out",
    ]);
    await next.close();
  }
});

describe("when it is full", () => {
  const LIMIT = 64 * 1024;

  test("the oldest go, the newest stay, and the gap says what went, also to the next process", async () => {
    using folder = newFolder();
    const { spool } = open(folder.path, LIMIT);
    for (const n of upTo(100)) spool.append(report(n, 1_000));
    expect(spool.bytes).toBeLessThanOrEqual(LIMIT);
    const [oldest = 0] = numbersIn(spool);
    expect(oldest).toBeGreaterThan(0);
    expect(numbersIn(spool)).toEqual(upTo(100).slice(oldest));
    const gap = { from: T0, to: T0 + (oldest - 1) * 10_000, reports: oldest };
    expect(spool.gap).toEqual(gap);
    await spool.close();

    const { spool: next } = open(folder.path, LIMIT);
    expect(next.gap).toEqual(gap);
    next.closeGap();
    await next.close();
    expect(open(folder.path, LIMIT).spool.gap).toBeUndefined();
  });

  test("what goes while a batch is on its way is not taken for what was acknowledged", () => {
    using folder = newFolder();
    const { spool } = open(folder.path, LIMIT);
    for (const n of upTo(20)) spool.append(report(n, 1_000));
    const { upTo: sent } = spool.peek({ ...PLENTY, reports: 5 });
    for (const n of upTo(60).slice(20)) spool.append(report(n, 1_000));
    const left = numbersIn(spool);
    expect(left[0]).toBeGreaterThan(5);
    spool.removeUpTo(sent);
    expect(numbersIn(spool)).toEqual(left);
  });
});

describe("a disk that takes nothing", () => {
  test("leaves the newest reports in memory, bounded, and they are written when it does again", async () => {
    using folder = newFolder();
    const path = join(folder.path, "spool");
    writeFileSync(path, "a file where the folder should be");
    const { spool, log } = open(path);
    for (const n of upTo(5)) spool.append(report(n, 500_000));
    const kept = numbersIn(spool, { ...PLENTY, packedBytes: 1e9, unpackedBytes: 1e9 });
    expect(kept.at(-1)).toBe(4);
    expect(kept.length).toBeLessThan(5);
    expect(spool.gap?.reports).toBe(5 - kept.length);
    expect(log.lines.filter(({ level }) => level === "error")).toHaveLength(1);

    rmSync(path);
    mkdirSync(path);
    spool.append(report(5));
    await spool.close();
    const { spool: next } = open(path);
    expect(numbersIn(next, { ...PLENTY, packedBytes: 1e9, unpackedBytes: 1e9 })).toEqual([...kept, 5]);
  });

  test("may be removed from while it is", () => {
    using folder = newFolder();
    const path = join(folder.path, "spool");
    writeFileSync(path, "");
    const { spool } = open(path);
    for (const n of upTo(4)) spool.append(report(n));
    spool.removeUpTo(spool.peek({ ...PLENTY, reports: 3 }).upTo);
    expect(numbersIn(spool)).toEqual([3]);
    spool.append(report(4));
    expect(numbersIn(spool)).toEqual([3, 4]);
  });
});

test("what was forgotten is gone from the disk", async () => {
  using folder = newFolder();
  const { spool } = open(folder.path);
  spool.own("somebody");
  for (const n of upTo(3)) spool.append(report(n));
  await spool.close();
  const { spool: next } = open(folder.path);
  expect(next.owner).toBe("somebody");
  next.clear();
  expect({ count: next.count, files: readdirSync(folder.path) }).toEqual({ count: 0, files: [] });
});

function segmentIn(folder: string): string {
  return join(folder, readdirSync(folder).find((name) => name.endsWith(".seg")) as string);
}
