/** What every type of channel is made of, and the fields several of them have. */
import { z } from "zod";
import type { DeliveryFailure, NotificationMessage } from "../../contract/notifications.ts";
import type { EncoderSurroundings, Outgoing } from "../outgoing.ts";

export interface ChannelForm<Config extends object> {
  config: z.ZodType<Config>;
  /** Fields of the config that are sealed and never shown again. */
  secrets: readonly (keyof Config & string)[];
  /** Where its secrets are sent to: when that changes they have to be entered again. */
  goesTo(config: Partial<Config>): string;
  /** The service keeps an incident for each alert: messages are not joined. */
  oneAlertEach?: true;
  encode(
    message: NotificationMessage,
    config: Config,
    around: EncoderSurroundings,
  ): Outgoing | Promise<Outgoing>;
  /** What an answer says besides its status; undefined where the status says it all. Nothing of it is shown. */
  judge?(answer: { status: number; body: string }): Verdict | undefined;
}

export interface Verdict {
  failure?: DeliveryFailure;
  /** A sentence of ours. */
  message?: string;
  retryAfterMs?: number;
  /** It will never be taken. */
  final?: true;
}

export function channelForm<Config extends object>(form: ChannelForm<Config>): ChannelForm<Config> {
  return form;
}

const URL_LENGTH = 2_000;

export const webAddress = z
  .string()
  .trim()
  .max(URL_LENGTH, "is too long")
  .refine((text) => /^https?:\/\//i.test(text) && URL.canParse(text), "must be an http or https address")
  .refine((text) => {
    if (!URL.canParse(text)) return false;
    const { username, password, hash } = new URL(text);
    return !username && !password && !hash;
  }, "must be an address without a name, a password and a #");

/** The address of one channel of a service, which whoever knows it can write to. */
export function hookAddress(wrong: string) {
  return webAddress.refine((text) => URL.canParse(text) && new URL(text).pathname.length > 1, wrong);
}

/** Where a service is: what it is asked for is below it. */
export const serverAddress = webAddress
  .refine((text) => URL.canParse(text) && new URL(text).search === "", "must be an address without a ?")
  .transform((text) => text.replace(/\/+$/, ""));

export function secretText(most = 2_000) {
  return z
    .string()
    .trim()
    .min(1, "must not be empty")
    .max(most, "is too long")
    .regex(/^[\x21-\x7e]+$/, "has characters that cannot be sent");
}

/** For what may hold spaces: a pass phrase. */
export const passPhrase = z
  .string()
  .min(1, "must not be empty")
  .max(1_000, "is too long")
  .regex(/^[^\p{Cc}]+$/u, "has characters that cannot be sent");

export function shortText(most = 200) {
  return z
    .string()
    .trim()
    .min(1, "must not be empty")
    .max(most, "is too long")
    .regex(/^[^\p{Cc}\p{Cf}]+$/u, "has characters that cannot be shown");
}

export const JSON_HEADERS = { "content-type": "application/json" } as const;

export function basicOf(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

/** A number in an answer that is JSON, wherever it stands. */
export function numberIn(body: string, name: string): number | undefined {
  const found = new RegExp(`"${name}"\\s*:\\s*(\\d{1,9}(?:\\.\\d{1,6})?)`).exec(body)?.[1];
  return found === undefined ? undefined : Number(found);
}
