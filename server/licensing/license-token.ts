/**
 * A licence as it is handed over: `base64url(payload).base64url(signature)`, Ed25519 over the bytes
 * of the payload. There is one algorithm and no place where a token could name another, so nothing
 * about how it is checked ever comes from the token. What is not signed is never parsed.
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { LicensePayload } from "../contract/license.ts";

/** A licence that counts, or why it does not: `This licence <refused>.` is a sentence. */
export type ReadLicense = { license: LicensePayload } | { refused: string };

export interface LicenseCheck {
  /** Epoch milliseconds. Absent for one that is installed: its date was looked at then, and the clock may since have been set back. */
  now?: number;
  instanceId: string;
}

const MAX_LENGTH = 8_192;
/** Clocks of two machines differ by less. */
const MAX_CLOCK_DIFFERENCE_MS = 5 * 60_000;
/** 64 bytes in base64url. */
const SIGNATURE_LENGTH = 86;
const KEY_BYTES = 32;
/** What stands before the 32 bytes of every Ed25519 key in DER (RFC 8410). */
const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
/**
 * Every encoding of a point of order 1, 2, 4 or 8, without its sign bit. For such a "key" anybody can
 * make signatures: with the first point of order 1, one signature is good for every text there is.
 */
const WORTHLESS_KEYS = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
];

export function makeLicenseKeys(): { privateKey: string; publicKey: string } {
  return generateKeyPairSync("ed25519", {
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
}

/** Throws when the payload is not one, or the key is not Ed25519. */
export function signLicense(payload: LicensePayload, privateKeyPem: string): string {
  const key = createPrivateKey(privateKeyPem);
  if (key.asymmetricKeyType !== "ed25519") throw new TypeError("licences are signed with Ed25519 only");
  const bytes = Buffer.from(JSON.stringify(LicensePayload.parse(payload)));
  return `${bytes.toString("base64url")}.${sign(null, bytes, key).toString("base64url")}`;
}

/** Never throws. One signature by any of the keys is enough; keys that cannot be used do not count. */
export function readLicense(text: string, publicKeys: string[], check: LicenseCheck): ReadLicense {
  if (text.length > MAX_LENGTH) return refuse("is longer than 8 KiB");
  const [payloadPart, signaturePart, ...more] = text.split(".");
  if (!payloadPart || !signaturePart || more.length > 0) {
    return refuse("is not two parts with one dot between them");
  }
  /* Said first: a part lost in copying is what happens most. */
  if (signaturePart.length !== SIGNATURE_LENGTH)
    return refuse("has a signature that is not of the right length");
  const payload = fromBase64url(payloadPart);
  const signature = fromBase64url(signaturePart);
  if (!payload || !signature) return refuse("has characters in it that do not belong there");
  const keys = publicKeys.map(parsePublicKey).filter((key) => key !== undefined);
  if (keys.length === 0) {
    return refuse("cannot be checked, because the authority's key is not a usable Ed25519 public key");
  }
  if (!keys.some((key) => isSigned(payload, key, signature))) {
    return refuse("was not signed by the authority that counts here, or was changed since");
  }
  return readPayload(payload, check);
}

/**
 * PEM, or base64 of the raw 32 bytes or of DER. Undefined for everything that is not an Ed25519
 * public key. A private key is refused as well: whoever pastes one should notice.
 */
export function parsePublicKey(text: string): KeyObject | undefined {
  const raw = rawKeyOf(text);
  if (!raw) return undefined;
  const withoutSign = Buffer.from(raw);
  withoutSign[KEY_BYTES - 1] = (withoutSign[KEY_BYTES - 1] as number) & 0x7f;
  if (WORTHLESS_KEYS.includes(withoutSign.toString("hex"))) return undefined;
  try {
    return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: "der", type: "spki" });
  } catch {
    return undefined;
  }
}

function rawKeyOf(text: string): Buffer | undefined {
  /* An environment file cannot hold a line break, so people write it as two characters. */
  const lines = text.replaceAll("\\n", "\n").trim();
  const pem = /^-----BEGIN PUBLIC KEY-----\s([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----$/.exec(lines);
  const base64 = (pem?.[1] ?? lines).replaceAll(/\s/g, "");
  if (!/^[A-Za-z0-9+/_-]{1,100}={0,2}$/.test(base64)) return undefined;
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length === KEY_BYTES && !pem) return bytes;
  const isDer =
    bytes.length === SPKI_PREFIX.length + KEY_BYTES &&
    bytes.subarray(0, SPKI_PREFIX.length).equals(SPKI_PREFIX);
  return isDer ? bytes.subarray(SPKI_PREFIX.length) : undefined;
}

function readPayload(bytes: Buffer, { now, instanceId }: LicenseCheck): ReadLicense {
  let text: string;
  let said: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    said = JSON.parse(text);
  } catch {
    return refuse("does not hold JSON");
  }
  const parsed = LicensePayload.safeParse(said);
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.join(".");
    return refuse(`does not have the form of a licence${where ? ` (${where})` : ""}`);
  }
  const license = parsed.data;
  /* JSON readers do not agree on which of two equal names counts. */
  if (namesIn(text) !== Object.keys(license).length + Object.keys(license.limits).length) {
    return refuse("says the same thing twice");
  }
  if (license.instance !== undefined && license.instance !== instanceId) {
    return refuse(`is for another instance; the id of this one is ${instanceId}`);
  }
  if (license.expiresAt !== undefined && license.expiresAt < license.issuedAt) {
    return refuse("ends before it begins");
  }
  if (now !== undefined && license.issuedAt > now + MAX_CLOCK_DIFFERENCE_MS) {
    return refuse("was issued in the future; look at the clock of this machine");
  }
  return { license };
}

/** How many names of object members there are in valid JSON: strings that a colon follows. */
function namesIn(json: string): number {
  let names = 0;
  for (const [, colon] of json.matchAll(/"(?:[^"\\]|\\.)*"\s*(:?)/g)) if (colon) names++;
  return names;
}

function isSigned(payload: Buffer, key: KeyObject, signature: Buffer): boolean {
  try {
    return verify(null, payload, key, signature);
  } catch {
    return false;
  }
}

/** Exactly one text stands for the same bytes: no padding, no other alphabet, no spare bits. */
function fromBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text ? bytes : undefined;
}

function refuse(refused: string): ReadLicense {
  return { refused };
}
