/** What every answer carries, and what a refusal outside tRPC looks like. */
import { shapeError, toTrpcError } from "../api/errors.ts";
import type { DomainError } from "../lib/domain-error.ts";

const SECURITY_HEADERS: [name: string, value: string][] = [
  [
    "content-security-policy",
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; " +
      "worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  ],
  ["x-content-type-options", "nosniff"],
  ["x-frame-options", "DENY"],
  ["referrer-policy", "no-referrer"],
  ["cross-origin-opener-policy", "same-origin"],
  ["cross-origin-resource-policy", "same-origin"],
  ["permissions-policy", "camera=(), microphone=(), geolocation=(), payment=()"],
];

export interface Dressing {
  requestId: string;
  secure: boolean;
  userId: string | undefined;
}

/** Puts on what every answer carries. */
export function dress(response: Response, { requestId, secure, userId }: Dressing): Response {
  const { headers } = response;
  for (const [name, value] of SECURITY_HEADERS) headers.set(name, value);
  headers.set("x-request-id", requestId);
  if (userId) headers.set("x-user-id", userId);
  if (secure) headers.set("strict-transport-security", "max-age=31536000");
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  return response;
}

/** A refusal outside tRPC: the same shape, so that the typed client can read it. */
export function refusal(error: DomainError, requestId: string, path?: string): Response {
  const shape = shapeError(toTrpcError(error), path, requestId);
  const response = Response.json({ error: shape }, { status: error.httpStatus });
  if (error.reason === "method_not_allowed") response.headers.set("allow", "GET, HEAD, POST");
  if (error.retryAfterMs !== undefined)
    response.headers.set("retry-after", retryAfterSeconds(error.retryAfterMs));
  return response;
}

export function retryAfterSeconds(milliseconds: number): string {
  return String(Math.max(1, Math.ceil(milliseconds / 1_000)));
}
