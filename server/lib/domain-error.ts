import { type FieldErrors, HTTP_STATUS_OF_REASON, type Reason } from "../contract/errors.ts";

export interface DomainErrorDetails {
  cause?: unknown;
  fields?: FieldErrors;
  /** For `rate_limited` and the 503s: when it is worth trying again. */
  retryAfterMs?: number;
}

/**
 * A refusal. The message is read by people outside: it never carries anything from inside. Where it was made nobody
 * reads, and to write that down would cost more than all else of a refusal: it has no stack.
 */
export class DomainError extends Error {
  override readonly name = "DomainError";
  readonly reason: Reason;
  readonly fields: FieldErrors | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(reason: Reason, publicMessage: string, details: DomainErrorDetails = {}) {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(publicMessage, { cause: details.cause });
    Error.stackTraceLimit = limit;
    this.reason = reason;
    this.fields = details.fields;
    this.retryAfterMs = details.retryAfterMs;
  }

  get httpStatus(): number {
    return HTTP_STATUS_OF_REASON[this.reason];
  }
}
