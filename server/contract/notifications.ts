/** Where messages go, what they say, and how it went. */
import { z } from "zod";
import type { AlertFacts } from "./alerts.ts";
import { ChannelId } from "./ids.ts";

export const CHANNEL_TYPES = [
  "email",
  "webhook",
  "discord",
  "slack",
  "teams",
  "telegram",
  "ntfy",
  "gotify",
  "pushover",
  "matrix",
  "pagerduty",
  "webpush",
  "apprise",
] as const;
export const ChannelType = z.enum(CHANNEL_TYPES);
export type ChannelType = z.infer<typeof ChannelType>;

export const CHANNEL_LIMITS = {
  nameLength: 80,
  /** Of `config`, as JSON. */
  configBytes: 16_384,
  /** Tries of one org by hand, in a minute. */
  testsPerMinute: 10,
} as const;

export const DELIVERY_LIMITS = {
  /** Messages that wait for one channel. */
  waitingPerChannel: 500,
  /** Messages of one org that are remembered, whatever became of them; those that wait are always. */
  remembered: 2_000,
  perPage: 100,
} as const;

export const MESSAGE_LIMITS = {
  /** Alerts one message tells of; of more it says how many. */
  alerts: 20,
  titleLength: 300,
  nameLength: 200,
  /** Of one alert. */
  lines: 8,
  lineLength: 500,
} as const;

export const ALERT_LEVELS = ["warning", "critical"] as const;

/** What happened to an alert. `test`: nothing did, somebody wants to see whether messages arrive. */
export type AlertEventKind = "fired" | "updated" | "resolved" | "test";
export type ToldLevel = (typeof ALERT_LEVELS)[number];

/** One alert, as a message tells of it. */
export interface ToldAlert {
  /** The same as long as the alert lasts, whatever happens to it. */
  id: string;
  event: AlertEventKind;
  level: ToldLevel;
  /** One plain sentence: "The CPU of nas is at 97 %". */
  title: string;
  /** What is worth knowing besides, a line each. */
  lines: string[];
  resource?: { id: string; name: string };
  /** What the resource is a part of, when it is not the machine itself. */
  machine?: { id: string; name: string };
  /** With their units: "97 %", "90 %". */
  value?: string;
  threshold?: string;
  since: number;
  /** Where it can be looked at; only where the server knows its own address. */
  link?: string;
}

/** What the alert engine says has happened. */
export interface AlertTransition extends Omit<ToldAlert, "link"> {
  /** Only for those who have not heard of it: `at_all`, or not that it is as bad as it is (`so_bad`). */
  ifUntold?: "at_all" | "so_bad";
  /** The page where it can be looked at, below the org's own: "/alerts". */
  path?: string;
  /** What routes go by; left out: only what fits everything fits. */
  facts?: AlertFacts;
  /** Nobody is told, and why: one plain sentence. */
  untold?: string;
  /** Nobody takes care of it any more: from now on it counts how long nobody does. */
  isLeft?: true;
}

/** An alert as it is at this moment, for whoever has something to say of it later. */
export interface AlertNow {
  news: AlertTransition & { event: "fired" | "resolved" };
  /** Why nobody is told of it now, in a plain sentence; left out: whoever is to be told may be. */
  heldBack?: string;
  /** Nobody is, but for those who have to hear that it got worse than it was when somebody took care of it. */
  isWorse?: true;
}

export interface NotificationMessage {
  /** The same over every retry: whoever receives it twice can tell. */
  id: string;
  at: number;
  /** At least one. */
  alerts: ToldAlert[];
  /** Alerts beyond those, which are only counted. */
  more: number;
  /** Their ids, of as many as are remembered; no receiver is sent them. */
  counted?: Set<string>;
  /** Where all of them can be looked at. */
  link?: string;
}

const ChannelName = z
  .string()
  .trim()
  .min(1, "must not be empty")
  .max(CHANNEL_LIMITS.nameLength, "must have at most 80 characters")
  .regex(/^[^\p{Cc}\p{Cf}]+$/u, "has characters that cannot be shown");

/** In the form of its type, which is judged where the type is known. Secrets are part of it. */
const Config = z
  .record(z.string().max(80), z.unknown())
  .refine((held) => JSON.stringify(held).length <= CHANNEL_LIMITS.configBytes, "is too large");

export const CreateChannelInput = z.strictObject({
  name: ChannelName,
  type: ChannelType,
  config: Config,
  enabled: z.boolean().optional(),
  /** `warning`, unless told: everything. `critical`: what is less is not told here. */
  leastLevel: z.enum(ALERT_LEVELS).optional(),
});
export type CreateChannelInput = z.infer<typeof CreateChannelInput>;

/** Secrets that are left out of `config` stay as they are; `null` takes one away. */
export const UpdateChannelInput = z.strictObject({
  id: ChannelId,
  name: ChannelName.optional(),
  config: Config.optional(),
  enabled: z.boolean().optional(),
  leastLevel: z.enum(ALERT_LEVELS).optional(),
});
export type UpdateChannelInput = z.infer<typeof UpdateChannelInput>;

export const NamedChannelInput = z.strictObject({ id: ChannelId });
export type NamedChannelInput = z.infer<typeof NamedChannelInput>;

/** Sends a message now. With an id, secrets that are left out are what is kept. */
export const TestChannelInput = z.strictObject({
  id: ChannelId.optional(),
  type: ChannelType,
  config: Config,
});
export type TestChannelInput = z.infer<typeof TestChannelInput>;

/** Why a message did not arrive, by what has to be done about it. */
export const DELIVERY_FAILURES = {
  authentication: "The token or the password is not accepted: enter it again.",
  rate_limited: "The service takes fewer messages. They are sent as soon as it takes them again.",
  connectivity: "Look whether the service is well, and whether this machine can reach it.",
  tls: "Look at the certificate of the service, and whether the port is one that speaks TLS.",
  configuration: "Look at the address and the settings of this channel.",
  rejected: "The service does not take the message: look at the settings of this channel.",
  unknown: "Send a test message to see whether it goes on.",
} as const;
export type DeliveryFailure = keyof typeof DELIVERY_FAILURES;

export interface ChannelTest {
  ok: boolean;
  /** One plain sentence: that it was taken, or why not. */
  message: string;
  failure?: DeliveryFailure;
  /** What to do about it. */
  fix?: string;
  /** What the service answered; absent where nothing answered, or where it does not speak HTTP. */
  status?: number;
  tookMs: number;
}

/** `dead`: given up. `cancelled`: the alert was over before it was told, or the channel was turned off. */
export const DELIVERY_STATES = ["waiting", "sent", "dead", "cancelled"] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

export const DeliveriesInput = z
  .strictObject({
    channelId: ChannelId.optional(),
    state: z.enum(DELIVERY_STATES).optional(),
    limit: z.int().min(1).max(DELIVERY_LIMITS.perPage).optional(),
    /** `seq` of the last one seen: older ones follow. */
    cursor: z.int().min(1).optional(),
  })
  .optional();
export type DeliveriesInput = z.infer<typeof DeliveriesInput>;

export interface Delivery {
  seq: number;
  /** What the receiver knows it by. */
  id: string;
  channelId: ChannelId;
  state: DeliveryState;
  title: string;
  alerts: number;
  attempts: number;
  createdAt: number;
  /** While it waits: not before. */
  dueAt?: number;
  doneAt?: number;
  /** Of the last attempt. */
  triedAt?: number;
  status?: number;
  tookMs?: number;
  /** Of what was sent: for whom it was not taken. */
  problem?: ChannelProblem;
}

/** Newest first. */
export interface DeliveryList {
  deliveries: Delivery[];
  nextCursor?: number;
}

/** A message did not arrive at once, or will not arrive any more. */
export interface DeliveryFailed {
  channel: { id: ChannelId; name: string };
  delivery: { id: string; state: DeliveryState };
  failure: DeliveryFailure;
}

export interface ChannelProblem {
  at: number;
  failure: DeliveryFailure;
  /** One plain sentence. */
  message: string;
  fix: string;
}

export interface Channel {
  id: ChannelId;
  type: ChannelType;
  name: string;
  /** Without its secrets. */
  config: Record<string, unknown>;
  /** Names of the secrets that are kept; never what they are. */
  secretsSet: string[];
  enabled: boolean;
  leastLevel: ToldLevel;
  createdAt: number;
  updatedAt: number;
  lastSentAt?: number;
  /** What went wrong last, while nothing has been taken since. */
  problem?: ChannelProblem;
  /** Messages that wait to be sent. */
  waiting: number;
}

export interface ChannelList {
  channels: Channel[];
  limit: number;
}
