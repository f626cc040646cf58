/**
 * Stands between a browser and a server and keeps everything that passes: also what a worker asks for, which no
 * page knows about. Bodies pass uncompressed.
 */
export interface Exchange {
  method: string;
  /** With its query. */
  path: string;
  requestHeaders: Record<string, string>;
  requestBody: string;
  /** Undefined until the server has answered. */
  status: number | undefined;
  headers: Record<string, string>;
  /** What came so far: a stream goes on. */
  body: string;
  /** Nothing more comes: the server ended the answer, or the browser gave it up. */
  over: boolean;
}

export class Recorder {
  readonly exchanges: Exchange[] = [];
  readonly #target: { url: string };
  readonly #port: number;
  #server: Bun.Server<undefined>;

  constructor(target: { url: string }) {
    this.#target = target;
    this.#server = this.#listen(0);
    this.#port = this.#server.port ?? 0;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** From now on nobody listens. */
  async pause(): Promise<void> {
    await this.#server.stop(true);
  }

  /** Again where it was. */
  resume(): void {
    this.#server = this.#listen(this.#port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
  }

  #listen(port: number): Bun.Server<undefined> {
    return Bun.serve({
      port,
      hostname: "127.0.0.1",
      idleTimeout: 0,
      fetch: (request) => this.#pass(request),
    });
  }

  async #pass(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const requestBody = await request.text();
    const exchange: Exchange = {
      method: request.method,
      path: url.pathname + url.search,
      requestHeaders: Object.fromEntries(request.headers),
      requestBody,
      status: undefined,
      headers: {},
      body: "",
      over: false,
    };
    this.exchanges.push(exchange);
    const headers = new Headers(request.headers);
    headers.set("accept-encoding", "identity");
    const gone = new AbortController();
    request.signal.addEventListener("abort", () => {
      exchange.over = true;
      gone.abort();
    });
    const answer = await fetch(this.#target.url + exchange.path, {
      method: request.method,
      headers,
      redirect: "manual",
      signal: gone.signal,
      ...(requestBody !== "" && { body: requestBody }),
    });
    exchange.status = answer.status;
    exchange.headers = Object.fromEntries(answer.headers);
    exchange.headers["set-cookie"] = answer.headers.getSetCookie().join("\n");
    const decoder = new TextDecoder();
    const kept = answer.body?.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, to) {
          exchange.body += decoder.decode(chunk, { stream: true });
          to.enqueue(chunk);
        },
        flush() {
          exchange.over = true;
        },
      }),
    );
    if (!kept) exchange.over = true;
    return new Response(kept ?? null, { status: answer.status, headers: answer.headers });
  }
}
