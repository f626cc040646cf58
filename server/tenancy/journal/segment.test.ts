import { describe, expect, test } from "bun:test";
import { SEED, seeded } from "../../../tests/support/seeded.ts";
import { DEFAULT_ORG, OrgId } from "../../contract/ids.ts";
import { mintId } from "../../lib/random-id.ts";
import {
  BLOCK_BYTES,
  decodeHead,
  encodeGroup,
  encodeHead,
  encodeRecord,
  groupBytes,
  type JournalRecord,
  MAX_RECORD_BYTES,
  readRecords,
} from "./segment.ts";

/** Of the head, as far as it says something. */
const HEAD_BYTES = 20;

const acme = OrgId.parse(mintId("o"));

const random = seeded();

/** What lies in a file after these groups were written into it, one after another. */
function life(groups: readonly JournalRecord[][], salt: number, generation = 1): Buffer {
  let chain = salt;
  const written = groups.map((records) => {
    const encoded = encodeGroup(records.map(encodeRecord), chain);
    chain = encoded.chain;
    return encoded.group;
  });
  return Buffer.concat([encodeHead({ generation, salt }), ...written]);
}

/** A body of exactly so many bytes, none of which is like the next one's. */
function record(bytes: number, more: Partial<JournalRecord> = {}): JournalRecord {
  const body = Buffer.from(Array.from({ length: bytes }, () => Math.floor(random() * 256)));
  return { orgId: acme, source: "agent:a", receivedAt: 1_795_461_200_123, gzip: true, body, ...more };
}

function read(segment: Buffer): JournalRecord[] {
  return [...readRecords(segment)].map((one) => ({ ...one, body: Buffer.from(one.body) }));
}

/** How many of what was appended are read; throws when it is anything else. */
function prefixOf(appended: readonly JournalRecord[], segment: Buffer): number {
  let count = 0;
  for (const { orgId, source, receivedAt, gzip, body } of readRecords(segment)) {
    const expected = appended[count];
    const isSame =
      expected?.orgId === orgId &&
      expected.source === source &&
      expected.receivedAt === receivedAt &&
      expected.gzip === gzip &&
      Buffer.compare(expected.body, body) === 0;
    if (!isSame) throw new Error(`record ${count} is none that was appended there`);
    count++;
  }
  return count;
}

/** Where each record lies in a life of these groups: from its frame to its last byte. */
function places(groups: readonly JournalRecord[][]): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  let block = BLOCK_BYTES;
  for (const records of groups) {
    let at = block;
    for (const one of records) {
      const { length } = encodeRecord(one);
      found.push({ from: at, to: at + 8 + length });
      at += Math.ceil((8 + length) / 8) * 8;
    }
    block += groupBytes(records.map(encodeRecord));
  }
  return found;
}

test("what is written is what is read, to the last byte", () => {
  const appended = [
    record(0),
    record(1, { orgId: DEFAULT_ORG, source: "local", gzip: false }),
    record(100, { source: "" }),
    record(100, { source: "ä".repeat(127), receivedAt: 0 }),
    record(MAX_RECORD_BYTES - encodeRecord(record(0)).length),
  ];
  expect(read(life([appended], 7))).toEqual(appended);
  expect(read(life([[], appended.slice(0, 2), appended.slice(2)], 7))).toEqual(appended);
});

test("a segment without a group, or without a head, holds nothing", () => {
  expect(read(encodeHead({ generation: 3, salt: 9 }))).toEqual([]);
  expect(decodeHead(encodeHead({ generation: 3, salt: 9 }))).toEqual({ generation: 3, salt: 9 });
  const whole = life([[record(10)]], 9);
  for (const torn of [
    Buffer.alloc(0),
    Buffer.alloc(4_096),
    Buffer.alloc(65_536, 0xff),
    whole.subarray(4_096),
  ])
    expect(read(torn)).toEqual([]);
});

test(`groups are whole blocks, whatever is in them (seed ${SEED})`, () => {
  for (let round = 0; round < 200; round++) {
    const groups = Array.from({ length: 1 + Math.floor(random() * 3) }, () =>
      Array.from({ length: 1 + Math.floor(random() * 3) }, () => record(sizeAround(BLOCK_BYTES))),
    );
    const records = groups.map((group) => group.map(encodeRecord));
    for (const group of records) {
      expect(groupBytes(group) % BLOCK_BYTES).toBe(0);
      expect(encodeGroup(group, round).group).toHaveLength(groupBytes(group));
    }
    expect(prefixOf(groups.flat(), life(groups, round + 1))).toBe(groups.flat().length);
  }
});

/** Sizes with which a record ends right at, before and after the end of a block are among them. */
function sizeAround(block: number): number {
  const framed = 8 + encodeRecord(record(0)).length;
  return block - framed + Math.floor(random() * 32) - 16;
}

describe("of a segment that is damaged, what is read is an exact beginning of what was written", () => {
  const groups = [[record(900), record(0), record(2_500)], [record(20)], [record(3_000), record(1_500)]];
  const appended = groups.flat();
  const found = places(groups);
  const whole = life(groups, 0x1234_5678);
  /** Records of the same sizes at the same places, and then more of them, as an earlier life had left them. */
  const stale = life(
    [...groups.map((group) => group.map(({ body }) => record(body.length))), [record(5_000)]],
    0x9abc_def0,
  );

  test("not damaged, it is all of it", () => {
    expect(prefixOf(appended, whole)).toBe(6);
  });

  test.each([
    ["and there is nothing behind", () => undefined],
    ["and behind it is what a new file has", () => Buffer.alloc(whole.length + BLOCK_BYTES)],
    ["and behind it is an earlier life", () => Buffer.from(stale)],
  ])("cut at any byte, %s", (_, before) => {
    const image = before();
    /* Before the head is the new one the earlier life is whole, and all of it released. */
    for (let cut = image ? HEAD_BYTES : 0; cut <= whole.length; cut++) {
      if (image) whole.copy(image, 0, 0, cut);
      const count = prefixOf(appended, image ?? whole.subarray(0, cut));
      const complete = found.filter(({ to }) => to <= cut).length;
      if (count < complete) throw new Error(`cut at ${cut}: ${count} of ${complete} records`);
    }
  });

  test("with any sectors of the last group missing, the groups before it are all there", () => {
    const lastGroup = 3 * BLOCK_BYTES;
    for (let round = 0; round < 2_000; round++) {
      const image = Buffer.from(whole);
      for (let at = lastGroup; at < whole.length; at += 512)
        if (random() < 0.2) stale.copy(image, at, at, at + 512);
      expect(prefixOf(appended, image)).toBeWithin(4, appended.length + 1);
    }
  });

  test("with any block missing", () => {
    for (let block = 0; block < whole.length / BLOCK_BYTES; block++) {
      const image = Buffer.from(whole).fill(0, block * BLOCK_BYTES, (block + 1) * BLOCK_BYTES);
      const before = found.filter(({ to }) => to <= block * BLOCK_BYTES).length;
      expect([block, prefixOf(appended, image)]).toEqual([block, before]);
    }
  });

  test("with any one bit the other way", () => {
    for (let at = 0; at < whole.length; at++) {
      /* Every bit where bytes have a meaning of their own, one bit of every other. */
      const record = found.find(({ from, to }) => at >= from && at < to);
      const inFrame = record && at < record.from + 64;
      for (let bit = 0; bit < 8; bit++) {
        if (at >= HEAD_BYTES && !inFrame && bit !== at % 8) continue;
        whole[at] = (whole[at] as number) ^ (1 << bit);
        const count = prefixOf(appended, whole);
        whole[at] = (whole[at] as number) ^ (1 << bit);
        const expected = at < HEAD_BYTES ? 0 : record ? found.indexOf(record) : undefined;
        if (expected !== undefined && count !== expected)
          throw new Error(`bit ${bit} of byte ${at}: ${count} instead of ${expected}`);
      }
    }
    expect(prefixOf(appended, whole)).toBe(6);
  });

  test("with a record in the middle that says it has no length", () => {
    for (const { from } of found) {
      const image = Buffer.from(whole);
      image.writeUInt32LE(0, from);
      expect(prefixOf(appended, image)).toBe(found.findIndex((place) => place.from === from));
    }
  });
});

describe("what an earlier life left behind never comes back", () => {
  test("whether the head is the new one or still the old", () => {
    const old = life([[record(100)], [record(5_000)], [record(7)]], 11, 1);
    const fresh = [record(100)];
    const now = life([fresh], 12, 2);
    const over = Buffer.from(old);
    now.copy(over);
    expect(read(over)).toEqual(fresh);
    /* The head was not on disk yet when the power went: nothing of the new group was acknowledged. */
    old.copy(over, 0, 0, BLOCK_BYTES);
    expect(read(over)).toEqual([]);
    now.copy(over, 0, 0, BLOCK_BYTES);
    old.copy(over, BLOCK_BYTES, BLOCK_BYTES);
    expect(read(over)).toEqual([]);
  });

  test("not even when every byte of it is the same but the salt", () => {
    const groups = [[record(100)], [record(100)], [record(100)]];
    const old = life(groups, 11);
    const over = Buffer.from(old);
    life(groups.slice(0, 1), 12).copy(over);
    expect(read(over)).toEqual(groups[0] as JournalRecord[]);
  });

  test("nor what a sender put into a body to look like a record", () => {
    const forged = encodeGroup([encodeRecord(record(10, { orgId: DEFAULT_ORG }))], 11).group;
    const body = Buffer.concat([Buffer.alloc(8 * BLOCK_BYTES - 64), ...Array<Buffer>(3).fill(forged)]);
    for (let shift = 0; shift < 64; shift += 8) {
      const old = life([[record(0, { body: body.subarray(shift) })]], 11);
      const fresh = [record(5)];
      life([fresh], 12).copy(old);
      expect(read(old)).toEqual(fresh);
    }
  });
});
