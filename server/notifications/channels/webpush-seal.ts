/**
 * The two seals of Web Push, by WebCrypto. The message (RFC 8291, RFC 8188): a key pair made for it alone
 * agrees with the browser's on a secret, from which come a key and a nonce for one record.
 *
 *   salt 16 | record size 4 | length of the key 1 | our public key 65 | AES-128-GCM of (text, 0x02)
 *
 * And who sends it (RFC 8292): a token of twelve hours at most, signed with the key the browser was told
 * when it agreed.
 */

import type { PushKey } from "../outgoing.ts";

const RECORD_SIZE = 4_096;
const TOKEN_SECONDS = 12 * 3_600;
const CURVE = { name: "ECDH", namedCurve: "P-256" } as const;

export async function sealForBrowser(
  text: string,
  browser: { p256dh: string; auth: string },
): Promise<Uint8Array> {
  const theirs = Buffer.from(browser.p256dh, "base64url");
  const pair = (await crypto.subtle.generateKey(CURVE, false, ["deriveBits"])) as CryptoKeyPair;
  const ours = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const theirKey = await crypto.subtle.importKey("raw", theirs, CURVE, false, []);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirKey }, pair.privateKey, 256);
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const agreed = await derive(
    new Uint8Array(shared),
    Buffer.from(browser.auth, "base64url"),
    Buffer.concat([Buffer.from("WebPush: info\0"), theirs, ours]),
    32,
  );
  const contentKey = await derive(agreed, salt, Buffer.from("Content-Encoding: aes128gcm\0"), 16);
  const nonce = await derive(agreed, salt, Buffer.from("Content-Encoding: nonce\0"), 12);
  const key = await crypto.subtle.importKey("raw", contentKey, "AES-GCM", false, ["encrypt"]);
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv: nonce },
    key,
    Buffer.concat([Buffer.from(text), Buffer.from([2])]),
  );
  const head = Buffer.alloc(5);
  head.writeUInt32BE(RECORD_SIZE, 0);
  head.writeUInt8(ours.length, 4);
  return Buffer.concat([salt, head, ours, new Uint8Array(sealed)]);
}

export async function vapidHeader(
  privateKey: PushKey,
  { audience, subject, now }: { audience: string; subject: string; now: number },
): Promise<string> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256" } as const;
  const key = await crypto.subtle.importKey("jwk", privateKey, algorithm, false, ["sign"]);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { aud: audience, exp: Math.floor(now / 1_000) + TOKEN_SECONDS, sub: subject };
  const signed = `${part({ typ: "JWT", alg: "ES256" })}.${part(claims)}`;
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, Buffer.from(signed));
  return `vapid t=${signed}.${Buffer.from(signature).toString("base64url")}, k=${publicKeyOf(privateKey)}`;
}

/** A new key of an org, as JWK. */
export async function makePushKey(): Promise<PushKey> {
  const algorithm = { name: "ECDSA", namedCurve: "P-256" } as const;
  const pair = (await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"])) as CryptoKeyPair;
  const { x = "", y = "", d = "" } = await crypto.subtle.exportKey("jwk", pair.privateKey);
  return { kty: "EC", crv: "P-256", x, y, d };
}

/** As a browser is told it: the uncompressed point in base64url. */
export function publicKeyOf({ x, y }: PushKey): string {
  const point = [Buffer.from([4]), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")];
  return Buffer.concat(point).toString("base64url");
}

async function derive(
  secret: Uint8Array<ArrayBuffer>,
  salt: Uint8Array<ArrayBuffer>,
  info: Uint8Array<ArrayBuffer>,
  bytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  return new Uint8Array(
    await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info }, key, bytes * 8),
  );
}
