/**
 * What became of an attempt. What the other side said is never part of it: only the kind of its answer, the
 * time it took and a sentence of ours.
 */
import type { DeliveryFailure } from "../contract/notifications.ts";
import { EgressError } from "../lib/egress.ts";

export interface Failed {
  ok: false;
  failure: DeliveryFailure;
  /** One plain sentence. */
  message: string;
  status?: number;
  /** Not before then, says the service. */
  retryAfterMs?: number;
  /** It may have been taken all the same: the answer is what did not come. */
  isUncertain: boolean;
  /** It will never be taken: not tried again. */
  isFinal: boolean;
}

export interface Taken {
  ok: true;
  status?: number;
  /** Not for all it was meant for: whom it was not taken for, in a plain sentence. */
  exceptFor?: string;
}

export type Outcome = (Taken | Failed) & { tookMs: number };

/** There was no connection, so nothing was sent. */
const NEVER_THERE = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EADDRNOTAVAIL",
  "ETIMEDOUT",
  "EACCES",
  "EPERM",
  "EMFILE",
]);

/** What an answer over HTTP comes to; undefined: it was taken. */
export function failureOfStatus(status: number, retryAfter: string | null, now: number): Failed | undefined {
  if (status >= 200 && status < 300) return undefined;
  const failed = (failure: DeliveryFailure, message: string, more: Partial<Failed> = {}): Failed => ({
    ok: false,
    failure,
    message,
    status,
    isUncertain: false,
    isFinal: false,
    ...more,
  });
  const waitMs = retryAfterMs(retryAfter, now);
  const wait = waitMs === undefined ? {} : { retryAfterMs: waitMs };
  if (status >= 300 && status < 400)
    return failed("configuration", "It answers that it is somewhere else: enter the address it leads to.");
  if (status === 401 || status === 403 || status === 407)
    return failed("authentication", `It refuses the token or the password (${status}).`);
  if (status === 404 || status === 405 || status === 410)
    return failed("configuration", `There is nothing that takes messages at this address (${status}).`);
  if (status === 429) return failed("rate_limited", "It takes no more messages for now (429).", wait);
  if (status === 408 || status === 425)
    return failed("connectivity", `It was not ready (${status}).`, { ...wait, isUncertain: true });
  if (status >= 500)
    return failed("connectivity", `It answered with an error (${status}). Look at the service's own log.`, {
      ...wait,
      isUncertain: true,
    });
  if (status >= 400) return failed("rejected", `It does not take the message (${status}).`);
  return failed("unknown", "It answers something that is no answer.", { isUncertain: true });
}

/** What no answer comes to. Anything that is no `EgressError` is a defect and thrown on. */
export function failureOfError(error: unknown): Failed {
  if (!(error instanceof EgressError)) throw error;
  const { kind, message } = error;
  const failed = { ok: false, message, isFinal: false } as const;
  switch (kind) {
    case "scheme":
    case "address_refused":
      return { ...failed, failure: "configuration", isUncertain: false };
    case "tls":
      return { ...failed, failure: "tls", isUncertain: false };
    case "dns":
      return { ...failed, failure: "connectivity", isUncertain: false };
    case "connect":
      return { ...failed, failure: "connectivity", isUncertain: !NEVER_THERE.has(codeOf(error.cause)) };
    case "timeout":
    case "aborted":
      return { ...failed, failure: "connectivity", isUncertain: true };
    case "protocol":
    case "too_large":
      return { ...failed, failure: "unknown", isUncertain: true };
  }
}

function codeOf(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return typeof code === "string" ? code : "";
}

/** `Retry-After`: seconds, or a date. */
export function retryAfterMs(text: string | null, now: number): number | undefined {
  if (text === null) return undefined;
  const ms = /^\d{1,9}$/.test(text.trim()) ? Number(text) * 1_000 : Date.parse(text) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
