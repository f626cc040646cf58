/** An application of a Gotify server. The server is told that the text is plain, so no client reads Markdown. */
import { z } from "zod";
import { fit, fitLines } from "../fit.ts";
import { type Tone, wordingOf } from "../wording.ts";
import { channelForm, JSON_HEADERS, secretText, serverAddress } from "./channel-form.ts";

/** Gotify itself has none; clients show no more. */
const TITLE_LENGTH = 300;
const MESSAGE_LENGTH = 16_000;

const PRIORITIES: Record<Tone, number> = { critical: 8, warning: 5, resolved: 4, test: 4 };

const GotifyConfig = z.strictObject({ server: serverAddress, token: secretText(200) });

export const gotify = channelForm<z.infer<typeof GotifyConfig>>({
  config: GotifyConfig,
  secrets: ["token"],
  goesTo: ({ server }) => server ?? "",
  encode(message, { server, token }) {
    const { tone, headline, lines, link } = wordingOf(message);
    return {
      kind: "http",
      method: "POST",
      url: `${server}/message`,
      headers: { ...JSON_HEADERS, "x-gotify-key": token },
      body: JSON.stringify({
        title: fit(headline, TITLE_LENGTH),
        message: fitLines(lines, MESSAGE_LENGTH),
        priority: PRIORITIES[tone],
        extras: {
          "client::display": { contentType: "text/plain" },
          ...(link !== undefined && { "client::notification": { click: { url: link } } }),
        },
      }),
    };
  },
});
