/**
 * Whether the other side is who it should be. The handshake itself refuses nobody: it is judged here,
 * before a single byte of the request is sent, so that one place decides for all three ways
 * (authorities, a pinned certificate, nobody's word) and a refusal can name the certificate.
 */
import { X509Certificate } from "node:crypto";
import { checkServerIdentity, type PeerCertificate, type TLSSocket } from "node:tls";
import { codeOf, EgressError } from "./egress-error.ts";

export interface Certificate {
  subject: string;
  issuer: string;
  notBefore: number;
  notAfter: number;
  /** SHA-256 of the certificate, 64 hex digits. */
  fingerprint256: string;
  /** Whether authorities trusted here vouch for it and for the name. */
  authorized: boolean;
  authorizationError?: string;
}

export interface TlsOptions {
  /** SHA-256 of the one certificate that is accepted, in hex, colons optional. */
  fingerprint256?: string;
  /** False: whoever answers is accepted. */
  verify?: boolean;
  /** The name asked for and expected, when it is not the host's. */
  servername?: string;
}

const FAILURES: Record<string, string> = {
  CERT_HAS_EXPIRED: "The certificate has expired.",
  CERT_NOT_YET_VALID: "The certificate is not valid yet.",
  DEPTH_ZERO_SELF_SIGNED_CERT: "The certificate is self-signed.",
  SELF_SIGNED_CERT_IN_CHAIN: "The certificate was issued by an authority that is not trusted here.",
  UNABLE_TO_GET_ISSUER_CERT: "The certificate was issued by an authority that is not trusted here.",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "The certificate was issued by an authority that is not trusted here.",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "The certificate was issued by an authority that is not trusted here.",
  CERT_REVOKED: "The certificate was revoked.",
  ERR_TLS_CERT_ALTNAME_INVALID: "The certificate is for another name.",
};

/** Undefined when the other side presented none. `name` is the host, or the name expected instead. */
export function findCertificate(socket: TLSSocket, name: string): Certificate | undefined {
  const peer = socket.getPeerCertificate();
  if (!peer?.raw) return undefined;
  const { fingerprint256, validFrom, validTo } = new X509Certificate(peer.raw);
  const error = authorizationErrorOf(socket, name, peer);
  return {
    subject: nameOf(peer.subject) ?? peer.subjectaltname?.split(", ")[0]?.replace(/^DNS:/, "") ?? "",
    issuer: nameOf(peer.issuer) ?? "",
    notBefore: Date.parse(validFrom),
    notAfter: Date.parse(validTo),
    fingerprint256: bareHex(fingerprint256),
    authorized: error === undefined,
    ...(error !== undefined && {
      authorizationError: FAILURES[error] ?? "The certificate could not be verified.",
    }),
  };
}

function authorizationErrorOf(socket: TLSSocket, name: string, peer: PeerCertificate): string | undefined {
  if (!socket.authorized) return String(socket.authorizationError ?? "");
  const mismatch = checkServerIdentity(name, peer);
  return mismatch && codeOf(mismatch);
}

const NAME_LENGTH = 200;

function nameOf(names: PeerCertificate["subject"] | undefined): string | undefined {
  const name = [names?.CN, names?.O, names?.OU].flat().find(Boolean);
  return name?.slice(0, NAME_LENGTH).toWellFormed();
}

/** Throws unless the certificate is one that `options` accepts. */
export function judgeCertificate(certificate: Certificate | undefined, options: TlsOptions): void {
  const { fingerprint256, verify = true } = options;
  if (fingerprint256 !== undefined) {
    if (certificate?.fingerprint256 === bareHex(fingerprint256)) return;
    throw new EgressError("tls", "The certificate is not the pinned one.", certificate && { certificate });
  }
  if (!verify || certificate?.authorized) return;
  const sentence = certificate?.authorizationError ?? "The other side presented no certificate.";
  throw new EgressError("tls", sentence, certificate && { certificate });
}

function bareHex(fingerprint: string): string {
  return fingerprint.replaceAll(":", "").toLowerCase();
}
