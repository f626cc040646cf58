/**
 * Entry of a shard thread. Holds orgs (the first shard also the instance), answers their calls one
 * message at a time, and sends what happens in them to the edge. Everything that touches SQLite runs
 * here, so a slow disk never stalls the thread that talks HTTP.
 */
declare const self: Worker;

import { networkInterfaces } from "node:os";
import { createMachineCollector } from "../collectors/machine.ts";
import { DEFAULT_ORG, type OrgId, type ShareId } from "../contract/ids.ts";
import type { HealthCounts } from "../contract/orgs.ts";
import { systemClock } from "../lib/clock.ts";
import { DomainError } from "../lib/domain-error.ts";
import { Egress } from "../lib/egress.ts";
import { errorText, Log } from "../lib/log.ts";
import type { Messenger } from "../notifications/messenger.ts";
import { SendingRoom } from "../notifications/sending-room.ts";
import { OrgConnections } from "../tenancy/connections.ts";
import { type DataDirLock, takeDataDir } from "../tenancy/data-dir.ts";
import { Journal } from "../tenancy/journal/journal.ts";
import { replay } from "../tenancy/journal/replay.ts";
import { DataDirKeys } from "../tenancy/keys.ts";
import { OrgFolders } from "../tenancy/org-folders.ts";
import { journalDir } from "../tenancy/paths.ts";
import { Room } from "../tenancy/room.ts";
import { isAboutFiles, storageTrouble } from "../tenancy/storage.ts";
import { askThrough } from "./ask.ts";
import {
  type FromShard,
  failureOf,
  findVerb,
  type HaltedOrgs,
  type ShardStart,
  type ToShard,
} from "./calls.ts";
import { deliverAgain } from "./delivery.ts";
import { InstanceRuntime } from "./instance-runtime.ts";
import { instanceVerbs } from "./instance-verbs.ts";
import { OrgRuntime, UNHEARD } from "./org-runtime.ts";
import { OrgShelf } from "./org-shelf.ts";
import { orgVerbs } from "./org-verbs.ts";
import { SelfWatch } from "./self-watch.ts";

const log = new Log((level, message, fields) => tell({ type: "log", level, message, fields }));
const asked = new Map<number, () => void>();
/** Calls whose caller may leave. */
const underWay = new Map<number, AbortController>();
let lastAsked = 0;
let dataDirLock: DataDirLock | undefined;
let journal: Journal | undefined;
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
    case "abandon":
      underWay.get(data.id)?.abort();
      break;
    case "doors":
      orgs?.setDoors(data.orgId, data.doors);
      break;
    case "unwatch":
      orgs?.unwatch(data.orgId, data.gone);
      break;
    case "outside":
      orgs?.setOutside(data.orgId, data.outside);
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
      void stop();
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
    const room = new Room(options.dataDir);
    const keys = new DataDirKeys(options.dataDir, options.secretKeyFile);
    const { allow, own } = options.outbound;
    const messenger: Messenger = {
      egress: new Egress({ reach: "public", allow, own: ownAddresses(own) }),
      room: new SendingRoom(),
      clock: systemClock,
      publicUrl: options.publicUrl,
      onAttempt: (channel, result) => tell({ type: "attempt", channel, result }),
    };
    const around = {
      keysOf: (orgId: OrgId) => (name?: string) => keys.orgKey(orgId, name),
      messenger,
      ask: askThrough(new Egress({ reach: "lan", allow, own: ownAddresses(own) })),
      clock: systemClock,
      log,
      requireRoom: () => room.require(),
      publish: (orgId: OrgId, event: string, at: number, json: string) =>
        tell({ type: "event", orgId, event, at, json }),
      publishTo: (orgId: OrgId, via: ShareId, event: string, at: number, json: string) =>
        tell({ type: "event", orgId, event, at, json, via }),
      health: (orgId: OrgId, counts: HealthCounts) => tell({ type: "health", orgId, counts }),
    };
    if (options.first) replayJournal(options.dataDir, files);
    journal = new Journal({
      folder: journalDir(options.dataDir),
      name: options.name,
      onPressure: (orgIds) => void orgs?.press(orgIds),
    });
    orgs = new OrgShelf({ files, journal, log, halted: options.halted, around });
    if (options.first) startFirst(options, { shelf: orgs, files, keys });
    tell({ type: "ready" });
  } catch (error) {
    if (!isAboutFiles(error)) log.error("could not start", { error: errorText(error) });
    tell({
      type: "refused",
      message: isAboutFiles(error) ? error.message : `could not open ${options.dataDir}: ${describe(error)}`,
    });
  }
}

/** What was acknowledged before a crash and is in no org's file yet. Nothing is shown to anybody of it. */
function replayJournal(dataDir: string, files: OrgConnections): void {
  const startedAt = performance.now();
  const { records, failed } = replay(journalDir(dataDir), (orgId, list) => {
    /* An org that was deleted takes with it what was on its way. */
    if (!files.has(orgId)) return;
    const file = { use: () => files.use(orgId), sizeBytes: () => files.sizeOf(orgId) };
    const org = new OrgRuntime(orgId, file, { ...UNHEARD, clock: systemClock, log });
    try {
      deliverAgain(org, list);
    } finally {
      org.close();
      files.close(orgId);
    }
  });
  for (const { orgId, error } of failed)
    log.error("acknowledged reports of an org could not be written yet", {
      org_id: orgId,
      error: errorText(error),
    });
  if (records > 0)
    log.info("reports from the journal written", {
      deliveries: records,
      ms: Math.round(performance.now() - startedAt),
    });
}

/** Where this machine listens itself, by every name it has. */
function ownAddresses(port: number): { address: string; port: number }[] {
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return own.map(({ address }) => ({ address, port }));
}

function startFirst(
  options: ShardStart,
  { shelf, files, keys }: { shelf: OrgShelf; files: OrgConnections; keys: DataDirKeys },
): void {
  const { dataDir, setupToken, multiTenantAllowed, licensePublicKey } = options;
  instance = new InstanceRuntime({
    dataDir,
    clock: systemClock,
    setupToken,
    announce: (changes) => tell({ type: "directory", changes }),
    orgFiles: new OrgFolders(dataDir, files),
    actors: { halt: (ids) => inEveryShard("halt", ids), admit: (ids) => inEveryShard("admit", ids) },
    keys,
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
  } finally {
    underWay.delete(call.id);
  }
}

function run(call: ToShard & { type: "call" }): unknown {
  const caller = call.mayEnd ? new AbortController() : undefined;
  if (caller) underWay.set(call.id, caller);
  const verb = findVerb(call.actor === "instance" ? instanceVerbs : orgVerbs, call.verb);
  const target = call.actor === "instance" ? instance : orgs?.get(call.actor);
  if (!verb || !target) throw new Error(`no such call: ${call.verb}`);
  return verb(target, call.input, caller?.signal);
}

async function stop(): Promise<void> {
  selfWatch?.stop();
  orgs?.closeAll();
  await journal?.close();
  instance?.close();
  dataDirLock?.release();
  tell({ type: "stopped" });
}

/** A journal's file is written by the system's own calls. */
function isDiskFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EDQUOT");
}

function toDomainError(error: unknown, verb: string): DomainError {
  if (error instanceof DomainError) return error;
  log.error("a call failed", { verb, error: errorText(error) });
  const trouble = storageTrouble(error);
  if (trouble === "full" || isDiskFull(error)) {
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
