/** How messages leave this thread: encoded for their channel, sent through the one door, a few at a time. */
import type { ChannelType, NotificationMessage } from "../contract/notifications.ts";
import type { Egress } from "../lib/egress.ts";
import type { ChannelBook, StoredChannel } from "./channel-book.ts";
import { encode } from "./channels.ts";
import type { Outcome } from "./failures.ts";
import type { ChannelConfig } from "./judge-config.ts";
import { post } from "./post.ts";
import type { SendingRoom } from "./sending-room.ts";

export interface Messenger {
  egress: Egress;
  /** Of all orgs of this thread together. */
  room: SendingRoom;
  clock: () => number;
  publicUrl: string | undefined;
  /** Counts what became of an attempt. */
  onAttempt: (type: ChannelType, result: "sent" | "failed" | "dead") => void;
}

/** To a channel as it is kept. */
export async function sendTo(
  messenger: Messenger,
  book: ChannelBook,
  { id, type, config, secretsSet }: StoredChannel,
  message: NotificationMessage,
  signal: AbortSignal,
): Promise<Outcome> {
  let whole: ChannelConfig;
  try {
    whole = secretsSet.length > 0 ? { ...config, ...book.secretsOf(id) } : config;
  } catch {
    return UNREADABLE;
  }
  return sendAs(messenger, book, { type, config: whole }, message, signal);
}

/** With a config that has been judged, secrets and all. */
export async function sendAs(
  { egress, clock, publicUrl }: Messenger,
  book: ChannelBook,
  { type, config }: { type: ChannelType; config: ChannelConfig },
  message: NotificationMessage,
  signal?: AbortSignal,
): Promise<Outcome> {
  const pushKey = () => {
    const key = book.pushKey;
    if (!key) throw new Error("there is no key browsers know this org by");
    return key;
  };
  const outgoing = await encode(type, message, config, { now: clock(), pushKey, publicUrl });
  return post(type, outgoing, { egress, clock, signal });
}

const UNREADABLE: Outcome = {
  ok: false,
  failure: "configuration",
  message: "Its credentials cannot be opened: enter them again.",
  isUncertain: false,
  isFinal: false,
  tookMs: 0,
};
