/**
 * One org, alive: its file, its picture, its history, its commit and what it tells open pages. Lives
 * in one shard and is changed by one message at a time. A verb is handed this and has no way to ask
 * for another org's.
 */
import type { Database } from "../../db/driver.ts";
import type { DoorWatch } from "../contract/doors.ts";
import type { OrgId, ShareId } from "../contract/ids.ts";
import type { ResourcesChanged } from "../contract/live.ts";
import type { HealthCounts } from "../contract/orgs.ts";
import { HistoryStore } from "../history/store.ts";
import { Cursors } from "../inventory/cursors.ts";
import { Inventory } from "../inventory/inventory.ts";
import type { Clock } from "../lib/clock.ts";
import { Limiter } from "../lib/limiter.ts";
import { errorText, type Log } from "../lib/log.ts";
import { Doors } from "./door.ts";
import { GroupCommit } from "./group-commit.ts";
import { Outbox } from "./outbox.ts";

export interface OrgSurroundings {
  clock: Clock;
  log: Log;
  /** Hands an event to the edge; `json` is its data. */
  publish: (orgId: OrgId, type: string, at: number, json: string) => void;
  /** Hands an event to the pages of another org, through a share of this one. */
  publishTo: (targetOrgId: OrgId, via: ShareId, type: string, at: number, json: string) => void;
  /** Tells how the resources are, when that has changed. */
  health: (orgId: OrgId, counts: HealthCounts) => void;
  doors: DoorWatch[];
}

/** How long samples are kept; history beyond it comes with long-term chunks. */
const HISTORY_KEPT_MS = 31 * 86_400_000;
const PRUNE_EVERY_MS = 3_600_000;
const JUDGE_SILENCE_EVERY_MS = 10_000;
const DEFAULT_INTERVAL_MS = 10_000;
/** A source that has not been heard of for so long is not expected back in a moment. */
const SOURCE_IS_QUIET_AFTER_MS = 10 * 60_000;

export class OrgRuntime {
  readonly id: OrgId;
  readonly clock: Clock;
  readonly inventory: Inventory;
  readonly cursors: Cursors;
  readonly history: HistoryStore;
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
  readonly commit: GroupCommit;
  readonly doors: Doors;
  readonly #outbox: Outbox;
  readonly #tellHealth: (counts: HealthCounts) => void;
  #toldHealth = "";
  readonly #db: Database;
  readonly #log: Log;
  readonly #silenceTimer: ReturnType<typeof setInterval>;
  #closed = false;
  #prunedAt: number;
  #judgedAt = 0;
  #listeningSince = 0;

  constructor(id: OrgId, db: Database, around: OrgSurroundings) {
    this.id = id;
    this.clock = around.clock;
    /* Not at once: a machine that has just started may not have the time yet. */
    this.#prunedAt = around.clock();
    this.#db = db;
    this.#log = around.log;
    this.inventory = new Inventory(db);
    this.history = new HistoryStore(db);
    this.cursors = new Cursors(db);
    for (const [source, { at }] of this.cursors.entries()) {
      this.inventory.restoreValues(source, at, this.history.valuesAt(source, at));
    }
    this.#outbox = new Outbox((data) => around.publish(id, "resources", this.clock(), JSON.stringify(data)));
    this.doors = new Doors(this.inventory, (target, via, data) =>
      around.publishTo(target, via, "resources", this.clock(), JSON.stringify(data)),
    );
    this.doors.set(around.doors);
    this.#tellHealth = (counts) => around.health(id, counts);
    this.commit = new GroupCommit({
      commit: () => this.#write(),
      onFailure: (error) =>
        this.#log.error("could not write to the org's file", { org_id: id, error: errorText(error) }),
    });
    this.#silenceTimer = setInterval(() => this.#judgeSilence(), JUDGE_SILENCE_EVERY_MS);
    this.#sayHealth();
  }

  /** Tells open pages, those of this org and those it shares with. */
  show(change: ResourcesChanged): void {
    this.#outbox.put(change);
    this.doors.pass(change);
  }

  /** Whether nothing would be lost or late if it were closed now and opened again when it is asked for. */
  get isAtRest(): boolean {
    if (this.hasUnwritten || !this.inventory.isSilent) return false;
    const quietSince = this.clock() - SOURCE_IS_QUIET_AFTER_MS;
    return [...this.cursors.entries()].every(([, { at }]) => at < quietSince);
  }

  /** How often a source reports, in milliseconds. */
  intervalOf(source: string): number {
    return this.cursors.get(source)?.intervalMs ?? DEFAULT_INTERVAL_MS;
  }

  /** Whether something accepted is not on disk yet. */
  get hasUnwritten(): boolean {
    return this.history.stagedCount > 0 || this.inventory.hasUnwritten || this.cursors.hasUnwritten;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Writes what waits. The file itself is closed by whoever opened it. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#silenceTimer);
    this.#outbox.stop();
    this.doors.stop();
    try {
      this.commit.flush();
    } finally {
      this.commit.stop();
    }
  }

  #write(): void {
    if (!this.hasUnwritten) return;
    const now = this.clock();
    const pruneDue = now - this.#prunedAt > PRUNE_EVERY_MS;
    try {
      this.#db.transaction(() => {
        this.inventory.write();
        this.history.write();
        this.cursors.write();
        if (pruneDue) this.#prune(now);
      });
    } catch (error) {
      this.history.notWritten();
      throw error;
    }
    this.inventory.written();
    this.history.written();
    this.cursors.written();
    if (pruneDue) this.#prunedAt = now;
  }

  #prune(now: number): void {
    for (const [source] of this.cursors.entries()) this.history.prune(source, now - HISTORY_KEPT_MS);
  }

  #judgeSilence(): void {
    const now = this.clock();
    /* We have just started, the machine slept, or its clock was set: nobody could have been heard. */
    if (now - this.#judgedAt > JUDGE_SILENCE_EVERY_MS * 3) this.#listeningSince = now;
    this.#judgedAt = now;
    this.#sayHealth();
    const intervalOf = (source: string) => this.intervalOf(source);
    const change = this.inventory.judgeSilence(intervalOf, now, this.#listeningSince);
    if (change.changed.length === 0 && change.removed.length === 0) return;
    this.show(change);
    this.commit.request(1_000);
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
