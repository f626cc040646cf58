/**
 * API tokens. A token is stored as its SHA-256 only. What it may do is decided at the edge, anew at
 * every call: never more than the person who made it can do then.
 */
import { and, count, desc, eq, inArray, isNull, lt, or } from "drizzle-orm";
import type { Database } from "../../db/driver.ts";
import { membership, org as orgTable } from "../../db/instance/orgs.ts";
import { user } from "../../db/instance/people.ts";
import { tokenOrg, token as tokenTable } from "../../db/instance/tokens.ts";
import { record } from "../audit/record.ts";
import type { By } from "../contract/audit.ts";
import type { DirectoryChange, TokenEntry } from "../contract/directory.ts";
import { DEFAULT_ORG, OrgId, TokenId, UserId } from "../contract/ids.ts";
import { limitOf } from "../contract/limits.ts";
import { type Role, roleCovers } from "../contract/roles.ts";
import { Email } from "../contract/session.ts";
import { CreateTokenInput, type NewToken, Scope, TOKEN_PREFIX, type TokenInfo } from "../contract/tokens.ts";
import type { Instance } from "../instance/instance.ts";
import { multiTenantStatus } from "../instance/switch.ts";
import { DomainError } from "../lib/domain-error.ts";
import { mintId, randomBase32, sha256Hex } from "../lib/random-id.ts";

type Row = typeof tokenTable.$inferSelect;

/** 40 characters of 5 bits: 200 random bits. */
const SECRET_LENGTH = 40;

export function create(
  instance: Instance,
  input: {
    by: By;
    userId: UserId;
    orgIds: OrgId[];
    name: string;
    scopes: Scope[];
    expiresAt?: number | undefined;
  },
): NewToken {
  return make(instance, input, "admin");
}

function make(instance: Instance, input: Parameters<typeof create>[1], needed: Role): NewToken {
  const { by, userId, name, expiresAt } = input;
  const orgIds = [...new Set(input.orgIds)];
  const scopes = [...new Set(input.scopes)];
  const secret = TOKEN_PREFIX + randomBase32(SECRET_LENGTH);
  const id = TokenId.parse(mintId("t"));
  const { db } = instance;
  return instance.write(() => {
    const createdAt = instance.clock();
    if (expiresAt !== undefined && expiresAt <= createdAt) {
      throw new DomainError("invalid_request", "A token that has expired already is good for nothing.", {
        fields: { expiresAt: "must be in the future" },
      });
    }
    if (orgIds.length === 0) throw new DomainError("invalid_request", "A token is bound to something.");
    for (const orgId of orgIds) {
      requireRole(db, orgId, userId, needed);
      requireRoom(db, orgId);
    }
    const row: Row = {
      id,
      secretHash: sha256Hex(secret),
      name,
      madeBy: userId,
      scopes,
      createdAt,
      expiresAt: expiresAt ?? null,
      lastUsedAt: null,
    };
    db.orm.insert(tokenTable).values(row).run();
    for (const orgId of orgIds) {
      db.orm.insert(tokenOrg).values({ tokenId: id, orgId }).run();
      const details = { name, scopes, ...(expiresAt !== undefined && { expiresAt }) };
      record(db, createdAt, { by, action: "token.created", orgId, subject: id, details });
    }
    instance.announce([{ kind: "token", token: entryOf(row, orgIds) }]);
    return { id, token: secret };
  });
}

/** Those bound to this org, newest first. */
export function list(
  instance: Instance,
  input: { orgId: OrgId; visibleOrgIds: OrgId[]; multiTenant: boolean },
): { tokens: TokenInfo[] } {
  const { orgId, visibleOrgIds, multiTenant } = input;
  const bound = instance.db.orm
    .select({ id: tokenOrg.tokenId })
    .from(tokenOrg)
    .where(eq(tokenOrg.orgId, orgId));
  const visible = multiTenant ? new Set<string>(visibleOrgIds) : undefined;
  return { tokens: infos(instance, inArray(tokenTable.id, bound), visible) };
}

/** Ends it in this org. Its maker ends it everywhere; it is gone, too, when this was the last org. */
export function revoke(
  instance: Instance,
  { by, orgId, id }: { by: By; orgId: OrgId; id: TokenId },
): { revoked: true } {
  const { db } = instance;
  return instance.write(() => {
    const row = db.orm.select().from(tokenTable).where(eq(tokenTable.id, id)).get();
    const bound = orgsOf(db, id);
    if (!row || !bound.includes(orgId)) throw unknown();
    if (by.kind === "person") requireRole(db, orgId, by.id, "admin");
    const others = bound.filter((other) => other !== orgId);
    const isMaker = by.kind === "person" && by.id === row.madeBy;
    if (others.length === 0 || isMaker) drop(instance, by, row, bound);
    else {
      db.orm
        .delete(tokenOrg)
        .where(and(eq(tokenOrg.tokenId, id), eq(tokenOrg.orgId, orgId)))
        .run();
      const details = { name: row.name };
      record(db, instance.clock(), { by, action: "token.revoked", orgId, subject: id, details });
      instance.announce([{ kind: "token", token: entryOf(row, others) }]);
    }
    return { revoked: true };
  });
}

/** Of a token that is gone, nothing is noted. Nobody is told: the edge knows better than this row. */
export function noteUse(instance: Instance, { id, at }: { id: TokenId; at: number }): void {
  const isEarlier = or(isNull(tokenTable.lastUsedAt), lt(tokenTable.lastUsedAt, at));
  instance.write(() =>
    instance.db.orm
      .update(tokenTable)
      .set({ lastUsedAt: at })
      .where(and(eq(tokenTable.id, id), isEarlier))
      .run(),
  );
}

/** Every token, for the edge. */
export function entries(instance: Instance): DirectoryChange[] {
  const { db } = instance;
  const bound = Map.groupBy(db.orm.select().from(tokenOrg).all(), ({ tokenId }) => tokenId);
  const rows = db.orm.select().from(tokenTable).all();
  return rows.map((row) => {
    const orgIds = (bound.get(row.id) ?? []).map(({ orgId }) => OrgId.parse(orgId));
    return { kind: "token", token: entryOf(row, orgIds) };
  });
}

/** `pulse token create`: in the name of a person, because a token can do what its maker can. */
export function commandCreate(
  instance: Instance,
  input: { email: string; orgs?: string[]; name: string; scopes: string[]; expiresAt?: number },
): NewToken {
  const { db } = instance;
  const asked = CreateTokenInput.omit({ orgs: true }).safeParse({
    name: input.name,
    scopes: input.scopes,
    ...(input.expiresAt !== undefined && { expiresAt: input.expiresAt }),
  });
  if (!asked.success) throw invalidCommand(asked.error.issues[0]);
  const { name, scopes, expiresAt } = asked.data;
  const orgs = namedOrgs(instance, input.orgs);
  const person = findPerson(db, input.email);
  const asking = {
    by: { kind: "command" } as const,
    userId: UserId.parse(person.id),
    orgIds: orgs.map(({ id }) => OrgId.parse(id)),
    name,
    scopes,
    expiresAt,
  };
  /* Whoever operates the server may hand a token to anybody: it can do no more than they can. */
  return make(instance, asking, "viewer");
}

/** `pulse token list`. */
export function commandList(instance: Instance, input: { org?: string }): { tokens: TokenInfo[] } {
  const { enabled } = multiTenantStatus(instance);
  if (input.org === undefined && enabled) return { tokens: infos(instance, undefined, "all") };
  const orgs = namedOrgs(instance, input.org === undefined ? undefined : [input.org]);
  const bound = instance.db.orm
    .select({ id: tokenOrg.tokenId })
    .from(tokenOrg)
    .where(
      inArray(
        tokenOrg.orgId,
        orgs.map(({ id }) => id),
      ),
    );
  return { tokens: infos(instance, inArray(tokenTable.id, bound), enabled ? "all" : undefined) };
}

/** `pulse token revoke`: everywhere. */
export function commandRevoke(instance: Instance, { id }: { id: string }): { revoked: true } {
  return instance.write(() => {
    const row = instance.db.orm.select().from(tokenTable).where(eq(tokenTable.id, id)).get();
    if (!row) throw unknown();
    drop(instance, { kind: "command" }, row, orgsOf(instance.db, id));
    return { revoked: true };
  });
}

function drop(instance: Instance, by: By, row: Row, orgIds: OrgId[]): void {
  const { db } = instance;
  db.orm.delete(tokenTable).where(eq(tokenTable.id, row.id)).run();
  for (const orgId of orgIds) {
    const details = { name: row.name };
    record(db, instance.clock(), { by, action: "token.revoked", orgId, subject: row.id, details });
  }
  instance.announce([{ kind: "token_gone", id: TokenId.parse(row.id) }]);
}

function infos(
  { db }: Instance,
  which: ReturnType<typeof and>,
  /** Whose names are told; undefined: none at all. */
  visible: Set<string> | "all" | undefined,
): TokenInfo[] {
  const rows = db.orm
    .select({ token: tokenTable, madeBy: { name: user.name, email: user.email } })
    .from(tokenTable)
    .innerJoin(user, eq(user.id, tokenTable.madeBy))
    .where(which)
    .orderBy(desc(tokenTable.createdAt), tokenTable.id)
    .all();
  return rows.map(({ token, madeBy }) => {
    const { id, name, scopes, createdAt, expiresAt, lastUsedAt } = token;
    return {
      id: TokenId.parse(id),
      name,
      scopes: scopes.map((scope) => Scope.parse(scope)),
      ...(visible && { orgs: namesOf(db, id, visible) }),
      madeBy,
      createdAt,
      ...(expiresAt !== null && { expiresAt }),
      ...(lastUsedAt !== null && { lastUsedAt }),
    };
  });
}

function namesOf(db: Database, id: string, visible: Set<string> | "all"): { slug: string; name: string }[] {
  const rows = db.orm
    .select({ id: orgTable.id, slug: orgTable.slug, name: orgTable.name })
    .from(tokenOrg)
    .innerJoin(orgTable, eq(orgTable.id, tokenOrg.orgId))
    .where(eq(tokenOrg.tokenId, id))
    .orderBy(orgTable.name, orgTable.id)
    .all();
  return rows
    .filter((row) => visible === "all" || visible.has(row.id))
    .map(({ slug, name }) => ({ slug, name }));
}

/** The call may have waited behind the one that took the person's rights. */
function requireRole(db: Database, orgId: OrgId, userId: UserId, needed: Role): void {
  const found = db.orm
    .select({ role: membership.role, state: orgTable.state, disabledAt: user.disabledAt })
    .from(membership)
    .innerJoin(orgTable, eq(orgTable.id, membership.orgId))
    .innerJoin(user, eq(user.id, membership.userId))
    .where(and(eq(membership.orgId, orgId), eq(membership.userId, userId)))
    .get();
  if (found?.state !== "active" || found.disabledAt !== null) {
    throw new DomainError("access_denied", "This person has no access here.");
  }
  if (!roleCovers(found.role, needed)) {
    throw new DomainError("role_required", `This needs the role ${needed}.`);
  }
}

/** Every org it is bound to counts it. */
function requireRoom(db: Database, orgId: OrgId): void {
  const org = db.orm.select({ limits: orgTable.limits }).from(orgTable).where(eq(orgTable.id, orgId)).get();
  const limit = limitOf(org?.limits ?? undefined, "tokens");
  const found = db.orm.select({ total: count() }).from(tokenOrg).where(eq(tokenOrg.orgId, orgId)).get();
  const used = found?.total ?? 0;
  if (used >= limit) {
    throw new DomainError(
      "limit_reached",
      `${used} of at most ${limit} tokens are taken. Revoke one that is not needed any more.`,
    );
  }
}

function orgsOf(db: Database, id: string): OrgId[] {
  const rows = db.orm
    .select({ orgId: tokenOrg.orgId })
    .from(tokenOrg)
    .where(eq(tokenOrg.tokenId, id))
    .orderBy(tokenOrg.orgId)
    .all();
  return rows.map(({ orgId }) => OrgId.parse(orgId));
}

/** None named: `default`. With multi-tenancy off nothing can be named. */
function namedOrgs(instance: Instance, references: string[] = []) {
  if (references.length > 0 && !multiTenantStatus(instance).enabled) {
    throw new DomainError("feature_disabled", "This feature is not available.");
  }
  const names = references.length > 0 ? references : [DEFAULT_ORG];
  return names.map((reference) => {
    const found = instance.db.orm
      .select()
      .from(orgTable)
      .where(or(eq(orgTable.id, reference), eq(orgTable.slug, reference)))
      .get();
    if (!found) throw new DomainError("not_found", `There is no organization "${reference}".`);
    return found;
  });
}

function findPerson(db: Database, email: string) {
  const address = Email.safeParse(email);
  const found = address.success && db.orm.select().from(user).where(eq(user.email, address.data)).get();
  if (!found) throw new DomainError("not_found", "There is nobody with this e-mail address.");
  return found;
}

function entryOf(row: Row, orgIds: OrgId[]): TokenEntry {
  return {
    id: TokenId.parse(row.id),
    secretHash: row.secretHash,
    madeBy: UserId.parse(row.madeBy),
    scopes: row.scopes.map((scope) => Scope.parse(scope)),
    orgIds,
    ...(row.expiresAt !== null && { expiresAt: row.expiresAt }),
    ...(row.lastUsedAt !== null && { lastUsedAt: row.lastUsedAt }),
  };
}

function invalidCommand(issue: { path: PropertyKey[]; message: string } | undefined): DomainError {
  const field = String(issue?.path[0] ?? "input");
  const why = field === "scopes" ? "are read, write, report, admin: at least one" : issue?.message;
  return new DomainError("invalid_request", `${field} ${why}.`, {
    fields: { [field]: why ?? "is not valid" },
  });
}

function unknown(): DomainError {
  return new DomainError("not_found", "There is no such token.");
}
