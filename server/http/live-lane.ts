/**
 * `GET /api/trpc/live.events`: the same subscription as the typed procedure, in tRPC's own SSE wire
 * format, without its per-subscriber pipeline. An event is one array of bytes shared by every stream
 * of the org, which costs a sixth of what the pipeline does (docs/adr). The unmodified typed client
 * cannot tell the difference; a test holds it to that.
 */
import type { Need } from "../access/admission.ts";
import { admitCall } from "../api/admit-call.ts";
import type { Context } from "../api/edge.ts";
import { openLive } from "../api/live.ts";
import { LiveInput } from "../contract/live.ts";
import { DomainError } from "../lib/domain-error.ts";
import type { LiveMessage } from "../runtime/bus.ts";

export const LIVE_PATH = "/api/trpc/live.events";

const PING_EVERY_MS = 15_000;
/** The client takes the stream for dead and opens another after this long without a byte. */
const CLIENT_PATIENCE_MS = 45_000;
/** Bytes waiting for one slow reader; past it events are left out and a snapshot follows. */
const MAX_QUEUED_BYTES = 1024 * 1024;
/** A reader that took nothing for this long is gone. */
const STALLED_AFTER_MS = 60_000;

const encoder = new TextEncoder();
const CONNECTED = encoder.encode(
  `event: connected\ndata: {"reconnectAfterInactivityMs":${CLIENT_PATIENCE_MS}}\n\n`,
);
const PING = encoder.encode("event: ping\ndata: \n\n");
const RETURN = encoder.encode("event: return\ndata: \n\n");

/** An event in the form of the wire; made once per event. */
export function encodeFrame(id: string, json: string): Uint8Array {
  return encoder.encode(`data: ${json}\nid: ${id}\n\n`);
}

export async function answerLive(
  context: Context,
  url: URL,
  request: Request,
  need: Need,
): Promise<Response> {
  const admitted = await admitCall(context, need, "subscription");
  const lastEventId = request.headers.get("last-event-id") ?? inputOf(url)?.lastEventId;
  let opened: { close(): void; resume(): void } | undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        controller.enqueue(CONNECTED);
        const reader = new LaneReader(controller);
        opened = reader.whileOpen(openLive(context.edge, admitted, lastEventId, reader));
        request.signal.addEventListener("abort", opened.close, { once: true });
      },
      /* There is room again. */
      pull: () => opened?.resume(),
      cancel: () => opened?.close(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: 64 * 1024 }),
  );
  const headers = new Headers(context.resHeaders);
  headers.set("content-type", "text/event-stream; charset=utf-8");
  headers.set("cache-control", "no-cache, no-transform");
  headers.set("x-accel-buffering", "no");
  return new Response(body, { headers });
}

/** The transport's side of one stream. */
class LaneReader {
  readonly #controller: ReadableStreamDefaultController<Uint8Array>;
  #stream: { close(): void; resume(): void } | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #open = true;
  #tookAt = performance.now();

  constructor(controller: ReadableStreamDefaultController<Uint8Array>) {
    this.#controller = controller;
  }

  readonly deliver = (message: LiveMessage): boolean => {
    if (!this.#open || this.#queuedBytes() > MAX_QUEUED_BYTES) return false;
    this.#controller.enqueue(message.frame);
    return true;
  };

  readonly end = (message: LiveMessage): void => {
    if (!this.#open) return;
    this.#controller.enqueue(message.frame);
    this.#controller.enqueue(RETURN);
    this.#shut();
    this.#controller.close();
  };

  /** Keeps the connection awake until it is closed; returns how to close it and how to catch up. */
  whileOpen(stream: { close(): void; resume(): void }): { close(): void; resume(): void } {
    this.#stream = stream;
    if (!this.#open) stream.close();
    else this.#timer = setInterval(() => this.#tick(), PING_EVERY_MS);
    return { close: () => this.#shut(), resume: stream.resume };
  }

  #tick(): void {
    if (this.#queuedBytes() === 0) {
      this.#tookAt = performance.now();
      this.#controller.enqueue(PING);
    } else if (performance.now() - this.#tookAt > STALLED_AFTER_MS) {
      this.#shut();
      this.#controller.error(new Error("the reader stalled"));
    }
  }

  #shut(): void {
    this.#open = false;
    clearInterval(this.#timer);
    this.#stream?.close();
  }

  #queuedBytes(): number {
    return 64 * 1024 - (this.#controller.desiredSize ?? 0);
  }
}

function inputOf(url: URL): LiveInput {
  const text = url.searchParams.get("input");
  if (text === null) return undefined;
  try {
    return LiveInput.parse(JSON.parse(text));
  } catch (cause) {
    throw new DomainError("invalid_request", "Some of what was sent is not valid.", { cause });
  }
}
