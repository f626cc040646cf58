/**
 * What never reaches a handler. Requests are judged here on their form alone, before anything parses
 * them further: method, host, path, cookies, origin, type, size and depth.
 *
 * Cross-site requests: everything that changes something is a POST of `application/json`, which no
 * page of another site can send without asking first, and nobody here answers such a question. On
 * top of that a browser's own word about where a request comes from (`sec-fetch-site`, `origin`) must
 * be ours. A request with neither comes from no browser. Two kinds of POST are no JSON: heartbeats, which are known by their
 * address alone, and queries as Grafana sends them, which only read and need a token.
 */
import { REPORT_LIMITS } from "../contract/report-limits.ts";
import { DomainError } from "../lib/domain-error.ts";
import { requireShallow } from "../lib/shallow-json.ts";
import { FORM_BYTES, PROMETHEUS_PATH } from "./prometheus-path.ts";

export const LIMITS = {
  urlLength: 8_192,
  bodyBytes: 256 * 1024,
  /** From the first byte of a body to its last. */
  bodyWithinMs: 10_000,
} as const;

interface BodyRules {
  maxBytes: number;
  encoding?: "gzip";
  /** A form is taken only with a token: no page of another site can send that header without asking first. */
  type: "json" | "form" | "any";
}

const ORDINARY_BODY: BodyRules = { maxBytes: LIMITS.bodyBytes, type: "json" };
const REPORT_BODY: BodyRules = { maxBytes: REPORT_LIMITS.sentBytes, encoding: "gzip", type: "json" };
/** Nobody reads it: `curl -d` sends some form. */
const HEARTBEAT_BODY: BodyRules = { maxBytes: 4_096, type: "any" };

const FORM_BODY: BodyRules = { maxBytes: FORM_BYTES, type: "form" };

function bodyRules(path: string): BodyRules {
  if (path === "/api/agent/report") return REPORT_BODY;
  if (path.startsWith(PROMETHEUS_PATH)) return FORM_BODY;
  return path.startsWith("/api/heartbeat/") ? HEARTBEAT_BODY : ORDINARY_BODY;
}

const METHODS = new Set(["GET", "HEAD", "POST"]);
const HOST = /^(?:[a-z0-9](?:[a-z0-9._-]{0,253}[a-z0-9.])?|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i;
/**
 * Doubled slashes, backslashes, parameters, and any ASCII character that is encoded: a router that
 * decodes would see `/api/` where this guard saw `/%61pi/`. One path, one meaning.
 */
const AMBIGUOUS_PATH = /%[0-7]|\/\/|[\\;\s]/;
/** Secrets do not belong where every proxy writes them down, nor tRPC's own side door. */
const REFUSED_QUERY = new Set(["token", "access_token", "key", "connectionParams"]);

/** Either header makes tRPC answer a batch line by line. */
function asksForStream(headers: Headers): boolean {
  return headers.has("trpc-accept") || (headers.get("accept") ?? "").includes("application/jsonl");
}

/** Throws a refusal; returns the parsed address of the request. */
export function guard(request: Request): URL {
  if (!METHODS.has(request.method))
    throw new DomainError("method_not_allowed", "Only GET, HEAD and POST are answered.");
  const url = parseUrl(request);
  requireOneCookieEach(request.headers.get("cookie"));
  if (url.pathname.startsWith("/api/")) {
    if (url.pathname.endsWith("/")) throw new DomainError("not_found", "There is nothing at this address.");
    if (asksForStream(request.headers)) {
      throw new DomainError(
        "invalid_request",
        "Batches are not answered as a stream: headers would be lost.",
      );
    }
    for (const name of url.searchParams.keys()) {
      if (REFUSED_QUERY.has(name))
        throw new DomainError("invalid_request", `The query parameter ${name} is not accepted.`);
    }
    requireOwnOrigin(request, url);
  }
  if (request.method === "POST") requireJson(request, bodyRules(url.pathname));
  return url;
}

/** The body, whole, once it is known to be small enough and not nested too deeply. */
export async function readJsonBody(request: Request): Promise<Uint8Array> {
  const body = await readBody(request, LIMITS.bodyBytes);
  requireShallow(body);
  return body;
}

/** The body as it comes, once it is known to be small enough. */
export async function readBody(
  request: Request,
  maxBytes: number,
  withinMs: number = LIMITS.bodyWithinMs,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of received(request, withinMs)) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks);
}

function tooLarge(maxBytes: number): DomainError {
  return new DomainError("too_large", `A request holds at most ${maxBytes} bytes.`);
}

/** Who hangs up while sending, or drips, is no failure of ours. */
async function* received(request: Request, withinMs: number): AsyncGenerator<Uint8Array> {
  if (!request.body) return;
  const reader = request.body.getReader();
  const timeout = setTimeout(() => void reader.cancel("too slow"), withinMs);
  let size = 0;
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      size += part.value.length;
      yield part.value;
    }
  } catch (cause) {
    throw new DomainError("invalid_request", "The request did not arrive whole.", { cause });
  } finally {
    clearTimeout(timeout);
  }
  const promised = Number(request.headers.get("content-length") ?? size);
  if (size < promised) throw new DomainError("invalid_request", "The request did not arrive whole.");
}

function parseUrl(request: Request): URL {
  const host = request.headers.get("host");
  if (host === null || !HOST.test(host))
    throw new DomainError("invalid_request", "The host header is missing or malformed.");
  if (request.url.length > LIMITS.urlLength) throw new DomainError("too_large", "The address is too long.");
  if (!URL.canParse(request.url)) throw new DomainError("invalid_request", "The address is malformed.");
  const url = new URL(request.url);
  if (AMBIGUOUS_PATH.test(url.pathname)) throw new DomainError("invalid_request", "The path is ambiguous.");
  return url;
}

function requireOneCookieEach(header: string | null): void {
  if (header === null) return;
  const names = header.split(/[;,]/).map((pair) => pair.split("=")[0]?.trim() ?? "");
  const own = names.filter((name) => name.includes("pulse_"));
  if (new Set(own).size < own.length) throw new DomainError("invalid_request", "A cookie was sent twice.");
}

function requireOwnOrigin(request: Request, url: URL): void {
  const site = request.headers.get("sec-fetch-site");
  const origin = request.headers.get("origin");
  const foreignSite = site !== null && site !== "same-origin" && site !== "none";
  const foreignOrigin = request.method === "POST" && origin !== null && hostOf(origin) !== url.host;
  if (foreignSite || foreignOrigin)
    throw new DomainError("origin_refused", "Requests from other sites are refused.");
}

function requireJson(request: Request, { maxBytes, encoding, type }: BodyRules): void {
  const [given = ""] = (request.headers.get("content-type") ?? "").split(";");
  if (type === "json" && given.trim().toLowerCase() !== "application/json")
    throw new DomainError("json_required", "Send application/json.");
  const isForm = given.trim().toLowerCase() === "application/x-www-form-urlencoded";
  if (type === "form" && !(isForm && request.headers.has("authorization")))
    throw new DomainError("json_required", "Send a form, together with a token, or ask with GET.");
  const encoded = request.headers.get("content-encoding");
  if (encoded !== null && encoded !== encoding)
    throw new DomainError(
      "json_required",
      encoding ? `Send it as it is, or ${encoding}.` : "Send the body unencoded.",
    );
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge(maxBytes);
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}
