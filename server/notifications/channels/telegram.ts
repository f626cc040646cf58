/**
 * A bot of Telegram. Sent without `parse_mode`, so nothing in the text is a tag; what is bold is said beside
 * it, in UTF-16 units as Telegram counts. Telegram itself makes a mention of `@name`, a command of `/word`
 * and a search of `#word`: a word joiner, which is not seen, stands in between.
 */
import { z } from "zod";
import { fit, fitLines } from "../fit.ts";
import { wordingOf } from "../wording.ts";
import { channelForm, JSON_HEADERS, numberIn, serverAddress } from "./channel-form.ts";

const TEXT_LENGTH = 4_096;
const HEADLINE_LENGTH = 400;

const TelegramConfig = z.strictObject({
  /** What @BotFather gives. */
  token: z
    .string()
    .trim()
    .regex(/^\d{5,20}:[\w-]{20,100}$/, "must be the token @BotFather gives, like 123456789:AAF…"),
  chatId: z
    .string()
    .trim()
    .regex(/^(?:-?\d{1,20}|@[A-Za-z]\w{3,40})$/, "must be a number, or the @name of a public channel"),
  /** A topic of a group. */
  threadId: z.int().min(1).max(2_147_483_647).optional(),
  /** A server of one's own for the Bot API. */
  server: serverAddress.optional(),
});

export const telegram = channelForm<z.infer<typeof TelegramConfig>>({
  config: TelegramConfig,
  secrets: ["token"],
  goesTo: ({ server }) => server ?? "",
  encode(message, { token, chatId, threadId, server = "https://api.telegram.org" }) {
    const { tone, headline, lines, link } = wordingOf(message);
    const first = fit(withoutMeaning(headline), HEADLINE_LENGTH);
    const last = link !== undefined ? `\n${link}` : "";
    const room = TEXT_LENGTH - first.length - last.length - 1;
    return {
      kind: "http",
      method: "POST",
      url: `${server}/bot${token}/sendMessage`,
      headers: JSON_HEADERS,
      body: JSON.stringify({
        chat_id: chatId,
        ...(threadId !== undefined && { message_thread_id: threadId }),
        text: `${first}\n${fitLines(lines.map(withoutMeaning), room)}${last}`,
        entities: [{ type: "bold", offset: 0, length: first.length }],
        link_preview_options: { is_disabled: true },
        disable_notification: tone === "resolved",
      }),
    };
  },
  judge({ status, body }) {
    const seconds = numberIn(body, "retry_after");
    if (status === 429 && seconds !== undefined) return { retryAfterMs: seconds * 1_000 };
    if (status === 404)
      return { failure: "authentication", message: "Telegram knows no bot with this token." };
    if (status === 400)
      return { failure: "configuration", message: "Telegram refuses: look at the chat this is sent to." };
    if (status === 403)
      return { failure: "configuration", message: "The bot may not write there: add it to the chat first." };
    return undefined;
  },
});

function withoutMeaning(text: string): string {
  return text.replaceAll(/[@#/$](?=\S)/g, "$&\u2060");
}
