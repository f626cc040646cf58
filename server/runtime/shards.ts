/**
 * The edge's side of the shard threads: starts them, places orgs on them, sends calls, hands on what
 * comes back. The first shard is there from the start; another is started when the first org is
 * placed on it, so a small instance pays for one thread.
 */

import type { DirectoryChange } from "../contract/directory.ts";
import { DEFAULT_ORG, type OrgId } from "../contract/ids.ts";
import { DomainError } from "../lib/domain-error.ts";
import type { Log } from "../lib/log.ts";
import type { Gauge } from "../lib/metrics.ts";
import {
  type ActorId,
  type Calls,
  callsThrough,
  errorOf,
  type FromShard,
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
  log: Log;
  queueDepth: Gauge;
  onDirectory: (changes: DirectoryChange[]) => void;
  onEvent: (orgId: OrgId, event: string, at: number, json: string) => void;
  onUnhandled: () => void;
  /** A shard ended by itself; the process cannot go on. */
  onLost: (message: string) => void;
}

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

  constructor(options: ShardsOptions) {
    this.#options = options;
    this.#shards = Array.from({ length: options.count });
    this.instance = callsThrough<InstanceVerbs>((verb, input) => this.#call("instance", verb, input));
  }

  /** Takes the data directory and opens the instance. Rejects with the reason when it cannot. */
  async start(): Promise<void> {
    await this.#shard(0);
  }

  /** The calls of one org. Handed out by `access` to those who may make them. */
  org(orgId: OrgId): Calls<OrgVerbs> {
    let calls = this.#orgs.get(orgId);
    if (!calls) {
      calls = callsThrough<OrgVerbs>((verb, input) => this.#call(orgId, verb, input));
      this.#orgs.set(orgId, calls);
    }
    return calls;
  }

  /** Writes what is accepted, closes every file, ends the threads. The first goes last: it has the lock. */
  async stop(): Promise<void> {
    for (const starting of this.#shards.slice(1).concat(this.#shards[0])) {
      const shard = await starting?.catch(() => undefined);
      await shard?.stop();
    }
  }

  async #call(actor: ActorId, verb: string, input: unknown): Promise<unknown> {
    const shard = await this.#shard(placeOf(actor, this.#shards.length));
    return shard.call(actor, verb, input);
  }

  #shard(index: number): Promise<Shard> {
    const known = this.#shards[index];
    if (known) return known;
    const { dataDir, setupToken, watchThisMachine } = this.#options;
    const starting = Shard.start(index, this.#options, {
      dataDir,
      first: index === 0,
      ...(index === 0 && { setupToken }),
      watchThisMachine: index === 0 && watchThisMachine,
    });
    this.#shards[index] = starting;
    return starting;
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
}

class Shard {
  readonly #index: number;
  readonly #worker: Worker;
  readonly #options: ShardsOptions;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ready = Promise.withResolvers<void>();
  readonly #stopped = Promise.withResolvers<void>();
  #stopping = false;
  #lastId = 0;
  #watchdog: ReturnType<typeof setInterval> | undefined;

  static async start(index: number, options: ShardsOptions, start: ShardStart): Promise<Shard> {
    const shard = new Shard(index, options);
    shard.#send({ type: "start", start });
    await shard.#ready.promise;
    return shard;
  }

  private constructor(index: number, options: ShardsOptions) {
    this.#index = index;
    this.#options = options;
    this.#worker = new Worker(new URL("./shard.ts", import.meta.url).href, { name: `shard-${index}` });
    this.#worker.onmessage = ({ data }: MessageEvent<FromShard>) => this.#receive(data);
    this.#worker.onerror = (event) => this.#lost(event.message);
    this.#worker.addEventListener("close", () => this.#lost("the thread ended"));
  }

  call(actor: ActorId, verb: string, input: unknown): Promise<unknown> {
    if (this.#stopping) return Promise.reject(new DomainError("shutting_down", "Pulse is stopping."));
    if (this.#waiting.size >= MAX_WAITING) {
      return Promise.reject(
        new DomainError("org_unavailable", "Pulse is busy. Try again in a moment.", { retryAfterMs: 2_000 }),
      );
    }
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject, since: performance.now() });
      this.#options.queueDepth.set(this.#waiting.size, { shard: this.#index });
      this.#watchdog ??= setInterval(() => this.#timeOut(), 1_000);
      this.#send({ type: "call", id, actor, verb, input });
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
        this.#options.onEvent(message.orgId, message.event, message.at, message.json);
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
    this.#waiting.delete(id);
    this.#options.queueDepth.set(this.#waiting.size, { shard: this.#index });
    return waiting;
  }

  /** A call is answered or, after half a minute, given up: its caller is told, the shard goes on. */
  #timeOut(): void {
    if (this.#waiting.size === 0) {
      clearInterval(this.#watchdog);
      this.#watchdog = undefined;
      return;
    }
    const limit = performance.now() - CALL_TIMEOUT_MS;
    for (const [id, waiting] of this.#waiting) {
      if (waiting.since > limit) break;
      this.#take(id)?.reject(
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
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  #send(message: ToShard): void {
    this.#worker.postMessage(message);
  }
}
