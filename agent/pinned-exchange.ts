/**
 * HTTPS to a server that is known by its certificate alone: whoever has the key of the certificate with
 * this SHA-256 is the server, whatever name or authority it carries, and nobody else is. The certificate
 * is looked at before anything is sent.
 */
import { Egress, EgressError } from "../server/lib/egress.ts";
import { EXCHANGE_WITHIN_MS, type Exchange } from "./server-connection.ts";

/** Where the server is, only whoever runs this agent says: any address may be right. */
const ANYWHERE = ["0.0.0.0/0", "::/0"];

export function createPinnedExchange(fingerprint256: string): Exchange {
  const egress = new Egress({ reach: "lan", allow: ANYWHERE });
  return {
    async send({ url, method, headers, body, keepOpen, signal, maxBytes }) {
      try {
        const response = await egress.request({
          url,
          method,
          headers,
          ...(body && { body }),
          tls: { fingerprint256 },
          keepAlive: keepOpen,
          timeoutMs: EXCHANGE_WITHIN_MS,
          maxBytes,
          signal,
        });
        const { status, headers: answered } = response;
        return { status, header: (name) => answered.get(name) ?? undefined, body: response.body };
      } catch (error) {
        throw withFingerprint(error);
      }
    },
    close: () => egress.close(),
  };
}

/** Whoever set the fingerprint wants to see the one that was found. */
function withFingerprint(error: unknown): unknown {
  const found = error instanceof EgressError ? error.certificate?.fingerprint256 : undefined;
  return found === undefined ? error : new Error(`${(error as Error).message} Its SHA-256 is ${found}.`);
}
