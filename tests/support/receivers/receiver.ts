/**
 * Services that messages are sent to, as strict as the real ones and stricter: what a service would refuse,
 * cut, or read otherwise than it was meant is refused with the reason. `take` gives back what a person sees.
 */

export interface Received {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Headers;
  body: Buffer;
}

/** What a person is shown. */
export interface Shown {
  title: string;
  text: string;
  link?: string;
}

export interface Service {
  /** Where its address is below the server. */
  path: string;
  take(request: Received): Shown | Promise<Shown>;
  /** What it answers to what it has taken. */
  answer(): Response;
}

export class Refused extends Error {
  readonly status: number;

  constructor(status: number, why: string) {
    super(why);
    this.status = status;
  }
}

export function demand(condition: unknown, why: string, status = 400): asserts condition {
  if (!condition) throw new Refused(status, why);
}

export function jsonOf({ headers, body }: Received): unknown {
  demand(/^application\/json\b/.test(headers.get("content-type") ?? ""), "must be JSON", 415);
  const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  return JSON.parse(text);
}

/** The request an encoder made, without a way in between. */
export function receivedOf(request: {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | Uint8Array;
}): Received {
  const { pathname, searchParams } = new URL(request.url);
  return {
    method: request.method,
    path: pathname,
    query: searchParams,
    headers: new Headers(request.headers),
    body: Buffer.from(request.body as string),
  };
}

export interface Receiver {
  url: string;
  taken: (Shown & { headers: Headers; at: number })[];
  /** Why something was refused, in order. */
  refused: string[];
  /** Answers this instead, as often as told. */
  instead(answer: () => Response | Promise<Response>, times?: number): void;
  stop(): Promise<void>;
}

/** Where it listens, for a service that is looked for at one place only. */
export interface ReceiverPlace {
  hostname: string;
  port: number;
  tls: { cert: string; key: string };
}

export function startReceiver(service: Service, place?: ReceiverPlace): Receiver {
  let next: { answer: () => Response | Promise<Response>; times: number } | undefined;
  const own: Receiver = {
    url: "",
    taken: [],
    refused: [],
    instead(answer, times = 1) {
      next = { answer, times };
    },
    stop: () => server.stop(true),
  };
  const server = Bun.serve({
    ...(place ?? { hostname: "127.0.0.1", port: 0 }),
    async fetch(request) {
      if (next && next.times > 0) {
        next.times--;
        return next.answer();
      }
      const { pathname: path, searchParams: query } = new URL(request.url);
      const body = Buffer.from(await request.arrayBuffer());
      try {
        const { method, headers } = request;
        const shown = await service.take({ method, path, query, headers, body });
        own.taken.push({ ...shown, headers, at: Date.now() });
        return service.answer();
      } catch (error) {
        own.refused.push(String(error));
        return new Response("refused", { status: error instanceof Refused ? error.status : 400 });
      }
    },
  });
  own.url = `http://127.0.0.1:${server.port}`;
  return own;
}
