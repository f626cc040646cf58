import { describe, expect, test } from "bun:test";
import { createHmac, generateKeyPairSync, sign, verify } from "node:crypto";
import type { LicensePayload } from "../contract/license.ts";
import { makeLicenseKeys, parsePublicKey, readLicense, signLicense } from "./license-token.ts";

const NOW = 1_790_000_000_000;
const HERE = "nhere";
const check = { now: NOW, instanceId: HERE };
const authority = makeLicenseKeys();
const somebodyElse = makeLicenseKeys();
const rsa = generateKeyPairSync("rsa", {
  modulusLength: 2_048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
const p256 = generateKeyPairSync("ec", {
  namedCurve: "P-256",
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
const x25519 = generateKeyPairSync("x25519").publicKey.export({ type: "spki", format: "pem" }).toString();

const payload: LicensePayload = {
  id: "l1",
  holder: "Ada",
  features: ["multi_tenant"],
  limits: { orgs: 5, membersPerOrg: 20 },
  issuedAt: NOW - 1_000,
  expiresAt: NOW + 86_400_000,
};
const good = signLicense(payload, authority.privateKey);
const [payloadPart = "", signaturePart = ""] = good.split(".");

const base64url = (text: string | Uint8Array) => Buffer.from(text).toString("base64url");
/** What the authority itself would have signed, had it been made to. */
const signed = (text: string | Uint8Array, privateKey = authority.privateKey) =>
  `${base64url(text)}.${base64url(sign(null, Buffer.from(text), privateKey))}`;
const saying = (changes: Record<string, unknown>) => signed(JSON.stringify({ ...payload, ...changes }));
const json = JSON.stringify(payload);

function rawKey(pem: string): Buffer {
  return Buffer.from(pem.replaceAll(/-----[A-Z ]+-----|\s/g, ""), "base64").subarray(-32);
}
/** A point of order 1, and the signature that "proves" every text under it. */
const WORTHLESS_KEY = Buffer.from(`01${"00".repeat(31)}`, "hex");
const UNIVERSAL_SIGNATURE = Buffer.concat([WORTHLESS_KEY, Buffer.alloc(32)]);

function jwt(header: object, seal: (text: string) => string): string {
  const text = `${base64url(JSON.stringify(header))}.${payloadPart}`;
  return `${text}.${seal(text)}`;
}

test("a licence is read as it was signed", () => {
  expect(readLicense(good, [authority.publicKey], check)).toEqual({ license: payload });
  const least = { id: "l2", holder: "Bob", features: [], limits: {}, issuedAt: NOW };
  expect(readLicense(signLicense(least, authority.privateKey), [authority.publicKey], check)).toEqual({
    license: least,
  });
});

test("another writer of JSON may put spaces, escapes and another order into it", () => {
  const text = `{ "issuedAt": ${NOW}, "holder" : "A\\"d\\u0061\\": 1",\n"limits": {"orgs": 1}, "id": "l", "features": ["a:b", "\\\\"]}`;
  expect(readLicense(signed(text), [authority.publicKey], check)).toEqual({
    license: { id: "l", holder: 'A"da": 1', features: ["a:b", "\\"], limits: { orgs: 1 }, issuedAt: NOW },
  });
});

test("one for this instance, one from a clock that is a little ahead, and one that has ended are read", () => {
  for (const changes of [
    { instance: HERE },
    { issuedAt: NOW + 299_000, expiresAt: NOW + 300_000 },
    { issuedAt: 1, expiresAt: 2 },
  ]) {
    expect(readLicense(saying(changes), [authority.publicKey], check)).toHaveProperty("license");
  }
});

test("the date of one that is installed is not looked at again", () => {
  const text = saying({ issuedAt: NOW, expiresAt: undefined });
  const clockWasSetBack = { now: 0, instanceId: HERE };
  expect(readLicense(text, [authority.publicKey], clockWasSetBack)).toHaveProperty("refused");
  expect(readLicense(text, [authority.publicKey], { instanceId: HERE })).toHaveProperty("license");
});

test("one of several keys is enough, whatever the others are", () => {
  const keys = [rsa.publicKey, somebodyElse.publicKey, authority.publicKey];
  expect(readLicense(good, keys, check)).toHaveProperty("license");
});

const FORM = "is not two parts";
const CHARACTERS = "has characters in it";
const LENGTH = "has a signature that is not of the right length";
const SIGNATURE = "was not signed by the authority";
const KEY = "the authority's key is not a usable";

const FORGERIES: Record<string, [text: string, refused: string, key?: string]> = {
  nothing: ["", FORM],
  "a dot": [".", FORM],
  "the payload alone": [payloadPart, FORM],
  "no signature after the dot": [`${payloadPart}.`, FORM],
  "no payload before the dot": [`.${signaturePart}`, FORM],
  "an extra dot at the end": [`${good}.`, FORM],
  "an extra dot at the beginning": [`.${good}`, FORM],
  "a JWT with alg none": [jwt({ alg: "none", typ: "JWT" }, () => ""), FORM],
  "a JWT with alg EdDSA, really signed by the authority": [
    jwt({ alg: "EdDSA" }, (text) => base64url(sign(null, Buffer.from(text), authority.privateKey))),
    FORM,
  ],
  "a JWT with HS256 and the public key as the secret": [
    jwt({ alg: "HS256" }, (text) =>
      createHmac("sha256", authority.publicKey).update(text).digest("base64url"),
    ),
    FORM,
  ],
  "a JWT with a kid that is a path": [
    jwt({ alg: "EdDSA", kid: "../../keys/mine.pub" }, () => signaturePart),
    FORM,
  ],
  "two parts with an HMAC-SHA-512 by the public key": [
    `${payloadPart}.${createHmac("sha512", authority.publicKey).update(json).digest("base64url")}`,
    SIGNATURE,
  ],
  "another key": [signLicense(payload, somebodyElse.privateKey), SIGNATURE],
  "another key, and that key in the payload": [
    signed(JSON.stringify({ ...payload, key: somebodyElse.publicKey }), somebodyElse.privateKey),
    SIGNATURE,
  ],
  "an altered payload": [`${base64url(json.replace('"orgs":5', '"orgs":9'))}.${signaturePart}`, SIGNATURE],
  "a payload with a space more": [`${base64url(`${json} `)}.${signaturePart}`, SIGNATURE],
  "the signature of another licence": [`${payloadPart}.${saying({ id: "l9" }).split(".")[1]}`, SIGNATURE],
  "the signature over the text instead of the bytes": [
    `${payloadPart}.${base64url(sign(null, Buffer.from(payloadPart), authority.privateKey))}`,
    SIGNATURE,
  ],
  "a cut signature": [good.slice(0, -4), LENGTH],
  "a signature with more after it": [`${good}AAAA`, LENGTH],
  "a signature of zeros": [`${payloadPart}.${base64url(new Uint8Array(64))}`, SIGNATURE],
  "the signature that is good for every text, under a real key": [
    `${payloadPart}.${base64url(UNIVERSAL_SIGNATURE)}`,
    SIGNATURE,
  ],
  "the same signature with the group order added to it": [
    `${payloadPart}.${base64url(withGroupOrder(Buffer.from(signaturePart, "base64url")))}`,
    SIGNATURE,
  ],
  "parts that are swapped": [`${signaturePart}.${payloadPart}`, LENGTH],
  "a padded signature": [`${payloadPart}.${signaturePart}==`, LENGTH],
  "a padded payload": [`${payloadPart}=.${signaturePart}`, CHARACTERS],
  "the other alphabet of base64": [`${payloadPart}.${"+/".repeat(43)}`, CHARACTERS],
  "spare bits in the last character": [`${good.slice(0, -1)}${spare(good.at(-1) as string)}`, CHARACTERS],
  "a line break in the middle": [`${good.slice(0, 40)}\n${good.slice(40)}`, CHARACTERS],
  "a line break at the end": [`${good}\n`, LENGTH],
  unicode: [`${payloadPart.slice(0, -1)}е.${signaturePart}`, CHARACTERS],
  "a full stop of another script": [`${payloadPart}。${signaturePart}`, FORM],
  "a NUL": [`${payloadPart}\0.${signaturePart}`, CHARACTERS],
  "half a character": [`\ud800.${signaturePart}`, CHARACTERS],
  "more than 8 KiB": [saying({ holder: "x".repeat(8_192) }), "is longer than 8 KiB"],
  "a thousand dots": [".".repeat(1_000), FORM],
  "signed, but not JSON": [signed("licence"), "does not hold JSON"],
  "signed, but not UTF-8": [signed(Buffer.from([0x22, 0xff, 0x22])), "does not hold JSON"],
  "signed, but with a byte order mark": [signed(`\ufeff${json}`), "does not hold JSON"],
  "signed, but nested too deep to read": [signed("[".repeat(4_000)), "does not hold JSON"],
  "signed, but null": [signed("null"), "does not have the form"],
  "signed, but a list": [signed("[]"), "does not have the form"],
  "signed, but with a field nobody knows": [saying({ alg: "none" }), "does not have the form"],
  "signed, but with a limit nobody knows": [saying({ limits: { all: 1 } }), "(limits)"],
  "signed, but without a holder": [saying({ holder: undefined }), "(holder)"],
  "signed, but with a text for a number": [saying({ expiresAt: "never" }), "(expiresAt)"],
  "signed, but with a number beyond all numbers": [
    signed(json.replace('"orgs":5', '"orgs":1e999')),
    "(limits.orgs)",
  ],
  "signed, but with equal names": [
    signed(json.replace('"orgs":5', '"orgs":5,"orgs":9')),
    "says the same thing twice",
  ],
  "signed, but with equal names in other writing": [
    signed(json.replace('"id":"l1"', '"id":"l1","\\u0069d" :"l2"')),
    "says the same thing twice",
  ],
  "for another instance": [saying({ instance: "nother" }), "is for another instance"],
  "from the future": [saying({ issuedAt: NOW + 301_000, expiresAt: undefined }), "in the future"],
  "with its end before its beginning": [saying({ issuedAt: 2, expiresAt: 1 }), "ends before it begins"],
  "under an RSA key, signed by it": [
    `${payloadPart}.${base64url(sign("sha256", Buffer.from(json), rsa.privateKey).subarray(0, 64))}`,
    KEY,
    rsa.publicKey,
  ],
  "under a P-256 key, signed by it": [
    `${payloadPart}.${base64url(sign("sha256", Buffer.from(json), { key: p256.privateKey, dsaEncoding: "ieee-p1363" }))}`,
    KEY,
    p256.publicKey,
  ],
  "under a key of zeros": [
    `${payloadPart}.${base64url(new Uint8Array(64))}`,
    KEY,
    new Uint8Array(32).toBase64(),
  ],
  "under a key of order 1, with the signature that is good for every text": [
    `${payloadPart}.${base64url(UNIVERSAL_SIGNATURE)}`,
    KEY,
    WORTHLESS_KEY.toString("base64"),
  ],
  "under no key": [good, KEY, ""],
};

describe("is refused with its own words:", () => {
  for (const [name, [text, words, key = authority.publicKey]] of Object.entries(FORGERIES)) {
    test(name, () => {
      const read = readLicense(text, [key], check);
      expect(read).toEqual({ refused: expect.stringContaining(words) });
    });
  }
  test("and one whose every single character was changed", () => {
    for (let index = 0; index < good.length; index++) {
      const other = good[index] === "A" ? "B" : "A";
      const text = good.slice(0, index) + other + good.slice(index + 1);
      expect(readLicense(text, [authority.publicKey], check)).toHaveProperty("refused");
    }
  });
});

describe("a public key is taken as", () => {
  const { publicKey } = authority;
  const raw = rawKey(publicKey);
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), raw]);
  test.each([
    ["PEM", publicKey],
    ["PEM with spaces around", `\n ${publicKey} \n`],
    ["PEM with line breaks of Windows", publicKey.replaceAll("\n", "\r\n")],
    ["PEM with line breaks written as \\n", publicKey.replaceAll("\n", "\\n")],
    ["base64 of 32 bytes", raw.toString("base64")],
    ["base64 without padding", raw.toString("base64").replace("=", "")],
    ["base64url of 32 bytes", raw.toString("base64url")],
    ["base64 of DER", der.toString("base64")],
    ["base64url of DER", der.toString("base64url")],
  ])("%s", (_, text) => {
    expect(parsePublicKey(text)?.export({ type: "spki", format: "pem" })).toBe(publicKey);
    expect(readLicense(good, [text], check)).toHaveProperty("license");
  });
});

describe("is no public key:", () => {
  const { publicKey, privateKey } = authority;
  const raw = rawKey(publicKey);
  test.each([
    ["nothing", ""],
    ["a path", "/etc/pulse/license.pub"],
    ["31 bytes", raw.subarray(1).toString("base64")],
    ["33 bytes", Buffer.concat([raw, raw.subarray(0, 1)]).toString("base64")],
    ["44 bytes of something else", Buffer.alloc(44, 7).toString("base64")],
    ["a private key", privateKey],
    ["a private key under the name of a public one", privateKey.replaceAll("PRIVATE", "PUBLIC")],
    ["32 bytes in PEM", `-----BEGIN PUBLIC KEY-----\n${raw.toString("base64")}\n-----END PUBLIC KEY-----`],
    ["RSA", rsa.publicKey],
    ["P-256", p256.publicKey],
    ["X25519", x25519],
    ["hexadecimal", raw.toString("hex")],
    ["two keys", publicKey + somebodyElse.publicKey],
    ["a megabyte", "A".repeat(1_000_000)],
  ])("%s", (_, text) => expect(parsePublicKey(text)).toBeUndefined());

  test("every encoding of a point of small order, with either sign", () => {
    for (const hex of [
      "00".repeat(32),
      `01${"00".repeat(31)}`,
      "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
      "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
      `ec${"ff".repeat(30)}7f`,
      `ed${"ff".repeat(30)}7f`,
      `ee${"ff".repeat(30)}7f`,
    ]) {
      const key = Buffer.from(hex, "hex");
      expect(parsePublicKey(key.toString("base64"))).toBeUndefined();
      key[31] = (key[31] as number) | 0x80;
      expect(parsePublicKey(key.toString("base64"))).toBeUndefined();
    }
  });

  test("and the signature that is good for every text really would be", () => {
    const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), WORTHLESS_KEY]);
    const key = { key: der, format: "der", type: "spki" } as const;
    expect(verify(null, Buffer.from("anything"), key, UNIVERSAL_SIGNATURE)).toBe(true);
  });
});

describe("is not signed at all:", () => {
  test("what is not a licence", () => {
    expect(() => signLicense({ ...payload, holder: "" }, authority.privateKey)).toThrow();
    expect(() => signLicense({ ...payload, alg: "none" } as never, authority.privateKey)).toThrow();
  });
  test("anything with a key of another kind", () => {
    expect(() => signLicense(payload, rsa.privateKey)).toThrow("Ed25519");
  });
});

/** The second half of a signature plus the order of the group: equal in theory, so a lax verifier takes it. */
function withGroupOrder(signature: Buffer): Buffer {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const half = Buffer.from(signature.subarray(32)).reverse().toString("hex");
  const sum = (BigInt(`0x${half}`) + order).toString(16).padStart(64, "0");
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(sum, "hex").reverse()]);
}

/** The next character: the same bytes to a lax reader. */
function spare(character: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return alphabet[alphabet.indexOf(character) + 1] as string;
}
