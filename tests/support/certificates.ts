/**
 * Certificates made on the spot, with any dates: a file in the tree would expire one day, and the tools of
 * a system do not make expired ones. X.509 version 3 with P-256 keys, written as DER by hand.
 */
import {
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from "node:crypto";
import { isIP } from "node:net";

export interface Issued {
  /** PEM. */
  cert: string;
  /** PEM. */
  key: string;
  /** SHA-256 in hex, without colons. */
  fingerprint256: string;
}

export interface Wanted {
  name: string;
  /** Names and addresses it is good for; its own name unless told. */
  names?: string[];
  notBefore?: number;
  notAfter?: number;
  /** Who vouches for it; itself unless told. */
  issuer?: { name: string; issued: Issued };
  isAuthority?: boolean;
}

const DAY_MS = 86_400_000;

export function issueCertificate(wanted: Wanted): Issued {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const signer = wanted.issuer ? createPrivateKey(wanted.issuer.issued.key) : privateKey;
  const der = certificateOf(wanted, publicKey, signer);
  const certificate = new X509Certificate(der);
  return {
    cert: certificate.toString(),
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    fingerprint256: certificate.fingerprint256.replaceAll(":", "").toLowerCase(),
  };
}

function certificateOf(wanted: Wanted, publicKey: KeyObject, signer: KeyObject): Buffer {
  const { name, names = [name], issuer, isAuthority = false } = wanted;
  const notBefore = wanted.notBefore ?? Date.now() - DAY_MS;
  const notAfter = wanted.notAfter ?? Date.now() + 30 * DAY_MS;
  const algorithm = sequence(oid("2a8648ce3d040302")); // ecdsa-with-SHA256
  const extensions = sequence(
    extension("551d13", sequence(...(isAuthority ? [tlv(0x01, Buffer.from([0xff]))] : []))), // basic constraints
    extension("551d11", sequence(...names.map(alternativeName))),
  );
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))), // version 3
    tlv(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])), // serial
    algorithm,
    nameOf(issuer?.name ?? name),
    sequence(timeOf(notBefore), timeOf(notAfter)),
    nameOf(name),
    publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, extensions),
  );
  return sequence(body, algorithm, bits(sign("sha256", body, signer)));
}

function tlv(tag: number, ...parts: Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  const { length } = value;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), value]);
}

function sequence(...parts: Buffer[]): Buffer {
  return tlv(0x30, ...parts);
}

function oid(hex: string): Buffer {
  return tlv(0x06, Buffer.from(hex, "hex"));
}

function bits(value: Buffer): Buffer {
  return tlv(0x03, Buffer.from([0]), value);
}

function nameOf(name: string): Buffer {
  return sequence(tlv(0x31, sequence(oid("550403"), tlv(0x0c, Buffer.from(name)))));
}

/** GeneralizedTime, which holds every year. */
function timeOf(at: number): Buffer {
  return tlv(0x18, Buffer.from(`${new Date(at).toISOString().replaceAll(/[-:T]|\.\d+/g, "")}`));
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(oid(id), tlv(0x04, value));
}

function alternativeName(name: string): Buffer {
  if (isIP(name) === 4) return tlv(0x87, Buffer.from(name.split(".").map(Number)));
  return tlv(0x82, Buffer.from(name));
}
