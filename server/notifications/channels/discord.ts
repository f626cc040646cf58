/**
 * A webhook of a Discord channel. One embed; what Markdown is in it is written so that it is none, and
 * `allowed_mentions` forbids what is left: nobody is called by the name of a container.
 */
import { z } from "zod";
import { fit, fitLines } from "../fit.ts";
import { type Tone, wordingOf } from "../wording.ts";
import { channelForm, JSON_HEADERS, numberIn, webAddress } from "./channel-form.ts";

const TITLE_LENGTH = 256;
/** All of an embed together may have 6,000. */
const DESCRIPTION_LENGTH = 4_096;

const COLORS: Record<Tone, number> = {
  critical: 0xd92d20,
  warning: 0xdc8b0a,
  resolved: 0x2e9e5b,
  test: 0x3f6fd8,
};

const DiscordConfig = z.strictObject({
  url: webAddress.refine(
    (text) => /\/api\/(?:v\d+\/)?webhooks\/\d+\/[\w-]+\/?(?:\?thread_id=\d+)?$/.test(text),
    "must be the address Discord shows: https://discord.com/api/webhooks/…",
  ),
  /** What it is called in the channel. */
  username: z
    .string()
    .trim()
    .min(1, "must not be empty")
    .max(80, "is too long")
    .regex(/^(?!.*(?:discord|clyde|```))[^\p{Cc}\p{Cf}@#:]+$/iu, "is not a name Discord takes")
    .optional(),
});

export const discord = channelForm<z.infer<typeof DiscordConfig>>({
  config: DiscordConfig,
  secrets: ["url"],
  goesTo: () => "",
  encode(message, { url, username }) {
    const { tone, headline, lines, link } = wordingOf(message);
    const embed = {
      title: fit(plainMarkdown(headline), TITLE_LENGTH),
      description: fitLines(lines.map(plainMarkdown), DESCRIPTION_LENGTH),
      color: COLORS[tone],
      timestamp: new Date(message.at).toISOString(),
      ...(link !== undefined && { url: link }),
    };
    return {
      kind: "http",
      method: "POST",
      url,
      headers: JSON_HEADERS,
      body: JSON.stringify({
        ...(username !== undefined && { username }),
        embeds: [embed],
        allowed_mentions: { parse: [] },
      }),
    };
  },
  judge({ status, body }) {
    const seconds = status === 429 ? numberIn(body, "retry_after") : undefined;
    return seconds === undefined ? undefined : { retryAfterMs: seconds * 1_000 };
  },
});

/** A backslash takes its meaning from any sign; one it has no meaning for it leaves as it is. */
function plainMarkdown(text: string): string {
  return text.replaceAll(/[!-/:-@[-`{-~]/g, "\\$&");
}
