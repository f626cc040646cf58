/**
 * A chunk: what one source said over a span, series by series. It has a head and parts. The head says when
 * the rows were and where each series lies, so that one is read without the others; with the values of
 * each it also keeps how many there are, the least, the greatest and their mean. A part holds as many series as fit
 * well into a row of the database.
 *
 *   version    1
 *   facts      1 when series are summarised
 *   times      length and bytes of a column: when the rows were
 *   parts      how many, then how many series each holds
 *   series     how many, then for each: length, CRC-32, and when summarised count, least, greatest, mean
 *   CRC-32     of everything before it
 *
 * Damage costs as little as it can: a bad head its span, bad bytes in a part the series they belong to. Both are
 * noticed before anything is made of them.
 */
import { crc32 } from "node:zlib";
import { ByteReader, ByteWriter, DamagedBytesError } from "./bytes.ts";
import { decodeColumn, encodeColumn, MAX_ROWS } from "./column.ts";

const VERSION = 1;
const CRC_BYTES = 4;
/** Overflow pages of SQLite are read from the first on: more is slower to read, less leaves pages half empty. */
const PART_BYTES = 48 * 1024;
/** Every part but the last is full; the last takes whatever is left. */
export const MAX_PARTS = 500;
const MAX_SERIES = 1_000_000;

export interface Summary {
  count: number;
  least: number;
  greatest: number;
  mean: number;
}

interface Place {
  part: number;
  offset: number;
  length: number;
  crc: number;
  summary: Summary | undefined;
}

export interface ChunkHead {
  /** Ascending. */
  times: Float64Array;
  places: Place[];
  partCount: number;
}

export class ChunkBuilder {
  readonly #directory = new ByteWriter();
  readonly #parts: { series: number; bytes: Uint8Array[]; length: number }[] = [];
  readonly #times: Uint8Array;
  readonly #isSummarised: boolean;
  #count = 0;

  constructor(times: Float64Array, options: { summarised: boolean }) {
    this.#times = encodeColumn(times);
    this.#isSummarised = options.summarised;
  }

  /** In the order of the layout. */
  add(bytes: Uint8Array, summary?: Summary): void {
    let part = this.#parts.at(-1);
    if (!part || (part.length + bytes.length > PART_BYTES && this.#parts.length < MAX_PARTS)) {
      part = { series: 0, bytes: [], length: 0 };
      this.#parts.push(part);
    }
    part.series++;
    part.bytes.push(bytes);
    part.length += bytes.length;
    this.#count++;
    this.#directory.varint(bytes.length);
    this.#directory.u32(crc32(bytes));
    if (!this.#isSummarised) return;
    this.#directory.varint(summary?.count ?? 0);
    if (!summary || summary.count === 0) return;
    for (const value of [summary.least, summary.greatest, summary.mean]) this.#directory.f64(value);
  }

  finish(): { head: Buffer; parts: Buffer[] } {
    const out = new ByteWriter();
    out.u8(VERSION);
    out.u8(this.#isSummarised ? 1 : 0);
    out.varint(this.#times.length);
    out.bytes(this.#times);
    out.varint(this.#parts.length);
    for (const { series } of this.#parts) out.varint(series);
    out.varint(this.#count);
    out.bytes(this.#directory.written());
    out.u32(crc32(out.written()));
    return { head: Buffer.from(out.written()), parts: this.#parts.map(({ bytes }) => Buffer.concat(bytes)) };
  }
}

/** `rows`: how many there are, as whoever keeps the chunk knows. Throws `DamagedBytesError`. */
export function readHead(head: Uint8Array, rows: number): ChunkHead {
  const reader = soundReader(head);
  if (rows < 1 || rows > MAX_ROWS) throw new DamagedBytesError("has too many rows");
  const isSummarised = reader.u8() === 1;
  const times = decodeColumn(reader.bytes(reader.varint()), rows);
  const parts = counted(reader, MAX_PARTS);
  const sizes = Array.from({ length: parts }, () => reader.varint());
  const count = counted(reader, Math.min(MAX_SERIES, reader.left));
  const places: Place[] = [];
  let part = 0;
  let left = sizes[0] ?? 0;
  let offset = 0;
  for (let index = 0; index < count; index++) {
    while (left === 0 && part < parts) {
      part++;
      left = sizes[part] ?? 0;
      offset = 0;
    }
    left--;
    const length = reader.varint();
    const sum = reader.u32();
    places.push({ part, offset, length, crc: sum, summary: isSummarised ? readSummary(reader) : undefined });
    offset += length;
  }
  return { times, places, partCount: parts };
}

/**
 * What the head says of some series, by their positions in ascending order, four numbers for each: count, least,
 * greatest, mean. Where the chunk has no such series, or nothing of it, the count is zero. Reading a head for this alone
 * makes nothing for the thousand series nobody asked about. Throws `DamagedBytesError`.
 */
export function readSummaries(head: Uint8Array, positions: ArrayLike<number>): Float64Array {
  const reader = soundReader(head);
  if (reader.u8() !== 1) throw new DamagedBytesError("is not summarised");
  reader.skip(reader.varint());
  const parts = counted(reader, MAX_PARTS);
  for (let part = 0; part < parts; part++) reader.varint();
  const series = counted(reader, Math.min(MAX_SERIES, reader.left));
  const found = new Float64Array(positions.length * 4);
  let next = 0;
  for (let position = 0; position < series && next < positions.length; position++) {
    reader.varint();
    reader.skip(4);
    const count = reader.varint();
    const isWanted = positions[next] === position;
    if (count > 0 && !isWanted) reader.skip(24);
    if (!isWanted) continue;
    found[next * 4] = count;
    for (let field = 1; count > 0 && field < 4; field++) found[next * 4 + field] = reader.f64();
    next++;
  }
  return found;
}

/** Of a head that is what was written, from behind its version on. */
function soundReader(head: Uint8Array): ByteReader {
  const inside = head.subarray(0, Math.max(0, head.length - CRC_BYTES));
  const reader = new ByteReader(inside);
  if (reader.u8() !== VERSION) throw new DamagedBytesError("is of an unknown version");
  const crc = new ByteReader(head.subarray(inside.length)).u32();
  if (crc !== crc32(inside)) throw new DamagedBytesError("the checksum of the head is wrong");
  return reader;
}

function readSummary(reader: ByteReader): Summary {
  const count = reader.varint();
  if (count === 0) return { count, least: Number.NaN, greatest: Number.NaN, mean: Number.NaN };
  return { count, least: reader.f64(), greatest: reader.f64(), mean: reader.f64() };
}

function counted(reader: ByteReader, most: number): number {
  const count = reader.varint();
  if (count > most) throw new DamagedBytesError("has too many of something");
  return count;
}

/** The bytes of one series; throws `DamagedBytesError` when they are not those that were written. */
export function bytesAt(place: Place, part: Uint8Array | undefined): Uint8Array {
  const bytes = part?.subarray(place.offset, place.offset + place.length);
  if (bytes?.length !== place.length) throw new DamagedBytesError("a part is missing");
  if (crc32(bytes) !== place.crc) throw new DamagedBytesError("the checksum of a series is wrong");
  return bytes;
}

export function summarise(column: Float64Array): Summary {
  let count = 0;
  let sum = 0;
  let least = Number.POSITIVE_INFINITY;
  let greatest = Number.NEGATIVE_INFINITY;
  for (const value of column) {
    if (Number.isNaN(value)) continue;
    count++;
    sum += value;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  return { count, least, greatest, mean: sum / count };
}
