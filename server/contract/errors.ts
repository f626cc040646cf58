/**
 * Every refusal Pulse can answer with. `reason` is the key that scripts and pages rely on; the HTTP
 * status follows from it, and so does the tRPC code (in `api/errors`).
 */
export const HTTP_STATUS_OF_REASON = {
  invalid_request: 400,
  invalid_org: 400,
  default_org_immutable: 400,
  authentication_required: 401,
  session_expired: 401,
  token_invalid: 401,
  license_required: 402,
  limit_reached: 402,
  access_denied: 403,
  org_mismatch: 403,
  org_cookie_invalid: 403,
  org_suspended: 403,
  role_required: 403,
  scope_missing: 403,
  session_required: 403,
  origin_refused: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  already_exists: 409,
  owner_required: 409,
  idempotency_mismatch: 409,
  too_large: 413,
  json_required: 415,
  rate_limited: 429,
  internal: 500,
  feature_disabled: 501,
  org_unavailable: 503,
  storage_full: 503,
  shutting_down: 503,
} as const;

export type Reason = keyof typeof HTTP_STATUS_OF_REASON;

/** Path of an input field to what is wrong with it, in words for the person who filled it in. */
export type FieldErrors = Record<string, string>;

/** The `data` of every error answer, inside tRPC's error shape. */
export interface ErrorData {
  code: string;
  httpStatus: number;
  path: string | null;
  reason: Reason;
  requestId: string;
  fields?: FieldErrors;
}
