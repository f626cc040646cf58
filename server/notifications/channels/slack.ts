/**
 * An incoming webhook of Slack, or of what takes the same: Mattermost, Rocket.Chat. Every block is
 * `plain_text`, in which nothing has a meaning; the `text` beside it, which phones show, cannot be plain and
 * has `&`, `<` and `>` written as Slack wants them, so that `<!channel>` calls nobody.
 */
import { z } from "zod";
import { fit, fitLines } from "../fit.ts";
import { type Tone, wordingOf } from "../wording.ts";
import { channelForm, hookAddress, JSON_HEADERS } from "./channel-form.ts";

const HEADER_LENGTH = 150;
const SECTION_LENGTH = 3_000;
const TEXT_LENGTH = 3_000;

const COLORS: Record<Tone, string> = {
  critical: "#d92d20",
  warning: "#dc8b0a",
  resolved: "#2e9e5b",
  test: "#3f6fd8",
};

const SlackConfig = z.strictObject({
  url: hookAddress("must be the address Slack shows: https://hooks.slack.com/services/…"),
});

export const slack = channelForm<z.infer<typeof SlackConfig>>({
  config: SlackConfig,
  secrets: ["url"],
  goesTo: () => "",
  encode(message, { url }) {
    const { tone, headline, lines, link } = wordingOf(message);
    const plain = (text: string) => ({ type: "plain_text", text, emoji: false });
    const blocks = [
      { type: "section", text: plain(fit(headline, HEADER_LENGTH)) },
      { type: "section", text: plain(fitLines(lines, SECTION_LENGTH)) },
      ...(link !== undefined
        ? [{ type: "actions", elements: [{ type: "button", text: plain("Open in Pulse"), url: link }] }]
        : []),
    ];
    return {
      kind: "http",
      method: "POST",
      url,
      headers: JSON_HEADERS,
      body: JSON.stringify({
        text: fit(escaped(headline), TEXT_LENGTH),
        attachments: [{ color: COLORS[tone], blocks }],
        unfurl_links: false,
        unfurl_media: false,
      }),
    };
  },
});

/** And the signs of formatting stand beside a word joiner, which is not seen: `*` is then only a `*`. */
function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll(/[*_~`@]/g, "$&\u2060");
}
