/**
 * The format of one segment of the journal: a file of fixed size, written from its start to its end,
 * then given free and written again.
 *
 * Block 0 is the head: magic, generation, salt, CRC-32 of these. Records follow in groups. A group is
 * what one sync makes durable; it begins at a block and is filled up with zeros to the next, so that
 * no block is ever written again after its sync: a write that is torn by a power cut can only harm
 * what was not acknowledged. A record is its length, a CRC-32, and its bytes, filled up to a multiple
 * of 8. The CRC goes on from that of the record before, the first one's from the salt: so what is read
 * is what was written without a hole, up to the first record that is not whole, and what an earlier
 * life of the segment left behind, which had another salt, ends the reading like a torn record does.
 */
import { crc32 } from "node:zlib";
import { OrgId } from "../../contract/ids.ts";

export const BLOCK_BYTES = 4_096;
export const SEGMENT_BYTES = 4 * 1024 * 1024;
/** Body of a request as it was sent, and what belongs to it. */
export const MAX_RECORD_BYTES = 1024 * 1024 + 1_024;

const MAGIC = Buffer.from("PULSEJ1\n");
const HEAD_BYTES = 20;
const FRAME_BYTES = 8;

/** A request of a reporter, as it came. */
export interface JournalRecord {
  orgId: OrgId;
  source: string;
  /** The server's clock. */
  receivedAt: number;
  gzip: boolean;
  body: Uint8Array;
}

export interface SegmentHead {
  /** Counts up over all segments of a journal: the order in which they were begun. */
  generation: number;
  salt: number;
}

export function encodeHead({ generation, salt }: SegmentHead): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  MAGIC.copy(block);
  block.writeUInt32LE(generation, 8);
  block.writeUInt32LE(salt, 12);
  block.writeUInt32LE(crc32(block.subarray(0, 16)), 16);
  return block;
}

/** Undefined when it is none, or was torn: then there is nothing in the segment. */
export function decodeHead(bytes: Buffer): SegmentHead | undefined {
  if (bytes.length < HEAD_BYTES || !bytes.subarray(0, 8).equals(MAGIC)) return undefined;
  if (bytes.readUInt32LE(16) !== crc32(bytes.subarray(0, 16))) return undefined;
  return { generation: bytes.readUInt32LE(8), salt: bytes.readUInt32LE(12) };
}

export function encodeRecord(record: JournalRecord): Buffer {
  const { orgId, source, receivedAt, gzip, body } = record;
  const sourceBytes = Buffer.from(source);
  const bytes = Buffer.alloc(1 + orgId.length + 1 + sourceBytes.length + 1 + 8 + body.length);
  let at = bytes.writeUInt8(orgId.length, 0);
  at += bytes.write(orgId, at, "latin1");
  at = bytes.writeUInt8(sourceBytes.length, at);
  at += sourceBytes.copy(bytes, at);
  at = bytes.writeUInt8(gzip ? 1 : 0, at);
  at = bytes.writeDoubleLE(receivedAt, at);
  bytes.set(body, at);
  return bytes;
}

/** Bytes whose CRC was right are ours: only an id that is none any more is looked for. */
function decodeRecord(bytes: Buffer): JournalRecord {
  const orgEnd = 1 + bytes.readUInt8(0);
  const sourceEnd = orgEnd + 1 + bytes.readUInt8(orgEnd);
  return {
    orgId: OrgId.parse(bytes.toString("latin1", 1, orgEnd)),
    source: bytes.toString("utf8", orgEnd + 1, sourceEnd),
    gzip: bytes.readUInt8(sourceEnd) === 1,
    receivedAt: bytes.readDoubleLE(sourceEnd + 1),
    body: bytes.subarray(sourceEnd + 9),
  };
}

/** A whole number of blocks. `chain` is the salt, or what the group before left it at. */
export function encodeGroup(records: readonly Buffer[], chain: number): { group: Buffer; chain: number } {
  const group = Buffer.alloc(groupBytes(records));
  let at = 0;
  let last = chain;
  for (const record of records) {
    last = crc32(record, last);
    group.writeUInt32LE(record.length, at);
    group.writeUInt32LE(last, at + 4);
    record.copy(group, at + FRAME_BYTES);
    at += framed(record.length);
  }
  return { group, chain: last };
}

export function groupBytes(records: readonly Buffer[]): number {
  const bytes = records.reduce((sum, record) => sum + framed(record.length), 0);
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}

/** The records of a segment up to the first that is not whole, in the order in which they came. */
export function* readRecords(segment: Buffer): Generator<JournalRecord> {
  const head = decodeHead(segment);
  if (!head) return;
  let chain = head.salt;
  for (let at = BLOCK_BYTES; at + FRAME_BYTES <= segment.length; ) {
    const length = segment.readUInt32LE(at);
    if (length === 0) {
      if (at % BLOCK_BYTES === 0) return;
      at = nextBlock(at);
      continue;
    }
    const end = at + FRAME_BYTES + length;
    if (length > MAX_RECORD_BYTES || end > segment.length) return;
    const bytes = segment.subarray(at + FRAME_BYTES, end);
    chain = crc32(bytes, chain);
    if (segment.readUInt32LE(at + 4) !== chain) return;
    yield decodeRecord(bytes);
    at += framed(length);
  }
}

/** So a frame never lies in two blocks. */
function framed(length: number): number {
  return Math.ceil((FRAME_BYTES + length) / 8) * 8;
}

function nextBlock(at: number): number {
  return (Math.floor(at / BLOCK_BYTES) + 1) * BLOCK_BYTES;
}
