/**
 * zstd without what is known anyway. The header of a frame says what it is and how long its content is; we
 * know both, so it is left out and made again for reading. That also bounds what damaged bytes can ask
 * for: never more memory than the reader expects.
 */
import { DamagedBytesError } from "./bytes.ts";

/** Above it takes ten times as long for one or two percent. */
const LEVEL = 9;
const MAGIC = [0x28, 0xb5, 0x2f, 0xfd];
const SINGLE_SEGMENT = 0x20;
/** Bytes of the content's length, by the two highest bits of the descriptor, in a single segment. */
const LENGTH_BYTES = [1, 2, 4, 8] as const;
const HAS_CHECKSUM = 0x04;
const HAS_DICTIONARY = 0x03;
/** Longest content: a column of a second's steps over a day has a tenth of it. */
const MAX_LENGTH = 16 * 1024 * 1024;

/** Undefined where it would not become smaller. */
export function squeeze(content: Uint8Array): Uint8Array | undefined {
  if (content.length > MAX_LENGTH) return undefined;
  const frame = Bun.zstdCompressSync(content as Uint8Array<ArrayBuffer>, { level: LEVEL });
  const descriptor = frame[4] as number;
  const isPlain = (descriptor & SINGLE_SEGMENT) !== 0 && (descriptor & (HAS_CHECKSUM | HAS_DICTIONARY)) === 0;
  const blocks = frame.subarray(5 + (LENGTH_BYTES[descriptor >> 6] as number));
  return isPlain && blocks.length < content.length ? blocks : undefined;
}

export function unsqueeze(blocks: Uint8Array, length: number): Uint8Array {
  if (length > MAX_LENGTH) throw new DamagedBytesError("is too long");
  const frame = new Uint8Array(9 + blocks.length);
  frame.set(MAGIC);
  frame[4] = SINGLE_SEGMENT | 0x80;
  new DataView(frame.buffer).setUint32(5, length, true);
  frame.set(blocks, 9);
  let content: Uint8Array;
  try {
    content = Bun.zstdDecompressSync(frame);
  } catch {
    throw new DamagedBytesError("cannot be decompressed");
  }
  if (content.length !== length) throw new DamagedBytesError("has another length");
  return content;
}
