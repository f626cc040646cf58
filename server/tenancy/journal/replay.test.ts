import { afterAll, describe, expect, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_ORG, OrgId } from "../../contract/ids.ts";
import { mintId } from "../../lib/random-id.ts";
import { Journal } from "./journal.ts";
import { journalFiles, replay } from "./replay.ts";
import { encodeGroup, encodeHead, encodeRecord, type JournalRecord } from "./segment.ts";

const root = mkdtempSync(join(tmpdir(), "pulse-replay-"));
afterAll(() => rmSync(root, { recursive: true }));

const acme = OrgId.parse(mintId("o"));
const beta = OrgId.parse(mintId("o"));

let made = 0;
function newFolder(): string {
  const folder = join(root, String(made++));
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}

function record(text: string, orgId: OrgId = acme): JournalRecord {
  return { orgId, source: "agent:a", receivedAt: 1_000, gzip: false, body: Buffer.from(text) };
}

/** A segment as a shard that died has left it. */
function leave(folder: string, name: string, generation: number, records: JournalRecord[]): void {
  const salt = generation * 1_000 + made;
  const { group } = encodeGroup(records.map(encodeRecord), salt);
  writeFileSync(join(folder, name), Buffer.concat([encodeHead({ generation, salt }), group]));
}

/** What was delivered, one line for an org, until `refuses` says it cannot be. */
function deliver(folder: string, refuses: (orgId: OrgId) => boolean = () => false) {
  const delivered: Record<string, string[]> = {};
  const { records, orgs, failed } = replay(folder, (orgId, list) => {
    if (refuses(orgId)) throw new Error(`no room for ${orgId}`);
    delivered[orgId] = list.map(({ body }) => Buffer.from(body).toString());
  });
  return { delivered, records, orgs, failed: failed.map(({ orgId }) => orgId) };
}

describe("where there is nothing", () => {
  test("nothing is delivered, and no folder made", () => {
    const folder = join(root, "none");
    expect(deliver(folder)).toEqual({ delivered: {}, records: 0, orgs: 0, failed: [] });
    expect(existsSync(folder)).toBe(false);
    expect(deliver(newFolder())).toEqual({ delivered: {}, records: 0, orgs: 0, failed: [] });
  });

  test("what others put into the folder stays", () => {
    const folder = newFolder();
    writeFileSync(join(folder, "notes.txt"), "mine");
    deliver(folder);
    expect(readdirSync(folder)).toEqual(["notes.txt"]);
  });
});

test("what a journal took is given back whole: each org's in the order in which it came, once", async () => {
  const folder = newFolder();
  const journal = new Journal({ folder, name: "shard-0", onPressure: () => {} });
  const taken = [record("a1"), record("b1", beta), record("a2"), record("d1", DEFAULT_ORG), record("a3")];
  await Promise.all(taken.map((one) => journal.append(one)));
  await journal.append({ ...record("b2", beta), gzip: true, source: "ä", receivedAt: 1_795_461_200_123.5 });
  await journal.close();

  const lists: JournalRecord[] = [];
  const { records, orgs } = replay(folder, (_, list) => void lists.push(...list));
  expect([records, orgs]).toEqual([6, 3]);
  expect(lists.filter(({ orgId }) => orgId === beta)).toMatchObject([
    record("b1", beta),
    { ...record("b2", beta), gzip: true, source: "ä", receivedAt: 1_795_461_200_123.5 },
  ]);
  const texts = lists.filter(({ orgId }) => orgId === acme).map(({ body }) => Buffer.from(body).toString());
  expect(texts).toEqual(["a1", "a2", "a3"]);
  expect(readdirSync(folder)).toEqual([]);
  expect(deliver(folder).records).toBe(0);
});

test("segments are read in the order in which they were begun, whatever they are called", () => {
  const folder = newFolder();
  leave(folder, "shard-0-a.journal", 300, [record("5"), record("6")]);
  leave(folder, "shard-0-b.journal", 9, [record("3"), record("4")]);
  leave(folder, "shard-0-c.journal", 1, [record("1"), record("2")]);
  expect(deliver(folder).delivered).toEqual({ [acme]: ["1", "2", "3", "4", "5", "6"] });
});

describe("an org that cannot take its records", () => {
  function two() {
    const folder = newFolder();
    leave(folder, "shard-0-a.journal", 1, [record("a1"), record("b1", beta)]);
    leave(folder, "shard-0-b.journal", 2, [record("b2", beta)]);
    leave(folder, "shard-0-c.journal", 3, [record("a2")]);
    return folder;
  }

  test("keeps the segments that hold them, and no other's are held back by it", () => {
    const folder = two();
    const first = deliver(folder, (orgId) => orgId === acme);
    expect(first).toMatchObject({ delivered: { [beta]: ["b1", "b2"] }, failed: [acme] });
    expect(journalFiles(folder)).toHaveLength(2);
  });

  test("is given them at the next start, in order, and then they are gone", () => {
    const folder = two();
    const bytes = readFileSync(join(folder, "shard-0-a.journal"));
    deliver(folder, (orgId) => orgId === acme);
    for (let start = 0; start < 2; start++) deliver(folder, (orgId) => orgId === acme);
    expect(journalFiles(folder).map((path) => readFileSync(path).length)).toContain(bytes.length);
    expect(deliver(folder)).toMatchObject({ delivered: { [acme]: ["a1", "a2"] }, failed: [] });
    expect(readdirSync(folder)).toEqual([]);
  });

  test("is given them before what came since, which a new journal counts from one again", async () => {
    const folder = two();
    deliver(folder, (orgId) => orgId === acme);
    const journal = new Journal({ folder, name: "shard-0", onPressure: () => {} });
    await journal.append(record("a3"));
    await journal.close();
    expect(deliver(folder).delivered).toMatchObject({ [acme]: ["a1", "a2", "a3"] });
  });

  test("never has them written over by the journal that goes on", async () => {
    const folder = two();
    deliver(folder, (orgId) => orgId === acme);
    const kept = journalFiles(folder).map((path) => [path, readFileSync(path)] as const);
    const journal = new Journal({ folder, name: "shard-0", onPressure: () => {} });
    await journal.append(record("b3", beta));
    journal.release(beta);
    await journal.close();
    expect(journalFiles(folder).map((path) => [path, readFileSync(path)] as const)).toEqual(kept);
  });
});

describe("a damaged file", () => {
  test("gives what stands before the damage, and nothing is thrown", () => {
    const folder = newFolder();
    leave(folder, "shard-0-a.journal", 1, [record("a1"), record("a2"), record("a3")]);
    const path = join(folder, "shard-0-a.journal");
    const bytes = readFileSync(path);
    const at = bytes.indexOf("a2");
    bytes[at] = 0x41;
    writeFileSync(path, bytes);
    leave(folder, "shard-0-b.journal", 2, [record("a4")]);
    expect(deliver(folder).delivered).toEqual({ [acme]: ["a1", "a4"] });
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each([
    ["of nothing", Buffer.alloc(0)],
    ["of zeros", Buffer.alloc(65_536)],
    ["of anything", Buffer.alloc(65_536, "PULSEJ1\n")],
  ])("%s gives nothing and is no obstacle", (_, bytes) => {
    const folder = newFolder();
    writeFileSync(join(folder, "shard-0-a.journal"), bytes);
    leave(folder, "shard-1-b.journal", 1, [record("a1")]);
    expect(deliver(folder)).toMatchObject({ delivered: { [acme]: ["a1"] }, failed: [] });
    expect(readdirSync(folder)).toEqual([]);
  });
});
