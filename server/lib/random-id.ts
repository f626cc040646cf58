/* The runtime's own hashes and random bytes: `node:crypto` brings a megabyte of streams along. */

const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

/** `length` characters of 5 random bits each. */
export function randomBase32(length: number): string {
  let text = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(length))) text += BASE32[byte & 31];
  return text;
}

/** An opaque id: a kind's letter and 95 random bits. Never reused, carries no meaning. */
export function mintId(prefix: string): string {
  return prefix + randomBase32(19);
}

/** An opaque id that follows from what it names: the same for the same text. No secret, and no two alike. */
export function derivedId(prefix: string, text: string): string {
  let id = prefix;
  for (const byte of new Bun.CryptoHasher("sha256").update(text).digest().subarray(0, 19))
    id += BASE32[byte & 31];
  return id;
}

/** What is stored of a secret that is only ever compared. Enough for secrets of 128 random bits and more. */
export function sha256Hex(secret: string): string {
  return new Bun.CryptoHasher("sha256").update(secret).digest("hex");
}
