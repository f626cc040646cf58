/** `live.events` as bytes: many streams at once, everything that came, and when it was over. */
import type { EndReason, LiveEvent } from "../../server/contract/live.ts";
import { until } from "../support/until.ts";
import type { PrincipalName } from "./principals.ts";
import { type AsOptions, headersFor, type World } from "./world.ts";

export class Stream {
  text = "";
  /** When the server closed it. */
  closedAt: number | undefined;
  readonly #stop = new AbortController();

  static async open(
    url: string,
    headers: Record<string, string>,
    lastEventId?: string,
  ): Promise<Stream | { status: number; body: string }> {
    const stream = new Stream();
    const response = await fetch(`${url}/api/trpc/live.events`, {
      headers: {
        accept: "text/event-stream",
        ...headers,
        ...(lastEventId && { "last-event-id": lastEventId }),
      },
      signal: stream.#stop.signal,
    });
    if (!response.headers.get("content-type")?.startsWith("text/event-stream"))
      return { status: response.status, body: await response.text() };
    void stream.#read(response);
    return stream;
  }

  async #read(response: Response): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body ?? []) this.text += decoder.decode(chunk, { stream: true });
    } catch {
      /* Closed from this side. */
    }
    this.closedAt = performance.now();
  }

  get events(): LiveEvent[] {
    return this.text
      .split("\n\n")
      .filter((block) => block.startsWith("data: {"))
      .map((block) => JSON.parse(block.slice("data: ".length, block.indexOf("\n"))) as LiveEvent);
  }

  get ends(): EndReason[] {
    return this.events.flatMap((event) => (event.type === "end" ? [event.data.reason] : []));
  }

  close(): void {
    this.#stop.abort();
  }
}

/** That many streams of one caller, each with its first picture. */
export async function openStreams(
  world: World,
  who: PrincipalName | Record<string, string>,
  count: number,
  options: AsOptions = {},
): Promise<Stream[]> {
  const headers = typeof who === "string" ? headersFor(world, who, options) : who;
  const opened = await Promise.all(
    Array.from({ length: count }, () => Stream.open(world.server.url, headers)),
  );
  const streams = opened.map((stream) => {
    if (!(stream instanceof Stream)) throw new Error(`no stream: ${stream.status} ${stream.body}`);
    return stream;
  });
  await until(() => streams.every(({ text }) => text.includes('"type":"snapshot"')), {
    what: `${count} snapshots`,
    withinMs: 10_000,
  });
  return streams;
}
