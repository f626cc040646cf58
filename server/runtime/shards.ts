/**
 * The edge's side of the shard threads: starts them, places orgs on them, sends calls, hands on what
 * comes back. The first shard is there from the start; another is started when the first org is
 * placed on it, so a small instance pays for one thread.
 */

import type { WatchersGone } from "../agents/watching.ts";
import type { DirectoryChange } from "../contract/directory.ts";
import type { DoorWatch } from "../contract/doors.ts";
import { DEFAULT_ORG, type OrgId, type ShareId } from "../contract/ids.ts";
import type { ChannelType } from "../contract/notifications.ts";
import type { HealthCounts } from "../contract/orgs.ts";
import type { OrgOutside } from "../contract/outside.ts";
import { DomainError } from "../lib/domain-error.ts";
import { givenUp } from "../lib/given-up.ts";
import type { Log } from "../lib/log.ts";
import type { Gauge } from "../lib/metrics.ts";
import {
  type ActorId,
  type Calls,
  callsThrough,
  errorOf,
  type FromShard,
  type HaltedOrgs,
  type ShardStart,
  type ToShard,
} from "./calls.ts";
import type { InstanceVerbs } from "./instance-verbs.ts";
import type { OrgVerbs } from "./org-verbs.ts";

export interface ShardsOptions {
  dataDir: string;
  /** Most shard threads there will be. */
  count: number;
  setupToken?: string | undefined;
  watchThisMachine: boolean;
  multiTenantAllowed: boolean;
  licensePublicKey?: string | undefined;
  secretKeyFile?: string | undefined;
  /** Where sources may be although it is refused by default, and the port that is our own. */
  outbound?: ShardStart["outbound"];
  publicUrl?: string | undefined;
  log: Log;
  queueDepth: Gauge;
  onDirectory: (changes: DirectoryChange[]) => void;
  /** `via`: it comes from another org, through this share. */
  onEvent: (orgId: OrgId, event: string, at: number, json: string, via?: ShareId) => void;
  onHealth: (orgId: OrgId, counts: HealthCounts) => void;
  /** An attempt to send a message, and what became of it. */
  onAttempt?: (channel: ChannelType, result: "sent" | "failed" | "dead") => void;
  onUnhandled: () => void;
  /** A shard ended by itself; the process cannot go on. */
  onLost: (message: string) => void;
}

const NOTHING_MORE: ShardStart["outbound"] = { allow: [], own: 0 };
/** Calls waiting in one shard; past it the shard is not keeping up. */
const MAX_WAITING = 1_000;
const CALL_TIMEOUT_MS = 30_000;

export class StartRefusedError extends Error {
  override readonly name = "StartRefusedError";
}

export class Shards {
  readonly instance: Calls<InstanceVerbs>;
  readonly #options: ShardsOptions;
  readonly #shards: (Promise<Shard> | undefined)[];
  readonly #orgs = new Map<OrgId, Calls<OrgVerbs>>();
  readonly #doors = new Map<OrgId, DoorWatch[]>();
  readonly #outside = new Map<OrgId, OrgOutside>();
  /** What a shard that is started later is told: which orgs are halted now. */
  readonly #halted = new Set<OrgId>();
  #allHalted: boolean;

  constructor(options: ShardsOptions) {
    this.#options = options;
    this.#shards = Array.from({ length: options.count });
    this.#allHalted = !options.multiTenantAllowed;
    this.instance = callsThrough<InstanceVerbs>((...call) => this.#call("instance", ...call));
  }

  /** Takes the data directory and opens the instance. Rejects with the reason when it cannot. */
  async start(): Promise<void> {
    await this.#shard(0);
  }

  /** The calls of one org. Handed out by `access` to those who may make them. */
  org(orgId: OrgId): Calls<OrgVerbs> {
    let calls = this.#orgs.get(orgId);
    if (!calls) {
      calls = callsThrough<OrgVerbs>((...call) => this.#call(orgId, ...call));
      this.#orgs.set(orgId, calls);
    }
    return calls;
  }

  /** What an org shows to others from now on; all of it each time. */
  setDoors(orgId: OrgId, doors: DoorWatch[]): void {
    if (doors.length === 0 && !this.#doors.has(orgId)) return;
    if (doors.length > 0) this.#doors.set(orgId, doors);
    else this.#doors.delete(orgId);
    void this.#shards[placeOf(orgId, this.#shards.length)]?.then((shard) => shard.setDoors(orgId, doors));
  }

  /** Their right to look at machines is gone: in one org, or in all. */
  unwatch(orgId: OrgId | undefined, gone: WatchersGone): void {
    void this.#everywhere(async (shard) => shard.unwatch(orgId, gone));
  }

  /** What the edge knows of an org from now on; undefined: it is gone. */
  setOutside(orgId: OrgId, outside: OrgOutside | undefined): void {
    if (outside) this.#outside.set(orgId, outside);
    else this.#outside.delete(orgId);
    void this.#shards[placeOf(orgId, this.#shards.length)]?.then((shard) => shard.setOutside(orgId, outside));
  }

  /** Every running shard writes, closes and from then on refuses these orgs. Resolves when all have. */
  async halt(orgs: HaltedOrgs): Promise<void> {
    if (orgs === "all") this.#allHalted = true;
    else for (const orgId of orgs) this.#halted.add(orgId);
    await this.#everywhere((shard) => shard.ask("halt", orgs));
  }

  async admit(orgs: HaltedOrgs): Promise<void> {
    this.#allHalted = false;
    if (orgs === "all") this.#halted.clear();
    else for (const orgId of orgs) this.#halted.delete(orgId);
    await this.#everywhere((shard) => shard.ask("admit", orgs));
  }

  /** Writes what is accepted, closes every file, ends the threads. The first goes last: it has the lock. */
  async stop(): Promise<void> {
    for (const starting of this.#shards.slice(1).concat(this.#shards[0])) {
      const shard = await starting?.catch(() => undefined);
      await shard?.stop();
    }
  }

  async #call(actor: ActorId, verb: string, input: unknown, signal?: AbortSignal): Promise<unknown> {
    const shard = await this.#shard(placeOf(actor, this.#shards.length));
    return shard.call(actor, { verb, input, signal });
  }

  async #everywhere(act: (shard: Shard) => Promise<void>): Promise<void> {
    await Promise.all(
      this.#shards.map(async (starting) => {
        /* One that could not start has nothing to stop. */
        const shard = await starting?.catch(() => undefined);
        if (shard) await act(shard);
      }),
    );
  }

  #shard(index: number): Promise<Shard> {
    const known = this.#shards[index];
    if (known) return known;
    const starting = this.#start(index);
    this.#shards[index] = starting;
    return starting;
  }

  async #start(index: number): Promise<Shard> {
    const { dataDir, setupToken, watchThisMachine, multiTenantAllowed, licensePublicKey } = this.#options;
    const { secretKeyFile, publicUrl, outbound = NOTHING_MORE } = this.#options;
    const first = index === 0;
    const shard = await Shard.start(
      index,
      {
        ...this.#options,
        onWish: async (wish, orgs) => {
          if (wish === "halt") await this.halt(orgs);
          else await this.admit(orgs);
        },
      },
      {
        dataDir,
        name: `shard-${index}`,
        first,
        watchThisMachine: first && watchThisMachine,
        multiTenantAllowed,
        halted: this.#allHalted ? "all" : [...this.#halted],
        secretKeyFile,
        outbound,
        publicUrl,
        ...(first && { setupToken, licensePublicKey }),
      },
    );
    for (const [orgId, doors] of this.#doors)
      if (placeOf(orgId, this.#shards.length) === index) shard.setDoors(orgId, doors);
    for (const [orgId, outside] of this.#outside)
      if (placeOf(orgId, this.#shards.length) === index) shard.setOutside(orgId, outside);
    return shard;
  }
}

/** The instance and `default` live in the first shard; other orgs are spread by their random ids. */
export function placeOf(actor: ActorId, count: number): number {
  if (actor === "instance" || actor === DEFAULT_ORG) return 0;
  let hash = 0;
  for (let index = 0; index < actor.length; index++) hash = (hash * 31 + actor.charCodeAt(index)) >>> 0;
  return hash % count;
}

interface Waiting {
  resolve: (output: unknown) => void;
  reject: (error: Error) => void;
  since: number;
  /** Stops listening for the caller to leave. */
  forget: (() => void) | undefined;
}

interface ShardOptions extends ShardsOptions {
  /** The instance wants this of every shard. */
  onWish: (wish: "halt" | "admit", orgs: HaltedOrgs) => Promise<void>;
}

class Shard {
  readonly #index: number;
  readonly #worker: Worker;
  readonly #options: ShardOptions;
  readonly #asked = new Map<number, () => void>();
  readonly #waiting = new Map<number, Waiting>();
  readonly #ready = Promise.withResolvers<void>();
  readonly #stopped = Promise.withResolvers<void>();
  #stopping = false;
  #lastId = 0;
  #watchdog: ReturnType<typeof setInterval> | undefined;

  static async start(index: number, options: ShardOptions, start: ShardStart): Promise<Shard> {
    const shard = new Shard(index, options);
    shard.#send({ type: "start", start });
    await shard.#ready.promise;
    return shard;
  }

  private constructor(index: number, options: ShardOptions) {
    this.#index = index;
    this.#options = options;
    this.#worker = new Worker(new URL("./shard.ts", import.meta.url).href, { name: `shard-${index}` });
    this.#worker.onmessage = ({ data }: MessageEvent<FromShard>) => this.#receive(data);
    this.#worker.onerror = (event) => this.#lost(event.message);
    this.#worker.addEventListener("close", () => this.#lost("the thread ended"));
  }

  /** With `signal` the call is over, here and in the actor, when its caller leaves. */
  call(
    actor: ActorId,
    { verb, input, signal }: { verb: string; input: unknown; signal: AbortSignal | undefined },
  ): Promise<unknown> {
    if (signal?.aborted) return Promise.reject(givenUp());
    if (this.#stopping) return Promise.reject(new DomainError("shutting_down", "Pulse is stopping."));
    if (this.#waiting.size >= MAX_WAITING) {
      return Promise.reject(
        new DomainError("org_unavailable", "Pulse is busy. Try again in a moment.", { retryAfterMs: 2_000 }),
      );
    }
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const leave = () => this.#abandon(id, givenUp());
      const forget = signal && (() => signal.removeEventListener("abort", leave));
      signal?.addEventListener("abort", leave);
      this.#waiting.set(id, { resolve, reject, since: performance.now(), forget });
      this.#options.queueDepth.set(this.#waiting.size, { shard: this.#index });
      this.#watchdog ??= setInterval(() => this.#timeOut(), 1_000);
      this.#send({ type: "call", id, actor, verb, input, mayEnd: signal !== undefined });
    });
  }

  setDoors(orgId: OrgId, doors: DoorWatch[]): void {
    this.#send({ type: "doors", orgId, doors });
  }

  unwatch(orgId: OrgId | undefined, gone: WatchersGone): void {
    this.#send({ type: "unwatch", orgId, gone });
  }

  setOutside(orgId: OrgId, outside: OrgOutside | undefined): void {
    this.#send({ type: "outside", orgId, outside });
  }

  /** Resolves when the shard has done it; at once when it is gone. */
  ask(type: "halt" | "admit", orgs: HaltedOrgs): Promise<void> {
    if (this.#stopping) return Promise.resolve();
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      this.#asked.set(id, resolve);
      this.#send({ type, id, orgs });
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#send({ type: "stop" });
    await this.#stopped.promise;
    this.#settleAll(new DomainError("shutting_down", "Pulse is stopping."));
    this.#worker.terminate();
  }

  #receive(message: FromShard): void {
    switch (message.type) {
      case "answer":
        this.#take(message.id)?.resolve(message.output);
        break;
      case "failure":
        this.#take(message.id)?.reject(errorOf(message.failure));
        break;
      case "event":
        this.#options.onEvent(message.orgId, message.event, message.at, message.json, message.via);
        break;
      case "health":
        this.#options.onHealth(message.orgId, message.counts);
        break;
      case "attempt":
        this.#options.onAttempt?.(message.channel, message.result);
        break;
      case "halt":
      case "admit":
        void this.#options
          .onWish(message.type, message.orgs)
          .then(() => this.#send({ type: "done", id: message.id }));
        break;
      case "done":
        this.#asked.get(message.id)?.();
        this.#asked.delete(message.id);
        break;
      case "directory":
        this.#options.onDirectory(message.changes);
        break;
      case "log":
        this.#options.log[message.level](message.message, message.fields);
        break;
      case "unhandled":
        this.#options.onUnhandled();
        break;
      case "ready":
        this.#ready.resolve();
        break;
      case "refused":
        this.#stopping = true;
        this.#ready.reject(new StartRefusedError(message.message));
        this.#worker.terminate();
        break;
      case "stopped":
        this.#stopped.resolve();
        break;
    }
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    waiting?.forget?.();
    this.#waiting.delete(id);
    this.#options.queueDepth.set(this.#waiting.size, { shard: this.#index });
    return waiting;
  }

  #abandon(id: number, error: DomainError): void {
    this.#send({ type: "abandon", id });
    this.#take(id)?.reject(error);
  }

  /** A call is answered or, after half a minute, given up: its caller is told, and the shard. */
  #timeOut(): void {
    if (this.#waiting.size === 0) {
      clearInterval(this.#watchdog);
      this.#watchdog = undefined;
      return;
    }
    const limit = performance.now() - CALL_TIMEOUT_MS;
    for (const [id, waiting] of this.#waiting) {
      if (waiting.since > limit) break;
      this.#abandon(
        id,
        new DomainError("org_unavailable", "Pulse did not answer in time.", { retryAfterMs: 5_000 }),
      );
    }
  }

  #lost(message: string): void {
    this.#stopped.resolve();
    if (this.#stopping) return;
    this.#stopping = true;
    this.#ready.reject(new StartRefusedError(message));
    this.#settleAll(new DomainError("org_unavailable", "Pulse is restarting."));
    this.#options.onLost(message);
  }

  #settleAll(error: DomainError): void {
    clearInterval(this.#watchdog);
    for (const { reject, forget } of this.#waiting.values()) {
      forget?.();
      reject(error);
    }
    for (const resolve of this.#asked.values()) resolve();
    this.#asked.clear();
    this.#waiting.clear();
  }

  #send(message: ToShard): void {
    this.#worker.postMessage(message);
  }
}
