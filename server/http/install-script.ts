/**
 * What a machine needs to become an agent, from the server it will report to: the script behind the
 * one copied line, and this program itself where it is a compiled one. Both are public, because the
 * machine has no right to anything yet; neither holds anything secret.
 */
import { statSync } from "node:fs";
import script from "../../agent/install/install.sh" with { type: "text" };
import unit from "../../agent/install/pulse-agent.service" with { type: "text" };
import type { Context } from "../api/edge.ts";
import { buildTarget } from "../lib/build-info.ts";
import { DomainError } from "../lib/domain-error.ts";

/** The program is large: this many are handed out at once. */
const DOWNLOADS_AT_ONCE = 4;
const BUSY_FOR_MS = 10_000;
/** What may stand in a shell script between single quotes and be an address. */
const SERVER_URL = /^https?:\/\/[A-Za-z0-9.:[\]-]{1,300}$/;

/** The script that installs an agent of this server. */
export function installScript({ serverUrl }: { serverUrl: string }): string {
  if (!SERVER_URL.test(serverUrl))
    throw new DomainError("invalid_request", "The server's address is malformed.");
  return script.replaceAll("@SERVER@", serverUrl).replace("@UNIT@", () => unit.trimEnd());
}

export interface Program {
  path: string;
  /** As the build names it: `linux-x64`, `linux-arm64-musl`. */
  target: string;
}

/** This program, when it is one file that can be handed on. */
export function findOwnProgram(): Program | undefined {
  const target = buildTarget();
  return target === undefined ? undefined : { path: process.execPath, target };
}

export type InstallPath = "/install.sh" | "/download/pulse" | "/download/pulse.sha256";

/** Path to its answer. `publicUrl` unless set is the address the request came to. */
export function installFiles(
  publicUrl: string | undefined,
  program: Program | undefined = findOwnProgram(),
): Record<InstallPath, (context: Pick<Context, "origin">, url: URL) => Promise<Response>> {
  let known: { version: string; sha256: Promise<string> } | undefined;
  let downloads = 0;
  const sha256Now = ({ path }: Program) => {
    const { size, mtimeMs } = statSync(path);
    const version = `${size} ${mtimeMs}`;
    if (known?.version !== version) known = { version, sha256: sha256Of(path) };
    return known.sha256;
  };
  return {
    "/install.sh": async ({ origin }) =>
      new Response(installScript({ serverUrl: publicUrl ?? origin }), {
        headers: { "content-type": "text/x-shellscript; charset=utf-8" },
      }),
    "/download/pulse.sha256": async (_, url) => {
      const sha256 = await sha256Now(requireProgram(program, url));
      return new Response(`${sha256}  pulse\n`, { headers: { "content-type": "text/plain; charset=utf-8" } });
    },
    "/download/pulse": async (_, url) => {
      const { path } = requireProgram(program, url);
      if (downloads >= DOWNLOADS_AT_ONCE) {
        throw new DomainError("rate_limited", "Too many are downloading. Try again in a moment.", {
          retryAfterMs: BUSY_FOR_MS,
        });
      }
      downloads++;
      const body = countedUntilOver(Bun.file(path).stream(), () => {
        downloads--;
      });
      return new Response(body, {
        headers: {
          "content-type": "application/octet-stream",
          "content-length": String(statSync(path).size),
          "content-disposition": 'attachment; filename="pulse"',
        },
      });
    },
  };
}

function requireProgram(program: Program | undefined, url: URL): Program {
  const wanted = url.searchParams.get("target");
  if (program && (wanted === null || wanted === program.target)) return program;
  throw new DomainError("not_found", "This server has no program for that machine to hand out.");
}

async function sha256Of(path: string): Promise<string> {
  const hash = new Bun.CryptoHasher("sha256");
  for await (const chunk of Bun.file(path).stream()) hash.update(chunk);
  return hash.digest("hex");
}

/** The same stream; `over` is called once, when it ended, failed or was given up. */
function countedUntilOver(source: ReadableStream<Uint8Array>, over: () => void): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  let isOver = false;
  const end = () => {
    if (!isOver) over();
    isOver = true;
  };
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) {
          controller.enqueue(value);
          return;
        }
        controller.close();
      } catch (error) {
        controller.error(error);
      }
      end();
    },
    async cancel(reason) {
      end();
      await reader.cancel(reason);
    },
  });
}
