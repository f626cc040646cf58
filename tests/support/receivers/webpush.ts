import { z } from "zod";
import { demand, type Service } from "./receiver.ts";

const Payload = z.strictObject({
  id: z.string().min(1),
  level: z.enum(["critical", "warning", "resolved", "test"]),
  title: z.string().min(1),
  tag: z.string().min(1),
  told: z.array(z.string()),
  over: z.array(z.string()),
  text: z.string(),
  link: z.url().optional(),
});

export interface Browser extends Service {
  /** What it gives the server. */
  subscription: { p256dh: string; auth: string };
  /** What was sealed for it, as its service worker is handed it. */
  open: (body: Uint8Array) => Promise<string>;
}

/** A push service and the browser behind it, which opens what was sealed for it with its own keys. */
export async function browser(audience = "https://push.example.net"): Promise<Browser> {
  const curve = { name: "ECDH", namedCurve: "P-256" } as const;
  const pair = (await crypto.subtle.generateKey(curve, true, ["deriveBits"])) as CryptoKeyPair;
  const own = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const auth = crypto.getRandomValues(new Uint8Array(16));
  return {
    path: "/push/opaque",
    subscription: {
      p256dh: Buffer.from(own).toString("base64url"),
      auth: Buffer.from(auth).toString("base64url"),
    },
    open: (body) => open(Buffer.from(body), pair.privateKey, own, auth),
    async take({ method, path, headers, body }) {
      demand(method === "POST" && path === "/push/opaque", "gone", 410);
      demand(headers.get("content-encoding") === "aes128gcm", "another encoding");
      demand(/^\d+$/.test(headers.get("ttl") ?? ""), "no TTL");
      demand(/^(?:very-low|low|normal|high)$/.test(headers.get("urgency") ?? ""), "no urgency");
      demand(/^[\w-]{1,32}$/.test(headers.get("topic") ?? "none"), "no topic");
      demand(body.length <= 4_096, "too large", 413);
      await verify(headers.get("authorization") ?? "", audience);
      const text = await open(body, pair.privateKey, own, auth);
      const { title, text: below, link } = Payload.parse(JSON.parse(text));
      return { title, text: below, ...(link !== undefined && { link }) };
    },
    answer: () => new Response(null, { status: 201 }),
  };
}

async function verify(authorization: string, audience: string): Promise<void> {
  const [, token = "", k = ""] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(authorization) ?? [];
  const [head = "", claims = "", signature = ""] = token.split(".");
  const algorithm = { name: "ECDSA", namedCurve: "P-256" } as const;
  const key = await crypto.subtle.importKey("raw", Buffer.from(k, "base64url"), algorithm, false, ["verify"]);
  const isGood = await crypto.subtle.verify(
    { name: "ECDSA", hash: "SHA-256" },
    key,
    Buffer.from(signature, "base64url"),
    Buffer.from(`${head}.${claims}`),
  );
  demand(isGood, "a false signature", 403);
  const said = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString("utf8")) as unknown;
  const { aud, exp, sub } = z
    .strictObject({ aud: z.string(), exp: z.int(), sub: z.string() })
    .parse(said(claims));
  z.strictObject({ typ: z.literal("JWT"), alg: z.literal("ES256") }).parse(said(head));
  demand(aud === audience, "for another service", 403);
  demand(exp > Date.now() / 1_000 && exp < Date.now() / 1_000 + 24 * 3_600, "too old, or for too long", 403);
  demand(/^(?:mailto:|https:\/\/)/.test(sub), "nobody to ask", 403);
}

async function open(
  body: Buffer,
  privateKey: CryptoKey,
  own: Uint8Array,
  auth: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const salt = Uint8Array.from(body.subarray(0, 16));
  demand(body.readUInt32BE(16) >= body.length - 21 - 65, "more than one record");
  demand(body[20] === 65, "no key");
  const theirs = Uint8Array.from(body.subarray(21, 86));
  const curve = { name: "ECDH", namedCurve: "P-256" } as const;
  const theirKey = await crypto.subtle.importKey("raw", theirs, curve, false, []);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirKey }, privateKey, 256);
  const hkdf = async (secret: ArrayBuffer, saltOf: Uint8Array<ArrayBuffer>, info: Buffer, bytes: number) => {
    const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
    const wanted = { name: "HKDF", hash: "SHA-256", salt: saltOf, info: Uint8Array.from(info) };
    return crypto.subtle.deriveBits(wanted, key, bytes * 8);
  };
  const info = Buffer.concat([Buffer.from("WebPush: info\0"), own, theirs]);
  const agreed = await hkdf(shared, auth, info, 32);
  const contentKey = await hkdf(agreed, salt, Buffer.from("Content-Encoding: aes128gcm\0"), 16);
  const nonce = await hkdf(agreed, salt, Buffer.from("Content-Encoding: nonce\0"), 12);
  const key = await crypto.subtle.importKey("raw", contentKey, "AES-GCM", false, ["decrypt"]);
  const sealed = Uint8Array.from(body.subarray(86));
  const plain = Buffer.from(await crypto.subtle.decrypt({ name: "AES-GCM", iv: nonce }, key, sealed));
  demand(plain.at(-1) === 2, "the record does not say that it is the last");
  return plain.subarray(0, -1).toString("utf8");
}
