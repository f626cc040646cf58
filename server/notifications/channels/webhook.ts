/**
 * Any address. What is sent is JSON that says everything, or a template of one's own with fixed places. With
 * a secret it is signed, so that whoever receives it can tell that it is from here and new:
 *
 *   X-Pulse-Timestamp: seconds since 1970, when it was sent
 *   X-Pulse-Signature: v1=<hex HMAC-SHA256 with the secret, over "<timestamp>.<body>">
 *   X-Pulse-Event-ID: the same over every retry
 */
import { createHmac } from "node:crypto";
import { z } from "zod";
import type { NotificationMessage } from "../../contract/notifications.ts";
import { wordingOf } from "../wording.ts";
import { channelForm, webAddress } from "./channel-form.ts";
import { faultOfTemplate, fillTemplate, TEMPLATE_KINDS, type TemplateKind } from "./webhook-template.ts";

const HEADERS = 20;
const TEMPLATE_LENGTH = 8_000;
/** What decides where a request ends or whom it is for, and what is ours to say. */
const NOT_THEIRS =
  /^(?:host|connection|content-length|content-type|transfer-encoding|upgrade|expect|te|trailer|keep-alive|proxy-.*|x-pulse-.*|x-user-id|x-org-.*|x-tenant-.*)$/i;

const Headers = z
  .record(
    z
      .string()
      .regex(/^[\w!#$%&'*+.^`|~-]{1,100}$/, "is not the name of a header")
      .refine((name) => !NOT_THEIRS.test(name), "cannot be set"),
    z
      .string()
      .max(2_000, "is too long")
      .regex(/^[\t\x20-\x7e]*$/, "has characters that cannot be sent"),
  )
  .refine((headers) => Object.keys(headers).length <= HEADERS, `must be at most ${HEADERS}`);

const WebhookConfig = z
  .strictObject({
    url: webAddress,
    secret: z.string().min(8, "must have at least 8 characters").max(500, "is too long").optional(),
    headers: Headers.optional(),
    template: z.string().max(TEMPLATE_LENGTH, "is too long").optional(),
    /** What the template is; JSON unless told. */
    format: z.enum(TEMPLATE_KINDS).optional(),
  })
  .superRefine(({ template, format }, check) => {
    const fault = template === undefined ? undefined : faultOfTemplate(template, format ?? "json");
    if (fault !== undefined) check.addIssue({ code: "custom", path: ["template"], message: fault });
  });

const CONTENT_TYPES: Record<TemplateKind, string> = {
  json: "application/json",
  text: "text/plain; charset=utf-8",
  form: "application/x-www-form-urlencoded",
};

export const webhook = channelForm<z.infer<typeof WebhookConfig>>({
  config: WebhookConfig,
  secrets: ["secret", "headers"],
  goesTo: ({ url }) => url ?? "",
  encode(message, { url, secret, headers, template, format = "json" }, { now }) {
    const body =
      template === undefined ? JSON.stringify(everything(message)) : fillTemplate(template, format, message);
    const timestamp = String(Math.floor(now / 1_000));
    const signature =
      secret !== undefined && createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
    return {
      kind: "http",
      method: "POST",
      url,
      headers: {
        ...headers,
        "content-type": CONTENT_TYPES[template === undefined ? "json" : format],
        "user-agent": "Pulse",
        "x-pulse-event-id": message.id,
        "x-pulse-timestamp": timestamp,
        ...(signature && { "x-pulse-signature": `v1=${signature}` }),
      },
      body,
    };
  },
});

function everything(message: NotificationMessage): object {
  const { tone, headline, lines, link } = wordingOf(message);
  const { id, at, alerts, more } = message;
  return {
    source: "pulse",
    id,
    at,
    level: tone,
    title: headline,
    text: lines.join("\n"),
    alerts,
    more,
    ...(link !== undefined && { link }),
  };
}
