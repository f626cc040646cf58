/**
 * Live events at the edge: numbers them, remembers the newest, hands them to open streams.
 *
 * An event is put into bytes once, whatever the number of streams. Its id is `<epoch>.<number>`; the
 * epoch is random per org and start, so an id from another org or from before a restart is never
 * mistaken for a place in this sequence: its stream begins with a snapshot.
 *
 * The right to a stream is asked for before every event, and again for every stream as soon as the
 * directory changes. A stream whose right is gone gets `end` and nothing else.
 */
import type { OrgId, ShareId } from "../contract/ids.ts";
import type { EndReason } from "../contract/live.ts";
import type { Clock } from "../lib/clock.ts";
import { randomBase32 } from "../lib/random-id.ts";

export interface LiveMessage {
  id: string;
  /** The whole event as JSON. */
  json: string;
  /** The same in the form of the transport, made once. */
  frame: Uint8Array;
  /** The share it comes through, when it comes from another org. */
  via?: ShareId | undefined;
}

/** One open stream. */
export interface Subscriber {
  /** Whose it is: one person has a bounded number. */
  owner: string;
  /** Why it has to end now, if it has to. */
  endReason(): EndReason | undefined;
  /** The shares through which other orgs are seen on it now, in a fixed order. */
  shares(): readonly ShareId[];
  /** What losing one means: the end, or a new picture (nothing was withdrawn, there is no sharing any more). */
  losingShares(): "end" | "snapshot";
  /** False when its queue is full: the message is lost to it, and it gets a snapshot when there is room. */
  deliver(message: LiveMessage): boolean;
  /** Delivers the last message and closes. */
  end(message: LiveMessage): void;
}

export interface BusOptions {
  clock: Clock;
  encode: (id: string, json: string) => Uint8Array;
  /** The picture of an org with what is shown to it through these shares. */
  snapshot: (orgId: OrgId, shares: readonly ShareId[]) => Promise<{ at: number; json: string }>;
  onFailure: (error: unknown) => void;
}

/** What an org remembers for streams that come back. */
const REMEMBERED_EVENTS = 256;
const REMEMBERED_BYTES = 1024 * 1024;
/** Events that may happen while a snapshot is taken; past it another is taken. */
const MEANWHILE_EVENTS = 256;
/** And how long it goes on remembering when nobody watches. */
const REMEMBERED_UNWATCHED_MS = 60_000;
/** Rights also end by time alone; while streams are open that is looked at this often. */
const RECHECK_EVERY_MS = 500;

interface Open {
  subscriber: Subscriber;
  /** Waits for a snapshot: nothing is delivered until it has come. */
  behind: boolean;
  /** What was shown through which shares so far. */
  shares: readonly ShareId[];
}

/** A snapshot on its way. */
interface Taking {
  message: Promise<LiveMessage>;
  /** What happened since it was asked for; undefined: too much of it. Only where other orgs are seen in it. */
  meanwhile: LiveMessage[] | undefined;
}

export class Bus {
  readonly #options: BusOptions;
  readonly #topics = new Map<OrgId, Topic>();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(options: BusOptions) {
    this.#options = options;
  }

  publish(orgId: OrgId, type: string, at: number, dataJson: string, via?: ShareId): void {
    this.#topic(orgId).publish(type, at, dataJson, via);
  }

  /** An org that is gone is forgotten. */
  forget(orgId: OrgId): void {
    if (this.#topics.get(orgId)?.size === 0) this.#topics.delete(orgId);
  }

  /** Opens a stream, after `lastEventId` where that is still remembered. Returns how to close it. */
  open(orgId: OrgId, subscriber: Subscriber, lastEventId?: string | null): { close(): void; resume(): void } {
    const topic = this.#topic(orgId);
    const open = topic.open(subscriber, lastEventId ?? undefined);
    this.#timer ??= setInterval(() => this.recheck(), RECHECK_EVERY_MS);
    return { close: () => topic.close(open), resume: () => topic.resume(open) };
  }

  /** Ends every stream whose right is gone. */
  recheck(): void {
    for (const topic of this.#topics.values()) topic.recheck();
    if (this.streamCount > 0 || !this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  endAll(reason: EndReason): void {
    for (const topic of this.#topics.values()) topic.endAll(reason);
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  get streamCount(): number {
    let count = 0;
    for (const topic of this.#topics.values()) count += topic.size;
    return count;
  }

  streamsOf(orgId: OrgId, owner?: string): number {
    return this.#topics.get(orgId)?.count(owner) ?? 0;
  }

  #topic(orgId: OrgId): Topic {
    let topic = this.#topics.get(orgId);
    if (!topic) {
      topic = new Topic(orgId, this.#options);
      this.#topics.set(orgId, topic);
    }
    return topic;
  }
}

class Topic {
  readonly #orgId: OrgId;
  readonly #options: BusOptions;
  readonly #epoch = randomBase32(10);
  readonly #streams = new Set<Open>();
  readonly #remembered: LiveMessage[] = [];
  #rememberedBytes = 0;
  #number = 0;
  #watchedAt = Number.NEGATIVE_INFINITY;
  readonly #snapshots = new Map<string, Taking>();
  /** Something of another org was shown here: then what a page knows does not follow from its last id alone. */
  #sharing = false;

  constructor(orgId: OrgId, options: BusOptions) {
    this.#orgId = orgId;
    this.#options = options;
  }

  get size(): number {
    return this.#streams.size;
  }

  count(owner: string | undefined): number {
    if (owner === undefined) return this.#streams.size;
    let count = 0;
    for (const { subscriber } of this.#streams) if (subscriber.owner === owner) count++;
    return count;
  }

  publish(type: string, at: number, dataJson: string, via: ShareId | undefined): void {
    this.#number++;
    this.#sharing ||= via !== undefined;
    const now = performance.now();
    if (this.#streams.size > 0) this.#watchedAt = now;
    /* Nobody there and nobody to come back: the number alone tells a later stream that it missed something. */
    if (now - this.#watchedAt > REMEMBERED_UNWATCHED_MS) {
      this.#forgetAll();
      return;
    }
    const message = { ...this.#message(type, at, dataJson), via };
    this.#remember(message);
    for (const taking of this.#snapshots.values()) this.#noteMeanwhile(taking, message);
    for (const open of this.#streams) this.#offer(open, message);
  }

  #offer(open: Open, message: LiveMessage): void {
    if (this.#endIfDue(open) || open.behind) return;
    if (message.via && !open.shares.includes(message.via)) return;
    if (!open.subscriber.deliver(message)) open.behind = true;
  }

  open(subscriber: Subscriber, lastEventId: string | undefined): Open {
    const shares = subscriber.shares();
    this.#sharing ||= shares.length > 0;
    const missed = this.#missedSince(lastEventId);
    const open: Open = { subscriber, behind: missed === undefined, shares };
    this.#streams.add(open);
    if (missed) for (const message of missed) this.#offer(open, message);
    else this.resume(open);
    return open;
  }

  /** Gives a stream that is behind a snapshot, and from then on every event. */
  resume(open: Open): void {
    if (!open.behind) return;
    const { shares } = open;
    const taking = this.#takeSnapshot(shares);
    taking.message.then(
      (snapshot) => {
        if (!open.behind || !this.#streams.has(open) || this.#endIfDue(open)) return;
        /* Something more is shown by now, or too much happened meanwhile: what has come is not enough. */
        const { meanwhile } = taking;
        if (open.shares !== shares || !meanwhile) {
          this.resume(open);
          return;
        }
        open.behind = !open.subscriber.deliver(snapshot);
        for (const event of meanwhile) this.#offer(open, event);
      },
      (error: unknown) => {
        this.#options.onFailure(error);
        if (this.#streams.delete(open)) open.subscriber.end(this.#ending("shutting_down"));
      },
    );
  }

  close(open: Open): void {
    this.#streams.delete(open);
    this.#watchedAt = performance.now();
  }

  recheck(): void {
    for (const open of this.#streams) this.#endIfDue(open);
  }

  endAll(reason: EndReason): void {
    for (const open of this.#streams) {
      this.#streams.delete(open);
      open.subscriber.end(this.#ending(reason));
    }
  }

  #endIfDue(open: Open): boolean {
    const reason = open.subscriber.endReason() ?? this.#lookAtShares(open);
    if (!reason) return false;
    if (this.#streams.delete(open)) open.subscriber.end(this.#ending(reason));
    return true;
  }

  /** What is shown no longer ends the stream; what is shown in addition comes with a new snapshot. */
  #lookAtShares(open: Open): EndReason | undefined {
    const now = open.subscriber.shares();
    if (now.length === 0 && open.shares.length === 0) return undefined;
    const isLess = open.shares.some((id) => !now.includes(id));
    if (isLess && open.subscriber.losingShares() === "end") return "access_changed";
    if (!isLess && now.length === open.shares.length) return undefined;
    this.#sharing = true;
    open.shares = now;
    const waits = open.behind;
    open.behind = true;
    if (!waits) this.resume(open);
    return undefined;
  }

  /**
   * The actor's messages arrive in order, and what follows an answer in the same turn runs before the
   * next message: so the org's own part stands exactly at the number the topic has when it arrives.
   * What other orgs show comes from their actors, at other times: what happened since it was asked for
   * is repeated after it, and repeats at worst what it says.
   */
  #takeSnapshot(shares: readonly ShareId[]): Taking {
    const key = shares.join();
    let taking = this.#snapshots.get(key);
    if (!taking) {
      const message = this.#options
        .snapshot(this.#orgId, shares)
        .then(({ at, json }) => this.#message("snapshot", at, json))
        .finally(() => this.#snapshots.delete(key));
      taking = { message, meanwhile: [] };
      this.#snapshots.set(key, taking);
    }
    return taking;
  }

  #noteMeanwhile(taking: Taking, message: LiveMessage): void {
    if (taking === this.#snapshots.get("")) return;
    if (taking.meanwhile && taking.meanwhile.length < MEANWHILE_EVENTS) taking.meanwhile.push(message);
    else taking.meanwhile = undefined;
  }

  #message(type: string, at: number, dataJson: string): LiveMessage {
    const id = `${this.#epoch}.${this.#number}`;
    const json = `{"id":"${id}","type":${JSON.stringify(type)},"at":${at},"data":${dataJson}}`;
    return { id, json, frame: this.#options.encode(id, json) };
  }

  #ending(reason: EndReason): LiveMessage {
    return this.#message("end", this.#options.clock(), JSON.stringify({ reason }));
  }

  #remember(message: LiveMessage): void {
    this.#remembered.push(message);
    this.#rememberedBytes += message.frame.length;
    while (this.#remembered.length > REMEMBERED_EVENTS || this.#rememberedBytes > REMEMBERED_BYTES) {
      this.#rememberedBytes -= this.#remembered.shift()?.frame.length ?? 0;
    }
  }

  #forgetAll(): void {
    this.#remembered.length = 0;
    this.#rememberedBytes = 0;
  }

  /** Every event after that id, or undefined when they are not all known any more. */
  #missedSince(lastEventId: string | undefined): LiveMessage[] | undefined {
    const [epoch, number = ""] = lastEventId?.split(".") ?? [];
    if (epoch !== this.#epoch || this.#sharing || !/^\d{1,15}$/.test(number)) return undefined;
    const missed = this.#number - Number(number);
    if (missed < 0 || missed > this.#remembered.length) return undefined;
    return this.#remembered.slice(this.#remembered.length - missed);
  }
}
