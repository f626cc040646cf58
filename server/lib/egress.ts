/**
 * The one door through which anything leaves: what people configure (webhooks, checks, sources) decides
 * whom this machine talks to from inside its network, so every target is judged here.
 *
 * A name is resolved once, each of its addresses is judged, and the connection is made to a judged
 * address; nothing after that knows how to look up a name, so one that means another address a moment
 * later (DNS rebinding) changes nothing. The host's name is kept for SNI, the certificate and the Host
 * header. Redirects are answers, not orders: whoever follows one asks here again. Every exchange has one
 * limit of time and one of size, and no error holds anything of what was answered.
 */

import type { Socket } from "node:net";
import type { SecureContext } from "node:tls";
import { Addresses } from "./egress/addresses.ts";
import { authorities, systemAuthorities } from "./egress/authorities.ts";
import type { Certificate, TlsOptions } from "./egress/certificate.ts";
import { queryDns, type RecordType } from "./egress/dns-query.ts";
import { EgressError } from "./egress/egress-error.ts";
import { exchange, type Incoming, outgoingHeaders } from "./egress/exchange.ts";
import { parseHost, parseUrl, type ResolveName, resolveWithSystem } from "./egress/host-name.ts";
import { IdleLines } from "./egress/idle-lines.ts";
import { type EgressRules, Judge } from "./egress/judge.ts";
import { type Line, openLine, type Way } from "./egress/line.ts";
import { TimeLimit } from "./egress/time-limit.ts";

export { type Certificate, EgressError, type EgressRules, type TlsOptions };

const TIMEOUT_MS = 10_000;
const ANSWER_BYTES = 65_536;
const REQUEST_BYTES_LIMIT = 1_048_576;

export interface EgressRequest {
  method?: "GET" | "HEAD" | "POST" | "PUT";
  url: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** Of the whole exchange; 10 s unless told. */
  timeoutMs?: number;
  /** 64 KiB unless told. A longer answer is `too_large`, or cut with `cutBody`. */
  maxBytes?: number;
  cutBody?: boolean;
  /** With `cutBody`: so long after the head the body is cut as well. */
  bodyTimeoutMs?: number;
  /** By default the system's authorities and the host's name decide. */
  tls?: TlsOptions;
  signal?: AbortSignal;
  /** Leaves the connection open for the next request to the same target. */
  keepAlive?: boolean;
}

export interface EgressResponse {
  status: number;
  headers: Headers;
  /** As it was sent: an answer that is compressed although none was asked for stays so. */
  body: Uint8Array;
  cut: boolean;
  /** Each phase by itself; a connection that was kept open has only the last one. `totalMs` is all of it. */
  timings: { dnsMs?: number; connectMs?: number; tlsMs?: number; firstByteMs: number; totalMs: number };
  address: string;
  certificate?: Certificate;
}

export interface EgressTarget {
  host: string;
  port: number;
  timeoutMs?: number;
  tls?: TlsOptions | true;
  /** What the two say to each other before TLS begins (STARTTLS). */
  beforeTls?: (plain: Socket) => Promise<void>;
  signal?: AbortSignal;
}

export interface EgressQuery {
  name: string;
  type: RecordType;
  /** The system's own unless told. */
  server?: { host: string; port: number };
  timeoutMs?: number;
  signal?: AbortSignal;
}

export type EgressConnection = Omit<Line, "openedAt">;

export interface EgressOptions {
  /** The system's way unless told. */
  resolveName?: ResolveName;
  /** Authorities to trust besides the system's, in PEM. */
  authorities?: readonly string[];
}

export class Egress {
  readonly #addresses: Addresses;
  readonly #moreAuthorities: readonly string[] | undefined;
  readonly #idle = new IdleLines();
  #authorities: SecureContext | undefined;

  constructor(rules: EgressRules, options: EgressOptions = {}) {
    this.#addresses = new Addresses(new Judge(rules), options.resolveName ?? resolveWithSystem);
    this.#moreAuthorities = options.authorities;
  }

  /** HTTP or HTTPS. Any status is an answer; what is none is an `EgressError`. */
  async request(request: EgressRequest): Promise<EgressResponse> {
    const url = parseUrl(request.url);
    const headers = outgoingHeaders(request.headers ?? {});
    if (request.body !== undefined && Buffer.byteLength(request.body) > REQUEST_BYTES_LIMIT) {
      throw new EgressError("too_large", `What is sent is larger than ${REQUEST_BYTES_LIMIT} bytes.`);
    }
    const outgoing = {
      method: request.method ?? "GET",
      url,
      headers,
      body: request.body,
      maxBytes: request.maxBytes ?? ANSWER_BYTES,
      cutBody: request.cutBody ?? false,
      bodyTimeoutMs: request.bodyTimeoutMs,
    };
    const startedAt = performance.now();
    const limit = new TimeLimit(request.timeoutMs ?? TIMEOUT_MS, request.signal);
    try {
      const key = `${url.origin} ${JSON.stringify(request.tls ?? {})}`;
      const kept = request.keepAlive ? this.#idle.take(key) : undefined;
      const once = async (line: Line, isKept: boolean): Promise<EgressResponse> => {
        const incoming = await exchange(line.socket, outgoing, limit);
        if (request.keepAlive && incoming.reusable) this.#idle.keep(key, line);
        else line.socket.destroy();
        return answerOf(line, incoming, isKept, performance.now() - startedAt);
      };
      if (kept) {
        try {
          return await once(kept, true);
        } catch (error) {
          /* The other side may have hung up just then. What may have been done must not be done twice. */
          const isSafe = outgoing.method === "GET" || outgoing.method === "HEAD";
          if (!isSafe || !(error instanceof EgressError) || error.kind !== "connect") throw error;
        }
      }
      const tls = url.protocol === "https:" ? (request.tls ?? {}) : undefined;
      const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
      return await once(await this.#open({ host: parseHost(url.hostname), port, tls }, limit), false);
    } finally {
      limit.end();
    }
  }

  /** Addresses of a host that may be reached. Throws when there is none. */
  async resolve(host: string, options: { timeoutMs?: number; signal?: AbortSignal } = {}): Promise<string[]> {
    const limit = new TimeLimit(options.timeoutMs ?? TIMEOUT_MS, options.signal);
    try {
      return await this.#addresses.find(parseHost(host), undefined, limit);
    } finally {
      limit.end();
    }
  }

  /** A connection that is the caller's to use and to destroy. */
  async connect(target: EgressTarget): Promise<EgressConnection> {
    const limit = new TimeLimit(target.timeoutMs ?? TIMEOUT_MS, target.signal);
    try {
      const tls = target.tls === true ? {} : target.tls;
      const way = { host: parseHost(target.host), port: target.port, tls, beforeTls: target.beforeTls };
      const { openedAt: _, ...connection } = await this.#open(way, limit);
      return connection;
    } finally {
      limit.end();
    }
  }

  /** Records of a name, each as a line of a zone. `queryMs` is the name server's time alone. */
  async query(query: EgressQuery): Promise<{ answers: string[]; queryMs: number; address?: string }> {
    const timeoutMs = query.timeoutMs ?? TIMEOUT_MS;
    const limit = new TimeLimit(timeoutMs, query.signal);
    try {
      const { server } = query;
      const name = parseHost(query.name);
      const [address] = server ? await this.#addresses.find(parseHost(server.host), server.port, limit) : [];
      const asked = server && address !== undefined ? { address, port: server.port } : undefined;
      const startedAt = performance.now();
      const answers = await queryDns(name, query.type, asked, timeoutMs, limit);
      return { answers, queryMs: performance.now() - startedAt, ...(address !== undefined && { address }) };
    } finally {
      limit.end();
    }
  }

  /** Connections that are kept open are closed. */
  close(): void {
    this.#idle.close();
  }

  #open(way: Way, limit: TimeLimit): Promise<Line> {
    return openLine(way, this.#addresses, () => this.#trusted(), limit);
  }

  #trusted(): SecureContext {
    this.#authorities ??= this.#moreAuthorities ? authorities(this.#moreAuthorities) : systemAuthorities();
    return this.#authorities;
  }
}

function answerOf(line: Line, incoming: Incoming, isKept: boolean, totalMs: number): EgressResponse {
  const { status, headers, body, cut, firstByteMs } = incoming;
  return {
    status,
    headers,
    body,
    cut,
    timings: { ...(isKept ? {} : line.timings), firstByteMs, totalMs },
    address: line.address,
    ...(line.certificate && { certificate: line.certificate }),
  };
}
