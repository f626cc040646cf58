import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";

let systemContext: SecureContext | undefined;

/**
 * Whom this machine trusts, and whom the runtime was built to trust: an operator who adds the
 * authority of the house to the system's store expects it to count. Read once; it takes many
 * milliseconds.
 */
export function systemAuthorities(): SecureContext {
  systemContext ??= authorities([]);
  return systemContext;
}

/** Those, and some in PEM. */
export function authorities(more: readonly string[]): SecureContext {
  const known = [
    ...getCACertificates("bundled"),
    ...getCACertificates("system"),
    ...getCACertificates("extra"),
  ];
  return createSecureContext({ ca: [...new Set([...known, ...more])] });
}
