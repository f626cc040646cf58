/**
 * The queue of one org. What is decided on is a row in the org's file, written in the transaction of whatever
 * decided on it; from then on it is sent at least once, also after a crash, and under the same id each time.
 *
 * For each channel one message is on its way at a time, in order. The first of a burst goes out after a
 * second, and what happens within the next half minute goes out together. A channel that does not answer is
 * tried ever less often; what happens meanwhile joins the one message behind it. An alert that is over before
 * it was told is taken out again, and nobody is told that something is over which they never heard of.
 *
 * Before an attempt it is written that there is one: whoever looks after a crash knows that it may have
 * arrived. Nothing of the queue is kept in memory but when to look again.
 */
import type { Database } from "../../db/driver.ts";
import type { ChannelId } from "../contract/ids.ts";
import {
  type AlertTransition,
  type ChannelType,
  DELIVERY_LIMITS,
  type DeliveriesInput,
  type DeliveryFailed,
  type DeliveryFailure,
  type DeliveryList,
  type NotificationMessage,
} from "../contract/notifications.ts";
import type { OrgOutside } from "../contract/outside.ts";
import { errorText, type Log } from "../lib/log.ts";
import { mintId } from "../lib/random-id.ts";
import { Allowance } from "./allowance.ts";
import { type ChannelBook, failureNamed, type StoredChannel } from "./channel-book.ts";
import { CHANNELS } from "./channels.ts";
import {
  cancelAll,
  changeDelivery,
  channelsWaitedFor,
  type DeliveryRow,
  forgetChannel,
  insertDelivery,
  isTold,
  listDeliveries,
  makeDue,
  messageOf,
  newestOf,
  noteTold,
  throwAway,
  waitingFor,
} from "./deliveries.ts";
import type { Failed, Outcome } from "./failures.ts";
import { Plan, toldAlert, type Waiting } from "./join.ts";
import { GIVEN_UP_AFTER_MS, nextTryAt } from "./retry.ts";
import type { SendingRoom } from "./sending-room.ts";

/** What happens at the same moment is one message. */
const FIRST_WITHIN_MS = 1_000;
/** And so is what happens within this time after one. */
const TOGETHER_MS = 30_000;
/** Between two messages of one channel. */
const APART_MS = 1_000;
/** On their way at once, of one org; of them to channels that failed last time. */
const AT_ONCE = 6;
const TROUBLED_AT_ONCE = 2;
const HOUR_MS = 3_600_000;
const THROW_AWAY_EVERY_MS = HOUR_MS;
/** The clock of the machine may be set meanwhile, and a timer cannot wait for more than 24 days. */
const LOOK_AT_LEAST_EVERY_MS = 60_000;
/** After the file could not be written. */
const AFTER_TROUBLE_MS = 5_000;

export interface QueueMessenger {
  /** Sends one message, once. */
  send(channel: StoredChannel, message: NotificationMessage, signal: AbortSignal): Promise<Outcome>;
  room: SendingRoom;
  onAttempt(type: ChannelType, result: "sent" | "failed" | "dead"): void;
}

export interface QueueOptions {
  db: () => Database;
  book: ChannelBook;
  clock: () => number;
  log: Log;
  outside: () => OrgOutside;
  /** Undefined: nothing is sent from here. */
  messenger: QueueMessenger | undefined;
  onFailed: (failed: DeliveryFailed) => void;
  random?: () => number;
}

export class DeliveryQueue {
  readonly #options: QueueOptions;
  readonly #underWay = new Map<ChannelId, { isTroubled: boolean; done: Promise<void> }>();
  readonly #triedAt = new Map<ChannelId, number>();
  readonly #hourly = new Allowance(HOUR_MS);
  readonly #stop = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lookAt = Number.POSITIVE_INFINITY;
  #waits = false;
  #thrownAwayAt = Number.NEGATIVE_INFINITY;

  constructor(options: QueueOptions) {
    this.#options = options;
    if (options.book.size > 0) this.#schedule(FIRST_WITHIN_MS);
  }

  /** Whether something waits or is on its way. */
  get isBusy(): boolean {
    return this.#waits || this.#underWay.size > 0;
  }

  /**
   * Decides who is told of this, inside the caller's transaction where there is one. What is rolled back
   * was never decided on.
   */
  enqueue(transitions: readonly AlertTransition[]): void {
    const { book } = this.#options;
    if (transitions.length === 0) return;
    const db = this.#options.db();
    db.transaction(() => {
      for (const channel of book.all()) if (channel.enabled) this.#tell(db, channel, transitions);
    });
    this.#schedule(FIRST_WITHIN_MS);
  }

  /** Its config is another: what waited for the old one to work is tried at once. */
  changed(channel: StoredChannel): void {
    const db = this.#options.db();
    const now = this.#options.clock();
    db.transaction(() => {
      if (channel.enabled) makeDue(db, channel.id, now);
      else cancelAll(db, channel.id, now);
    });
    this.look();
  }

  /** With everything that was or was to be sent to it. */
  remove(id: ChannelId): void {
    const db = this.#options.db();
    db.transaction(() => {
      forgetChannel(db, id);
      this.#options.book.remove(id);
    });
    this.#triedAt.delete(id);
  }

  get outside(): OrgOutside {
    return this.#options.outside();
  }

  /** How many messages wait for each channel. */
  waiting(): ReadonlyMap<string, number> {
    return channelsWaitedFor(this.#options.db());
  }

  list(input: DeliveriesInput): DeliveryList {
    return listDeliveries(this.#options.db(), input);
  }

  /** Takes one of the messages an hour that are sent by hand; or in how many milliseconds there is one. */
  takeByHand(): number {
    return this.#hourly.take(this.#options.outside().notificationsPerHour, this.#options.clock());
  }

  /** Starts whatever is due, and looks again when the next is. */
  look = (): void => {
    const { messenger, log } = this.#options;
    if (this.#stop.signal.aborted || !messenger) return;
    clearTimeout(this.#timer);
    this.#lookAt = Number.POSITIVE_INFINITY;
    try {
      this.#start(messenger);
    } catch (error) {
      log.error("messages that wait could not be looked at", { error: errorText(error) });
      messenger.room.forget(this.look);
      this.#schedule(AFTER_TROUBLE_MS);
    }
  };

  /** Resolves when nothing is on its way. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all([...this.#underWay.values()].map(({ done }) => done));
  }

  /** What is on its way is given up and stays in the file. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#options.messenger?.room.forget(this.look);
    this.#stop.abort();
  }

  #tell(db: Database, channel: StoredChannel, transitions: readonly AlertTransition[]): void {
    const { clock, outside, log } = this.#options;
    const { home } = outside();
    const now = clock();
    const waiting = waitingFor(db, channel.id).map(openOf);
    const plan = new Plan(waiting, {
      isEach: CHANNELS[channel.type].oneAlertEach === true,
      most: DELIVERY_LIMITS.waitingPerChannel,
      isTold: (alertId) => isTold(db, channel.id, alertId),
      begin: (alert) => ({ id: mintId("n"), at: now, alerts: [alert], more: 0, ...(home && { link: home }) }),
    });
    for (const transition of transitions) {
      /* That it is over is for those who were told of it, however bad it is by now. */
      const isMeant =
        transition.event === "resolved" ||
        channel.leastLevel === "warning" ||
        transition.level === "critical";
      if (!isMeant) continue;
      if (transition.event !== "updated") {
        plan.take(toldAlert(transition, home));
        continue;
      }
      const hasHeard = isTold(db, channel.id, transition.id) || waiting.some(isAbout(transition.id));
      if (transition.ifUntold && hasHeard) continue;
      plan.take(toldAlert({ ...transition, event: hasHeard ? "updated" : "fired" }, home));
    }
    for (const { seq, message } of plan.changed)
      changeDelivery(
        db,
        seq,
        message ? { message: JSON.stringify(message) } : { state: "cancelled", doneAt: now },
      );
    for (const message of plan.begun) {
      const dueAt = plan.isEach ? now : this.#dueFor(db, channel.id, now);
      insertDelivery(db, { channelId: channel.id, message, createdAt: now, dueAt });
    }
    if (plan.tooMany > 0)
      log.warn("more alerts than a channel can be told of", { channel_id: channel.id, alerts: plan.tooMany });
  }

  #dueFor(db: Database, channelId: ChannelId, now: number): number {
    const newest = newestOf(db, channelId);
    const last = newest && (newest.triedAt ?? newest.dueAt);
    return Math.max(now + FIRST_WITHIN_MS, Math.min((last ?? 0) + TOGETHER_MS, now + TOGETHER_MS));
  }

  #start(messenger: QueueMessenger): void {
    const { book, clock } = this.#options;
    const { room } = messenger;
    const db = this.#options.db();
    const now = clock();
    this.#throwAway(db, now);
    const waitedFor = channelsWaitedFor(db);
    this.#waits = waitedFor.size > 0;
    let lookAt = Number.POSITIVE_INFINITY;
    for (const channel of [...book.all()].sort(troubledLast)) {
      if (!waitedFor.has(channel.id) || this.#underWay.has(channel.id)) continue;
      const next = this.#nextOf(db, channel, now);
      if (typeof next !== "object") {
        lookAt = Math.min(lookAt, next);
        continue;
      }
      const isTroubled = channel.problem !== undefined;
      if (!this.#hasPlace(isTroubled)) continue; // whoever ends looks again
      const leave = room.enter(isTroubled);
      if (!leave) {
        room.whenLeft(this.look);
        continue;
      }
      const waitMs = this.#hourly.take(this.#options.outside().notificationsPerHour, now);
      if (waitMs > 0) {
        leave();
        lookAt = Math.min(lookAt, now + waitMs);
        break;
      }
      this.#attempt(messenger, channel, next, leave);
    }
    if (lookAt < Number.POSITIVE_INFINITY) this.#schedule(lookAt - now);
  }

  #hasPlace(isTroubled: boolean): boolean {
    if (this.#underWay.size >= AT_ONCE) return false;
    const troubled = [...this.#underWay.values()].filter((one) => one.isTroubled).length;
    return !isTroubled || troubled < TROUBLED_AT_ONCE;
  }

  /** What is to be sent now; or when to look again. */
  #nextOf(db: Database, channel: StoredChannel, now: number): DeliveryRow | number {
    const restsUntil = (this.#triedAt.get(channel.id) ?? Number.NEGATIVE_INFINITY) + APART_MS;
    let lookAt = Number.POSITIVE_INFINITY;
    for (const row of waitingFor(db, channel.id)) {
      if (row.createdAt + GIVEN_UP_AFTER_MS < now) {
        this.#giveUp(db, channel, row, now);
        continue;
      }
      if (row.dueAt <= now) return restsUntil > now ? restsUntil : row;
      lookAt = Math.min(lookAt, row.dueAt);
      /* The channel does not answer: what is behind waits with it. One message that is not taken stops nobody. */
      if (row.attempts > 0 && row.failure !== "rejected") break;
    }
    return lookAt;
  }

  #attempt(messenger: QueueMessenger, channel: StoredChannel, row: DeliveryRow, leave: () => void): void {
    const db = this.#options.db();
    const attempt = { ...row, attempts: row.attempts + 1, triedAt: this.#options.clock() };
    const { attempts, triedAt } = attempt;
    try {
      db.transaction(() => changeDelivery(db, row.seq, { attempts, triedAt, isUncertain: true }));
    } catch (error) {
      leave();
      throw error;
    }
    this.#triedAt.set(channel.id, triedAt);
    const done = this.#sendOne(messenger, channel, attempt).finally(() => {
      this.#underWay.delete(channel.id);
      leave();
      this.look();
    });
    this.#underWay.set(channel.id, { isTroubled: channel.problem !== undefined, done });
  }

  async #sendOne(messenger: QueueMessenger, channel: StoredChannel, attempt: DeliveryRow): Promise<void> {
    const { log } = this.#options;
    const logged = (what: string, error: unknown) =>
      log.error(what, { channel_id: channel.id, error: errorText(error) });
    try {
      const outcome = await messenger
        .send(channel, messageOf(attempt), this.#stop.signal)
        .catch((error: unknown) => {
          logged("a message could not be sent", error);
          return DEFECT;
        });
      const became = this.#end(channel, attempt, outcome);
      if (became) messenger.onAttempt(channel.type, became);
    } catch (error) {
      logged("what became of a message could not be written", error);
    }
  }

  /** Undefined: it was given up, and nobody is there to write it. */
  #end(channel: StoredChannel, row: DeliveryRow, outcome: Outcome): "sent" | "failed" | "dead" | undefined {
    if (this.#stop.signal.aborted) return undefined;
    const { book, clock, random = Math.random } = this.#options;
    const db = this.#options.db();
    const now = clock();
    const { tookMs, status = null } = outcome;
    if (outcome.ok) {
      db.transaction(() => {
        changeDelivery(db, row.seq, {
          state: "sent",
          doneAt: now,
          failure: null,
          problem: null,
          status,
          tookMs,
        });
        noteTold(db, channel.id, messageOf(row), now);
        book.note(channel.id, { lastSentAt: now, problem: undefined });
      });
      return "sent";
    }
    const dueAt = nextTryAt(outcome, row, now, random);
    const state = dueAt === undefined ? "dead" : "waiting";
    db.transaction(() => {
      changeDelivery(db, row.seq, {
        state,
        ...(dueAt === undefined ? { doneAt: now } : { dueAt }),
        isUncertain: row.isUncertain || outcome.isUncertain,
        failure: outcome.failure,
        problem: outcome.message,
        status,
        tookMs,
      });
      book.note(channel.id, {
        lastSentAt: book.get(channel.id)?.lastSentAt,
        problem: problemOf(outcome, now),
      });
    });
    if (state === "dead" || row.attempts === 1) this.#sayFailed(channel, row, state, outcome.failure);
    return state === "dead" ? "dead" : "failed";
  }

  #sayFailed(
    { id, name }: StoredChannel,
    row: DeliveryRow,
    state: "waiting" | "dead",
    failure: DeliveryFailure,
  ): void {
    this.#options.onFailed({ channel: { id, name }, delivery: { id: row.id, state }, failure });
  }

  /** It waited until it was no news any more, because nothing could be sent. */
  #giveUp(db: Database, channel: StoredChannel, row: DeliveryRow, now: number): void {
    const problem = row.problem ?? "It waited for a day, and nothing could be sent.";
    const failure = failureNamed(row.failure);
    changeDelivery(db, row.seq, { state: "dead", doneAt: now, failure, problem });
    this.#sayFailed(channel, row, "dead", failure);
  }

  #throwAway(db: Database, now: number): void {
    if (now - this.#thrownAwayAt < THROW_AWAY_EVERY_MS) return;
    this.#thrownAwayAt = now;
    db.transaction(() => throwAway(db, now));
  }

  #schedule(withinMs: number): void {
    if (this.#stop.signal.aborted || !this.#options.messenger) return;
    this.#waits = true;
    const waitMs = Math.min(Math.max(0, withinMs), LOOK_AT_LEAST_EVERY_MS);
    const lookAt = performance.now() + waitMs;
    if (lookAt >= this.#lookAt) return;
    clearTimeout(this.#timer);
    this.#lookAt = lookAt;
    this.#timer = setTimeout(this.look, waitMs);
  }
}

/** Something in here went wrong: it may be sent or not. */
const DEFECT: Outcome = {
  ok: false,
  failure: "unknown",
  message: "Something went wrong inside Pulse.",
  isUncertain: true,
  isFinal: false,
  tookMs: 0,
};

function isAbout(alertId: string): (waiting: Waiting) => boolean {
  return ({ message }) => message?.alerts.some(({ id }) => id === alertId) === true;
}

function openOf(row: DeliveryRow): Waiting {
  const { seq, isUncertain } = row;
  return { seq, isUncertain, isTried: row.attempts > 0, message: messageOf(row) };
}

function troubledLast(a: StoredChannel, b: StoredChannel): number {
  return Number(a.problem !== undefined) - Number(b.problem !== undefined);
}

function problemOf({ failure, message }: Failed, at: number): NonNullable<StoredChannel["problem"]> {
  return { at, failure, message };
}
