/**
 * The way to the one server this agent talks to. Nothing it sends back is trusted: redirects are not
 * followed, an answer is read up to a limit, never unpacked, and the whole exchange has an end.
 */
import type { Answer } from "./verdict.ts";

/** An answer that is longer is none of Pulse's. */
const MAX_ANSWER_BYTES = 1024 * 1024;
export const EXCHANGE_WITHIN_MS = 30_000;
/** What is between may forget a quiet connection without telling: then each report opens its own. */
const KEEP_OPEN_WITHIN_MS = 30_000;

export interface ServerTrust {
  /** Certificates of authorities that count besides the system's, in PEM. */
  ca?: string | undefined;
  /** SHA-256 of the server's certificate in hex: then no authority counts. */
  fingerprint?: string | undefined;
}

export interface ServerRequest {
  path: string;
  token: string;
  /** Absent: GET. */
  body?: { content: Uint8Array; packed: boolean };
  /** How long until the next one. */
  nextInMs: number;
  signal: AbortSignal;
}

export interface Reply {
  answer: Answer;
  /** By the local clock; absent when there was no time in the answer. */
  timing?: { sentAt: number; receivedAt: number; serverAt: number } | undefined;
}

export interface ExchangeRequest {
  url: string;
  method: "GET" | "POST";
  headers: Record<string, string>;
  body: Uint8Array | undefined;
  keepOpen: boolean;
  signal: AbortSignal;
  maxBytes: number;
}

/** One request and its whole answer. */
export interface Exchange {
  send(
    request: ExchangeRequest,
  ): Promise<{ status: number; header(name: string): string | undefined; body: Uint8Array }>;
  close(): void;
}

export interface ServerConnectionOptions {
  url: string;
  version: string;
  trust?: ServerTrust | undefined;
  clock: () => number;
}

export class ServerConnection {
  readonly #options: ServerConnectionOptions;
  #exchange: Exchange | undefined;

  constructor(options: ServerConnectionOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  async ask(request: ServerRequest): Promise<Reply> {
    const { url, trust, clock } = this.#options;
    const abort = new AbortController();
    const give = () => abort.abort();
    const timeLimit = setTimeout(give, EXCHANGE_WITHIN_MS);
    request.signal.addEventListener("abort", give);
    try {
      this.#exchange ??= await openExchange(url, trust);
      const sentAt = clock();
      const { status, header, body } = await this.#exchange.send({
        url: url + request.path,
        method: request.body ? "POST" : "GET",
        headers: this.#headers(request),
        body: request.body?.content,
        keepOpen: request.nextInMs <= KEEP_OPEN_WITHIN_MS,
        signal: abort.signal,
        maxBytes: MAX_ANSWER_BYTES,
      });
      const serverAt = Date.parse(header("date") ?? "");
      return {
        answer: {
          status,
          body: Buffer.from(body).toString(),
          retryAfter: header("retry-after"),
          location: header("location"),
        },
        timing: Number.isFinite(serverAt) ? { sentAt, receivedAt: clock(), serverAt } : undefined,
      };
    } catch (error) {
      const isTimeout = abort.signal.aborted && !request.signal.aborted;
      return { answer: { failure: wordsFor(error, isTimeout) } };
    } finally {
      clearTimeout(timeLimit);
      request.signal.removeEventListener("abort", give);
    }
  }

  close(): void {
    this.#exchange?.close();
  }

  #headers({ token, body, nextInMs }: ServerRequest): Record<string, string> {
    return {
      authorization: `Bearer ${token}`,
      "user-agent": `pulse-agent/${this.#options.version}`,
      accept: "application/json",
      "accept-encoding": "identity",
      ...(nextInMs > KEEP_OPEN_WITHIN_MS && { connection: "close" }),
      ...(body && { "content-type": "application/json" }),
      ...(body?.packed && { "content-encoding": "gzip" }),
    };
  }
}

async function openExchange(url: string, trust: ServerTrust | undefined): Promise<Exchange> {
  const isTls = url.startsWith("https:");
  if (!isTls || trust?.fingerprint === undefined) {
    return createExchange(isTls ? { ca: await authorities(trust?.ca) } : undefined);
  }
  /* Loaded by the few who need it. */
  const { createPinnedExchange } = await import("./pinned-exchange.ts");
  return createPinnedExchange(trust.fingerprint);
}

function createExchange(tls: { ca: string[] } | undefined): Exchange {
  const session = new Bun.FetchSession(tls ? { tls } : {});
  return {
    async send({ url, method, headers, body, keepOpen, signal, maxBytes }) {
      const response = await session.fetch(url, {
        method,
        headers,
        ...(body && { body }),
        redirect: "manual",
        decompress: false,
        keepalive: keepOpen,
        signal,
      });
      return {
        status: response.status,
        header: (name) => response.headers.get(name) ?? undefined,
        body: await readUpTo(response, maxBytes),
      };
    },
    close: () => session.close(),
  };
}

/** An authority that was added to the system's store counts like those the runtime knows. */
async function authorities(own: string | undefined): Promise<string[]> {
  const { getCACertificates } = await import("node:tls");
  const known = new Set([
    ...getCACertificates("bundled"),
    ...getCACertificates("system"),
    ...getCACertificates("extra"),
  ]);
  return own === undefined ? [...known] : [...known, own];
}

async function readUpTo(response: Response, limit: number): Promise<Uint8Array> {
  /* The usual answer says how long it is and is no longer; reading it as a stream takes far more memory. */
  const promised = Number(response.headers.get("content-length") ?? Number.NaN);
  if (promised <= limit) return response.bytes();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > limit) throw new Error("the answer is longer than any of Pulse");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const WORDS: [pattern: RegExp, words: string][] = [
  [/ECONNREFUSED|ConnectionRefused|FailedToOpenSocket/, "nothing listens there, or it cannot be reached"],
  [/ENOTFOUND|EAI_|DNS/i, "the server's name cannot be found"],
  [
    /SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/,
    "nobody known to this machine vouches for the server's certificate (see --ca and --fingerprint)",
  ],
  [/CERT_HAS_EXPIRED/, "the server's certificate has expired"],
  [/ALTNAME|HOSTNAME_MISMATCH/, "the server's certificate is for another name"],
  [
    /EPROTO|WRONG_VERSION_NUMBER/,
    "the server does not speak TLS on that port (is its address one with http?)",
  ],
];

function wordsFor(error: unknown, isTimeout: boolean): string {
  if (isTimeout) return "the server does not answer in time";
  const { code, message } = error as { code?: unknown; message?: unknown };
  const text = `${code ?? ""} ${message ?? error}`.trim();
  return WORDS.find(([pattern]) => pattern.test(text))?.[1] ?? text;
}
