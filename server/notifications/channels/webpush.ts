/**
 * One browser, by Web Push: the service of its maker holds the message until the browser is there, and
 * cannot read it (RFC 8291). Where a message tells of one alert and nothing else, `Topic` follows from that
 * alert, so what is told of it later takes the place of what was not shown yet; `tag` does the same for what
 * was (`web/push`). A message that tells of several takes nobody's place: what follows may tell of one of them.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { fit, fitBytes } from "../fit.ts";
import { wordingOf } from "../wording.ts";
import { channelForm, webAddress } from "./channel-form.ts";
import { sealForBrowser, vapidHeader } from "./webpush-seal.ts";

/** Of what is sealed; a service must take 4,096 bytes of what comes out. */
const PAYLOAD_BYTES = 3_000;
const TITLE_LENGTH = 150;
const LINK_LENGTH = 500;
/** A browser that was not there for so long is told nothing old. */
const TTL_SECONDS = 24 * 3_600;
const TOPIC_LENGTH = 32;
/** For the service's operator to ask who sends so much; where the server does not know its own address. */
const NOBODY = "mailto:pulse@localhost.invalid";

function base64Url(bytes: number, what: string) {
  return z
    .string()
    .regex(/^[\w-]+={0,2}$/, `must be ${what}`)
    .refine((text) => Buffer.from(text, "base64url").length === bytes, `must be ${what}`);
}

const WebPushConfig = z.strictObject({
  /** All three as the browser gave them. */
  endpoint: webAddress.refine((text) => text.startsWith("https://"), "must be an https address"),
  p256dh: base64Url(65, "the public key of the browser"),
  auth: base64Url(16, "the secret of the browser"),
});

export const webpush = channelForm<z.infer<typeof WebPushConfig>>({
  config: WebPushConfig,
  secrets: ["endpoint", "auth"],
  goesTo: () => "",
  async encode(message, { endpoint, p256dh, auth }, { now, pushKey, publicUrl }) {
    const { tone, headline, lines, link } = wordingOf(message);
    const [first, another] = message.alerts;
    const only = another || message.more > 0 ? undefined : first;
    const idsOf = (isOver: boolean) =>
      message.alerts.filter(({ event }) => (event === "resolved") === isOver).map(({ id }) => id);
    const fields = {
      id: message.id,
      level: tone,
      title: fit(headline, TITLE_LENGTH),
      tag: only?.id ?? message.id,
      told: idsOf(false),
      over: idsOf(true),
      ...(link !== undefined && link.length <= LINK_LENGTH && { link }),
    };
    const room = PAYLOAD_BYTES - Buffer.byteLength(JSON.stringify(fields)) - 64;
    /* What JSON writes longer than it is counts as long as it is written. */
    let text = fitBytes(lines.join("\n"), room);
    while (Buffer.byteLength(JSON.stringify(text)) > room) text = fitBytes(text, (text.length * 3) >> 2);
    return {
      kind: "http",
      method: "POST",
      url: endpoint,
      headers: {
        "content-type": "application/octet-stream",
        "content-encoding": "aes128gcm",
        ttl: String(TTL_SECONDS),
        urgency: tone === "critical" ? "high" : "normal",
        ...(only && { topic: topicOf(only.id) }),
        authorization: await vapidHeader(pushKey(), {
          audience: new URL(endpoint).origin,
          subject: publicUrl?.startsWith("https://") ? publicUrl : NOBODY,
          now,
        }),
      },
      body: await sealForBrowser(JSON.stringify({ ...fields, text }), { p256dh, auth }),
    };
  },
  judge({ status }) {
    if (status === 404 || status === 410)
      return {
        failure: "configuration",
        message: "The browser does not want messages any more: agree there again, or remove this channel.",
        final: true,
      };
    return undefined;
  },
});

function topicOf(id: string): string {
  return createHash("sha256").update(id).digest("base64url").slice(0, TOPIC_LENGTH);
}
