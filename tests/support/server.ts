/**
 * A real Pulse: `pulse serve` as a child process, on a data directory of its own and a free port.
 *
 * In one test:            await using server = await startServer();
 * For all tests of a file: const server = await startServer();  afterAll(() => server.stop());
 *
 * A child is ended through its own handle and in no other way. Should the test runner itself die, the child
 * notices and ends too.
 */
import { once } from "node:events";
import { createServer } from "node:net";
import type { FeatureList } from "../../server/contract/features.ts";
import { call } from "./calls.ts";
import { temporaryDataDir } from "./data-dir.ts";
import { ENDS_WITH_ITS_PARENT, PULSE } from "./program.ts";
import { until } from "./until.ts";

export interface ServerOptions {
  /** Settings on top of the ones for tests. */
  env?: Record<string, string>;
  /** A directory to go on with; by default a new one, removed at the end. */
  dataDir?: string;
  /** A free one unless told: whoever comes back must find it where it was. */
  port?: number;
  /** Words before `bun`, to run it under a tool: `["faketime", "+2d"]`. */
  under?: string[];
}

export interface LogLine {
  at: string;
  level: "debug" | "info" | "warn" | "error";
  message: string;
  [field: string]: unknown;
}

const START_WITHIN_MS = 30_000;
/** The server cuts its own stop off earlier; this one only keeps a test from hanging. */
const STOP_WITHIN_MS = 15_000;

export class TestServer {
  readonly url: string;
  readonly dataDir: string;
  readonly #output: Output;
  readonly #child: Child;
  readonly #cleanUp: () => void;

  constructor(child: Child, output: Output, found: { url: string; dataDir: string; cleanUp: () => void }) {
    this.#child = child;
    this.#output = output;
    this.url = found.url;
    this.dataDir = found.dataDir;
    this.#cleanUp = found.cleanUp;
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** What the set-up link carries; undefined when there was an account already. */
  get setupToken(): string | undefined {
    return this.logs.map(({ message }) => /#token=(\S+)/.exec(message)?.[1]).find(Boolean);
  }

  /** Every line it has written so far. */
  get logs(): readonly LogLine[] {
    return this.#output.logs;
  }

  /** What it has written that is not a log line: nothing, unless something is wrong. */
  get noise(): string {
    return this.#output.noise;
  }

  /** The first line that fits, written or still to come. */
  line(fits: (line: LogLine) => boolean): Promise<LogLine> {
    return until(() => this.logs.find(fits), { what: `a log line: ${fits}` });
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves with its exit status; null when a signal ended it. */
  async ended(): Promise<number | null> {
    await Promise.all([this.#child.exited, this.#output.closed]);
    return this.#child.exitCode;
  }

  /** Asks it to stop and waits; its exit status. Fine to call twice. */
  async stop(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill("SIGTERM");
    const force = setTimeout(() => this.#child.kill("SIGKILL"), STOP_WITHIN_MS);
    const status = await this.ended();
    clearTimeout(force);
    this.#cleanUp();
    return status;
  }

  /** Ends it as a power cut would, leaving everything as it is. The data directory stays until `stop`. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

export async function startServer(options: ServerOptions = {}): Promise<TestServer> {
  const temporary = options.dataDir === undefined ? temporaryDataDir() : undefined;
  const dataDir = options.dataDir ?? temporary?.path ?? "";
  const port = options.port ?? (await freePort());
  const child = Bun.spawn([...(options.under ?? []), ...PULSE, "serve"], {
    env: environment({ PULSE_DATA_DIR: dataDir, PULSE_PORT: String(port), ...options.env }),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const output = new Output(child);
  try {
    await until(
      () => {
        if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
        return output.logs.some(({ message }) => message.includes("listens at"));
      },
      { withinMs: START_WITHIN_MS, what: "the server listens" },
    );
  } catch (cause) {
    child.kill("SIGKILL");
    await Promise.all([child.exited, output.closed]);
    temporary?.remove();
    throw new Error(`the server did not start: ${output.noise || JSON.stringify(output.logs)}`, { cause });
  }
  const server = new TestServer(child, output, {
    url: `http://127.0.0.1:${port}`,
    dataDir,
    cleanUp: () => temporary?.remove(),
  });
  /* The link is written after the address. */
  const { data } = await call<FeatureList>(server, "features.list");
  if (data.features.setup) await until(() => server.setupToken, { what: "the set-up link" });
  return server;
}

export interface CommandResult {
  status: number | null;
  stdout: string;
  stderr: string;
  /** What it printed, read as JSON. For calls with `--json`. */
  json<T = unknown>(): T;
}

/** Runs `pulse <words>` on a data directory until it ends. */
export async function runPulse(
  dataDir: string,
  words: string[],
  env: Record<string, string> = {},
): Promise<CommandResult> {
  const child = Bun.spawn([...PULSE, ...words], {
    env: environment({ PULSE_DATA_DIR: dataDir, ...env }),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { status: child.exitCode, stdout, stderr, json: <T>() => JSON.parse(stdout) as T };
}

type Child = Bun.Subprocess<"ignore", "pipe", "pipe">;

/** Nothing of the machine's own settings reaches a server under test. */
function environment(settings: Record<string, string>): Record<string, string> {
  const own = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith("PULSE_"),
  );
  return {
    ...Object.fromEntries(own),
    ...ENDS_WITH_ITS_PARENT,
    PULSE_HOST: "127.0.0.1",
    PULSE_LOG_FORMAT: "json",
    PULSE_LOCAL_AGENT: "false",
    ...settings,
  };
}

/** Chosen here and not by the server, so that a test knows the address whatever the server calls itself. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

class Output {
  readonly logs: LogLine[] = [];
  readonly closed: Promise<unknown>;
  noise = "";

  constructor(child: Child) {
    this.closed = Promise.all([this.#read(child.stdout), this.#read(child.stderr)]);
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of stream) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#take(line);
    }
    if (rest) this.#take(rest);
  }

  #take(line: string): void {
    try {
      this.logs.push(JSON.parse(line) as LogLine);
    } catch {
      this.noise += `${line}\n`;
    }
  }
}
