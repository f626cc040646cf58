/**
 * What an answer means for the reports it is about. An agent may stand behind proxies, captive
 * portals and wrong addresses, so nothing is believed but what a Pulse server says in its own form:
 * only its `ok` lets go of a report, and only its refusal throws one away.
 *
 *   stored    on disk over there
 *   refused   will be refused for ever: never sent again
 *   not-now   somebody has to look at it (token, licence, address): kept, tried again slowly
 *   later     it will pass (network, load, restart): kept, tried again soon
 */

/** What came back, or why nothing did. */
export type Answer =
  | { status: number; body: string; retryAfter?: string | undefined; location?: string | undefined }
  | { failure: string };

export type Verdict =
  | { kind: "stored"; intervalMs?: number | undefined; configHash?: string | undefined }
  | { kind: "refused"; words: string; isTooMuch: boolean }
  | { kind: "not-now"; words: string; hint: string; retryAfterMs?: number | undefined }
  | { kind: "later"; words: string; retryAfterMs?: number | undefined };

/** What a server may ask for, whatever it asks for. */
export const INTERVAL_MS = { least: 1_000, most: 3_600_000 } as const;
const MAX_RETRY_AFTER_MS = 3_600_000;
const MAX_WORDS_LENGTH = 300;

const NEVER_AGAIN = new Set([400, 413, 415, 422]);
const HINTS: Record<number, string> = {
  401: "give the agent a new token",
  402: "look at the licence and the limits of the organization",
  403: "look at the state of the organization",
  404: "look at the server's address and its version",
  409: "this identity reports from another machine as well: enroll this one on its own",
  501: "switch the feature on at the server",
};

export function judge(answer: Answer): Verdict {
  if ("failure" in answer) return { kind: "later", words: answer.failure };
  const { status } = answer;
  const said = read(answer.body);
  const retryAfterMs = parseRetryAfter(answer.retryAfter);
  if (status === 200 && said?.ok === true) return stored(said);
  const { reason, message } = refusalIn(said);
  const words = clip(message ?? `the server answers ${status}`);
  if (status === 413 || (reason !== undefined && NEVER_AGAIN.has(status))) {
    return { kind: "refused", words, isTooMuch: status === 413 || status === 400 };
  }
  if (status === 408 || status === 429 || (status >= 500 && status !== 501)) {
    return { kind: "later", words, retryAfterMs };
  }
  return { kind: "not-now", ...wordsOf(answer, words, reason !== undefined), retryAfterMs };
}

function wordsOf(
  { status, location }: { status: number; location?: string | undefined },
  words: string,
  isPulse: boolean,
): { words: string; hint: string } {
  if (status >= 300 && status < 400) {
    return {
      words: clip(`the server sends us on to ${location ?? "another address"}, where we do not go`),
      hint: "give the agent that address",
    };
  }
  const hint = HINTS[status] ?? "look at the server and what is between";
  return isPulse ? { words, hint } : { words: `${words}, and not as Pulse does`, hint: HINTS[404] as string };
}

function stored(said: Record<string, unknown>): Verdict {
  const { intervalMs, config } = said;
  return {
    kind: "stored",
    intervalMs:
      typeof intervalMs === "number" && Number.isFinite(intervalMs) ? bounded(intervalMs) : undefined,
    configHash: typeof config === "string" && config.length <= 200 ? config : undefined,
  };
}

function bounded(intervalMs: number): number {
  return Math.round(Math.min(INTERVAL_MS.most, Math.max(INTERVAL_MS.least, intervalMs)));
}

export function read(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** The `reason` and the words of a refusal in Pulse's own form. */
function refusalIn(said: Record<string, unknown> | undefined): { reason?: string; message?: string } {
  const error = said?.error as { message?: unknown; data?: { reason?: unknown } } | null | undefined;
  const reason = error?.data?.reason;
  if (typeof reason !== "string") return {};
  return { reason, message: typeof error?.message === "string" ? error.message : reason };
}

/** Seconds or a date. */
function parseRetryAfter(text: string | undefined): number | undefined {
  if (!text) return undefined;
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - Date.now();
  return Number.isFinite(ms) ? Math.min(MAX_RETRY_AFTER_MS, Math.max(0, ms)) : undefined;
}

function clip(text: string): string {
  return text.length > MAX_WORDS_LENGTH ? `${text.slice(0, MAX_WORDS_LENGTH)}…` : text;
}
