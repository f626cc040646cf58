/** A Pulse in a process of its own, from the checkout or the binary, and what a browser would do with it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../support/checkout.ts";
import { PULSE } from "../support/program.ts";

/** A temporary folder that goes with its scope. */
export function newFolder(prefix: string): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), `pulse-${prefix}-`));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export interface ChildOptions {
  command?: string[];
  cwd?: string;
  environment?: Record<string, string>;
}

/** Resolves when it says that it listens; rejects with what it said when it ends before. */
export async function startServer(dataDir: string, options: ChildOptions = {}): Promise<ChildServer> {
  const { command = PULSE, cwd = root, environment = {} } = options;
  const startedAt = performance.now();
  const child = Bun.spawn([...command, "serve"], {
    cwd,
    env: {
      PATH: process.env.PATH ?? "",
      PULSE_DATA_DIR: dataDir,
      PULSE_HOST: "127.0.0.1",
      PULSE_PORT: "0",
      PULSE_LOG_FORMAT: "json",
      ...environment,
    },
    stdout: "pipe",
    stderr: "pipe",
  });
  const lines = new Lines(child.stdout);
  const listens = await lines.find((line) => line.includes("listens at"));
  if (listens === undefined) {
    throw new Error(`no server: ${lines.text}${await new Response(child.stderr).text()}`);
  }
  const url = /listens at (http\S+?)"/.exec(listens)?.[1];
  if (!url) throw new Error(`no address in ${listens}`);
  return new ChildServer(child, lines, url, performance.now() - startedAt);
}

export class ChildServer {
  readonly pid: number;
  readonly url: string;
  /** From the start of the process to its word that it listens. */
  readonly listenedAfterMs: number;
  readonly #child: Bun.Subprocess<"ignore", "pipe", "pipe">;
  readonly #lines: Lines;
  /** The session of the browser, as it would send it. */
  cookie = "";

  constructor(
    child: Bun.Subprocess<"ignore", "pipe", "pipe">,
    lines: Lines,
    url: string,
    listenedAfterMs: number,
  ) {
    this.#child = child;
    this.#lines = lines;
    this.pid = child.pid;
    this.url = url;
    this.listenedAfterMs = listenedAfterMs;
  }

  get log(): string {
    return this.#lines.text;
  }

  /** Follows the printed link: makes the first account and stays signed in as it. */
  async setUp(): Promise<void> {
    const link = await this.#lines.find((line) => line.includes("/setup#token="));
    const token = /#token=([a-z2-7]+)/.exec(link ?? "")?.[1];
    const response = await this.post("session.setup", {
      token,
      email: "ops@example.org",
      password: "correct horse battery staple",
    });
    this.cookie = (response.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    if (!response.ok || !this.cookie) throw new Error(`set-up failed: ${await response.text()}`);
  }

  async signIn(): Promise<void> {
    const response = await this.post("session.signIn", {
      email: "ops@example.org",
      password: "correct horse battery staple",
    });
    this.cookie = (response.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    if (!response.ok || !this.cookie) throw new Error(`sign-in failed: ${await response.text()}`);
  }

  post(procedure: string, input: unknown): Promise<Response> {
    return fetch(`${this.url}/api/trpc/${procedure}`, {
      method: "POST",
      headers: { "content-type": "application/json", cookie: this.cookie },
      body: JSON.stringify(input),
    });
  }

  async query<Data>(procedure: string, input?: unknown): Promise<Data> {
    const search = input === undefined ? "" : `?input=${encodeURIComponent(JSON.stringify(input))}`;
    const response = await fetch(`${this.url}/api/trpc/${procedure}${search}`, {
      headers: { cookie: this.cookie },
    });
    const body = (await response.json()) as { result: { data: Data } };
    if (!response.ok) throw new Error(`${procedure}: ${JSON.stringify(body)}`);
    return body.result.data;
  }

  /** Events as they come, until the caller stops reading. */
  async *live(): AsyncGenerator<{ type: string; data: Record<string, unknown> }> {
    const stop = new AbortController();
    const response = await fetch(`${this.url}/api/trpc/live.events`, {
      headers: { cookie: this.cookie, accept: "text/event-stream" },
      signal: stop.signal,
    });
    if (!response.ok || !response.body) throw new Error(`no stream: ${await response.text()}`);
    try {
      let text = "";
      for await (const chunk of response.body) {
        text += new TextDecoder().decode(chunk);
        const frames = text.split("\n\n");
        text = frames.pop() ?? "";
        for (const frame of frames) {
          if (!frame.startsWith("data: ")) continue;
          yield JSON.parse(frame.slice(6, frame.indexOf("\n"))) as {
            type: string;
            data: Record<string, unknown>;
          };
        }
      }
    } finally {
      stop.abort();
    }
  }

  /** Asks it to stop, as a supervisor would; how it ended. */
  async stop(): Promise<number> {
    this.#child.kill("SIGTERM");
    const status = await this.#child.exited;
    await this.#lines.find(() => false);
    return status;
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}

/** What a process has written so far, line by line. */
export class Lines {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #next = 0;
  text = "";

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  /** The next line that fits; undefined when the process has closed its output. */
  async find(fits: (line: string) => boolean): Promise<string | undefined> {
    for (;;) {
      for (
        let end = this.text.indexOf("\n", this.#next);
        end >= 0;
        end = this.text.indexOf("\n", this.#next)
      ) {
        const line = this.text.slice(this.#next, end);
        this.#next = end + 1;
        if (fits(line)) return line;
      }
      const { done, value } = await this.#reader.read();
      if (done) return undefined;
      this.text += this.#decoder.decode(value, { stream: true });
    }
  }
}
