/** What people do with channels: input judged, written, answered. */
import { type ChannelId, ChannelId as ChannelIdForm } from "../contract/ids.ts";
import {
  CHANNEL_LIMITS,
  type Channel,
  type ChannelProblem,
  type ChannelTest,
  type ChannelType,
  type CreateChannelInput,
  DELIVERY_FAILURES,
  type DeliveriesInput,
  type DeliveryList,
  type NotificationMessage,
  type TestChannelInput,
  type UpdateChannelInput,
} from "../contract/notifications.ts";
import type { ChannelTrouble } from "../contract/routes.ts";
import { DomainError } from "../lib/domain-error.ts";
import { mintId } from "../lib/random-id.ts";
import type { Allowance } from "./allowance.ts";
import type { ChannelBook, StoredChannel, StoredTrouble } from "./channel-book.ts";
import { makePushKey, publicKeyOf } from "./channels/webpush-seal.ts";
import { CHANNELS } from "./channels.ts";
import type { Outcome } from "./failures.ts";
import { type ChannelConfig, joined, judged, parted } from "./judge-config.ts";
import { type Messenger, sendAs } from "./messenger.ts";
import type { DeliveryQueue } from "./queue.ts";

export interface WithChannels {
  channels: ChannelBook;
  deliveries: DeliveryQueue;
  messenger: Messenger | undefined;
  /** Messages that somebody has sent by hand, a minute. */
  tests: Allowance;
  clock: () => number;
}

export function list(org: WithChannels): { channels: Channel[] } {
  const waiting = org.deliveries.waiting();
  const channels = [...org.channels.all()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { channels: channels.map((channel) => shown(channel, waiting.get(channel.id))) };
}

export function create(
  org: WithChannels,
  { input, limit }: { input: CreateChannelInput; limit: number },
): { channel: Channel } {
  if (org.channels.size >= limit) {
    throw new DomainError(
      "limit_reached",
      `${org.channels.size} of at most ${limit} channels are there. Remove one that is not needed any more.`,
    );
  }
  const { type, name, enabled = true, leastLevel = "warning" } = input;
  const { config, secrets } = parted(type, judged(type, input.config));
  requirePushKey(org, type);
  const now = org.clock();
  const channel: StoredChannel = {
    id: ChannelIdForm.parse(mintId("c")),
    type,
    name,
    config,
    secretsSet: Object.keys(secrets),
    enabled,
    leastLevel,
    createdAt: now,
    updatedAt: now,
    lastSentAt: undefined,
    problem: undefined,
  };
  org.channels.put(channel, secrets);
  return { channel: shown(channel) };
}

export function update(org: WithChannels, { input }: { input: UpdateChannelInput }): { channel: Channel } {
  const known = getChannel(org, input.id);
  const { name, enabled, leastLevel } = input;
  const changed = input.config && parted(known.type, joined(known, secretsOf(org, known), input.config));
  const next: StoredChannel = {
    ...known,
    ...(name !== undefined && { name }),
    ...(enabled !== undefined && { enabled }),
    ...(leastLevel !== undefined && { leastLevel }),
    ...(changed && { config: changed.config, secretsSet: Object.keys(changed.secrets) }),
    updatedAt: org.clock(),
  };
  org.channels.put(next, changed?.secrets);
  org.deliveries.changed(next);
  return { channel: shown(next, org.deliveries.waiting().get(next.id)) };
}

export function remove(org: WithChannels, { id }: { id: ChannelId }): { name: string; type: ChannelType } {
  const { name, type } = getChannel(org, id);
  org.deliveries.remove(id);
  return { name, type };
}

/** Sends a message now, and says what became of it. Nothing of it is kept. */
export async function test(org: WithChannels, { input }: { input: TestChannelInput }): Promise<ChannelTest> {
  const { id, type } = input;
  const known = id && getChannel(org, id);
  if (known && known.type !== type) throw new DomainError("not_found", "There is no such channel.");
  const config = known ? joined(known, secretsOf(org, known), input.config) : judged(type, input.config);
  requirePushKey(org, type);
  const { messenger } = org;
  if (!messenger) throw new Error("nothing is sent from here");
  const waitMs = org.tests.take(CHANNEL_LIMITS.testsPerMinute, org.clock()) || org.deliveries.takeByHand();
  const leave = waitMs === 0 ? messenger.room.enter(false, org.deliveries.look) : undefined;
  if (!leave) {
    throw new DomainError("rate_limited", "Many messages have been sent just now. Wait a moment.", {
      retryAfterMs: waitMs || 2_000,
    });
  }
  try {
    const message = testMessage(org);
    const outcome = await sendAs(messenger, org.channels, { type, config }, message);
    if (outcome.ok && CHANNELS[type].oneAlertEach) await takeBack(org, messenger, { type, config }, message);
    return testAnswer(outcome);
  } finally {
    leave();
  }
}

/** What a browser needs to agree to messages; made when the first one asks. */
export async function pushKey(org: WithChannels): Promise<{ publicKey: string }> {
  if (!org.channels.pushKey) org.channels.keepPushKey(await makePushKey(), org.clock());
  const key = org.channels.pushKey;
  if (!key) throw new Error("a key that was kept is not there");
  return { publicKey: publicKeyOf(key) };
}

export function deliveries(org: WithChannels, { input }: { input: DeliveriesInput }): DeliveryList {
  return org.deliveries.list(input);
}

/** Channels whose messages do not arrive now. */
export function trouble({ channels }: WithChannels): ChannelTrouble[] {
  return [...channels.all()].flatMap(({ id, name, enabled, problem }) => {
    if (!enabled || !problem) return [];
    const { since, failure } = problem;
    return [{ id, name, since, failure, fix: DELIVERY_FAILURES[failure] }];
  });
}

function testMessage({ clock, deliveries: queue }: WithChannels): NotificationMessage {
  const now = clock();
  const id = mintId("n");
  const { home } = queue.outside;
  const link = home === undefined ? {} : { link: home };
  const alert = {
    id: `test-${id}`,
    event: "test",
    level: "warning",
    title: "Messages from Pulse arrive here",
    lines: ["Somebody tried this channel. Nothing is wrong."],
    since: now,
    ...link,
  } as const;
  return { id, at: now, alerts: [{ ...alert, lines: [...alert.lines] }], more: 0, ...link };
}

/** Where a message opens an incident, that of a try is closed again. */
async function takeBack(
  org: WithChannels,
  messenger: Messenger,
  channel: { type: ChannelType; config: ChannelConfig },
  message: NotificationMessage,
): Promise<void> {
  const alerts = message.alerts.map((alert) => ({ ...alert, event: "resolved" as const }));
  await sendAs(messenger, org.channels, channel, { ...message, id: mintId("n"), alerts });
}

function testAnswer(outcome: Outcome): ChannelTest {
  const { tookMs, status } = outcome;
  const answered = { tookMs, ...(status !== undefined && { status }) };
  if (outcome.ok) {
    const { exceptFor: message = "It was taken. Look whether it has arrived." } = outcome;
    return { ok: true, message, ...answered };
  }
  const { failure, message } = outcome;
  return { ok: false, message, failure, fix: DELIVERY_FAILURES[failure], ...answered };
}

function getChannel({ channels }: WithChannels, id: ChannelId): StoredChannel {
  const channel = channels.get(id);
  if (!channel) throw new DomainError("not_found", "There is no such channel.");
  return channel;
}

function secretsOf({ channels }: WithChannels, { id, secretsSet }: StoredChannel) {
  return secretsSet.length > 0 ? channels.secretsOf(id) : {};
}

/** A browser that agreed did so to a key; without one there is nothing it could have agreed to. */
function requirePushKey({ channels }: WithChannels, type: ChannelType): void {
  if (type === "webpush" && !channels.pushKey)
    throw new DomainError("invalid_request", "No browser has been asked yet: ask for the key first.");
}

function shown(channel: StoredChannel, waiting = 0): Channel {
  const { lastSentAt, problem, ...rest } = channel;
  return {
    ...rest,
    ...(lastSentAt !== undefined && { lastSentAt }),
    ...(problem && { problem: shownProblem(problem) }),
    waiting,
  };
}

function shownProblem({ at, failure, message }: StoredTrouble): ChannelProblem {
  return { at, failure, message, fix: DELIVERY_FAILURES[failure] };
}
