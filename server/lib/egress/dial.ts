import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type SecureContext, type TLSSocket } from "node:tls";
import { type Certificate, findCertificate, judgeCertificate, type TlsOptions } from "./certificate.ts";
import { codeOf, connectError, EgressError } from "./egress-error.ts";
import type { TimeLimit } from "./time-limit.ts";

/** A machine with a broken IPv6 has an address that never answers: the next one is tried beside it. */
const NEXT_ADDRESS_AFTER_MS = 250;

export interface Dialled {
  socket: Socket;
  address: string;
}

/** The first of some addresses that answers. They have been judged: nothing here looks up a name. */
export async function dial(addresses: string[], port: number, limit: TimeLimit): Promise<Dialled> {
  const sockets: Socket[] = [];
  const answer = Promise.withResolvers<Dialled>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let open = addresses.length;
  const tryNext = () => {
    clearTimeout(timer);
    const address = addresses[sockets.length];
    if (address === undefined) return;
    const socket = connectTcp({ host: address, port });
    sockets.push(socket);
    socket.once("connect", () => answer.resolve({ socket, address }));
    socket.once("error", (cause) => {
      open--;
      if (open === 0) answer.reject(connectError(cause));
      else tryNext();
    });
    timer = setTimeout(tryNext, NEXT_ADDRESS_AFTER_MS);
  };
  tryNext();
  const dropAllBut = (kept?: Socket) => {
    clearTimeout(timer);
    for (const socket of sockets) {
      socket.on("error", () => {}); // whoever uses it listens for itself
      if (socket !== kept) socket.destroy();
    }
  };
  try {
    const dialled = await limit.within(answer.promise);
    dropAllBut(dialled.socket);
    return dialled;
  } catch (error) {
    dropAllBut();
    throw error;
  }
}

export interface Secured {
  socket: TLSSocket;
  certificate: Certificate | undefined;
}

/** TLS over a connection; throws, and closes it, unless the other side is who it should be. */
export async function secure(
  plain: Socket,
  host: string,
  options: TlsOptions,
  authorities: SecureContext,
  limit: TimeLimit,
): Promise<Secured> {
  const name = options.servername ?? host;
  const socket = connectTls({
    socket: plain,
    secureContext: authorities,
    rejectUnauthorized: false, // judged below, before anything is sent
    checkServerIdentity: () => undefined,
    ...(isIP(name) === 0 && { servername: name }),
  });
  const ready = Promise.withResolvers<void>();
  socket.once("secureConnect", () => ready.resolve());
  socket.on("error", (cause) => ready.reject(handshakeError(cause)));
  socket.once("close", () => ready.reject(handshakeError(undefined)));
  try {
    await limit.within(ready.promise);
    const certificate = findCertificate(socket, name);
    judgeCertificate(certificate, options);
    return { socket, certificate };
  } catch (error) {
    socket.destroy();
    plain.destroy();
    throw error;
  }
}

function handshakeError(cause: unknown): EgressError {
  const code = codeOf(cause);
  const sentence = /WRONG_VERSION_NUMBER|HTTP_REQUEST|PACKET_LENGTH/.test(code)
    ? "The other side does not speak TLS on this port."
    : "The TLS handshake failed.";
  return new EgressError("tls", sentence, { cause });
}
