/**
 * `EventSource` as the HTML standard describes it, for a runtime that has none: over `fetch`, with headers (a browser
 * sends its cookies by itself). Only what a client can see is here: parsing, `Last-Event-ID`, coming back after a
 * lost connection, giving up on any answer that is no stream.
 */
export interface HeaderedInit {
  headers?: Record<string, string>;
  /** How soon it comes back; a browser takes about 3 s. The server may say otherwise. */
  reconnectMs?: number;
}

export class FetchEventSource extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSED = 2;
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSED = 2;
  readonly url: string;
  readyState: number = FetchEventSource.CONNECTING;
  readonly #init: HeaderedInit;
  readonly #stop = new AbortController();
  #lastEventId = "";
  #reconnectMs: number;

  constructor(url: string, init: HeaderedInit = {}) {
    super();
    this.url = url;
    this.#init = init;
    this.#reconnectMs = init.reconnectMs ?? 3_000;
    void this.#run();
  }

  close(): void {
    this.readyState = FetchEventSource.CLOSED;
    this.#stop.abort();
  }

  async #run(): Promise<void> {
    while (this.readyState !== FetchEventSource.CLOSED) {
      const refused = await this.#connect().catch(() => undefined);
      if (this.readyState === FetchEventSource.CLOSED) return;
      if (refused !== undefined) {
        this.readyState = FetchEventSource.CLOSED;
        this.dispatchEvent(Object.assign(new Event("error"), { message: refused.why, code: refused.status }));
        return;
      }
      this.readyState = FetchEventSource.CONNECTING;
      this.dispatchEvent(new Event("error"));
      await Bun.sleep(this.#reconnectMs);
    }
  }

  /** Reads one connection to its end; what it gives is why there is no point in another. */
  async #connect(): Promise<{ status: number; why: string } | undefined> {
    const response = await fetch(this.url, {
      headers: {
        accept: "text/event-stream",
        ...this.#init.headers,
        ...(this.#lastEventId && { "last-event-id": this.#lastEventId }),
      },
      signal: this.#stop.signal,
    });
    const type = response.headers.get("content-type") ?? "";
    if (response.status !== 200 || !type.startsWith("text/event-stream")) {
      return { status: response.status, why: `Non-200 status code (${response.status})` };
    }
    this.readyState = FetchEventSource.OPEN;
    this.dispatchEvent(new Event("open"));
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of response.body ?? []) {
      const blocks = (rest + decoder.decode(chunk, { stream: true })).split(/\r?\n\r?\n/);
      rest = blocks.pop() ?? "";
      for (const block of blocks) {
        if (this.readyState === FetchEventSource.CLOSED) return;
        this.#dispatch(block);
      }
    }
    return undefined;
  }

  #dispatch(block: string): void {
    let type = "message";
    const data: string[] = [];
    for (const line of block.split(/\r?\n/)) {
      const [, field = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
      if (field === "data") data.push(value);
      else if (field === "event") type = value;
      else if (field === "id" && !value.includes("\0")) this.#lastEventId = value;
      else if (field === "retry" && /^\d+$/.test(value)) this.#reconnectMs = Number(value);
    }
    if (data.length === 0) return;
    this.dispatchEvent(new MessageEvent(type, { data: data.join("\n"), lastEventId: this.#lastEventId }));
  }
}
