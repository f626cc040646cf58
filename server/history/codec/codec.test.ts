import { describe, expect, test } from "bun:test";
import { crc32 } from "node:zlib";
import { SEED, seeded } from "../../../tests/support/seeded.ts";
import { DamagedBytesError } from "./bytes.ts";
import { bytesAt, ChunkBuilder, readHead, readSummaries, summarise } from "./chunk.ts";
import { decodeColumn, encodeColumn, MAX_ROWS } from "./column.ts";
import { decodeRollup, encodeRollup, fold, newRollup } from "./rollup.ts";

/** Half a step of 13 bits of mantissa. */
const STATED_ERROR = 2 ** -14;

const there = (values: readonly number[]) =>
  Array.from(decodeColumn(encodeColumn(Float64Array.from(values)), values.length));

describe("a column", () => {
  test.each([
    ["nothing at all", []],
    ["no values", [Number.NaN, Number.NaN]],
    ["one value", [42]],
    ["the same always", Array(500).fill(7)],
    ["gaps at both ends", [Number.NaN, 1, 2, Number.NaN, Number.NaN, 3, Number.NaN]],
    ["a counter", Array.from({ length: 500 }, (_, n) => 9_007_199_254_000_000 + n * 1_000)],
    ["a counter that begins anew", [2 ** 40, 2 ** 40 + 3, 2 ** 40 + 9, 0, 4, 5]],
    ["whole numbers as far apart as can be", [Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, 0, 1]],
    ["whole numbers beyond a float32", [16_777_217, 33_554_433, 8 * 1024 ** 3 + 1]],
    ["pages of memory", Array.from({ length: 500 }, (_, n) => ((n * 7_919) % 1_000) * 4_096)],
    ["hundredths", Array.from({ length: 500 }, (_, n) => ((n * 7_919) % 10_000) / 100)],
    ["hundredths and whole numbers beyond a float32", [0.25, 16_777_217]],
    ["below and above zero", [-1.5, 1.5, -0.25, 0]],
    ["powers of two that are very large or very small", [2 ** 100, 2 ** -100, -(2 ** 120), 0]],
  ])("of %s comes back exactly", (_, values) => {
    expect(there(values)).toEqual(values);
  });

  test("of float32 with a few decimals comes back as the decimals they stand for", () => {
    expect(there([12.34, 0.1, 99.9].map(Math.fround))).toEqual([12.34, 0.1, 99.9]);
  });

  test("of noise comes back within 2^-14 of each value, with its gaps, and unchanged the second time", () => {
    const random = seeded(SEED);
    const values = Array.from({ length: 1_000 }, () =>
      random() < 0.1 ? Number.NaN : (random() - 0.5) * 10 ** (random() * 60 - 30),
    );
    const once = there(values);
    for (const [index, value] of values.entries()) expect(isNear(once[index], value)).toBe(true);
    expect(there(once)).toEqual(once);
  });

  test("of values at the edge of what a float32 can be never becomes infinity", () => {
    const largest = 3.4028234663852886e38;
    for (const value of there([largest, -largest, 1.1e-38, 0.1234567]))
      expect(Number.isFinite(value)).toBe(true);
  });

  test("is about as small as what is in it", () => {
    const constant = encodeColumn(new Float64Array(8_640).fill(12.5));
    const counter = encodeColumn(Float64Array.from({ length: 8_640 }, (_, n) => 1e12 + n * 4_096));
    expect(constant.length).toBeLessThan(10);
    expect(counter.length).toBeLessThan(50);
  });
});

test(`columns of any make come back as plain arrays would have them (seed ${SEED})`, () => {
  const random = seeded(SEED);
  for (let round = 0; round < 400; round++) {
    const values = anyColumn(random);
    const found = there(values);
    expect(found.length).toBe(values.length);
    const whole = values.every((value) => Number.isNaN(value) || Number.isSafeInteger(value));
    for (const [index, value] of values.entries()) {
      const same = whole
        ? Object.is(found[index], value) || found[index] === value
        : isNear(found[index], value);
      if (!same) throw new Error(`round ${round}, row ${index}: ${value} came back as ${found[index]}`);
    }
  }
});

describe("a chunk", () => {
  test("gives each series back without the others, and what is known of it without any", () => {
    const random = seeded(SEED);
    const { times, columns, head, parts } = anyChunk(random, 200);
    const read = readHead(head, times.length);
    expect(read.times).toEqual(times);
    expect(read.places.length).toBe(columns.length);
    expect(read.partCount).toBe(parts.length);
    for (const [index, column] of columns.entries()) {
      const place = read.places[index];
      if (!place) throw new Error("no such series");
      expect([...decodeColumn(bytesAt(place, parts[place.part]), times.length)]).toEqual(there([...column]));
      const summary = summarise(column);
      if (summary.count > 0) expect(place.summary).toEqual(summary);
      else expect(place.summary?.count).toBe(0);
    }
  });

  test("tells what it knows of some series, and nothing of those it has not", () => {
    const { times, columns, head } = anyChunk(seeded(SEED), 200);
    const { places } = readHead(head, times.length);
    const wanted = [0, 3, 4, columns.length - 1, columns.length, columns.length + 7];
    const found = readSummaries(head, wanted);
    for (const [n, position] of wanted.entries()) {
      const { count = 0, least, greatest, mean } = places[position]?.summary ?? {};
      const told = [...found.subarray(n * 4, n * 4 + 4)];
      expect(told).toEqual(count > 0 ? [count, least, greatest, mean].map(Number) : [0, 0, 0, 0]);
    }
    expect([...readSummaries(head, [])]).toEqual([]);
    for (let length = 0; length < head.length; length++)
      expect(() => readSummaries(head.subarray(0, length), wanted)).toThrow(DamagedBytesError);
  });

  test("of many series lies in several parts, and none of them is large", () => {
    const times = Float64Array.from({ length: 2_000 }, (_, n) => n);
    const random = seeded(SEED);
    const builder = new ChunkBuilder(times, { summarised: false });
    for (let n = 0; n < 100; n++) builder.add(encodeColumn(times.map(() => Math.floor(random() * 256))));
    const { parts } = builder.finish();
    expect(parts.length).toBeGreaterThan(3);
    for (const part of parts) expect(part.length).toBeLessThanOrEqual(48 * 1024);
  });

  test("notices every bit that is turned, wherever it is", () => {
    const random = seeded(SEED);
    const { times, head, parts } = anyChunk(random, 6, 40);
    const readAll = () => {
      const read = readHead(head, times.length);
      for (const place of read.places) decodeColumn(bytesAt(place, parts[place.part]), times.length);
    };
    readAll();
    for (const bytes of [head, ...parts]) {
      for (let bit = 0; bit < bytes.length * 8; bit += bytes.length > 2_000 ? 7 : 1) {
        const at = bit >> 3;
        bytes[at] = (bytes[at] as number) ^ (1 << (bit & 7));
        expect(readAll).toThrow(DamagedBytesError);
        bytes[at] = (bytes[at] as number) ^ (1 << (bit & 7));
      }
    }
    readAll();
  });

  test("that ends early is noticed at every length", () => {
    const { times, head, parts } = anyChunk(seeded(SEED), 5);
    for (let length = 0; length < head.length; length++) {
      expect(() => readHead(head.subarray(0, length), times.length)).toThrow(DamagedBytesError);
    }
    const { places } = readHead(head, times.length);
    for (const place of places) expect(() => bytesAt(place, undefined)).toThrow(DamagedBytesError);
    expect(parts.length).toBeGreaterThan(0);
  });
});

test(`bytes that pass for sound and are not are refused, or read as something, and never more than asked (seed ${SEED})`, () => {
  const random = seeded(SEED);
  let refused = 0;
  const attempt = (read: () => void) => {
    try {
      read();
    } catch (error) {
      if (!(error instanceof DamagedBytesError)) throw error;
      refused++;
    }
  };
  for (let round = 0; round < 4_000; round++) {
    const bytes =
      random() < 0.5
        ? noise(random)
        : damaged(random, encodeColumn(Float64Array.from(anyColumn(random, 60))));
    const rows = Math.floor(random() * 400);
    attempt(() => expect(decodeColumn(bytes, rows).length).toBe(rows));
    attempt(() => expect(decodeRollup(bytes, rows).least.length).toBe(rows));
    attempt(() => readHead(signed(bytes), rows));
  }
  for (let round = 0; round < 500; round++) {
    const { times, head } = anyChunk(random, 3, 20);
    const body = damaged(random, head.subarray(0, -4));
    attempt(() => readHead(signed(body), times.length));
  }
  expect(refused).toBeGreaterThan(5_000);
  expect(() => decodeColumn(new Uint8Array([0]), MAX_ROWS + 1)).toThrow(DamagedBytesError);
});

test("a rollup folds parts of a step as it would have folded all of it", () => {
  const values = [5, -3, 12, 0.5, 7];
  const whole = newRollup(2);
  fold(whole, 1, summarise(Float64Array.from(values)));
  const bitwise = newRollup(2);
  for (const value of values) fold(bitwise, 1, { least: value, greatest: value, mean: value, count: 1 });
  fold(bitwise, 1, summarise(new Float64Array()));
  const read = decodeRollup(encodeRollup(bitwise), 2);
  expect([...read.least]).toEqual([...whole.least]);
  expect([...read.greatest]).toEqual([...whole.greatest]);
  expect([...read.count]).toEqual([Number.NaN, 5]);
  expect(isNear(read.mean[1], 4.3)).toBe(true);
  expect(read.mean[0]).toBeNaN();
});

function isNear(found: number | undefined, value: number): boolean {
  if (Number.isNaN(value)) return Number.isNaN(found);
  return Math.abs((found ?? Number.NaN) - value) <= Math.abs(value) * STATED_ERROR + 1e-40;
}

function anyColumn(random: () => number, most = 700): number[] {
  const rows = Math.floor(random() * most);
  const make = MAKES[Math.floor(random() * MAKES.length)]?.(random) ?? (() => 0);
  const gaps = random() < 0.5 ? 0 : random();
  let inGap = false;
  return Array.from({ length: rows }, () => {
    if (random() < 0.1) inGap = random() < gaps;
    const value = make();
    return inGap ? Number.NaN : value;
  });
}

const MAKES: ((random: () => number) => () => number)[] = [
  (random) => () => Math.floor(random() * 100),
  (random) => () => Math.floor((random() - 0.5) * 2 * Number.MAX_SAFE_INTEGER),
  (random) => () => Math.fround(Math.round(random() * 1e4) / 100),
  (random) => () => Math.fround(random() * 100),
  (random) => () => Math.fround((random() - 0.5) * 10 ** (random() * 70 - 35)),
  (random) => {
    let counter = Math.floor(random() * 2 ** 45);
    return () => {
      counter += Math.floor(random() * 1e6);
      if (random() < 0.01) counter = 0;
      return counter;
    };
  },
  (random) => () => Math.floor(random() * 1e6) * 1_024,
  (random) => () => (random() < 0.95 ? 0 : Math.fround(random() * 1e9)),
];

function anyChunk(random: () => number, series: number, rows = 1 + Math.floor(random() * 100)) {
  const start = Math.floor(random() * 1.8e12);
  const times = Float64Array.from(
    { length: rows },
    (_, n) => start + n * 10_000 + Math.floor(random() * 100),
  );
  const columns = Array.from({ length: series }, () => {
    const values = anyColumn(random, rows);
    return Float64Array.from({ length: rows }, (_, row) => values[row] ?? Number.NaN);
  });
  const builder = new ChunkBuilder(times, { summarised: true });
  for (const column of columns) builder.add(encodeColumn(column), summarise(column));
  return { times, columns, ...builder.finish() };
}

function noise(random: () => number): Uint8Array {
  return Uint8Array.from({ length: Math.floor(random() * 60) }, () => Math.floor(random() * 256));
}

function damaged(random: () => number, bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(
    bytes.subarray(0, random() < 0.3 ? Math.floor(random() * bytes.length) : bytes.length),
  );
  for (let n = 0; n < 3 && copy.length > 0; n++)
    copy[Math.floor(random() * copy.length)] = Math.floor(random() * 256);
  return copy;
}

/** As a head whose checksum is right. */
function signed(bytes: Uint8Array): Uint8Array {
  const versioned = bytes.length > 0 ? Uint8Array.from([1, ...bytes.subarray(1)]) : bytes;
  const whole = new Uint8Array(versioned.length + 4);
  whole.set(versioned);
  new DataView(whole.buffer).setUint32(versioned.length, crc32(versioned), true);
  return whole;
}
