/** One HTTP request over a connection that is already open and judged. */
import { type IncomingMessage, request as startRequest } from "node:http";
import type { Socket } from "node:net";
import { codeOf, connectError, EgressError } from "./egress-error.ts";
import type { TimeLimit } from "./time-limit.ts";

export interface Outgoing {
  method: string;
  url: URL;
  headers: Record<string, string>;
  body: string | Uint8Array | undefined;
  maxBytes: number;
  /** A longer body is not an error: what follows is not read. */
  cutBody: boolean;
  /** From the head on; then what has come is the body, and it is cut. */
  bodyTimeoutMs: number | undefined;
}

export interface Incoming {
  status: number;
  headers: Headers;
  body: Uint8Array;
  cut: boolean;
  firstByteMs: number;
  /** Whether the connection can take another request. */
  reusable: boolean;
}

/** What would change where a request ends or whom it is for. */
const FRAMING =
  /^(?:host|connection|content-length|transfer-encoding|upgrade|expect|te|trailer|keep-alive|proxy-.*)$/;
/** What our own edge goes by: it must mean nothing, wherever it is sent. */
const INTERNAL = /^(?:x-user-id|x-pulse-org-id|x-tenant-.*|x-org-.*)$/;

const HEADERS_LIMIT = 64;
const HEADER_BYTES_LIMIT = 16_384;

/** Those that may be sent. Throws where the sender must know. */
export function outgoingHeaders(given: Record<string, string>): Record<string, string> {
  const headers: Record<string, string> = {};
  let bytes = 0;
  for (const [name, value] of Object.entries(given)) {
    const lower = name.toLowerCase();
    if (INTERNAL.test(lower)) continue;
    if (FRAMING.test(lower)) throw new EgressError("protocol", `The header "${lower}" cannot be set.`);
    /* A line break would begin a header of its own. */
    if (!/^[\w!#$%&'*+.^`|~-]{1,256}$/.test(lower) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
      throw new EgressError("protocol", "A header holds a character that headers cannot hold.");
    }
    bytes += lower.length + value.length;
    headers[lower] = value;
  }
  if (Object.keys(headers).length > HEADERS_LIMIT || bytes > HEADER_BYTES_LIMIT) {
    throw new EgressError("protocol", "There are too many headers.");
  }
  return headers;
}

export async function exchange(socket: Socket, outgoing: Outgoing, limit: TimeLimit): Promise<Incoming> {
  const startedAt = performance.now();
  const { method, url } = outgoing;
  const request = startRequest({
    createConnection: () => socket,
    method,
    path: url.pathname + url.search,
    setHost: false,
    headers: {
      host: url.host,
      // Nothing here unpacks, so that a small answer cannot become a large one.
      "accept-encoding": "identity",
      ...outgoing.headers,
      connection: "keep-alive",
      ...(outgoing.body !== undefined && { "content-length": String(Buffer.byteLength(outgoing.body)) }),
    },
  });
  const giveUp = () => {
    request.destroy();
    socket.destroy();
  };
  const answer = Promise.withResolvers<IncomingMessage>();
  request.once("response", answer.resolve);
  request.once("upgrade", () => answer.reject(new EgressError("protocol", "The answer is not plain HTTP.")));
  request.on("error", (cause) => answer.reject(exchangeError(cause)));
  request.end(outgoing.body);
  try {
    const response = await limit.within(answer.promise);
    const firstByteMs = performance.now() - startedAt;
    const { body, cut } = await limit.within(readBody(response, outgoing));
    if (cut && !outgoing.cutBody) {
      throw new EgressError("too_large", `The answer is larger than ${outgoing.maxBytes} bytes.`);
    }
    if (cut) giveUp();
    return {
      status: response.statusCode ?? 0,
      headers: headersOf(response),
      body,
      cut,
      firstByteMs,
      reusable: !cut && staysOpen(response) && !socket.destroyed,
    };
  } catch (error) {
    giveUp();
    throw error;
  }
}

function readBody(
  response: IncomingMessage,
  { maxBytes, bodyTimeoutMs }: Outgoing,
): Promise<{ body: Uint8Array; cut: boolean }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ body: Uint8Array; cut: boolean }>();
  const chunks: Uint8Array[] = [];
  let size = 0;
  response.on("data", (chunk: Uint8Array) => {
    if (size > maxBytes) return;
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxBytes) resolve({ body: Buffer.concat(chunks, maxBytes), cut: true });
  });
  if (bodyTimeoutMs !== undefined) {
    const cut = () => resolve({ body: Buffer.concat(chunks), cut: true });
    const timer = setTimeout(cut, bodyTimeoutMs);
    response.once("close", () => clearTimeout(timer));
  }
  response.once("error", (cause) => reject(brokenOff(cause)));
  /* Not at `end`: at `close` the connection is free for the next request. */
  response.once("close", () => {
    if (response.complete) resolve({ body: Buffer.concat(chunks), cut: false });
    else reject(brokenOff());
  });
  return promise;
}

function brokenOff(cause?: unknown): EgressError {
  return new EgressError("protocol", "The answer broke off.", { cause });
}

function staysOpen(response: IncomingMessage): boolean {
  const { connection, "content-length": length, "transfer-encoding": encoding } = response.headers;
  const isFramed = length !== undefined || encoding !== undefined || response.statusCode === 204;
  return response.httpVersion === "1.1" && isFramed && !/close/i.test(connection ?? "");
}

function headersOf(response: IncomingMessage): Headers {
  const headers = new Headers();
  for (let index = 0; index + 1 < response.rawHeaders.length; index += 2) {
    const [name = "", value = ""] = response.rawHeaders.slice(index, index + 2);
    try {
      headers.append(name, value);
    } catch {
      // a header that HTTP does not know: nobody here asks for it
    }
  }
  return headers;
}

function exchangeError(cause: unknown): EgressError {
  if (cause instanceof EgressError) return cause;
  const code = codeOf(cause);
  if (code === "HPE_HEADER_OVERFLOW")
    return new EgressError("too_large", "The head of the answer is too large.");
  if (code.startsWith("HPE_")) return new EgressError("protocol", "The answer is not HTTP.", { cause });
  return connectError(cause);
}
