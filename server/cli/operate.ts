/**
 * Operator commands. A running server is asked through its control socket; with the server stopped
 * the command takes the data directory and works on it directly. Never both.
 */
import { existsSync } from "node:fs";
import { request } from "node:http";
import type { Config } from "../config.ts";
import type { OrgId } from "../contract/ids.ts";
import { controlSocketPath, isOrgCommand, type OperatorVerb } from "../http/control-socket.ts";
import { type Actors, ORG_COMMANDS } from "../http/history-commands.ts";
import { systemClock } from "../lib/clock.ts";
import { DomainError } from "../lib/domain-error.ts";
import { Log } from "../lib/log.ts";
import { type CallFailure, callsThrough, errorOf, findVerb } from "../runtime/calls.ts";
import { InstanceRuntime } from "../runtime/instance-runtime.ts";
import { type InstanceVerbs, instanceVerbs } from "../runtime/instance-verbs.ts";
import type { OrgVerbs } from "../runtime/org-verbs.ts";
import { OrgConnections } from "../tenancy/connections.ts";
import { takeDataDir } from "../tenancy/data-dir.ts";
import { DataDirKeys } from "../tenancy/keys.ts";
import { OrgFolders } from "../tenancy/org-folders.ts";
import { instanceFile } from "../tenancy/paths.ts";

const ANSWER_WITHIN_MS = 30_000;

export async function operate(config: Config, verb: OperatorVerb, input: unknown): Promise<unknown> {
  const answer = await askServer(controlSocketPath(config.dataDir), { verb, input });
  if (!answer) return operateDirectly(config, verb, input);
  if (answer.failure) throw errorOf(answer.failure);
  return answer.output;
}

async function operateDirectly(config: Config, verb: OperatorVerb, input: unknown): Promise<unknown> {
  const { dataDir } = config;
  /* Making the first account is a beginning; everything else needs something to be there. */
  if (verb !== "people.create" && !existsSync(instanceFile(dataDir))) {
    throw new DomainError("not_found", `There is no Pulse data in ${dataDir} yet.`);
  }
  const lock = takeDataDir(dataDir);
  try {
    const files = new OrgConnections(dataDir);
    const instance = new InstanceRuntime({
      dataDir,
      clock: systemClock,
      announce: () => {},
      orgFiles: new OrgFolders(dataDir, files),
      actors: { halt: async () => {}, admit: async () => {} },
      keys: new DataDirKeys(dataDir, config.secretKeyFile),
      pinnedLicenseKey: config.licensePublicKey,
      multiTenantAllowed: config.multiTenant,
      /* `pulse doctor` tells, and so does the next start of the server. */
      onUnsettled: () => {},
    });
    try {
      if (isOrgCommand(verb)) return await ORG_COMMANDS[verb](actorsOn(instance, files), input);
      return await findVerb(instanceVerbs, verb)?.(instance, input);
    } finally {
      instance.close();
      files.closeAll();
    }
  } finally {
    lock.release();
  }
}

/** As the edge has them, without threads: an org is opened for each thing it is asked. */
function actorsOn(instance: InstanceRuntime, files: OrgConnections): Actors {
  const asked = async (orgId: OrgId, verb: string, input: unknown) => {
    const { orgVerbs } = await import("../runtime/org-verbs.ts");
    const { OrgRuntime, UNHEARD } = await import("../runtime/org-runtime.ts");
    const file = { use: () => files.use(orgId), sizeBytes: () => files.sizeOf(orgId) };
    const org = new OrgRuntime(orgId, file, { ...UNHEARD, clock: systemClock, log: new Log(() => {}) });
    try {
      return await findVerb(orgVerbs, verb)?.(org, input);
    } finally {
      org.close();
    }
  };
  return {
    instance: callsThrough<InstanceVerbs>(async (verb, input) =>
      findVerb(instanceVerbs, verb)?.(instance, input),
    ),
    org: (orgId) => callsThrough<OrgVerbs>((verb, input) => asked(orgId, verb, input)),
  };
}

interface Answer {
  output?: unknown;
  failure?: CallFailure;
}

/** Undefined when no server listens. */
function askServer(socketPath: string, body: unknown): Promise<Answer | undefined> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, method: "POST", path: "/", timeout: ANSWER_WITHIN_MS }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve(JSON.parse(Buffer.concat(chunks).toString()) as Answer));
    });
    call.on("timeout", () => call.destroy(new Error("the running server does not answer")));
    call.on("error", (error: NodeJS.ErrnoException) => {
      const nobody =
        error.code === "ENOENT" || error.code === "ECONNREFUSED" || error.code === "FailedToOpenSocket";
      if (nobody) resolve(undefined);
      else reject(error);
    });
    call.end(JSON.stringify(body));
  });
}
