/** The one list of channels. What a type is stands in its own file. */
import type { ChannelType, NotificationMessage } from "../contract/notifications.ts";
import { apprise } from "./channels/apprise.ts";
import type { ChannelForm } from "./channels/channel-form.ts";
import { discord } from "./channels/discord.ts";
import { email } from "./channels/email.ts";
import { gotify } from "./channels/gotify.ts";
import { matrix } from "./channels/matrix.ts";
import { ntfy } from "./channels/ntfy.ts";
import { pagerduty } from "./channels/pagerduty.ts";
import { pushover } from "./channels/pushover.ts";
import { slack } from "./channels/slack.ts";
import { teams } from "./channels/teams.ts";
import { telegram } from "./channels/telegram.ts";
import { webhook } from "./channels/webhook.ts";
import { webpush } from "./channels/webpush.ts";
import type { EncoderSurroundings, Outgoing } from "./outgoing.ts";
import { tidy } from "./tidy.ts";

/** A config of a type that is only known at run time: judged by `config`, and by nothing but that. */
// biome-ignore lint/suspicious/noExplicitAny: each form is checked where it is written.
export type AnyChannelForm = ChannelForm<any>;

export const CHANNELS: Record<ChannelType, AnyChannelForm> = {
  email,
  webhook,
  discord,
  slack,
  teams,
  telegram,
  ntfy,
  gotify,
  pushover,
  matrix,
  pagerduty,
  webpush,
  apprise,
};

/** Exactly what is sent. No encoder sees a text that was not tidied. */
export async function encode(
  type: ChannelType,
  message: NotificationMessage,
  config: Record<string, unknown>,
  around: EncoderSurroundings,
): Promise<Outgoing> {
  return CHANNELS[type].encode(tidy(message), config, around);
}
