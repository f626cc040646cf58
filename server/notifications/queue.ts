/**
 * The queue of one org. What is decided on is a row in the org's file, written in the transaction of whatever
 * decided on it; from then on it is sent at least once, also after a crash, and under the same id each time.
 *
 * Who is told of what is decided in `decide`, how it becomes messages in `join`. For each channel one message is on
 * its way at a time, in order. A channel that does not answer is tried ever less often; what happens meanwhile joins
 * the one message behind it.
 *
 * Before an attempt it is written that there is one: whoever looks after a crash knows that it may have
 * arrived. Nothing of the queue is kept in memory but when to look again.
 */
import type { Database } from "../../db/driver.ts";
import type { ChannelId } from "../contract/ids.ts";
import type {
  AlertNow,
  AlertTransition,
  ChannelType,
  DeliveriesInput,
  DeliveryFailed,
  DeliveryList,
  NotificationMessage,
} from "../contract/notifications.ts";
import type { OrgOutside } from "../contract/outside.ts";
import type { RouteList, RouteSettings } from "../contract/routes.ts";
import { errorText, type Log } from "../lib/log.ts";
import { Allowance } from "./allowance.ts";
import { FIRST_WITHIN_MS } from "./batch.ts";
import type { ChannelBook, StoredChannel } from "./channel-book.ts";
import { type AlertsNow, Decider } from "./decide.ts";
import { throwAwayDecisions } from "./decisions.ts";
import {
  cancelAll,
  changeDelivery,
  channelsWaitedFor,
  type DeliveryRow,
  forgetChannel,
  listDeliveries,
  makeDue,
  messageOf,
  shiftWaiting,
  throwAway,
  waitingFor,
} from "./deliveries.ts";
import type { Outcome } from "./failures.ts";
import { shiftAll } from "./follow-ups.ts";
import { letAllBeJudged, letGoOfChannel } from "./hold.ts";
import { Outcomes } from "./outcomes.ts";
import { type RouteBook, withoutChannel } from "./route-book.ts";
import type { Way } from "./routing.ts";
import type { SendingRoom } from "./sending-room.ts";
import { troubleToldAt } from "./trouble.ts";

/** Between two messages of one channel. */
const APART_MS = 1_000;
/** On their way at once, of one org; of them to channels that failed last time. */
const AT_ONCE = 6;
const TROUBLED_AT_ONCE = 2;
const HOUR_MS = 3_600_000;
const THROW_AWAY_EVERY_MS = HOUR_MS;
/** The clock of the machine may be set meanwhile, and a timer cannot wait for more than 24 days. */
const LOOK_AT_LEAST_EVERY_MS = 60_000;
/** Set back by more than clocks are set right by. */
const JUMP_BACK_MS = 30_000;
/** No message waits for longer; where one would, the clock was set back while nobody looked. */
const LONGEST_WAIT_MS = 7 * HOUR_MS;
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
  routes: RouteBook;
  /** What is known of alerts at this moment. */
  alerts: AlertsNow;
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
  #lookedAt = Number.NEGATIVE_INFINITY;
  readonly #decider: Decider;
  readonly #outcomes: Outcomes;

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#decider = new Decider({ ...options, home: () => options.outside().home });
    this.#outcomes = new Outcomes({ ...options, decider: this.#decider });
    if (options.book.size > 0) this.#schedule(FIRST_WITHIN_MS);
  }

  /** Whether something waits, for its time or for its channel, or is on its way. */
  get isBusy(): boolean {
    return this.#waits || this.#underWay.size > 0;
  }

  /**
   * Decides who is told of this, inside the caller's transaction where there is one. What is rolled back
   * was never decided on.
   */
  enqueue(transitions: readonly AlertTransition[]): void {
    if (transitions.length === 0) return;
    const db = this.#options.db();
    db.transaction(() => this.#decider.decide(db, transitions, this.#options.clock()));
    this.#schedule(FIRST_WITHIN_MS);
  }

  get routes(): RouteList {
    return this.#options.routes.list;
  }

  alertNow(id: string): AlertNow | undefined {
    return this.#options.alerts.now(id);
  }

  /** How it would go now. */
  waysOf(news: AlertTransition): Way[] {
    return this.#decider.waysOf(news);
  }

  /** What is held, and what is looked at again, goes by these from now on. */
  setRoutes(settings: RouteSettings): void {
    const db = this.#options.db();
    this.#withRoutes(() => db.transaction(() => this.#setRoutes(db, settings)));
    this.look();
  }

  /** Its config is another: what waited for the old one to work is tried at once. */
  changed(channel: StoredChannel): void {
    const { book, clock } = this.#options;
    const db = this.#options.db();
    const now = clock();
    const { id, problem, lastSentAt } = channel;
    db.transaction(() => {
      if (channel.enabled) makeDue(db, id, now);
      else {
        cancelAll(db, id, now);
        letGoOfChannel(db, id);
        this.#decider.tellNoTrouble(db, channel, "The channel was turned off.", now);
      }
      /* Whether it works like this is seen anew. */
      const isTold = channel.enabled && problem?.isTold === true;
      if (problem)
        book.note(id, { lastSentAt, problem: { ...problem, isTold, since: isTold ? problem.since : now } });
    });
    this.look();
  }

  /** With everything that was or was to be sent to it, and out of the routes. */
  remove(id: ChannelId): void {
    const { book, routes, clock } = this.#options;
    const db = this.#options.db();
    this.#withRoutes(() =>
      db.transaction(() => {
        const known = book.get(id);
        if (known) this.#decider.tellNoTrouble(db, known, "The channel was removed.", clock());
        forgetChannel(db, id);
        letGoOfChannel(db, id);
        book.remove(id);
        const left = withoutChannel(routes.settings, id);
        if (left !== routes.settings) this.#setRoutes(db, left);
      }),
    );
    this.#triedAt.delete(id);
    this.look();
  }

  #setRoutes(db: Database, settings: RouteSettings): void {
    this.#options.routes.set(settings);
    this.#decider.rejudge(db, this.#options.clock());
  }

  /** What was not written is not so in memory either. */
  #withRoutes(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#options.routes.load();
      this.#options.book.load();
      throw error;
    }
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

  #start(messenger: QueueMessenger): void {
    const { book, clock } = this.#options;
    const { room } = messenger;
    const db = this.#options.db();
    const now = clock();
    this.#throwAway(db, now);
    this.#noticeJump(db, now);
    let lookAt = this.#decideDue(db, now);
    const waitedFor = channelsWaitedFor(db);
    this.#waits = waitedFor.size > 0 || lookAt < Number.POSITIVE_INFINITY;
    for (const channel of [...book.all()].sort(troubledLast)) {
      if (!channel.enabled || !waitedFor.has(channel.id) || this.#underWay.has(channel.id)) continue;
      const next = this.#nextOf(db, channel, now);
      if (typeof next !== "object") {
        lookAt = Math.min(lookAt, next);
        continue;
      }
      const isTroubled = channel.problem !== undefined;
      if (!this.#hasPlace(isTroubled)) continue; // whoever ends looks again
      const leave = room.enter(isTroubled, this.look);
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

  /** What is due by itself; when something is, next. */
  #decideDue(db: Database, now: number): number {
    if (this.#decider.nextAt(db) <= now) db.transaction(() => this.#decider.decideDue(db, now));
    let troubleAt = Math.min(...[...this.#options.book.all()].map(troubleToldAt));
    if (troubleAt <= now) troubleAt = db.transaction(() => this.#decider.tellTroubles(db, now));
    return Math.min(this.#decider.nextAt(db), troubleAt);
  }

  /** The clock was set back: what waits for its time waits for no longer than it would have. */
  #noticeJump(db: Database, now: number): void {
    const byMs = now - this.#lookedAt;
    this.#lookedAt = now;
    if (byMs > -JUMP_BACK_MS) return;
    db.transaction(() => {
      shiftAll(db, byMs);
      shiftWaiting(db, byMs);
      letAllBeJudged(db);
    });
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
      /* Where the clock was set back it has rested long enough. */
      const rests = restsUntil > now && restsUntil <= now + APART_MS;
      if (row.dueAt <= now || row.dueAt > now + LONGEST_WAIT_MS) return rests ? restsUntil : row;
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
      const isGivenUp = this.#stop.signal.aborted;
      const became = isGivenUp
        ? undefined
        : this.#outcomes.write(this.#options.db(), channel, attempt, outcome);
      if (became) messenger.onAttempt(channel.type, became);
    } catch (error) {
      logged("what became of a message could not be written", error);
    }
  }

  #throwAway(db: Database, now: number): void {
    if (now - this.#thrownAwayAt < THROW_AWAY_EVERY_MS) return;
    this.#thrownAwayAt = now;
    db.transaction(() => {
      throwAway(db, now, (alertId) => this.alertNow(alertId)?.news.event === "fired");
      throwAwayDecisions(db, now);
    });
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

function troubledLast(a: StoredChannel, b: StoredChannel): number {
  return Number(a.problem !== undefined) - Number(b.problem !== undefined);
}
