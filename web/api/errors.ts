import type { ErrorData, FieldErrors, Reason } from "../../server/contract/errors.ts";

/** `unreachable` is the browser's own: no answer came at all, or none that Pulse wrote. */
export interface Refusal {
  reason: Reason | "unreachable";
  /** What happened and what to do, for the person in front of the page. */
  words: string;
  fields: FieldErrors;
  requestId?: string;
}

const WORDS: Partial<Record<Reason, string>> = {
  authentication_required: "Sign in to continue.",
  session_expired: "Your session has ended. Sign in again.",
  access_denied: "You are not allowed to see or do this.",
  not_found: "This does not exist, or not any more.",
  storage_full: "The server's disk is full. Free some space on it, then try again.",
  shutting_down: "The server is restarting. Try again in a moment.",
};

/** Turns whatever a call rejected with into words a person can act on. */
export function explain(error: unknown): Refusal {
  const data = dataOf(error);
  if (!data) {
    return {
      reason: "unreachable",
      words: "The server does not answer. Check that it runs and that this device can reach it.",
      fields: {},
    };
  }
  const refusal: Refusal = {
    reason: data.reason,
    words: wordsFor(data, error),
    fields: asSentences(data.fields ?? {}),
  };
  if (data.requestId) refusal.requestId = data.requestId;
  return refusal;
}

export function meansSignedOut(refusal: Refusal): boolean {
  return refusal.reason === "authentication_required" || refusal.reason === "session_expired";
}

function dataOf(error: unknown): ErrorData | undefined {
  if (typeof error !== "object" || error === null || !("data" in error)) return undefined;
  const data = error.data;
  if (typeof data !== "object" || data === null || !("reason" in data)) return undefined;
  return data as ErrorData;
}

/** The server says "must have at least 12 characters", for whoever quotes it; under a field it begins a line. */
function asSentences(fields: FieldErrors): FieldErrors {
  return Object.fromEntries(
    Object.entries(fields).map(([field, words]) => [
      field,
      `${words.charAt(0).toUpperCase()}${words.slice(1).replace(/[^.!?]$/, "$&.")}`,
    ]),
  );
}

function wordsFor(data: ErrorData, error: unknown): string {
  if (data.reason === "internal") {
    return data.requestId
      ? `The server failed to do this. Its log has the cause under request ${data.requestId}.`
      : "The server failed to do this. Its log has the cause.";
  }
  const known = WORDS[data.reason];
  if (known) return known;
  return error instanceof Error && error.message ? error.message : "The server refused this.";
}
