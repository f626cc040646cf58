import type { Certificate } from "./certificate.ts";

export type EgressErrorKind =
  | "scheme"
  | "address_refused"
  | "dns"
  | "connect"
  | "timeout"
  | "tls"
  | "too_large"
  | "protocol"
  | "aborted";

/** The message is one plain sentence for whoever configured the target. It never holds what the target sent. */
export class EgressError extends Error {
  override readonly name = "EgressError";
  readonly kind: EgressErrorKind;
  /** What was presented, when that is what was wrong: a person may want to pin it. */
  readonly certificate: Certificate | undefined;

  constructor(
    kind: EgressErrorKind,
    message: string,
    details: { cause?: unknown; certificate?: Certificate } = {},
  ) {
    super(message, { cause: details.cause });
    this.kind = kind;
    this.certificate = details.certificate;
  }
}

const CONNECT_FAILURES: Record<string, string> = {
  ECONNREFUSED: "The connection was refused.",
  ECONNRESET: "The connection was closed by the other side.",
  EPIPE: "The connection was closed by the other side.",
  EHOSTUNREACH: "There is no way to the address.",
  ENETUNREACH: "There is no way to the address.",
  EADDRNOTAVAIL: "There is no way to the address.",
  ETIMEDOUT: "The address did not answer.",
  EACCES: "This machine's firewall forbids the connection.",
  EPERM: "This machine's firewall forbids the connection.",
  EMFILE: "This machine has no more open files left.",
};

export function connectError(cause: unknown): EgressError {
  return new EgressError("connect", CONNECT_FAILURES[codeOf(cause)] ?? "The connection failed.", { cause });
}

export function codeOf(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return typeof code === "string" ? code : "";
}
