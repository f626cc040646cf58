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
import { isIP } from "node:net";
import type { SecureContext, TLSSocket } from "node:tls";
import { authorities, systemAuthorities } from "./egress/authorities.ts";
import type { Certificate, TlsOptions } from "./egress/certificate.ts";
import { dial, type Line, secure } from "./egress/dial.ts";
import { EgressError } from "./egress/egress-error.ts";
import { exchange, type Incoming, outgoingHeaders } from "./egress/exchange.ts";
import {
  ADDRESSES_LIMIT,
  dnsError,
  parseHost,
  type ResolveName,
  resolveWithSystem,
} from "./egress/host-name.ts";
import { IdleLines } from "./egress/idle-lines.ts";
import { type EgressRules, Judge } from "./egress/judge.ts";
import { TimeLimit } from "./egress/time-limit.ts";

export { type Certificate, EgressError, type EgressRules, type TlsOptions };

const TIMEOUT_MS = 10_000;
const ANSWER_BYTES = 65_536;
const REQUEST_BYTES_LIMIT = 1_048_576;
const URL_LENGTH = 8_192;

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
  readonly #judge: Judge;
  readonly #resolveName: ResolveName;
  readonly #moreAuthorities: readonly string[] | undefined;
  readonly #idle = new IdleLines();
  #authorities: SecureContext | undefined;

  constructor(rules: EgressRules, options: EgressOptions = {}) {
    this.#judge = new Judge(rules);
    this.#resolveName = options.resolveName ?? resolveWithSystem;
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
      return await once(await this.#open(parseHost(url.hostname), port, tls, limit), false);
    } finally {
      limit.end();
    }
  }

  /** Addresses of a host that may be reached. Throws when there is none. */
  async resolve(host: string, options: { timeoutMs?: number; signal?: AbortSignal } = {}): Promise<string[]> {
    const limit = new TimeLimit(options.timeoutMs ?? TIMEOUT_MS, options.signal);
    try {
      return await this.#addressesOf(parseHost(host), undefined, limit);
    } finally {
      limit.end();
    }
  }

  /** A connection that is the caller's to use and to destroy. */
  async connect(target: EgressTarget): Promise<EgressConnection> {
    const limit = new TimeLimit(target.timeoutMs ?? TIMEOUT_MS, target.signal);
    try {
      const tls = target.tls === true ? {} : target.tls;
      const { openedAt: _, ...connection } = await this.#open(
        parseHost(target.host),
        target.port,
        tls,
        limit,
      );
      return connection;
    } finally {
      limit.end();
    }
  }

  /** Connections that are kept open are closed. */
  close(): void {
    this.#idle.close();
  }

  async #open(host: string, port: number, tls: TlsOptions | undefined, limit: TimeLimit): Promise<Line> {
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      throw new EgressError("scheme", "The port must be from 1 to 65535.");
    }
    const openedAt = performance.now();
    const addresses = await this.#addressesOf(host, port, limit);
    const resolvedAt = performance.now();
    const { socket, address } = await dial(addresses, port, limit);
    const connectedAt = performance.now();
    const timings = {
      ...(isIP(host) === 0 && { dnsMs: resolvedAt - openedAt }),
      connectMs: connectedAt - resolvedAt,
    };
    if (!tls) return { socket, address, timings, openedAt };
    const secured = await secure(socket, host, tls, this.#trusted(), limit);
    return {
      socket: secured.socket,
      address,
      timings: { ...timings, tlsMs: performance.now() - connectedAt },
      ...(secured.certificate && { certificate: secured.certificate }),
      ...protocolOf(secured.socket),
      openedAt,
    };
  }

  async #addressesOf(host: string, port: number | undefined, limit: TimeLimit): Promise<string[]> {
    const found = isIP(host) === 0 ? await this.#lookUp(host, limit) : [host];
    const refusals = found.map((address) => this.#judge.findRefusal(address, port));
    const allowed = found.filter((_, index) => refusals[index] === undefined);
    if (allowed.length > 0) return allowed;
    const is = refusals[0] ?? "no address";
    throw new EgressError(
      "address_refused",
      `"${host}" is ${is}, which may not be reached unless the operator allows it (PULSE_OUTBOUND_ALLOW).`,
    );
  }

  async #lookUp(name: string, limit: TimeLimit): Promise<string[]> {
    const asked = this.#resolveName(name).catch((cause) => {
      throw dnsError(name, cause);
    });
    const found = (await limit.within(asked)).slice(0, ADDRESSES_LIMIT);
    if (found.length === 0) throw dnsError(name, Object.assign(new Error(), { code: "ENOTFOUND" }));
    return found;
  }

  #trusted(): SecureContext {
    this.#authorities ??= this.#moreAuthorities ? authorities(this.#moreAuthorities) : systemAuthorities();
    return this.#authorities;
  }
}

function parseUrl(text: string): URL {
  if (text.length > URL_LENGTH || !URL.canParse(text))
    throw new EgressError("scheme", "That is not a web address.");
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new EgressError("scheme", "Only http and https addresses can be reached.");
  }
  if (url.username !== "" || url.password !== "") {
    throw new EgressError("scheme", "A web address must not hold a user name or a password.");
  }
  return url;
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

function protocolOf(socket: TLSSocket): { protocol?: string } {
  const protocol = socket.getProtocol();
  return protocol ? { protocol } : {};
}
