/**
 * Doing once what was asked twice. A caller that does not know whether its call arrived sends it again
 * under the same key: what it would create is created once, and both calls get the same answer.
 *
 * A key belongs to one org and one caller. The answer may hold a secret that is stored nowhere else
 * (a token, the link of an invitation), so it is sealed with a key derived from the caller's own key
 * and the instance's: neither the file alone nor a guessed key opens it.
 */
import { hkdfSync } from "node:crypto";
import { and, asc, count, eq, lt } from "drizzle-orm";
import { idempotency } from "../../db/instance/system.ts";
import type { OrgId } from "../contract/ids.ts";
import { DomainError } from "../lib/domain-error.ts";
import { sha256Hex } from "../lib/random-id.ts";
import { seal, unseal } from "../lib/seal.ts";
import type { Instance } from "./instance.ts";

/** Who sends the call, and under which key; without a key it is done each time. */
export interface Once {
  orgId: OrgId;
  /** Id of a person or a token. */
  caller: string;
  key: string | undefined;
  /** What the caller asked for: under one key always the same. */
  request: { procedure: string; input: unknown };
}

const KEPT_MS = 24 * 3_600_000;
/** Answers kept per org; past it the oldest is forgotten. */
const MAX_PER_ORG = 10_000;
/** 8 to 200 visible ASCII characters. */
const KEY = /^[\x21-\x7e]{8,200}$/;

/** `make` runs inside the transaction in which its answer is remembered. */
export function once<T>(instance: Instance, asked: Once, make: () => T): { answer: T; replayed: boolean } {
  const { orgId, caller, key, request } = asked;
  if (key === undefined) return { answer: make(), replayed: false };
  if (!KEY.test(key)) {
    throw new DomainError("invalid_request", "The idempotency key is not valid.", {
      fields: { "idempotency-key": "must have 8 to 200 visible ASCII characters" },
    });
  }
  const requestHash = sha256Hex(canonicalJson(request));
  const place = { orgId, caller, keyHash: sha256Hex(key) };
  const sealing = keyFor(instance, { orgId, caller, key });
  return instance.write(() => {
    const known = find(instance, place);
    if (known) {
      if (known.requestHash !== requestHash)
        throw new DomainError("idempotency_mismatch", "This key was used for something else.");
      return { answer: JSON.parse(unseal(sealing, known.answer)) as T, replayed: true };
    }
    const answer = make();
    instance.db.orm
      .insert(idempotency)
      .values({
        ...place,
        requestHash,
        answer: seal(sealing, JSON.stringify(answer)),
        createdAt: instance.clock(),
      })
      .run();
    forgetSurplus(instance, orgId);
    return { answer, replayed: false };
  });
}

/** Forgets what is older than a day; how many. */
export function dropOld(instance: Instance): number {
  const limit = instance.clock() - KEPT_MS;
  return instance.write(
    () => instance.db.orm.delete(idempotency).where(lt(idempotency.createdAt, limit)).run().changes,
  );
}

interface Place {
  orgId: OrgId;
  caller: string;
  keyHash: string;
}

function isAt({ orgId, caller, keyHash }: Place) {
  return and(eq(idempotency.orgId, orgId), eq(idempotency.caller, caller), eq(idempotency.keyHash, keyHash));
}

/** What is too old is as if it had never been. */
function find(instance: Instance, place: Place): typeof idempotency.$inferSelect | undefined {
  const row = instance.db.orm.select().from(idempotency).where(isAt(place)).get();
  if (!row || row.createdAt > instance.clock() - KEPT_MS) return row;
  instance.db.orm.delete(idempotency).where(isAt(place)).run();
  return undefined;
}

function forgetSurplus({ db }: Instance, orgId: OrgId): void {
  const isOrgs = eq(idempotency.orgId, orgId);
  const held = db.orm.select({ total: count() }).from(idempotency).where(isOrgs).get()?.total ?? 0;
  if (held <= MAX_PER_ORG) return;
  const oldest = db.orm
    .select()
    .from(idempotency)
    .where(isOrgs)
    .orderBy(asc(idempotency.createdAt))
    .limit(held - MAX_PER_ORG)
    .all();
  for (const { caller, keyHash } of oldest)
    db.orm.delete(idempotency).where(isAt({ orgId, caller, keyHash })).run();
}

function keyFor(
  instance: Instance,
  { orgId, caller, key }: { orgId: string; caller: string; key: string },
): Buffer {
  const secret = instance.keys.derive("idempotency");
  return Buffer.from(hkdfSync("sha256", key, secret, JSON.stringify([orgId, caller]), 32));
}

/** The same for the same content, in whatever order its fields came. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, held: unknown) =>
    held !== null && typeof held === "object" && !Array.isArray(held)
      ? Object.fromEntries(Object.entries(held).sort(([a], [b]) => (a < b ? -1 : 1)))
      : held,
  );
}
