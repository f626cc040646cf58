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
