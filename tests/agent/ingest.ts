/**
 * The server's side of the agent protocol over a real socket, with a ledger of what it took and a hand
 * on what it answers. Like the server it knows a report it has by boot and sequence.
 */
import { gunzipSync } from "node:zlib";
import type { Report } from "../../server/contract/report.ts";

export type Answering = (request: Taken) => Response | Promise<Response> | undefined;

export interface Taken {
  path: string;
  token: string;
  headers: Headers;
  /** Of a report or a batch. */
  reports: Report[];
  bytes: number;
  body: string;
}

export class Ingest {
  readonly requests: Taken[] = [];
  /** By boot and sequence, in the order they were taken. */
  readonly stored = new Map<string, Report>();
  duplicates = 0;
  /** Of this server; agents learn it from every answer. */
  clock: () => number = Date.now;
  intervalMs: number | undefined;
  config: string | undefined;
  /** Answers instead; undefined: as usual. */
  answer: Answering = () => undefined;
  #server: Bun.Server<undefined>;
  readonly #port: number;

  constructor() {
    this.#server = this.#listen(0);
    this.#port = this.#server.port ?? 0;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get reports(): Report[] {
    return [...this.stored.values()];
  }

  /** From now on nobody listens. */
  async away(): Promise<void> {
    await this.#server.stop(true);
  }

  back(): void {
    this.#server = this.#listen(this.#port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
  }

  #listen(port: number): Bun.Server<undefined> {
    return Bun.serve({
      port,
      hostname: "127.0.0.1",
      idleTimeout: 60,
      fetch: (request) => this.#take(request),
    });
  }

  async #take(request: Request): Promise<Response> {
    const bytes = Buffer.from(await request.arrayBuffer());
    const isPacked = request.headers.get("content-encoding") === "gzip";
    const body = (isPacked ? gunzipSync(bytes) : bytes).toString();
    const { pathname: path } = new URL(request.url);
    const said = body === "" ? {} : JSON.parse(body);
    const reports: Report[] = path === "/api/agent/report" ? (said.reports ?? [said]) : [];
    const token = request.headers.get("authorization")?.replace(/^Bearer /, "") ?? "";
    const taken = { path, token, headers: request.headers, reports, bytes: bytes.length, body };
    this.requests.push(taken);
    const response = (await this.answer(taken)) ?? this.#usual(taken);
    response.headers.set("date", new Date(this.clock()).toUTCString());
    return response;
  }

  #usual({ path, reports }: Taken): Response {
    if (path === "/api/agent/enroll") {
      const agentId = `a${this.requests.length}`;
      return Response.json({ agentId, token: `pulse_agent_of-${agentId}-0123456789` });
    }
    let stored = 0;
    for (const report of reports) {
      const key = `${report.boot}/${report.seq}`;
      if (this.stored.has(key)) this.duplicates++;
      else {
        this.stored.set(key, report);
        stored++;
      }
    }
    return Response.json({
      ok: true,
      stored,
      duplicates: reports.length - stored,
      intervalMs: this.intervalMs ?? reports[0]?.intervalMs,
      ...(this.config && { config: this.config }),
    });
  }
}

/** A refusal as the server words it. */
export function refusal(status: number, reason: string, headers: Record<string, string> = {}): Response {
  const error = {
    message: `refused: ${reason}`,
    code: -32600,
    data: { code: "X", httpStatus: status, reason },
  };
  return Response.json({ error }, { status, headers });
}
