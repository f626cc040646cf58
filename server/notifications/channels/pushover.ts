/** Pushover: an application's token and the key of who receives it. `html` is not asked for, so it is text. */
import { z } from "zod";
import { fit, fitLines } from "../fit.ts";
import { type Tone, wordingOf } from "../wording.ts";
import { channelForm } from "./channel-form.ts";

const TITLE_LENGTH = 250;
const MESSAGE_LENGTH = 1_024;
const LINK_LENGTH = 512;
/** Asked again this often, so long: until somebody has said that they saw it. */
const EMERGENCY_RETRY_SECONDS = 60;
const EMERGENCY_EXPIRE_SECONDS = 3_600;

const key = z
  .string()
  .trim()
  .regex(/^[A-Za-z0-9]{30}$/, "must have 30 letters and digits");

const PushoverConfig = z.strictObject({
  token: key,
  /** Of a person or a group. */
  user: key,
  device: z
    .string()
    .trim()
    .regex(/^[\w-]{1,25}(?:,[\w-]{1,25}){0,9}$/, "must be the name of a device, or several with commas")
    .optional(),
  sound: z
    .string()
    .trim()
    .regex(/^\w{1,40}$/, "must be the name of a sound")
    .optional(),
  /** Critical alerts are repeated until somebody confirms them on their phone. */
  emergency: z.boolean().optional(),
});

export const pushover = channelForm<z.infer<typeof PushoverConfig>>({
  config: PushoverConfig,
  secrets: ["token"],
  goesTo: () => "",
  encode(message, { token, user, device, sound, emergency }) {
    const { tone, headline, lines, link } = wordingOf(message);
    const isEmergency = emergency === true && tone === "critical";
    const fields = {
      token,
      user,
      title: fit(headline, TITLE_LENGTH),
      message: fitLines(lines, MESSAGE_LENGTH),
      priority: String(isEmergency ? 2 : PRIORITIES[tone]),
      timestamp: String(Math.floor(message.at / 1_000)),
      ...(isEmergency && {
        retry: String(EMERGENCY_RETRY_SECONDS),
        expire: String(EMERGENCY_EXPIRE_SECONDS),
      }),
      ...(device !== undefined && { device }),
      ...(sound !== undefined && { sound }),
      ...(link !== undefined && link.length <= LINK_LENGTH && { url: link, url_title: "Open in Pulse" }),
    };
    return {
      kind: "http",
      method: "POST",
      url: "https://api.pushover.net/1/messages.json",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams(fields).toString(),
    };
  },
  judge({ status, body }) {
    if (status === 400 && /"(?:token|user)"\s*:\s*"invalid"/.test(body))
      return { failure: "authentication", message: "Pushover does not know the token or the key." };
    return undefined;
  },
});

const PRIORITIES: Record<Tone, number> = { critical: 1, warning: 0, resolved: -1, test: 0 };
