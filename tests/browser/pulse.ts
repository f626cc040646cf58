/** A server that watches this machine, can be stopped and started again where it was, and has an owner. */
import { cpSync } from "node:fs";
import { join } from "node:path";
import type { Visit } from "../support/browser.ts";
import { type Answer, call } from "../support/calls.ts";
import { temporaryDataDir } from "../support/data-dir.ts";
import { ENDS_WITH_ITS_PARENT, PULSE } from "../support/program.ts";
import { type LogLine, runPulse } from "../support/server.ts";
import { until } from "../support/until.ts";
import type { Furniture } from "./furnish.ts";

export const OWNER = {
  email: "ada@example.org",
  name: "Ada Lovelace",
  password: "correct horse battery staple",
} as const;

export interface PulseOptions {
  /** Settings on top of those every server of these tests has. */
  env?: Record<string, string>;
  /** Begins with a copy of this data directory, which no server uses now. It has its owner already. */
  copyOf?: string;
}

const START_WITHIN_MS = 60_000;

export class Pulse {
  readonly #folder = temporaryDataDir();
  readonly #logs: LogLine[] = [];
  #noise = "";
  #child: Bun.Subprocess<"ignore", "pipe", "pipe"> | undefined;
  #port = "0";
  #hasOwner: boolean;
  #furnishedAt = 0;
  /** As the next start will have them. */
  readonly env: Record<string, string>;

  constructor({ env = {}, copyOf }: PulseOptions = {}) {
    this.env = { ...env };
    this.#hasOwner = copyOf !== undefined;
    if (copyOf) cpSync(copyOf, this.#folder.path, { recursive: true });
  }

  /** `furniture` is in the data directory before the server starts. */
  static async start(furniture?: Furniture, options?: PulseOptions): Promise<Pulse> {
    const pulse = new Pulse(options);
    try {
      if (furniture) await pulse.furnish(furniture);
      await pulse.start();
      return pulse;
    } catch (error) {
      await pulse.end();
      throw error;
    }
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get dataDir(): string {
    return this.#folder.path;
  }

  /** When its past ends, in the time of this machine. */
  get furnishedAt(): number {
    return this.#furnishedAt;
  }

  /** What it logged as an error, or printed past its log. */
  get errors(): string[] {
    const logged = this.#logs.filter(({ level }) => level === "error").map((line) => JSON.stringify(line));
    return this.#noise ? [...logged, this.#noise] : logged;
  }

  /** The link it prints for the first account. */
  async setupLink(): Promise<string> {
    return `${this.url}/setup#token=${await this.setupToken()}`;
  }

  setupToken(): Promise<string> {
    return this.#printed(/#token=(\S+)/, 0);
  }

  /** Starts it; again on the port it had, which is where the open pages look for it. */
  async start(): Promise<void> {
    const from = this.#logs.length;
    const child = Bun.spawn([...PULSE, "serve"], {
      env: {
        ...bareEnvironment(),
        ...this.env,
        PULSE_DATA_DIR: this.#folder.path,
        PULSE_PORT: this.#port,
      },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    this.#child = child;
    void this.#follow(child.stdout);
    void this.#follow(child.stderr);
    this.#port = await this.#printed(/listens at http:.*:(\d+)/, from);
  }

  async stop(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    this.#child?.kill(signal);
    await this.#child?.exited;
    this.#child = undefined;
  }

  async end(): Promise<void> {
    await this.stop();
    this.#folder.remove();
  }

  /** Writes resources and history with the server's own code; only while it is stopped. */
  async furnish(furniture: Furniture): Promise<void> {
    const helper = Bun.spawn(
      [process.execPath, join(import.meta.dir, "furnish.ts"), this.#folder.path, JSON.stringify(furniture)],
      { stdin: "ignore", stdout: "ignore", stderr: "pipe" },
    );
    const [status, errors] = await Promise.all([helper.exited, new Response(helper.stderr).text()]);
    this.#furnishedAt = Date.now();
    if (status !== 0) throw new Error(`the data directory could not be furnished:\n${errors}`);
  }

  /** Makes the owner's account where there is none yet. */
  async settle(): Promise<void> {
    if (this.#hasOwner) return;
    this.#hasOwner = true;
    const { headers } = await this.#call("session.setup", { token: await this.setupToken(), ...OWNER });
    // The account stays, this helper's own session does not.
    const cookie = headers.get("set-cookie")?.split(";")[0];
    await this.#call("session.signOut", undefined, cookie);
  }

  /** Signs a browser in without its pages. */
  async signIn(visit: Visit): Promise<void> {
    await this.settle();
    const { email, password } = OWNER;
    const answer = await visit.context.request.post(`${this.url}/api/trpc/session.signIn`, {
      data: { email, password },
    });
    if (!answer.ok()) throw new Error(`no sign-in: ${answer.status()} ${await answer.text()}`);
  }

  /** Runs a command of the program on its data directory; everything it printed. */
  async command(...words: string[]): Promise<string> {
    const { stdout, stderr } = await runPulse(this.#folder.path, words, this.env);
    return stdout + stderr;
  }

  /** A number of `/metrics`. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    return Number(new RegExp(`^${name} (\\S+)$`, "m").exec(text)?.[1]);
  }

  async #call(path: string, input: unknown, cookie?: string): Promise<Answer> {
    const answer = await call(this, path, { input, cookie });
    if (answer.error) throw new Error(`${path}: ${answer.status} ${answer.body}`);
    return answer;
  }

  /** What a pattern finds in its log from some line on, as soon as it is there. */
  #printed(pattern: RegExp, from: number): Promise<string> {
    const look = () => {
      if (this.#child?.exitCode != null) throw new Error(`the server ended: ${this.#noise}`);
      return this.#logs
        .slice(from)
        .map(({ message }) => pattern.exec(message)?.[1])
        .find((found) => found !== undefined);
    };
    return until(look, { withinMs: START_WITHIN_MS, what: `the server prints ${pattern}` });
  }

  async #follow(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of stream) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#take(line);
    }
  }

  #take(line: string): void {
    try {
      this.#logs.push(JSON.parse(line) as LogLine);
    } catch {
      this.#noise += `${line}\n`;
    }
  }
}

/** Nothing of whoever runs the tests decides how the server behaves. */
function bareEnvironment(): Record<string, string> {
  const { PATH = "", HOME = "", TZ = "" } = process.env;
  return {
    ...ENDS_WITH_ITS_PARENT,
    PATH,
    HOME,
    ...(TZ && { TZ }),
    PULSE_HOST: "127.0.0.1",
    PULSE_LOG_FORMAT: "json",
  };
}
