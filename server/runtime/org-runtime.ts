/**
 * One org, alive: its file, its picture, its history, its commit and what it tells open pages. Lives
 * in one shard and is changed by one message at a time. A verb is handed this and has no way to ask
 * for another org's.
 */
import type { Database } from "../../db/driver.ts";
import { Watching } from "../agents/watching.ts";
import { AlertBook } from "../alerts/alert-book.ts";
import type { DoorWatch } from "../contract/doors.ts";
import { AlertId, type OrgId, type ResourceId, type ShareId, SourceId } from "../contract/ids.ts";
import type { ResourcesChanged } from "../contract/live.ts";
import type { AlertNow } from "../contract/notifications.ts";
import type { HealthCounts } from "../contract/orgs.ts";
import { NOTHING_OUTSIDE, type OrgOutside } from "../contract/outside.ts";
import { HistoryStore } from "../history/store.ts";
import { Upkeep } from "../history/upkeep.ts";
import { Cursors } from "../inventory/cursors.ts";
import type { SourceRhythm } from "../inventory/freshness.ts";
import { Inventory } from "../inventory/inventory.ts";
import { buildInfo } from "../lib/build-info.ts";
import type { Clock } from "../lib/clock.ts";
import { Limiter } from "../lib/limiter.ts";
import { errorText, type Log } from "../lib/log.ts";
import type { OrgKeys } from "../lib/sealed-secrets.ts";
import { Allowance } from "../notifications/allowance.ts";
import { ChannelBook } from "../notifications/channel-book.ts";
import { type Messenger, sendTo } from "../notifications/messenger.ts";
import { DeliveryQueue } from "../notifications/queue.ts";
import { RouteBook } from "../notifications/route-book.ts";
import { SourceBook } from "../sources/source-book.ts";
import { reporterOf } from "../sources/sources.ts";
import type { JournalRecord } from "../tenancy/journal/segment.ts";
import type { Ask } from "./ask.ts";
import { Baselines } from "./baselines.ts";
import { Doors } from "./door.ts";
import { GroupCommit } from "./group-commit.ts";
import { type NewsAround, newsOf, nowOf } from "./news.ts";
import { Outbox } from "./outbox.ts";
import { Polling } from "./polling.ts";
import { SeldomReading } from "./seldom-reading.ts";
import { Trends } from "./trends.ts";

/** Where a delivery is made durable before the org's own file has it. */
export interface OrgJournal {
  append(record: JournalRecord): Promise<void>;
  settled(): Promise<void>;
  release(orgId: OrgId): void;
}

/** The org's own file. */
export interface OrgFile {
  /** To be used at once and not kept: it may be closed and opened again in between. */
  use(): Database;
  sizeBytes(): number;
}

/** Who sent a delivery, as far as the request says. */
export interface Reporter {
  address: string;
  program: string;
}

export interface OrgSurroundings {
  clock: Clock;
  log: Log;
  journal: OrgJournal;
  /** What seals the secrets of an org. */
  keysOf: (orgId: OrgId) => OrgKeys;
  /** How sources are asked; undefined: none are. */
  ask: Ask | undefined;
  /** How messages are sent; undefined: none are. */
  messenger: Messenger | undefined;
  /** What the edge has said of it. */
  outside: OrgOutside;
  /** Throws where the disk has no room for more. */
  requireRoom: () => void;
  /** Hands an event to the edge; `json` is its data. */
  publish: (orgId: OrgId, type: string, at: number, json: string) => void;
  /** Hands an event to the pages of another org, through a share of this one. */
  publishTo: (targetOrgId: OrgId, via: ShareId, type: string, at: number, json: string) => void;
  /** Tells how the resources are, when that has changed. */
  health: (orgId: OrgId, counts: HealthCounts) => void;
  doors: DoorWatch[];
}

/** For an org of which nobody is told anything, and which writes to its own file alone. */
export const UNHEARD: Omit<OrgSurroundings, "clock" | "log"> = {
  journal: { append: async () => {}, settled: async () => {}, release: () => {} },
  keysOf: () => () => undefined,
  ask: undefined,
  messenger: undefined,
  outside: NOTHING_OUTSIDE,
  requireRoom: () => {},
  publish: () => {},
  publishTo: () => {},
  health: () => {},
  doors: [],
};

const JUDGE_SILENCE_EVERY_MS = 10_000;
/** A heartbeat that is lost is one that is missed: it is on disk before whoever sent it has gone far. */
const BEAT_WITHIN_MS = 1_000;
/**
 * What the journal holds may wait this long for the org's file. The journal asks for it earlier when it
 * is full.
 */
const JOURNALED_COMMIT_WITHIN_MS = 10 * 60_000;
/** A source that has not been heard of for so long is not expected back in a moment. */
const SOURCE_IS_QUIET_AFTER_MS = 10 * 60_000;

export class OrgRuntime {
  readonly id: OrgId;
  readonly clock: Clock;
  readonly inventory: Inventory;
  readonly cursors: Cursors;
  readonly history: HistoryStore;
  readonly alerts: AlertBook;
  readonly trends: Trends;
  readonly baselines: Baselines;
  /** The page of a machine with a hundred parts asks for each of them at once. */
  readonly historyReads = new Limiter({
    atOnce: 2,
    maxWaiting: 200,
    refusal: "Too much history is being read at once. Try again in a moment.",
  });
  /** Of those this org shows something to, all together. */
  readonly doorReads = new Limiter({
    atOnce: 1,
    maxWaiting: 20,
    refusal: "Too much history is being read at once. Try again in a moment.",
  });
  /** Pages of exports, one after the other: charts do not wait for them. */
  readonly exportReads = new Limiter({
    atOnce: 1,
    maxWaiting: 200,
    refusal: "Too much history is being exported at once. Try again in a moment.",
  });
  /** Those of others, of what this org shows them. */
  readonly doorExportReads = new Limiter({
    atOnce: 1,
    maxWaiting: 200,
    refusal: "Too much history is being exported at once. Try again in a moment.",
  });
  readonly upkeep: Upkeep;
  readonly commit: GroupCommit;
  readonly doors: Doors;
  /** Gone with the actor: whoever looks asks again. */
  readonly watching: Watching;
  readonly sources: SourceBook;
  readonly polling: Polling | undefined;
  readonly ask: Ask | undefined;
  readonly channels: ChannelBook;
  /** Messages on their way: whoever decides on one puts it here, in the transaction it was decided in. */
  readonly deliveries: DeliveryQueue;
  readonly messenger: Messenger | undefined;
  readonly tests = new Allowance(60_000);
  /** What the edge has said of it, last. */
  outside: OrgOutside;
  /** Where deliveries came from, last. */
  readonly reporters = new Map<string, Reporter>();
  readonly #beats = new Set<SourceId>();
  readonly #outbox: Outbox;
  readonly #publish: OrgSurroundings["publish"];
  readonly #tellHealth: (counts: HealthCounts) => void;
  #toldHealth = "";
  readonly #file: OrgFile;
  readonly #journal: OrgJournal;
  readonly requireRoom: () => void;
  readonly #log: Log;
  /** Something was taken that neither the journal nor the file holds for certain. */
  #isUnsafe = false;
  readonly #silenceTimer: ReturnType<typeof setInterval>;
  #closed = false;
  #judgedAt = 0;
  #listeningSince = 0;

  constructor(id: OrgId, file: OrgFile, around: OrgSurroundings) {
    const db = () => file.use();
    this.id = id;
    this.clock = around.clock;
    this.#file = file;
    this.#journal = around.journal;
    this.requireRoom = around.requireRoom;
    this.#log = around.log;
    this.sources = new SourceBook(db, around.keysOf(id), (source) => {
      this.polling?.changed(source);
      /* What is asked again may be missed from now on, and what is not any more no longer. */
      this.alerts.look(this.inventory.idsFrom(`source:${source}`), this.clock());
    });
    this.inventory = new Inventory(db, id, (source, key) => this.#runs(source, key));
    this.history = new HistoryStore(db, (damage) =>
      this.#log.error("a part of history is damaged and left out", { org_id: id, ...damage }),
    );
    this.upkeep = new Upkeep({
      db,
      history: this.history,
      clock: around.clock,
      onFailure: (error) =>
        this.#log.error("could not put history in order", { org_id: id, error: errorText(error) }),
    });
    this.cursors = new Cursors(db);
    for (const [source, { at }] of this.cursors.entries()) {
      this.inventory.restoreValues(source, at, this.history.valuesAt(source, at));
    }
    const reading = () =>
      new SeldomReading((error) => {
        if (this.#closed) return;
        this.#log.error("could not read history for the rules", { org_id: id, error: errorText(error) });
      });
    this.trends = new Trends(this, reading());
    this.baselines = new Baselines(this, reading());
    this.alerts = new AlertBook({
      db,
      orgId: id,
      version: buildInfo().version,
      inventory: {
        get: (one) => this.inventory.get(one),
        find: (source, key) => this.inventory.find(source, key),
        isSilent: (one) => this.inventory.isUnheard(one),
        isUnasked: (one) => this.#isUnasked(one),
        all: () => this.inventory.all(),
      },
      fullInMs: (one) => this.trends.fullInMs(one),
      usualOf: (one, metric) => this.baselines.usualOf(one, metric),
      tell: (type, alert) => {
        around.publish(id, type, this.clock(), JSON.stringify({ alert }));
        this.doors.passAlert(type, alert);
      },
      notify: (transitions) => this.deliveries.enqueue(newsOf(transitions, this.news)),
      commitWithin: (ms) => this.commit.request(ms),
    });
    this.#outbox = new Outbox((data) => around.publish(id, "resources", this.clock(), JSON.stringify(data)));
    this.doors = new Doors(this, {
      resources: (target, via, data) =>
        around.publishTo(target, via, "resources", this.clock(), JSON.stringify(data)),
      alert: (target, via, type, alert) =>
        around.publishTo(target, via, type, this.clock(), JSON.stringify({ alert })),
    });
    this.doors.set(around.doors);
    this.watching = new Watching(around.clock);
    this.#publish = around.publish;
    this.#tellHealth = (counts) => around.health(id, counts);
    this.commit = new GroupCommit({
      commit: () => this.#write(),
      onFailure: (error) =>
        this.#log.error("could not write to the org's file", { org_id: id, error: errorText(error) }),
    });
    this.ask = around.ask;
    this.polling = around.ask && new Polling(this, this.sources, around.ask, around.log);
    this.outside = around.outside;
    this.messenger = around.messenger;
    this.channels = new ChannelBook(db, around.keysOf(id));
    this.deliveries = this.#queue(db, around);
    this.#silenceTimer = setInterval(() => this.judgeSilence(), JUDGE_SILENCE_EVERY_MS);
    this.#sayHealth();
  }

  /** Tells open pages, those of this org and those it shares with. */
  show(change: ResourcesChanged): void {
    this.#outbox.put(change);
    this.doors.pass(change);
  }

  /** Its own file: to be used at once and not kept. */
  db(): Database {
    return this.#file.use();
  }

  /** Tells open pages of this org what is no change of the picture. */
  publish(type: "incident.updated", data: unknown): void {
    this.#publish(this.id, type, this.clock(), JSON.stringify(data));
  }

  /** Has the rules look at these. */
  lookAt(ids: readonly ResourceId[]): void {
    this.alerts.look(ids, this.clock());
  }

  /** What is said of alerts beside what they say themselves. */
  get news(): NewsAround {
    const { alerts, inventory } = this;
    return {
      factsOf: ({ resource, rule }) => {
        const known = inventory.get(resource.id);
        if (known) return alerts.factsOf(known, rule);
        return { rule, kind: resource.kind, resourceId: resource.id, tags: [] };
      },
      silenceName: (id) => alerts.silences().find((silence) => silence.id === id)?.name,
      nameOf: (id) => inventory.get(id)?.name,
    };
  }

  /** Whether nothing would be lost or late if it were closed now and opened again when it is asked for. */
  get isAtRest(): boolean {
    const { upkeep, polling, inventory, alerts, trends, deliveries } = this;
    if (this.hasUnwritten || upkeep.isBusy || polling?.isBusy || deliveries.isBusy) return false;
    if (trends.isBusy || this.baselines.isBusy) return false;
    if (!inventory.isSilent(this.#rhythms()) || !alerts.isAtRest) return false;
    const quietSince = this.clock() - SOURCE_IS_QUIET_AFTER_MS;
    return [...this.cursors.entries()].every(([, { at }]) => at < quietSince);
  }

  /** How often a source reports, in milliseconds. */
  intervalOf(source: string): number {
    return this.cursors.rhythmOf(source).intervalMs;
  }

  /** Bytes of its file. Throws when that is not there any more, or is another. */
  get sizeBytes(): number {
    return this.#file.sizeBytes();
  }

  /** To be used at once and not kept, for what is written beside the samples. */
  historyFile(): Database {
    return this.#file.use();
  }

  /** Resolves when what was taken from this delivery is on disk. */
  async secure(record: Omit<JournalRecord, "orgId">): Promise<void> {
    this.commit.request(JOURNALED_COMMIT_WITHIN_MS);
    try {
      await this.#journal.append({ orgId: this.id, ...record });
    } catch (error) {
      /* It is in the picture all the same, so what repeats it has to wait for the file. */
      this.#isUnsafe = true;
      this.commit.request(0);
      throw error;
    }
    if (this.#isUnsafe) await this.commit.durable(0);
  }

  /** Resolves when everything taken until now is on disk. */
  async secured(): Promise<void> {
    if (this.#isUnsafe) await this.commit.durable(0);
    else await this.#journal.settled();
  }

  /** Whether something accepted is not on disk yet. */
  get hasUnwritten(): boolean {
    const { history, inventory, cursors, alerts } = this;
    const isStaged = history.stagedCount > 0 || this.#beats.size > 0;
    return isStaged || inventory.hasUnwritten || cursors.hasUnwritten || alerts.hasUnwritten;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Writes what waits. The file itself is closed by whoever opened it. */
  close(): void {
    this.#closed = true;
    this.polling?.stop();
    this.deliveries.stop();
    this.upkeep.stop();
    clearInterval(this.#silenceTimer);
    this.#outbox.stop();
    this.doors.stop();
    try {
      this.commit.flush();
    } finally {
      this.commit.stop();
    }
  }

  /** A heartbeat was heard. */
  beat(id: SourceId): void {
    this.sources.beat(id, this.clock());
    this.#beats.add(id);
    this.commit.request(BEAT_WITHIN_MS);
    this.polling?.soon(id);
  }

  #queue(db: () => Database, { messenger, clock, log, publish }: OrgSurroundings): DeliveryQueue {
    const { id, channels } = this;
    return new DeliveryQueue({
      db,
      book: channels,
      routes: new RouteBook(db),
      alerts: {
        now: (alertId) => this.#alertNow(alertId),
        open: () => this.alerts.open().map((alert) => alert.id),
      },
      clock,
      log,
      outside: () => this.outside,
      messenger: messenger && {
        room: messenger.room,
        onAttempt: messenger.onAttempt,
        send: (channel, message, signal) => sendTo(messenger, channels, channel, message, signal),
      },
      onFailed: (failed) => publish(id, "delivery.failed", clock(), JSON.stringify(failed)),
    });
  }

  #alertNow(alertId: string): AlertNow | undefined {
    const known = AlertId.safeParse(alertId);
    const alert = known.success ? this.alerts.find(known.data) : undefined;
    return alert && nowOf(alert, this.news);
  }

  #runs(source: string, key: string): boolean {
    const id = sourceIn(key, "check/");
    const known = id && this.sources.get(id);
    return known !== undefined && reporterOf(known) === source;
  }

  #write(): void {
    if (!this.hasUnwritten) return;
    try {
      this.#file.use().transaction(() => {
        this.inventory.write();
        this.history.write();
        this.cursors.write();
        this.sources.writeBeats(this.#beats);
        this.alerts.write(this.clock());
      });
    } catch (error) {
      this.history.notWritten();
      this.alerts.notWritten();
      throw error;
    }
    this.inventory.written();
    this.history.written();
    this.cursors.written();
    this.#beats.clear();
    this.#isUnsafe = false;
    this.#journal.release(this.id);
    this.alerts.written();
  }

  /** What time alone changes: every ten seconds, and when whoever has the time in hand says so. */
  judgeSilence(): void {
    const now = this.clock();
    /* We have just started, the machine slept, or its clock was set: nobody could have been heard. */
    if (now - this.#judgedAt > JUDGE_SILENCE_EVERY_MS * 3) this.#listeningSince = now;
    this.#judgedAt = now;
    this.#sayHealth();
    const change = this.inventory.judgeSilence(this.#rhythms(), now, this.#listeningSince);
    if (change.changed.length > 0 || change.removed.length > 0) {
      this.show(change);
      this.commit.request(1_000);
      this.alerts.look([...change.changed.map(({ id }) => id), ...change.removed], now);
    }
    this.trends.look(now);
    this.baselines.look(now);
    this.alerts.tick(now);
  }

  /** Everything that saw it is asked no more, because somebody said so. */
  #isUnasked(id: ResourceId): boolean {
    const origins = this.inventory.originsOf(id);
    return origins.length > 0 && origins.every((origin) => this.#isSwitchedOff(origin));
  }

  #isSwitchedOff({ source, key }: { source: string; key: string }): boolean {
    const named = sourceIn(key, "check/") ?? sourceIn(source, "source:");
    return named !== undefined && this.sources.get(named)?.enabled !== true;
  }

  /** How each source reports, looked up once. */
  #rhythms(): (source: string) => SourceRhythm {
    const known = new Map<string, SourceRhythm>();
    return (source) => {
      let rhythm = known.get(source);
      if (!rhythm) {
        rhythm = this.#rhythmOf(source);
        known.set(source, rhythm);
      }
      return rhythm;
    };
  }

  #rhythmOf(source: string): SourceRhythm {
    const rhythm = this.cursors.rhythmOf(source);
    const id = sourceIn(source, "source:");
    if (id === undefined) return rhythm;
    const asked = this.sources.get(id);
    return asked?.enabled ? { ...rhythm, askedSince: asked.updatedAt } : { ...rhythm, isOff: true };
  }

  #sayHealth(): void {
    const counts: HealthCounts = { up: 0, degraded: 0, down: 0, unknown: 0 };
    for (const { status, parentId } of this.inventory.all()) if (!parentId) counts[status]++;
    const said = JSON.stringify(counts);
    if (said === this.#toldHealth) return;
    this.#toldHealth = said;
    this.#tellHealth(counts);
  }
}

/** The source that a reporter or a resource is named after. */
function sourceIn(name: string, prefix: "source:" | "check/"): SourceId | undefined {
  return name.startsWith(prefix) ? SourceId.safeParse(name.slice(prefix.length)).data : undefined;
}
