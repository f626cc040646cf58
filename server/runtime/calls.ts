/** How the edge talks to the actors. One message each way; events come without being asked for. */

import type { WatchersGone } from "../agents/watching.ts";
import type { DirectoryChange } from "../contract/directory.ts";
import type { DoorWatch } from "../contract/doors.ts";
import type { FieldErrors, Reason } from "../contract/errors.ts";
import type { OrgId, ShareId } from "../contract/ids.ts";
import type { ChannelType } from "../contract/notifications.ts";
import type { HealthCounts } from "../contract/orgs.ts";
import type { OrgOutside } from "../contract/outside.ts";
import { DomainError } from "../lib/domain-error.ts";
import type { LogFields, LogLevel } from "../lib/log.ts";

/** Whom a call is for: an org, or the one instance. */
export type ActorId = OrgId | "instance";

export interface ShardStart {
  dataDir: string;
  /** Names what is this shard's own. */
  name: string;
  /** The first shard takes the data directory and holds the instance. */
  first: boolean;
  setupToken?: string | undefined;
  /** Watch the machine the server runs on, in the org `default`. */
  watchThisMachine: boolean;
  /** The flag in the environment. */
  multiTenantAllowed: boolean;
  licensePublicKey?: string | undefined;
  secretKeyFile?: string | undefined;
  /** Where sources may be although it is refused by default, and the port that is our own. */
  outbound: { allow: readonly string[]; own: number };
  publicUrl?: string | undefined;
  /** Orgs that are refused from the start. */
  halted: HaltedOrgs;
}

/** `all`: every org but `default`. */
export type HaltedOrgs = OrgId[] | "all";

export type ToShard =
  | { type: "start"; start: ShardStart }
  /** `mayEnd`: whoever asks may leave before the answer. */
  | { type: "call"; id: number; actor: ActorId; verb: string; input: unknown; mayEnd: boolean }
  /** Nobody waits for the answer any more. */
  | { type: "abandon"; id: number }
  /** Write, close and refuse these, until they are admitted again; answered when it is done. */
  | { type: "halt"; id: number; orgs: HaltedOrgs }
  | { type: "admit"; id: number; orgs: HaltedOrgs }
  /** The instance asked for it, and it is done in every shard. */
  | { type: "done"; id: number }
  /** What this org shows to others, from now on. */
  | { type: "doors"; orgId: OrgId; doors: DoorWatch[] }
  /** These do not look at machines any more; in every org where none is named. */
  | { type: "unwatch"; orgId: OrgId | undefined; gone: WatchersGone }
  /** What the edge knows of it, from now on; undefined: it is gone. */
  | { type: "outside"; orgId: OrgId; outside: OrgOutside | undefined }
  | { type: "stop" };

export interface CallFailure {
  reason: Reason;
  message: string;
  fields?: FieldErrors | undefined;
  retryAfterMs?: number | undefined;
}

export type FromShard =
  | { type: "ready" }
  | { type: "refused"; message: string }
  | { type: "answer"; id: number; output: unknown }
  | { type: "failure"; id: number; failure: CallFailure }
  | { type: "directory"; changes: DirectoryChange[] }
  /** `via`: it comes from another org, through this share. */
  | { type: "event"; orgId: OrgId; event: string; at: number; json: string; via?: ShareId }
  | { type: "health"; orgId: OrgId; counts: HealthCounts }
  /** An attempt to send a message, and what became of it. */
  | { type: "attempt"; channel: ChannelType; result: "sent" | "failed" | "dead" }
  /** The instance wants this done in every shard. */
  | { type: "halt" | "admit"; id: number; orgs: HaltedOrgs }
  | { type: "done"; id: number }
  | { type: "log"; level: LogLevel; message: string; fields: LogFields }
  | { type: "unhandled" }
  | { type: "stopped" };

// biome-ignore lint/suspicious/noExplicitAny: the constraint only says "a verb"; `Calls` reads the real types.
type Verb = (target: any, ...input: any[]) => unknown;
export type VerbTable = Record<string, Record<string, Verb>>;

/**
 * The verbs as the edge calls them: without the target, with a promise. A verb that can take long has a signal after
 * its input; in the actor it is another one that says the same.
 */
export type Calls<Verbs extends VerbTable> = {
  [Domain in keyof Verbs]: {
    [Name in keyof Verbs[Domain]]: Verbs[Domain][Name] extends (
      target: never,
      ...input: infer Input
    ) => infer Output
      ? (...input: Input) => Promise<Awaited<Output>>
      : never;
  };
};

export function callsThrough<Verbs extends VerbTable>(
  send: (verb: string, input: unknown, signal?: AbortSignal) => Promise<unknown>,
): Calls<Verbs> {
  const domains = new Map<string, unknown>();
  return new Proxy({} as Calls<Verbs>, {
    get(_, domain: string) {
      let calls = domains.get(domain);
      if (!calls) {
        calls = new Proxy(
          {},
          {
            get: (_, name: string) => (input: unknown, signal?: AbortSignal) =>
              send(`${domain}.${name}`, input, signal),
          },
        );
        domains.set(domain, calls);
      }
      return calls;
    },
  });
}

/** The verb of that name, own properties only: a name can come from a control message. */
export function findVerb(verbs: VerbTable, name: string): Verb | undefined {
  const [domain = "", verb = ""] = name.split(".");
  if (!Object.hasOwn(verbs, domain)) return undefined;
  const table = verbs[domain] as Record<string, Verb>;
  return Object.hasOwn(table, verb) ? table[verb] : undefined;
}

export function failureOf(error: DomainError): CallFailure {
  return {
    reason: error.reason,
    message: error.message,
    fields: error.fields,
    retryAfterMs: error.retryAfterMs,
  };
}

export function errorOf(failure: CallFailure): DomainError {
  return new DomainError(failure.reason, failure.message, {
    ...(failure.fields && { fields: failure.fields }),
    ...(failure.retryAfterMs !== undefined && { retryAfterMs: failure.retryAfterMs }),
  });
}
