/**
 * Entry of a shard thread. Holds orgs (the first shard also the instance), answers their calls one
 * message at a time, and sends what happens in them to the edge. Everything that touches SQLite runs
 * here, so a slow disk never stalls the thread that talks HTTP.
 */
declare const self: Worker;

import { createMachineCollector } from "../collectors/machine.ts";
import { DEFAULT_ORG } from "../contract/ids.ts";
import { systemClock } from "../lib/clock.ts";
import { DomainError } from "../lib/domain-error.ts";
import { errorText, Log } from "../lib/log.ts";
import { OrgConnections } from "../tenancy/connections.ts";
import { type DataDirLock, takeDataDir } from "../tenancy/data-dir.ts";
import { DataDirKeys } from "../tenancy/keys.ts";
import { OrgFolders } from "../tenancy/org-folders.ts";
import { isAboutFiles, storageTrouble } from "../tenancy/storage.ts";
import {
  type FromShard,
  failureOf,
  findVerb,
  type HaltedOrgs,
  type ShardStart,
  type ToShard,
} from "./calls.ts";
import { InstanceRuntime } from "./instance-runtime.ts";
import { instanceVerbs } from "./instance-verbs.ts";
import { OrgShelf } from "./org-shelf.ts";
import { orgVerbs } from "./org-verbs.ts";
import { SelfWatch } from "./self-watch.ts";

const log = new Log((level, message, fields) => tell({ type: "log", level, message, fields }));
const asked = new Map<number, () => void>();
let lastAsked = 0;
let dataDirLock: DataDirLock | undefined;
let orgs: OrgShelf | undefined;
let instance: InstanceRuntime | undefined;
let selfWatch: SelfWatch | undefined;

self.onmessage = ({ data }: MessageEvent<ToShard>) => {
  switch (data.type) {
    case "start":
      start(data.start);
      break;
    case "call":
      void answer(data);
      break;
    case "doors":
      orgs?.setDoors(data.orgId, data.doors);
      break;
    case "halt":
    case "admit":
      orgs?.[data.type](data.orgs);
      tell({ type: "done", id: data.id });
      break;
    case "done":
      asked.get(data.id)?.();
      asked.delete(data.id);
      break;
    case "stop":
      stop();
  }
};

process.on("unhandledRejection", (error) => {
  log.error("unhandled rejection in a shard", { error: errorText(error) });
  tell({ type: "unhandled" });
});

function start(options: ShardStart): void {
  try {
    const files = new OrgConnections(options.dataDir);
    if (options.first) dataDirLock = takeDataDir(options.dataDir);
    orgs = new OrgShelf({
      files,
      log,
      halted: options.halted,
      around: {
        clock: systemClock,
        log,
        publish: (orgId, event, at, json) => tell({ type: "event", orgId, event, at, json }),
        publishTo: (orgId, via, event, at, json) => tell({ type: "event", orgId, event, at, json, via }),
        health: (orgId, counts) => tell({ type: "health", orgId, counts }),
      },
    });
    if (options.first) startFirst(options, orgs, files);
    tell({ type: "ready" });
  } catch (error) {
    if (!isAboutFiles(error)) log.error("could not start", { error: errorText(error) });
    tell({
      type: "refused",
      message: isAboutFiles(error) ? error.message : `could not open ${options.dataDir}: ${describe(error)}`,
    });
  }
}

function startFirst(options: ShardStart, shelf: OrgShelf, files: OrgConnections): void {
  const { dataDir, setupToken, multiTenantAllowed, licensePublicKey, secretKeyFile } = options;
  instance = new InstanceRuntime({
    dataDir,
    clock: systemClock,
    setupToken,
    announce: (changes) => tell({ type: "directory", changes }),
    orgFiles: new OrgFolders(dataDir, files),
    actors: { halt: (ids) => inEveryShard("halt", ids), admit: (ids) => inEveryShard("admit", ids) },
    keys: new DataDirKeys(dataDir, secretKeyFile),
    pinnedLicenseKey: licensePublicKey,
    multiTenantAllowed,
    onUnsettled: ({ orgId, error }) =>
      log.error("the folder of an org is not where it belongs", { org_id: orgId, error: errorText(error) }),
  });
  const org = shelf.get(DEFAULT_ORG);
  if (options.watchThisMachine) selfWatch = new SelfWatch(org, createMachineCollector(), log);
}

/** The edge knows every shard and says when all of them have done it. */
function inEveryShard(type: "halt" | "admit", ids: HaltedOrgs): Promise<void> {
  const id = ++lastAsked;
  return new Promise((resolve) => {
    asked.set(id, resolve);
    tell({ type, id, orgs: ids });
  });
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
  const target = call.actor === "instance" ? instance : orgs?.get(call.actor);
  if (!verb || !target) throw new Error(`no such call: ${call.verb}`);
  return verb(target, call.input);
}

function stop(): void {
  selfWatch?.stop();
  orgs?.closeAll();
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
