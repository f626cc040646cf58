/** What one moment gives the channels to say: gathered for each, and written together. */
import type { Database } from "../../db/driver.ts";
import {
  type AlertNow,
  type AlertTransition,
  DELIVERY_LIMITS,
  type ToldAlert,
  type ToldLevel,
} from "../contract/notifications.ts";
import { ROUTE_LIMITS } from "../contract/route-limits.ts";
import { mintId } from "../lib/random-id.ts";
import type { StoredChannel } from "./channel-book.ts";
import { CHANNELS } from "./channels.ts";
import {
  changeDelivery,
  type DeliveryRow,
  insertDelivery,
  lastTriedAt,
  messageOf,
  toldAs,
  toldOf,
  waitingFor,
  written,
} from "./deliveries.ts";
import { Plan, type Taken, toldAlert, type Waiting } from "./join.ts";

/** What happens at the same moment is one message. */
export const FIRST_WITHIN_MS = 1_000;

/** Of a channel that is told of more than this at once it is asked once, whom it was told of. */
const ASKED_ONE_BY_ONE = 20;

interface Told {
  channel: StoredChannel;
  plan: Plan;
  /** It does not take what waits, or that counts so many that nobody can tell which: nothing is said twice then. */
  isBehind: boolean;
  /** The least of what the routes want that told it something. */
  togetherMs: number;
}

export interface BatchOptions {
  home: string | undefined;
  now: number;
  /** An alert as it is at this moment. */
  alertNow: (id: string) => AlertNow | undefined;
}

export class Batch {
  readonly #db: Database;
  readonly #home: string | undefined;
  readonly #now: number;
  readonly #alertNow: BatchOptions["alertNow"];
  readonly #told = new Map<string, Told>();

  constructor(db: Database, { home, now, alertNow }: BatchOptions) {
    this.#db = db;
    this.#home = home;
    this.#now = now;
    this.#alertNow = alertNow;
  }

  /** Whoever hears of it for the first time hears that it fired. */
  tell(channel: StoredChannel, news: AlertTransition, togetherMs: number): Taken {
    const told = this.#for(channel);
    told.togetherMs = Math.min(told.togetherMs, togetherMs);
    const isFirst = news.event === "updated" && told.plan.heardAs(news.id) === undefined;
    return told.plan.take(toldAlert({ ...news, ...(isFirst && { event: "fired" }) }, this.#home));
  }

  heardAs(channel: StoredChannel, alertId: string): ToldLevel | undefined {
    return this.#for(channel).plan.heardAs(alertId);
  }

  isBehind(channel: StoredChannel): boolean {
    return this.#for(channel).isBehind;
  }

  /** Out of what waits; whether the channel may have heard of it. */
  takeOut(channel: StoredChannel, alertId: string): boolean {
    return this.#for(channel).plan.takeOut(alertId);
  }

  /** Answers of how many alerts there was no room to tell, by channel. */
  write(): Map<string, number> {
    const tooMany = new Map<string, number>();
    for (const one of this.#told.values()) {
      this.#write(one);
      if (one.plan.tooMany > 0) tooMany.set(one.channel.id, one.plan.tooMany);
    }
    return tooMany;
  }

  #for(channel: StoredChannel): Told {
    let told = this.#told.get(channel.id);
    if (!told) {
      const [db, home, now] = [this.#db, this.#home, this.#now];
      const waiting = waitingFor(db, channel.id).map(openOf);
      const isBehind =
        channel.problem !== undefined || waiting.some(({ message }) => message && message.more > 0);
      const toldAs = this.#asking(channel);
      const plan = new Plan(waiting, {
        isEach: CHANNELS[channel.type].oneAlertEach === true,
        most: DELIVERY_LIMITS.waitingPerChannel,
        toldAs,
        recall: (alertId) => this.#recall(alertId, toldAs(alertId) !== undefined),
        begin: (alert) => ({
          id: mintId("n"),
          at: now,
          alerts: [alert],
          more: 0,
          ...(home && { link: home }),
        }),
      });
      told = { channel, plan, isBehind, togetherMs: ROUTE_LIMITS.togetherMs.most };
      this.#told.set(channel.id, told);
    }
    return told;
  }

  #asking({ id }: StoredChannel): (alertId: string) => ToldLevel | undefined {
    let asked = 0;
    let all: ReadonlyMap<string, ToldLevel> | undefined;
    return (alertId) => {
      if (!all && ++asked > ASKED_ONE_BY_ONE) all = toldOf(this.#db, id);
      return all ? all.get(alertId) : toldAs(this.#db, id, alertId);
    };
  }

  /** Nobody is told that something is over which they never heard of. */
  #recall(alertId: string, isTold: boolean): ToldAlert | undefined {
    const now = this.#alertNow(alertId);
    if (!now || now.heldBack !== undefined) return undefined;
    const { news } = now;
    if (news.event === "resolved") return isTold ? toldAlert(news, this.#home) : undefined;
    return toldAlert({ ...news, event: isTold ? "updated" : "fired" }, this.#home);
  }

  #write({ channel, plan, togetherMs }: Told): void {
    const [db, now] = [this.#db, this.#now];
    const changed = [...plan.changed];
    if (changed.length === 0 && plan.begun.length === 0) return;
    const dueAt = plan.isEach ? now : this.#dueFor(channel, togetherMs);
    for (const { seq, message, isTried, dueAt: was } of changed)
      changeDelivery(
        db,
        seq,
        message
          ? { message: written(message), ...(!isTried && dueAt < was && { dueAt }) }
          : { state: "cancelled", doneAt: now },
      );
    for (const message of plan.begun)
      insertDelivery(db, { channelId: channel.id, message, createdAt: now, dueAt });
  }

  /** The first of a burst goes at once, what follows within its time goes together. */
  #dueFor({ id }: StoredChannel, togetherMs: number): number {
    const last = lastTriedAt(this.#db, id) ?? Number.NEGATIVE_INFINITY;
    return Math.max(this.#now + FIRST_WITHIN_MS, Math.min(last + togetherMs, this.#now + togetherMs));
  }
}

function openOf(row: DeliveryRow): Waiting {
  const { seq, isUncertain, dueAt } = row;
  return { seq, isUncertain, isTried: row.attempts > 0, message: messageOf(row), dueAt };
}
