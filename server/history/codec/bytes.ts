/** Bytes that are not what they should be: of a file that was damaged, never of a caller. */
export class DamagedBytesError extends Error {
  override readonly name = "DamagedBytesError";
}

const TWO_32 = 2 ** 32;
const MAX_VARINT_BYTES = 8;

export class ByteWriter {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  u8(value: number): void {
    this.#grow(1);
    this.#bytes[this.#length++] = value;
  }

  u32(value: number): void {
    this.#grow(4);
    this.#view.setUint32(this.#length, value, true);
    this.#length += 4;
  }

  f64(value: number): void {
    this.#grow(8);
    this.#view.setFloat64(this.#length, value, true);
    this.#length += 8;
  }

  /** A whole number from 0 to 2^53. */
  varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.u8((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.u8(rest);
  }

  bytes(bytes: Uint8Array): void {
    this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Good until the next write. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(by: number): void {
    if (this.#length + by <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + by));
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

/** Reads what a `ByteWriter` wrote; throws where it would have to read beyond the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  f64(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  varint(): number {
    let value = 0;
    let scale = 1;
    for (let n = 0; n < MAX_VARINT_BYTES; n++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    throw new DamagedBytesError("a number is too long");
  }

  bytes(length: number): Uint8Array {
    const from = this.#take(length);
    return this.#bytes.subarray(from, from + length);
  }

  skip(length: number): void {
    this.#take(length);
  }

  #take(length: number): number {
    const from = this.#at;
    if (length > this.left) throw new DamagedBytesError("ends too early");
    this.#at += length;
    return from;
  }
}

/** Signed whole numbers as unsigned ones, small ones small: 0, -1, 1, -2, 2, … Up to 2^52. */
export function zigzag(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}

/** In the same array. */
export function unzigzag(values: Float64Array): Float64Array {
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number;
    if (value < TWO_32) values[index] = (value >>> 1) ^ -(value & 1);
    else values[index] = value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
  return values;
}

/** All lowest bytes, then all second ones, and so on: what is alike lies together. */
export function splitPlanes(values: Float64Array, planes: number): Uint8Array {
  const { length } = values;
  const split = new Uint8Array(length * planes);
  let scale = 1;
  for (let plane = 0; plane < planes; plane++) {
    const into = split.subarray(plane * length, (plane + 1) * length);
    if (plane < 4)
      for (let index = 0; index < length; index++) into[index] = (values[index] as number) >>> (plane * 8);
    else
      for (let index = 0; index < length; index++)
        into[index] = Math.floor((values[index] as number) / scale);
    scale *= 0x100;
  }
  return split;
}

export function joinPlanes(split: Uint8Array, length: number): Float64Array {
  const values = new Float64Array(length);
  let scale = 1;
  for (let from = 0; from < split.length; from += length) {
    if (from === 0) values.set(split.subarray(0, length));
    else
      for (let index = 0; index < length; index++)
        values[index] = (values[index] as number) + (split[from + index] as number) * scale;
    scale *= 0x100;
  }
  return values;
}
