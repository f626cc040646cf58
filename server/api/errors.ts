/** The one table between Pulse's refusals and tRPC's codes, and the one shape of an error answer. */
import { TRPCError } from "@trpc/server";
import { getHTTPStatusCodeFromError } from "@trpc/server/http";
import { type TRPC_ERROR_CODE_KEY, TRPC_ERROR_CODES_BY_KEY } from "@trpc/server/rpc";
import { ZodError } from "zod";
import type { ErrorData, FieldErrors, Reason } from "../contract/errors.ts";
import { DomainError } from "../lib/domain-error.ts";

const TRPC_CODE_OF_STATUS: Record<number, TRPC_ERROR_CODE_KEY> = {
  400: "BAD_REQUEST",
  401: "UNAUTHORIZED",
  402: "PAYMENT_REQUIRED",
  403: "FORBIDDEN",
  404: "NOT_FOUND",
  405: "METHOD_NOT_SUPPORTED",
  409: "CONFLICT",
  413: "PAYLOAD_TOO_LARGE",
  415: "UNSUPPORTED_MEDIA_TYPE",
  429: "TOO_MANY_REQUESTS",
  500: "INTERNAL_SERVER_ERROR",
  501: "NOT_IMPLEMENTED",
  503: "SERVICE_UNAVAILABLE",
};

/** What tRPC itself refuses, before any procedure of ours is reached. */
const REFUSAL_OF_TRPC_CODE: { [code in TRPC_ERROR_CODE_KEY]?: [reason: Reason, message: string] } = {
  PARSE_ERROR: ["invalid_request", "The request is not valid JSON."],
  BAD_REQUEST: ["invalid_request", "The request is not in the right form."],
  NOT_FOUND: ["not_found", "There is no such procedure."],
  METHOD_NOT_SUPPORTED: ["method_not_allowed", "Queries are read with GET, changes are made with POST."],
  UNSUPPORTED_MEDIA_TYPE: ["json_required", "Send application/json."],
  PAYLOAD_TOO_LARGE: ["too_large", "The request is too large."],
};

const INTERNAL: [Reason, string] = ["internal", "Something went wrong inside Pulse."];
const MAX_FIELDS = 20;

export interface ErrorShape {
  code: number;
  message: string;
  data: ErrorData;
}

export function toTrpcError(error: DomainError): TRPCError {
  return new TRPCError({
    code: TRPC_CODE_OF_STATUS[error.httpStatus] ?? "INTERNAL_SERVER_ERROR",
    message: error.message,
    cause: error,
  });
}

/** What may be said outside about an error: nothing of it that is not ours. */
export function publicRefusal(error: TRPCError): {
  reason: Reason;
  message: string;
  fields?: FieldErrors | undefined;
} {
  const { cause } = error;
  if (cause instanceof DomainError)
    return { reason: cause.reason, message: cause.message, fields: cause.fields };
  if (cause instanceof ZodError) {
    const fields = fieldsOf(cause);
    return { reason: "invalid_request", message: "Some of what was sent is not valid.", fields };
  }
  const [reason, message] = REFUSAL_OF_TRPC_CODE[error.code] ?? INTERNAL;
  return { reason, message };
}

export function shapeError(error: TRPCError, path: string | undefined, requestId: string): ErrorShape {
  const { reason, message, fields } = publicRefusal(error);
  return {
    code: TRPC_ERROR_CODES_BY_KEY[error.code],
    message,
    data: {
      code: error.code,
      httpStatus: getHTTPStatusCodeFromError(error),
      path: path ?? null,
      reason,
      requestId,
      ...(fields && { fields }),
    },
  };
}

function fieldsOf(error: ZodError): FieldErrors {
  const fields: FieldErrors = {};
  for (const issue of error.issues.slice(0, MAX_FIELDS)) {
    const path = issue.path.map(String).join(".");
    if (issue.code === "unrecognized_keys") {
      for (const key of issue.keys.slice(0, MAX_FIELDS))
        fields[(path ? `${path}.${key}` : key).slice(0, 100)] = "is not a known field";
    } else {
      fields[path.slice(0, 100)] ??= issue.message;
    }
  }
  return fields;
}
