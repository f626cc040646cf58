import { isIP, type Socket } from "node:net";
import type { SecureContext } from "node:tls";
import type { Addresses } from "./addresses.ts";
import type { Certificate, TlsOptions } from "./certificate.ts";
import { dial, secure } from "./dial.ts";
import { EgressError } from "./egress-error.ts";
import type { TimeLimit } from "./time-limit.ts";

/** Where to, and how. */
export interface Way {
  host: string;
  port: number;
  tls: TlsOptions | undefined;
  beforeTls?: ((plain: Socket) => Promise<void>) | undefined;
}

/** A connection to a judged address, and what is known of it. */
export interface Line {
  socket: Socket;
  address: string;
  /** Each phase by itself. */
  timings: { dnsMs?: number; connectMs: number; tlsMs?: number };
  certificate?: Certificate;
  /** "TLSv1.3" */
  protocol?: string;
  openedAt: number;
}

export async function openLine(
  { host, port, tls, beforeTls }: Way,
  addresses: Addresses,
  trusted: () => SecureContext,
  limit: TimeLimit,
): Promise<Line> {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new EgressError("scheme", "The port must be from 1 to 65535.");
  }
  const openedAt = performance.now();
  const found = await addresses.find(host, port, limit);
  const resolvedAt = performance.now();
  const { socket, address } = await dial(found, port, limit);
  const connectedAt = performance.now();
  const timings = {
    ...(isIP(host) === 0 && { dnsMs: resolvedAt - openedAt }),
    connectMs: connectedAt - resolvedAt,
  };
  if (!tls) return { socket, address, timings, openedAt };
  if (beforeTls) await prepare(socket, beforeTls, limit);
  const beganAt = performance.now();
  const secured = await secure(socket, host, tls, trusted(), limit);
  const protocol = secured.socket.getProtocol();
  return {
    socket: secured.socket,
    address,
    timings: { ...timings, tlsMs: performance.now() - beganAt },
    ...(secured.certificate && { certificate: secured.certificate }),
    ...(protocol && { protocol }),
    openedAt,
  };
}

async function prepare(
  socket: Socket,
  beforeTls: (plain: Socket) => Promise<void>,
  limit: TimeLimit,
): Promise<void> {
  try {
    await limit.within(beforeTls(socket));
  } catch (error) {
    socket.destroy();
    throw error;
  }
}
