/**
 * Who is told of what, now or later: by the routes as they are set, inside the transaction of whatever led to it.
 * What is decided is a row: a message that waits, an alert that is held, a time at which it is looked at again, and a
 * line that says why. What an alert says is asked for at the time when it is said.
 */
import type { Database } from "../../db/driver.ts";
import type { ChannelId } from "../contract/ids.ts";
import type { AlertNow, AlertTransition } from "../contract/notifications.ts";
import type { Log } from "../lib/log.ts";
import { span } from "../lib/spans.ts";
import type { ChannelBook, StoredChannel } from "./channel-book.ts";
import type { Decided, Decision } from "./decisions.ts";
import * as followUps from "./follow-ups.ts";
import { heldUntil, letAllBeJudged, letGo, letGoOfAlert, nextHeldAt } from "./hold.ts";
import { Moment } from "./moment.ts";
import type { RouteBook } from "./route-book.ts";
import { holdOf, type Way, waysOf } from "./routing.ts";
import { noTroubleOf, troubleOf, troubleToldAt } from "./trouble.ts";

/** What is known of alerts at this moment. */
export interface AlertsNow {
  now(id: string): AlertNow | undefined;
  open(): Iterable<string>;
}

export interface DeciderOptions {
  book: ChannelBook;
  routes: RouteBook;
  alerts: AlertsNow;
  home: () => string | undefined;
  log: Log;
}

export class Decider {
  readonly #options: DeciderOptions;

  constructor(options: DeciderOptions) {
    this.#options = options;
  }

  /** Inside the caller's transaction. */
  decide(db: Database, transitions: readonly AlertTransition[], now: number): void {
    const at = this.#moment(db, now);
    for (const news of transitions) {
      if (news.isLeft) this.#countAnew(at, news);
      if (news.untold !== undefined) at.note(news, news.event, [], news.untold);
      else if (news.event === "resolved") this.#tellOver(at, news);
      else this.#tellNews(at, news, news.event);
    }
    at.write();
  }

  /** What was held until now, and what is looked at again now. Inside the caller's transaction. */
  decideDue(db: Database, now: number): void {
    const at = this.#moment(db, now);
    for (const [alertId, channels] of heldUntil(db, now)) this.#release(at, alertId, channels);
    for (const due of followUps.dueBy(db, now)) this.#followUp(at, due);
    at.write();
  }

  /** When something that waits is due; never while nothing does. */
  nextAt(db: Database): number {
    return Math.min(nextHeldAt(db), followUps.nextFollowUpAt(db));
  }

  /**
   * Has the other channels told of those whose messages do not arrive, once; answers when to look again. Inside the
   * caller's transaction.
   */
  tellTroubles(db: Database, now: number): number {
    let lookAt = Number.POSITIVE_INFINITY;
    for (const channel of this.#options.book.all()) {
      const dueAt = troubleToldAt(channel);
      if (dueAt <= now) lookAt = Math.min(lookAt, this.tellTrouble(db, channel, now));
      else lookAt = Math.min(lookAt, dueAt);
    }
    return lookAt;
  }

  /** When to look at it again: nobody is told in a quiet time. */
  tellTrouble(db: Database, { id }: StoredChannel, now: number): number {
    const { book, routes } = this.#options;
    const channel = book.get(id);
    if (!channel?.problem || channel.problem.isTold) return Number.POSITIVE_INFINITY;
    const hold = holdOf(routes.settings, routes.settings.rest, "warning", now);
    if (hold) return hold.until;
    const { lastSentAt, problem } = channel;
    if (this.#tellOthers(db, channel, troubleOf(channel, now), now))
      book.note(id, { lastSentAt, problem: { ...problem, isTold: true } });
    return Number.POSITIVE_INFINITY;
  }

  /** To those who heard of it. `how`: what has become of it. */
  tellNoTrouble(db: Database, channel: StoredChannel, how: string, now: number): void {
    if (channel.problem?.isTold) this.#tellOthers(db, channel, noTroubleOf(channel, how), now);
  }

  #tellOthers(db: Database, { id }: StoredChannel, news: AlertTransition, now: number): boolean {
    const at = this.#moment(db, now);
    const others = [...this.#options.book.all()].filter((one) => one.enabled && one.id !== id);
    for (const other of others) at.tellPlain(other, news);
    at.write();
    return others.length > 0;
  }

  /** Others are set: what is held, and what is looked at again, goes by them. Inside the caller's transaction. */
  rejudge(db: Database, now: number): void {
    letAllBeJudged(db);
    const known = new Map(followUps.all(db).map((one) => [keyOf(one), one]));
    followUps.removeAll(db);
    const { settings } = this.#options.routes;
    if (![...settings.routes, settings.rest].some(({ repeatMs, escalate }) => repeatMs ?? escalate)) return;
    const at = this.#moment(db, now);
    for (const alertId of this.#options.alerts.open()) {
      const alert = this.#options.alerts.now(alertId);
      if (!alert || alert.heldBack !== undefined) continue;
      for (const way of this.#waysOf(alert.news))
        for (const kind of followUps.KINDS) {
          const key = { alertId, kind, route: way.route };
          const spanMs = followUps.spanOf(way.policy, kind);
          if (spanMs === undefined) continue;
          const { since: from, dueAt } = known.get(keyOf(key)) ?? { since: now, dueAt: now };
          /* What is held counts from when it is told. */
          const since = from > now ? (at.holdOf(way, alert.news.level)?.until ?? now) : from;
          followUps.put(db, { ...key, since, dueAt: dueAt === null ? null : since + spanMs });
        }
    }
  }

  /** How one alert would go at this moment. */
  waysOf(news: AlertTransition): Way[] {
    return this.#waysOf(news);
  }

  #moment(db: Database, now: number): Moment {
    const { routes, alerts, home, log } = this.#options;
    const alertNow = (id: string) => alerts.now(id);
    return new Moment(db, now, { settings: routes.settings, home: home(), alertNow, log });
  }

  #tellNews(at: Moment, news: AlertTransition, event: Decision["event"]): void {
    const tellings: Decided[] = [];
    for (const way of this.#waysOf(news)) {
      const hold = at.holdOf(way, news.level);
      for (const id of way.channels)
        tellings.push(...at.tell(this.#options.book.get(id), { news, way, hold }));
      followUps.begin(at.db, news.id, way, hold?.until ?? at.now);
    }
    if (!news.ifUntold || tellings.some(({ not }) => not !== "heard")) at.note(news, event, tellings);
  }

  /** Those hear of it who heard that it fired, whatever the routes are by now. */
  #tellOver(at: Moment, news: AlertTransition): void {
    followUps.removeAllOf(at.db, news.id);
    letGoOfAlert(at.db, news.id);
    const ways = this.#waysOf(news);
    const tellings: Decided[] = [];
    for (const channel of this.#options.book.all()) {
      if (!channel.enabled) continue;
      const way = ways.find(({ channels }) => channels.includes(channel.id));
      tellings.push(...at.tellOver(channel, { news, way, hold: way && at.holdOf(way, news.level) }));
    }
    at.note(news, "resolved", tellings);
  }

  /** What is still so is told; what is over is told to those who had heard of it before. */
  #release(at: Moment, alertId: string, channels: readonly ChannelId[]): void {
    for (const id of channels) letGo(at.db, id, alertId);
    const alert = this.#options.alerts.now(alertId);
    if (!alert) return;
    const { news, heldBack, isWorse } = alert;
    if (heldBack !== undefined && !isWorse) {
      at.note(news, "updated", [], heldBack);
      return;
    }
    const isOver = news.event === "resolved";
    const hasHeard = channels.some((id) => at.heardAs(this.#options.book.get(id), alertId) !== undefined);
    const event = isOver ? "resolved" : hasHeard ? "updated" : "fired";
    const ways = this.#waysOf(news);
    const tellings: Decided[] = [];
    for (const id of channels) {
      const channel = this.#options.book.get(id);
      const way = ways.find((one) => one.channels.includes(id));
      const hold = way && at.holdOf(way, news.level);
      if (isOver && channel?.enabled) tellings.push(...at.tellOver(channel, { news, way, hold }));
      else if (!isOver && way)
        tellings.push(
          ...at.tell(channel, {
            news: { ...news, event: "updated", ...(isWorse && { ifUntold: "so_bad" }) },
            ...{ way, hold },
          }),
        );
    }
    /* Held once more: nothing has been decided that was not before. */
    if (tellings.length === 0 || tellings.some(({ hold }) => !hold)) at.note(news, event, tellings);
  }

  #followUp(at: Moment, due: followUps.FollowUp): void {
    const alert = this.#options.alerts.now(due.alertId);
    if (!alert || alert.news.event === "resolved") {
      followUps.removeAllOf(at.db, due.alertId);
      return;
    }
    const { news, heldBack } = alert;
    const ways = this.#waysOf(news);
    const way = ways.find(({ route }) => route === due.route);
    const spanMs = way && followUps.spanOf(way.policy, due.kind);
    /* Somebody takes care of it: the news that nobody does any more brings it back. */
    if (!way || spanMs === undefined || heldBack !== undefined) {
      followUps.remove(at.db, due);
      /* It is less than it was, say: that is no news, and goes on another way. */
      if (heldBack === undefined) for (const one of ways) followUps.begin(at.db, news.id, one, at.now);
      return;
    }
    const isRepeat = due.kind === "repeat";
    /* What was told already never breaks through. */
    const hold = at.holdOf(way, isRepeat ? undefined : news.level);
    if (hold) {
      followUps.put(at.db, { ...due, dueAt: hold.until });
      return;
    }
    const isTold = this.#tellAgain(
      at,
      { ...news, event: "updated", lines: [lineOf(due, news, at.now), ...news.lines] },
      due.kind,
      way,
    );
    if (isRepeat) followUps.put(at.db, { ...due, since: at.now, dueAt: at.now + spanMs });
    else if (isTold) followUps.put(at.db, { ...due, dueAt: null });
    else followUps.remove(at.db, due); // those it goes to hear of nothing so small: it begins when it is worse
  }

  /** Whether anybody is told. */
  #tellAgain(at: Moment, news: AlertTransition, kind: followUps.FollowUpKind, way: Way): boolean {
    const event = kind === "repeat" ? "repeated" : "escalated";
    const channels = kind === "repeat" ? way.channels : (way.policy.escalate?.channels ?? []);
    const telling = { news, way, hold: undefined, isAgain: kind === "repeat" };
    const tellings = channels.flatMap((id) => at.tell(this.#options.book.get(id), telling));
    at.note(news, event, tellings);
    return tellings.some(({ not }) => not === undefined);
  }

  #countAnew(at: Moment, news: AlertTransition): void {
    const { db, now } = at;
    const done = followUps.followUpsOf(db, news.id).filter(({ dueAt }) => dueAt === null);
    followUps.removeAllOf(db, news.id);
    for (const way of this.#waysOf(news))
      followUps.begin(db, news.id, way, at.holdOf(way, news.level)?.until ?? now);
    for (const one of done) followUps.put(db, one);
  }

  #waysOf(news: AlertTransition): Way[] {
    const { routes, book } = this.#options;
    return waysOf(
      routes.settings,
      news,
      [...book.all()].map(({ id }) => id),
    );
  }
}

function lineOf({ kind, since }: followUps.FollowUp, news: AlertTransition, now: number): string {
  if (kind === "repeat") return `Still so, after ${span(Math.max(0, now - news.since))}.`;
  return `Nobody has acknowledged it for ${span(Math.max(0, now - since))}.`;
}

function keyOf({ alertId, kind, route }: Pick<followUps.FollowUp, "alertId" | "kind" | "route">): string {
  return JSON.stringify([alertId, kind, route]);
}
