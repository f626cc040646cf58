/** One moment of deciding, in one transaction: what is told at it, what is held, and the line that says why. */
import type { Database } from "../../db/driver.ts";
import type { AlertNow, AlertTransition, ToldLevel } from "../contract/notifications.ts";
import { ROUTE_LIMITS } from "../contract/route-limits.ts";
import type { RouteSettings } from "../contract/routes.ts";
import type { Log } from "../lib/log.ts";
import { Batch } from "./batch.ts";
import type { StoredChannel } from "./channel-book.ts";
import { type Decided, type Decision, note } from "./decisions.ts";
import { hold as holdBack, isAnythingHeld, letGo } from "./hold.ts";
import { type Hold, holdOf, togetherMsOf, type Way } from "./routing.ts";

/** News that somebody is to be told, and the way it goes there. */
export interface Telling {
  news: AlertTransition;
  /** Undefined: nothing says how long it may be gathered, or holds it. */
  way: Way | undefined;
  hold: Hold | undefined;
  /** It says nothing that was not said before. */
  isAgain?: boolean;
}

export interface MomentOptions {
  settings: RouteSettings;
  home: string | undefined;
  alertNow: (id: string) => AlertNow | undefined;
  log: Log;
}

export class Moment {
  readonly db: Database;
  readonly now: number;
  readonly #batch: Batch;
  readonly #settings: RouteSettings;
  readonly #log: Log;
  #isAnythingHeld: boolean;
  readonly #together = new Map<string, number>();
  readonly #holds = new Map<string, Hold | undefined>();

  constructor(db: Database, now: number, { settings, home, alertNow, log }: MomentOptions) {
    this.db = db;
    this.now = now;
    this.#settings = settings;
    this.#log = log;
    this.#isAnythingHeld = isAnythingHeld(db);
    this.#batch = new Batch(db, { home, now, alertNow });
  }

  /** The same for thousands of alerts at once. */
  holdOf({ route, policy }: Way, level: AlertTransition["level"] | undefined): Hold | undefined {
    const key = `${level} ${route}`;
    if (!this.#holds.has(key)) this.#holds.set(key, holdOf(this.#settings, policy, level, this.now));
    return this.#holds.get(key);
  }

  /** How bad it was told that it is, or is about to be; undefined: it was not told of it. */
  heardAs(channel: StoredChannel | undefined, alertId: string): ToldLevel | undefined {
    return channel && this.#batch.heardAs(channel, alertId);
  }

  /** As it is: by no route, and whatever the channel takes. */
  tellPlain(channel: StoredChannel, news: AlertTransition): void {
    this.#batch.tell(channel, news, ROUTE_LIMITS.togetherMs.default);
  }

  tell(channel: StoredChannel | undefined, { news, way, hold, isAgain }: Telling): Decided[] {
    if (!channel) return [];
    const decided = { channelId: channel.id, ...routeOf(way) };
    if (!channel.enabled) return [{ ...decided, not: "off" }];
    if (channel.leastLevel === "critical" && news.level !== "critical") return [{ ...decided, not: "level" }];
    if (news.ifUntold && this.#isHeard(channel, news)) return [{ ...decided, not: "heard" }];
    if (isAgain && this.#batch.isBehind(channel)) return [{ ...decided, not: "behind" }];
    if (hold) {
      holdBack(this.db, channel.id, news.id, hold.until);
      this.#isAnythingHeld = true;
      return [{ ...decided, hold }];
    }
    if (this.#isAnythingHeld) letGo(this.db, channel.id, news.id);
    return [{ ...decided, ...this.#batch.tell(channel, news, this.#togetherMs(way, news.level)) }];
  }

  #isHeard(channel: StoredChannel, { id, level, ifUntold }: AlertTransition): boolean {
    const as = this.#batch.heardAs(channel, id);
    return as !== undefined && (ifUntold === "at_all" || as === "critical" || level === "warning");
  }

  /** Nothing for those who have not heard of it. */
  tellOver(channel: StoredChannel, { news, way, hold }: Telling): Decided[] {
    const decided = { channelId: channel.id, ...routeOf(way) };
    if (hold) {
      if (!this.#batch.takeOut(channel, news.id)) return [];
      holdBack(this.db, channel.id, news.id, hold.until);
      this.#isAnythingHeld = true;
      return [{ ...decided, hold }];
    }
    const taken = this.#batch.tell(channel, news, this.#togetherMs(way, news.level));
    return "not" in taken && taken.not === "unheard" ? [] : [{ ...decided, ...taken }];
  }

  #togetherMs(way: Way | undefined, level: AlertTransition["level"]): number {
    if (!way) return ROUTE_LIMITS.togetherMs.default;
    const key = `${level} ${way.route}`;
    const known = this.#together.get(key);
    if (known !== undefined) return known;
    const togetherMs = togetherMsOf(way.policy, level, this.now);
    this.#together.set(key, togetherMs);
    return togetherMs;
  }

  note({ id, level }: AlertTransition, event: Decision["event"], tellings: Decided[], why?: string): void {
    note(this.db, { alertId: id, at: this.now, event, level, tellings, ...(why !== undefined && { why }) });
  }

  write(): void {
    for (const [channel_id, alerts] of this.#batch.write())
      this.#log.warn("more alerts than a channel can be told of", { channel_id, alerts });
  }
}

function routeOf(way: Way | undefined): Pick<Decided, "route"> {
  return way?.route ? { route: way.route } : {};
}
