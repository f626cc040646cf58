/**
 * How operator commands reach a running server: a socket in the data directory that only its owner
 * can open. It takes the operator's verbs and nothing else.
 */
import { chmodSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DomainError } from "../lib/domain-error.ts";
import { errorText, type Log } from "../lib/log.ts";
import { failureOf } from "../runtime/calls.ts";
import { type Actors, ORG_COMMANDS } from "./history-commands.ts";

/** What commands use: verbs of the instance, and what takes an org's actor besides. */
export const OPERATOR_VERBS = [
  "people.list",
  "people.create",
  "people.resetPassword",
  "people.disable",
  "orgCommands.list",
  "orgCommands.create",
  "orgCommands.rename",
  "orgCommands.suspend",
  "orgCommands.resume",
  "orgCommands.remove",
  "orgCommands.restore",
  "orgCommands.purge",
  "tokenCommands.create",
  "tokenCommands.list",
  "tokenCommands.revoke",
  "license.show",
  "license.init",
  "license.issue",
  "license.install",
  "license.remove",
  "multiTenant.status",
  "multiTenant.switch",
  "historyCommands.show",
  "historyCommands.keep",
] as const;
export type OperatorVerb = (typeof OPERATOR_VERBS)[number];

/** A socket's path is at most 107 bytes long on Linux. */
const MAX_PATH_BYTES = 107;

export function controlSocketPath(dataDir: string): string {
  return join(dataDir, "control.sock");
}

export function openControlSocket(dataDir: string, actors: Actors, log: Log): { stop(): void } {
  const path = controlSocketPath(dataDir);
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    log.warn(
      "the data directory's path is too long for a control socket: stop the server to use operator commands",
    );
    return { stop() {} };
  }
  /* The data directory is ours alone, so what is left here is from a process that was killed. */
  if (existsSync(path)) rmSync(path);
  const server = Bun.serve({
    unix: path,
    development: false,
    fetch: (request) => answer(request, actors, log),
  });
  chmodSync(path, 0o600);
  return {
    stop() {
      void server.stop(true);
      rmSync(path, { force: true });
    },
  };
}

async function answer(request: Request, actors: Actors, log: Log): Promise<Response> {
  try {
    const { verb, input } = (await request.json()) as { verb: OperatorVerb; input: unknown };
    if (!OPERATOR_VERBS.includes(verb))
      throw new DomainError("not_found", "The running server does not know this command.");
    return Response.json({ output: await call(actors, verb, input) });
  } catch (error) {
    if (!(error instanceof DomainError)) log.error("an operator command failed", { error: errorText(error) });
    const refused =
      error instanceof DomainError
        ? error
        : new DomainError("internal", "Something went wrong inside Pulse.");
    return Response.json({ failure: failureOf(refused) }, { status: refused.httpStatus });
  }
}

function call(actors: Actors, verb: OperatorVerb, input: unknown): Promise<unknown> {
  if (isOrgCommand(verb)) return ORG_COMMANDS[verb](actors, input);
  const [domain = "", name = ""] = verb.split(".");
  const calls = actors.instance as unknown as Record<
    string,
    Record<string, (input: unknown) => Promise<unknown>>
  >;
  const known = calls[domain]?.[name];
  if (!known) throw new DomainError("not_found", "The running server does not know this command.");
  return known(input);
}

export function isOrgCommand(verb: OperatorVerb): verb is keyof typeof ORG_COMMANDS {
  return Object.hasOwn(ORG_COMMANDS, verb);
}
