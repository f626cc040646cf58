/** A topic of ntfy.sh or of a server of one's own. Sent as JSON, so that nothing of it is a header. */
import { z } from "zod";
import { fit, fitBytes } from "../fit.ts";
import { type Tone, wordingOf } from "../wording.ts";
import { basicOf, channelForm, JSON_HEADERS, passPhrase, secretText, serverAddress } from "./channel-form.ts";

/** Beyond it the server makes a file of the message. */
const MESSAGE_BYTES = 4_096;
const TITLE_LENGTH = 250;

const PRIORITIES: Record<Tone, number> = { critical: 5, warning: 4, resolved: 3, test: 3 };
const TAGS: Record<Tone, string> = {
  critical: "rotating_light",
  warning: "warning",
  resolved: "white_check_mark",
  test: "test_tube",
};

const NtfyConfig = z
  .strictObject({
    server: serverAddress.default("https://ntfy.sh"),
    topic: z
      .string()
      .trim()
      .regex(/^[\w-]{1,64}$/, "must have letters, digits, - and _ only, at most 64"),
    token: secretText(200).optional(),
    user: z
      .string()
      .trim()
      .min(1)
      .max(200)
      .regex(/^[^:\p{Cc}]+$/u, "must not hold a colon")
      .optional(),
    password: passPhrase.optional(),
  })
  .refine(({ token, user }) => !(token && user), {
    path: ["token"],
    message: "must be a token or a user with a password, not both",
  })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), {
    path: ["password"],
    message: "belongs to a user: enter both",
  });

export const ntfy = channelForm<z.infer<typeof NtfyConfig>>({
  config: NtfyConfig,
  secrets: ["token", "password"],
  goesTo: ({ server }) => server ?? "",
  encode(message, { server, topic, token, user, password }) {
    const { tone, headline, lines, link } = wordingOf(message);
    const authorization =
      token !== undefined
        ? `Bearer ${token}`
        : user !== undefined
          ? basicOf(user, password ?? "")
          : undefined;
    return {
      kind: "http",
      method: "POST",
      url: `${server}/`,
      headers: { ...JSON_HEADERS, ...(authorization !== undefined && { authorization }) },
      body: JSON.stringify({
        topic,
        title: fit(headline, TITLE_LENGTH),
        message: fitBytes(lines.join("\n"), MESSAGE_BYTES),
        priority: PRIORITIES[tone],
        tags: [TAGS[tone]],
        markdown: false,
        ...(link !== undefined && { click: link }),
      }),
    };
  },
});
