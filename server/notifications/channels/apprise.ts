/**
 * An Apprise API server, which hands messages on to about a hundred services. Either what is kept there
 * under a key is used, or the addresses are sent along.
 */
import { z } from "zod";
import { fit, fitLines } from "../fit.ts";
import { type Tone, textLines, wordingOf } from "../wording.ts";
import { basicOf, channelForm, JSON_HEADERS, passPhrase, serverAddress, shortText } from "./channel-form.ts";

const TITLE_LENGTH = 250;
/** Each service behind it cuts once more. */
const BODY_LENGTH = 16_000;

const TYPES: Record<Tone, string> = {
  critical: "failure",
  warning: "warning",
  resolved: "success",
  test: "info",
};

const AppriseConfig = z
  .strictObject({
    server: serverAddress,
    key: z
      .string()
      .trim()
      .regex(/^[\w-]{1,128}$/, "must have letters, digits, - and _ only")
      .optional(),
    /** Addresses of Apprise, such as `mailto://…`: one a line. */
    urls: z
      .string()
      .trim()
      .min(1, "must not be empty")
      .max(8_000, "is too long")
      .regex(/^(?:[^\p{Cc}]|\n)+$/u, "has characters that cannot be sent")
      .optional(),
    /** Which of what is kept under the key. */
    tags: shortText().optional(),
    user: shortText()
      .regex(/^[^:]+$/, "must not hold a colon")
      .optional(),
    password: passPhrase.optional(),
  })
  .refine(({ key, urls }) => (key === undefined) !== (urls === undefined), {
    path: ["key"],
    message: "must be given, or else the addresses",
  })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), {
    path: ["password"],
    message: "belongs to a user: enter both",
  });

export const apprise = channelForm<z.infer<typeof AppriseConfig>>({
  config: AppriseConfig,
  secrets: ["urls", "password"],
  goesTo: ({ server }) => server ?? "",
  encode(message, { server, key, urls, tags, user, password }) {
    const wording = wordingOf(message);
    const { tone, headline } = wording;
    const [, ...lines] = textLines(wording);
    return {
      kind: "http",
      method: "POST",
      url: key !== undefined ? `${server}/notify/${key}` : `${server}/notify`,
      headers: {
        ...JSON_HEADERS,
        ...(user !== undefined && { authorization: basicOf(user, password ?? "") }),
      },
      body: JSON.stringify({
        title: fit(headline, TITLE_LENGTH),
        body: fitLines(lines, BODY_LENGTH),
        type: TYPES[tone],
        format: "text",
        ...(urls !== undefined && {
          urls: urls
            .split("\n")
            .map((line) => line.trim())
            .filter(Boolean),
        }),
        ...(tags !== undefined && { tag: tags }),
      }),
    };
  },
  judge({ status }) {
    if (status === 204)
      return { failure: "configuration", message: "Nothing is kept under this key on the server." };
    if (status === 424)
      return { failure: "rejected", message: "The server could not hand the message on to every service." };
    return undefined;
  },
});
