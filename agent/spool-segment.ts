/**
 * The file format of the spool. A segment is eight bytes that say so, then one record after another:
 *
 *   bytes of the packed report   u32
 *   bytes of it unpacked         u32
 *   time of the report           f64, epoch milliseconds
 *   CRC-32 of the above and of the packed report   u32
 *   the packed report            gzip of its JSON, as it would have been sent
 *
 * Records are only ever appended. A power cut or a full disk can leave the last one unfinished, or
 * whole in length and wrong in content: the checksum tells. What is read of a segment ends before the
 * first record that is not whole, because without a trusted length nothing says where the next begins.
 */
export const SEGMENT_HEADER = Buffer.from("PULSESP1");
const RECORD_HEADER_BYTES = 20;
const CHECKED_HEADER_BYTES = 16;

export interface SpooledReport {
  at: number;
  unpackedBytes: number;
  /** Gzip of the report's JSON. */
  packed: Uint8Array;
}

export function encodeRecord({ at, unpackedBytes, packed }: SpooledReport): Buffer {
  const record = Buffer.allocUnsafe(RECORD_HEADER_BYTES + packed.length);
  record.writeUInt32LE(packed.length, 0);
  record.writeUInt32LE(unpackedBytes, 4);
  record.writeDoubleLE(at, 8);
  record.writeUInt32LE(checksum(record.subarray(0, CHECKED_HEADER_BYTES), packed), 16);
  record.set(packed, RECORD_HEADER_BYTES);
  return record;
}

/** The whole records at the beginning, and how many bytes after them belong to none. */
export function decodeSegment(bytes: Buffer): { records: SpooledReport[]; damagedBytes: number } {
  const records: SpooledReport[] = [];
  if (!bytes.subarray(0, SEGMENT_HEADER.length).equals(SEGMENT_HEADER)) {
    return { records, damagedBytes: bytes.length };
  }
  let offset = SEGMENT_HEADER.length;
  while (offset + RECORD_HEADER_BYTES <= bytes.length) {
    const header = bytes.subarray(offset, offset + RECORD_HEADER_BYTES);
    const end = offset + RECORD_HEADER_BYTES + header.readUInt32LE(0);
    if (end > bytes.length) break;
    const packed = bytes.subarray(offset + RECORD_HEADER_BYTES, end);
    if (checksum(header.subarray(0, CHECKED_HEADER_BYTES), packed) !== header.readUInt32LE(16)) break;
    records.push({ at: header.readDoubleLE(8), unpackedBytes: header.readUInt32LE(4), packed });
    offset = end;
  }
  return { records, damagedBytes: bytes.length - offset };
}

function checksum(header: Uint8Array, packed: Uint8Array): number {
  return Bun.hash.crc32(packed, Bun.hash.crc32(header));
}
