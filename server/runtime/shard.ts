/**
 * Entry of a shard thread. Holds orgs (the first shard also the instance), answers their calls one
 * message at a time, and sends what happens in them to the edge. Everything that touches SQLite runs
 * here, so a slow disk never stalls the thread that talks HTTP.
 */
declare const self: Worker;

import { createHostCollector } from "../collectors/host.ts";
import { DEFAULT_ORG, type OrgId } from "../contract/ids.ts";
import { systemClock } from "../lib/clock.ts";
import { DomainError } from "../lib/domain-error.ts";
import { errorText, Log } from "../lib/log.ts";
import { OrgConnections } from "../tenancy/connections.ts";
import { type DataDirLock, takeDataDir } from "../tenancy/data-dir.ts";
import { isAboutFiles, storageTrouble } from "../tenancy/storage.ts";
import { type FromShard, failureOf, findVerb, type ShardStart, type ToShard } from "./calls.ts";
import { InstanceRuntime } from "./instance-runtime.ts";
import { instanceVerbs } from "./instance-verbs.ts";
import { OrgRuntime } from "./org-runtime.ts";
import { orgVerbs } from "./org-verbs.ts";
import { SelfWatch } from "./self-watch.ts";

const log = new Log((level, message, fields) => tell({ type: "log", level, message, fields }));
const orgs = new Map<OrgId, OrgRuntime>();
let dataDirLock: DataDirLock | undefined;
let connections: OrgConnections | undefined;
let instance: InstanceRuntime | undefined;
let selfWatch: SelfWatch | undefined;

self.onmessage = ({ data }: MessageEvent<ToShard>) => {
  if (data.type === "call") void answer(data);
  else if (data.type === "start") start(data.start);
  else stop();
};

process.on("unhandledRejection", (error) => {
  log.error("unhandled rejection in a shard", { error: errorText(error) });
  tell({ type: "unhandled" });
});

function start(options: ShardStart): void {
  try {
    connections = new OrgConnections(options.dataDir);
    if (options.first) startFirst(options, connections);
    tell({ type: "ready" });
  } catch (error) {
    if (!isAboutFiles(error)) log.error("could not start", { error: errorText(error) });
    tell({
      type: "refused",
      message: isAboutFiles(error) ? error.message : `could not open ${options.dataDir}: ${describe(error)}`,
    });
  }
}

function startFirst(options: ShardStart, files: OrgConnections): void {
  dataDirLock = takeDataDir(options.dataDir);
  instance = new InstanceRuntime({
    dataDir: options.dataDir,
    clock: systemClock,
    setupToken: options.setupToken,
    announce: (changes) => tell({ type: "directory", changes }),
    createOrgFile: (orgId) => files.create(orgId),
  });
  const org = orgOf(DEFAULT_ORG);
  if (options.watchThisMachine) selfWatch = new SelfWatch(org, createHostCollector(), log);
}

async function answer(call: ToShard & { type: "call" }): Promise<void> {
  try {
    tell({ type: "answer", id: call.id, output: await run(call) });
  } catch (error) {
    tell({ type: "failure", id: call.id, failure: failureOf(toDomainError(error, call.verb)) });
  }
}

function run(call: ToShard & { type: "call" }): unknown {
  const verb = findVerb(call.actor === "instance" ? instanceVerbs : orgVerbs, call.verb);
  const target = call.actor === "instance" ? instance : orgOf(call.actor);
  if (!verb || !target) throw new Error(`no such call: ${call.verb}`);
  return verb(target, call.input);
}

function orgOf(orgId: OrgId): OrgRuntime {
  let org = orgs.get(orgId);
  if (!org && connections) {
    org = new OrgRuntime(orgId, connections.pin(orgId), {
      clock: systemClock,
      log,
      publish: (id, event, at, json) => tell({ type: "event", orgId: id, event, at, json }),
    });
    orgs.set(orgId, org);
  }
  if (!org) throw new Error("the shard has not started");
  return org;
}

function stop(): void {
  selfWatch?.stop();
  for (const org of orgs.values()) {
    try {
      org.close();
    } catch (error) {
      log.error("could not write the last reports of an org", { org_id: org.id, error: errorText(error) });
    }
  }
  connections?.closeAll();
  instance?.close();
  dataDirLock?.release();
  tell({ type: "stopped" });
}

function toDomainError(error: unknown, verb: string): DomainError {
  if (error instanceof DomainError) return error;
  log.error("a call failed", { verb, error: errorText(error) });
  const trouble = storageTrouble(error);
  if (trouble === "full") {
    return new DomainError("storage_full", "The disk of the server is full.", { retryAfterMs: 30_000 });
  }
  if (trouble === "unusable") {
    return new DomainError("org_unavailable", "The data cannot be read or written right now.", {
      retryAfterMs: 30_000,
    });
  }
  return new DomainError("internal", "Something went wrong inside Pulse.");
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function tell(message: FromShard): void {
  self.postMessage(message);
}
