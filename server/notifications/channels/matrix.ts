/**
 * A room of Matrix. The transaction's id is the message's own, so a homeserver that is sent it twice shows
 * it once. `m.mentions` is empty: whatever the text says, nobody is called.
 */
import { z } from "zod";
import { fit, fitLines } from "../fit.ts";
import { wordingOf } from "../wording.ts";
import { channelForm, JSON_HEADERS, numberIn, secretText, serverAddress } from "./channel-form.ts";

/** An event may have 65,536 bytes, and this is in it twice, once written as HTML. */
const HEADLINE_LENGTH = 300;
const TEXT_LENGTH = 4_000;

const MatrixConfig = z.strictObject({
  server: serverAddress,
  roomId: z
    .string()
    .trim()
    .max(255, "is too long")
    .regex(/^![^\s\p{Cc}]+$/u, "must be the internal id of the room, which begins with !"),
  /** Of the account that writes. */
  token: secretText(),
});

export const matrix = channelForm<z.infer<typeof MatrixConfig>>({
  config: MatrixConfig,
  secrets: ["token"],
  goesTo: ({ server }) => server ?? "",
  encode(message, { server, roomId, token }) {
    const { headline, lines, link } = wordingOf(message);
    const first = fit(withoutMentions(headline), HEADLINE_LENGTH);
    const rest = fitLines(lines.map(withoutMentions), TEXT_LENGTH);
    const last = link !== undefined ? `<br><a href="${escaped(link)}">Open in Pulse</a>` : "";
    const room = encodeURIComponent(roomId);
    return {
      kind: "http",
      method: "PUT",
      url: `${server}/_matrix/client/v3/rooms/${room}/send/m.room.message/${encodeURIComponent(message.id)}`,
      headers: { ...JSON_HEADERS, authorization: `Bearer ${token}` },
      body: JSON.stringify({
        msgtype: "m.text",
        body: [first, rest, ...(link !== undefined ? [link] : [])].filter(Boolean).join("\n"),
        format: "org.matrix.custom.html",
        formatted_body: `<strong>${escaped(first)}</strong><br>${escaped(rest).replaceAll("\n", "<br>")}${last}`,
        "m.mentions": {},
      }),
    };
  },
  judge({ status, body }) {
    const ms = status === 429 ? numberIn(body, "retry_after_ms") : undefined;
    if (ms !== undefined) return { retryAfterMs: ms };
    if (status === 403)
      return { failure: "configuration", message: "The account may not write in this room: invite it." };
    return undefined;
  },
});

/** Clients that do not know `m.mentions` look for `@room` in the text. */
function withoutMentions(text: string): string {
  return text.replaceAll("@", "@\u2060");
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
