/**
 * The one way anything is asked of a Proxmox: GET, with the token, through the egress, at most four at a
 * time, in bounded time and size, and read with a schema. There is no method to send anything else:
 * whatever the token would allow, nothing is ever changed from here.
 *
 * The token goes only to an address whose certificate was judged before: by the system's authorities, or
 * by the pinned fingerprint. When that fails, the error holds the fingerprint that was shown, so that a
 * person can compare it with the one the machine itself shows.
 */
import { z } from "zod";
import { PROXMOX_PORTS } from "../../contract/sources/proxmox.ts";
import { type Egress, EgressError, type EgressResponse } from "../../lib/egress.ts";
import { Gate } from "./gate.ts";
import { ProxmoxError } from "./proxmox-error.ts";

/** Requests under way at one source. */
export const REQUESTS_AT_ONCE = 4;

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 1_048_576;

export type Product = "ve" | "backup";

const NAMES: Record<Product, string> = { ve: "Proxmox VE", backup: "Proxmox Backup Server" };

export interface ProxmoxRequest<Answer> {
  /** Below /api2/json, every part of it encoded. */
  path: string;
  query?: Record<string, string>;
  answer: z.ZodType<Answer>;
  /** What the token needs for it, for the sentence when it has not. */
  needs?: string;
  timeoutMs?: number;
  maxBytes?: number;
}

export function ask<Schema extends z.ZodType>(
  path: string,
  answer: Schema,
  more: Omit<ProxmoxRequest<unknown>, "path" | "answer"> = {},
): ProxmoxRequest<z.output<Schema>> {
  return { path, answer: answer as z.ZodType<z.output<Schema>>, ...more };
}

export interface ProxmoxAccess {
  url: string;
  tokenId: string;
  tokenSecret: string;
  fingerprint?: string | undefined;
}

const Envelope = z.object({ data: z.unknown().optional() });

export class ProxmoxApi {
  /** Of the certificate the last answer came with. */
  fingerprint256: string | undefined;
  private readonly gate = new Gate(REQUESTS_AT_ONCE);
  private readonly closing = new AbortController();
  private readonly origin: string;

  constructor(
    readonly product: Product,
    private readonly access: ProxmoxAccess,
    private readonly egress: Egress,
  ) {
    this.origin = new URL(access.url).origin;
  }

  get host(): string {
    return new URL(this.origin).hostname.replace(/^\[|\]$/g, "");
  }

  /** What is under way is given up. */
  close(): void {
    this.closing.abort();
  }

  async get<Answer>(request: ProxmoxRequest<Answer>): Promise<Answer> {
    const response = await this.gate.pass(() => this.send(request));
    this.fingerprint256 = response.certificate?.fingerprint256;
    return this.read(request, response);
  }

  private async send(request: ProxmoxRequest<unknown>): Promise<EgressResponse> {
    const { tokenId, tokenSecret, fingerprint } = this.access;
    const query = request.query ? `?${new URLSearchParams(request.query)}` : "";
    // They differ in the sign between id and secret, too.
    const credential =
      this.product === "ve"
        ? `PVEAPIToken=${tokenId}=${tokenSecret}`
        : `PBSAPIToken=${tokenId}:${tokenSecret}`;
    try {
      return await this.egress.request({
        url: `${this.origin}/api2/json${request.path}${query}`,
        headers: { authorization: credential, accept: "application/json" },
        timeoutMs: request.timeoutMs ?? TIMEOUT_MS,
        maxBytes: request.maxBytes ?? MAX_BYTES,
        keepAlive: true,
        ...(fingerprint && { tls: { fingerprint256: fingerprint } }),
        signal: this.closing.signal,
      });
    } catch (error) {
      if (!(error instanceof EgressError)) throw error;
      if (error.kind === "tls") throw this.certificateError(error);
      if (error.kind === "too_large") {
        throw new ProxmoxError("answer", `${this.name} answers ${request.path} with more than is read.`);
      }
      throw new ProxmoxError("unreachable", error.message);
    }
  }

  private read<Answer>(request: ProxmoxRequest<Answer>, response: EgressResponse): Answer {
    const { status } = response;
    const envelope = Envelope.safeParse(parseJson(response.body));
    if (status === 401) {
      throw new ProxmoxError(
        "token",
        `${this.name} does not accept the token ${this.access.tokenId}: its id or its secret is wrong, or it has expired.${portHint(this.product, this.origin)}`,
      );
    }
    if (status === 403) {
      const { needs } = request;
      const lacks = `The token ${this.access.tokenId} needs ${needs ?? "more privileges"}.`;
      throw new ProxmoxError("privilege", lacks, undefined, needs);
    }
    // What pveproxy answers when the node it hands the request on to does not.
    if (status === 595 || status === 596 || status === 599) {
      throw new ProxmoxError("node_unreachable", `${this.name} does not reach the node of ${request.path}.`);
    }
    // A backup server says in plain text what is wrong, so only its answers have a form to go by.
    const isForeign = status < 400 || /html/i.test(response.headers.get("content-type") ?? "");
    if (!envelope.success && isForeign) throw this.notProxmox(status);
    if (status >= 500 && request.path.includes("/agent/")) {
      throw new ProxmoxError("no_guest_agent", "The guest agent does not answer.");
    }
    if (status !== 200) {
      throw new ProxmoxError("refused", `${this.name} answers ${request.path} with ${status}.`);
    }
    const answer = request.answer.safeParse(envelope.data?.data);
    if (answer.success) return answer.data;
    throw new ProxmoxError("answer", `${this.name} answers ${request.path} in a form that is not known.`);
  }

  private get name(): string {
    return NAMES[this.product];
  }

  private notProxmox(status: number): ProxmoxError {
    const answer = status === 200 ? "answers" : `answers ${status}`;
    return new ProxmoxError(
      "not_proxmox",
      `${this.origin} ${answer}, but not as ${this.name} does, which listens on port ${PROXMOX_PORTS[this.product]}.${portHint(this.product, this.origin)}`,
    );
  }

  private certificateError(error: EgressError): ProxmoxError {
    if (!error.certificate) return new ProxmoxError("certificate", error.message);
    const shown = asPairs(error.certificate.fingerprint256);
    const message = this.access.fingerprint
      ? `${this.origin} shows another certificate than the one that is trusted; its SHA-256 fingerprint is ${shown}.`
      : `${error.message} The SHA-256 fingerprint of ${this.origin} is ${shown}: compare it with the one the machine itself shows, and enter it to trust it.`;
    return new ProxmoxError("certificate", message, shown);
  }
}

/** The two are easily taken for each other. A sentence to be added to another, or nothing. */
export function portHint(product: Product, url: string): string {
  const other = product === "ve" ? "backup" : "ve";
  const isOthers = new URL(url).port === String(PROXMOX_PORTS[other]);
  return isOthers ? ` Port ${PROXMOX_PORTS[other]} is that of ${NAMES[other]}.` : "";
}

/** As openssl and Proxmox write it, so that two can be compared. */
export function asPairs(fingerprint256: string): string {
  const digits = fingerprint256.replaceAll(":", "").toUpperCase();
  return digits.match(/../g)?.join(":") ?? digits;
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}
