/**
 * A workflow of Microsoft Teams ("When a Teams webhook request is received"), which takes an Adaptive Card.
 * The card's usual text blocks read Markdown; a run of rich text does not, so everything is one.
 */
import { z } from "zod";
import { fit } from "../fit.ts";
import { type Tone, wordingOf } from "../wording.ts";
import { channelForm, hookAddress, JSON_HEADERS } from "./channel-form.ts";

const HEADLINE_LENGTH = 300;
const LINE_LENGTH = 500;
/** A message may have 28 KB in all. */
const LINES = 30;

const COLORS: Record<Tone, string> = {
  critical: "attention",
  warning: "warning",
  resolved: "good",
  test: "accent",
};

const TeamsConfig = z.strictObject({
  url: hookAddress("must be the address the workflow shows"),
});

export const teams = channelForm<z.infer<typeof TeamsConfig>>({
  config: TeamsConfig,
  secrets: ["url"],
  goesTo: () => "",
  encode(message, { url }) {
    const { tone, headline, lines, link } = wordingOf(message);
    const run = (text: string, more: object = {}) => ({
      type: "RichTextBlock",
      inlines: [{ type: "TextRun", text, ...more }],
      spacing: "small",
    });
    const card = {
      type: "AdaptiveCard",
      $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
      version: "1.4",
      fallbackText: fit(headline, HEADLINE_LENGTH),
      body: [
        run(fit(headline, HEADLINE_LENGTH), { weight: "bolder", size: "medium", color: COLORS[tone] }),
        ...lines.slice(0, LINES).map((line) => run(fit(line, LINE_LENGTH))),
      ],
      ...(link !== undefined && { actions: [{ type: "Action.OpenUrl", title: "Open in Pulse", url: link }] }),
    };
    return {
      kind: "http",
      method: "POST",
      url,
      headers: JSON_HEADERS,
      body: JSON.stringify({
        type: "message",
        attachments: [
          { contentType: "application/vnd.microsoft.card.adaptive", contentUrl: null, content: card },
        ],
      }),
    };
  },
});
