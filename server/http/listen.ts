import { DomainError } from "../lib/domain-error.ts";
import { errorText, type Log } from "../lib/log.ts";
import { refusal } from "./answers.ts";
import type { Fetch } from "./server.ts";

export interface ListenOptions {
  host: string;
  port: number;
  fetch: Fetch;
  log: Log;
}

/** Seconds a connection may be silent; live streams ping every 15 s, agents report every 10 s. */
const IDLE_SECONDS = 30;
/** The guard answers larger bodies with words; this only bounds what Bun would buffer. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Answers under way are given this long when the server stops. */
const DRAIN_MS = 3_000;

export class ListenError extends Error {
  override readonly name = "ListenError";
}

export function listen({ host, port, fetch, log }: ListenOptions): { url: string; stop(): Promise<void> } {
  const server = serve({ host, port, fetch, log });
  return {
    url: `http://${host === "0.0.0.0" || host === "::" ? "localhost" : host}:${server.port}`,
    async stop() {
      await Promise.race([server.stop(false), Bun.sleep(DRAIN_MS)]);
      await server.stop(true);
    },
  };
}

function serve({ host, port, fetch, log }: ListenOptions): Bun.Server<undefined> {
  try {
    return Bun.serve({
      hostname: host,
      port,
      development: false,
      /* Bun's default outside development would let a second server share the port without a word. */
      reusePort: false,
      idleTimeout: IDLE_SECONDS,
      maxRequestBodySize: MAX_BODY_BYTES,
      fetch: (request, server) => fetch(request, server.requestIP(request)?.address ?? ""),
      error(error) {
        log.error("a request failed outside the chain", { error: errorText(error) });
        return refusal(new DomainError("internal", "Something went wrong inside Pulse."), "");
      },
    });
  } catch (error) {
    const taken = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
    const why = taken
      ? "something else is listening there"
      : error instanceof Error
        ? error.message
        : String(error);
    throw new ListenError(`cannot listen on ${host}:${port}: ${why}. Choose another with PULSE_PORT.`, {
      cause: error,
    });
  }
}
