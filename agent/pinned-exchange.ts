/**
 * HTTPS to a server that is known by its certificate alone: whoever has the key of the certificate with
 * this SHA-256 is the server, whatever name or authority it carries, and nobody else is. The connection
 * is looked at when it is made, before anything is sent over it, and then kept for the next exchange.
 */
import { Agent, type ClientRequestArgs, type IncomingMessage, request } from "node:http";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect } from "node:tls";
import type { Exchange, ExchangeRequest } from "./server-connection.ts";

export function createPinnedExchange(fingerprint: string): Exchange {
  const connections = new PinnedConnections(fingerprint);
  return {
    send: (call) => send(connections, call),
    close: () => connections.destroy(),
  };
}

class PinnedConnections extends Agent {
  readonly #fingerprint: string;

  constructor(fingerprint: string) {
    super({ keepAlive: true, maxSockets: 1 });
    this.#fingerprint = fingerprint;
  }

  override createConnection(
    { host, port }: ClientRequestArgs,
    done: (error: Error | null, socket?: Duplex) => void,
  ): undefined {
    const name = host ?? "localhost";
    const socket = connect({
      host: name,
      port: Number(port),
      rejectUnauthorized: false, // judged below
      ...(isIP(name) === 0 && { servername: name }),
    });
    socket.once("error", (error) => done(error));
    socket.once("secureConnect", () => {
      const found = socket.getPeerCertificate().fingerprint256?.replaceAll(":", "").toLowerCase();
      if (found === this.#fingerprint) {
        done(null, socket);
        return;
      }
      socket.destroy();
      done(new Error(`the server's certificate is another: its SHA-256 is ${found ?? "not told"}`));
    });
  }
}

function send(agent: Agent, { url, method, headers, body, signal, maxBytes }: ExchangeRequest) {
  const { hostname, port, pathname, host } = new URL(url);
  return new Promise<Awaited<ReturnType<Exchange["send"]>>>((resolve, reject) => {
    const call = request({
      agent,
      /* The connection is TLS by the time it is handed over. */
      protocol: "http:",
      host: hostname.replace(/^\[|\]$/g, ""),
      port: port || 443,
      path: pathname,
      method,
      headers: { ...headers, host, ...(body && { "content-length": body.length }) },
      signal,
    });
    call.once("error", reject);
    call.once("response", (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxBytes) call.destroy(new Error("the answer is longer than any of Pulse"));
        else chunks.push(chunk);
      });
      response.once("error", reject);
      response.once("end", () => {
        const read = (name: string) => {
          const value = response.headers[name];
          return Array.isArray(value) ? value[0] : value;
        };
        resolve({ status: response.statusCode ?? 0, header: read, body: Buffer.concat(chunks) });
      });
    });
    call.end(body);
  });
}
