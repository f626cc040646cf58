/** Reading `live.events` with the typed client exactly as it comes from its package. */
import { createTRPCClient, httpSubscriptionLink, type TRPCClientError } from "@trpc/client";
import type { AppRouter } from "../../server/api/router.ts";
import type { LiveEvent } from "../../server/contract/live.ts";
import type { Target } from "./calls.ts";
import { FetchEventSource } from "./event-source.ts";
import { until } from "./until.ts";

export interface LiveOptions {
  cookie?: string | undefined;
  headers?: Record<string, string>;
  lastEventId?: string;
  /** How soon the client comes back after a lost connection. */
  reconnectMs?: number;
}

export class LiveStream {
  /** Everything that came, in order. */
  readonly events: LiveEvent[] = [];
  error: TRPCClientError<AppRouter> | undefined;
  /** The client takes it for over: it will not come back. */
  over = false;
  readonly #subscription: { unsubscribe(): void };

  constructor(target: Target, { cookie, headers = {}, lastEventId, reconnectMs }: LiveOptions) {
    const client = createTRPCClient<AppRouter>({
      links: [
        httpSubscriptionLink({
          url: `${target.url}/api/trpc`,
          EventSource: FetchEventSource,
          eventSourceOptions: () => ({
            headers: { ...headers, ...(cookie && { cookie }) },
            ...(reconnectMs !== undefined && { reconnectMs }),
          }),
        }),
      ],
    });
    this.#subscription = client.live.events.subscribe(
      lastEventId === undefined ? undefined : { lastEventId },
      {
        onData: ({ id, data }) => {
          if (id !== data.id) throw new Error(`the event ${data.id} came under the id ${id}`);
          this.events.push(data);
        },
        onError: (error) => {
          this.error = error;
          this.over = true;
        },
        onComplete: () => {
          this.over = true;
        },
      },
    );
  }

  get types(): LiveEvent["type"][] {
    return this.events.map(({ type }) => type);
  }

  /** The first event of that type, here or still to come. */
  async event<Type extends LiveEvent["type"]>(type: Type): Promise<LiveEvent & { type: Type }> {
    const found = await until(() => this.events.find((event) => event.type === type), {
      what: `an event ${type} among ${this.types}`,
    });
    return found as LiveEvent & { type: Type };
  }

  /** Resolves when there are that many events. */
  async count(least: number): Promise<LiveEvent[]> {
    await until(() => this.events.length >= least, { what: `${least} events, there are ${this.types}` });
    return this.events;
  }

  async ended(withinMs?: number): Promise<void> {
    await until(() => this.over, { what: "the stream ends", ...(withinMs !== undefined && { withinMs }) });
  }

  close(): void {
    this.#subscription.unsubscribe();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

export function openLiveStream(target: Target, options: LiveOptions = {}): LiveStream {
  return new LiveStream(target, options);
}

/**
 * One stream as it is on the wire, without a client that comes back: every byte, and whether and when it ended.
 * Cheap enough for hundreds at once.
 */
export class RawStream {
  readonly status: number;
  /** Everything that came, in order. */
  readonly events: LiveEvent[] = [];
  bytes = 0;
  /** `performance.now()` of the end, whoever ended it. */
  closedAt: number | undefined;
  readonly #stop: AbortController;

  constructor(response: Response, stop: AbortController) {
    this.status = response.status;
    this.#stop = stop;
    void this.#read(response).finally(() => {
      this.closedAt ??= performance.now();
    });
  }

  get ends(): LiveEvent[] {
    return this.events.filter(({ type }) => type === "end");
  }

  close(): void {
    this.#stop.abort();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  async #read(response: Response): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    try {
      for await (const chunk of response.body ?? []) {
        this.bytes += chunk.length;
        const blocks = (rest + decoder.decode(chunk, { stream: true })).split("\n\n");
        rest = blocks.pop() ?? "";
        for (const block of blocks) {
          /* Frames with an id are ours; the others are the transport's. */
          const [, data] = /^data: (.*)\nid: /.exec(block) ?? [];
          if (data) this.events.push(JSON.parse(data) as LiveEvent);
        }
      }
    } catch {
      /* Hung up by this side, or cut by the other: either way it is over. */
    }
  }
}

/** Opens one and waits until it has its picture. */
export async function openRawStream(target: Target, options: LiveOptions = {}): Promise<RawStream> {
  const stop = new AbortController();
  const { cookie, headers = {}, lastEventId } = options;
  const response = await fetch(`${target.url}/api/trpc/live.events`, {
    headers: { ...headers, ...(cookie && { cookie }), ...(lastEventId && { "last-event-id": lastEventId }) },
    signal: stop.signal,
  });
  const stream = new RawStream(response, stop);
  if (response.status !== 200) throw new Error(`no stream: ${response.status}`);
  await until(() => stream.events.length > 0, { what: "the first event of a stream", withinMs: 15_000 });
  return stream;
}

export function openRawStreams(target: Target, count: number, options: LiveOptions): Promise<RawStream[]> {
  return Promise.all(Array.from({ length: count }, () => openRawStream(target, options)));
}
