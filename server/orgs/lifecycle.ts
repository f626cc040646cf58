/**
 * The life of an org: made, renamed, suspended, deleted, brought back, purged.
 *
 * Whatever takes an org away goes in one order: the directory refuses it from the commit on (and its
 * streams end), its actor writes and closes (`halt`), and only then is its folder moved. A process
 * that ends in between leaves a state from which `settle` goes on at the next start.
 *
 * While a verb waits for an actor, another may change the org: what follows a wait looks again.
 */
import { and, count, eq, ne, or } from "drizzle-orm";
import { invitation, membership, org as orgTable, share } from "../../db/instance/orgs.ts";
import { user } from "../../db/instance/people.ts";
import { token, tokenOrg } from "../../db/instance/tokens.ts";
import { record } from "../audit/record.ts";
import type { By } from "../contract/audit.ts";
import type { DirectoryChange, OrgEntry } from "../contract/directory.ts";
import { DEFAULT_ORG, OrgId, ShareId, TokenId, UserId } from "../contract/ids.ts";
import { ORG_LIMITS, type OrgLimit, type SetLimitsInput } from "../contract/limits.ts";
import { DELETED_KEPT_MS, MAX_OWN_ORGS, type OrgState, type UpdateOrgInput } from "../contract/orgs.ts";
import { Scope } from "../contract/tokens.ts";
import type { Instance } from "../instance/instance.ts";
import { setSetting } from "../instance/settings.ts";
import { multiTenantStatus } from "../instance/switch.ts";
import { DomainError } from "../lib/domain-error.ts";
import { mintId } from "../lib/random-id.ts";
import { type OrgRow, orgEntryOf } from "./directory.ts";
import { requireRole } from "./members.ts";

interface Named {
  by: By;
  orgId: OrgId;
}

export function create(
  instance: Instance,
  input: {
    by: By;
    owner: UserId;
    slug: string;
    name: string;
    /** What the licence allows. */
    maxOrgs?: number | undefined;
  },
): { org: OrgEntry } {
  const { by, owner, slug, name, maxOrgs } = input;
  const { db, orgFiles } = instance;
  const orgId = OrgId.parse(mintId("o"));
  const createdAt = instance.clock();
  let made = false;
  try {
    return instance.write(() => {
      requireEnabled(instance);
      requireRoom(instance, maxOrgs);
      if (by.kind === "person") requireFewOwn(instance, by.id);
      requireFree(instance, orgId, { slug });
      const row: OrgRow = {
        id: orgId,
        slug,
        name,
        primaryDomain: null,
        state: "active",
        createdAt,
        deletedAt: null,
        suspendedAt: null,
        polled: false,
        limits: null,
      };
      db.orm.insert(orgTable).values(row).run();
      db.orm.insert(membership).values({ orgId, userId: owner, role: "owner", createdAt }).run();
      record(db, createdAt, { by, action: "org.created", orgId, subject: orgId, details: { slug, name } });
      made = true;
      orgFiles.create(orgId);
      const org = orgEntryOf(row);
      instance.announce([
        { kind: "org", org },
        { kind: "member", member: { orgId, userId: owner, role: "owner", since: createdAt } },
      ]);
      return { org };
    });
  } catch (error) {
    if (made) orgFiles.discard(orgId);
    throw error;
  }
}

export function update(
  instance: Instance,
  { by, orgId, change }: Named & { change: UpdateOrgInput },
): { org: OrgEntry } {
  requireNotDefault(orgId);
  return instance.write(() => {
    requireRole(instance.db, by, orgId, "admin");
    const before = getRow(instance, orgId);
    requireFree(instance, orgId, change);
    const row = {
      ...before,
      name: change.name ?? before.name,
      slug: change.slug ?? before.slug,
      primaryDomain: change.primaryDomain === undefined ? before.primaryDomain : change.primaryDomain,
    };
    const { name, slug, primaryDomain } = row;
    instance.db.orm.update(orgTable).set({ name, slug, primaryDomain }).where(eq(orgTable.id, orgId)).run();
    record(instance.db, instance.clock(), {
      by,
      action: "org.renamed",
      orgId,
      subject: orgId,
      details: change,
    });
    return announced(instance, row);
  });
}

/** Fence, drain, close, trash. Its shares and open invitations end for good; everything else can come back. */
export async function remove(instance: Instance, { by, orgId }: Named): Promise<{ deletedAt: number }> {
  requireNotDefault(orgId);
  const deletedAt = instance.clock();
  instance.write(() => {
    requireRole(instance.db, by, orgId, "owner");
    const before = getRow(instance, orgId);
    if (before.state === "deleted") throw new DomainError("conflict", "It is deleted already.");
    instance.announce(endShares(instance, orgId));
    instance.db.orm.delete(invitation).where(eq(invitation.orgId, orgId)).run();
    setState(instance, before, { state: "deleted", deletedAt });
    record(instance.db, deletedAt, { by, action: "org.deleted", orgId, subject: orgId });
  });
  await instance.actors.halt([orgId]);
  if (findRow(instance, orgId)?.deletedAt === deletedAt) instance.orgFiles.trash(orgId, deletedAt);
  return { deletedAt };
}

/** First the folder: a process that ends before the commit has it in the trash again at the next start. */
export async function restore(instance: Instance, { by, orgId }: Named): Promise<{ org: OrgEntry }> {
  requireRole(instance.db, by, orgId, "owner", { deletedToo: true });
  const before = getRow(instance, orgId);
  requireDeleted(before);
  const state = before.suspendedAt === null ? "active" : "suspended";
  return comeBack(instance, before, state, () => {
    instance.orgFiles.restore(orgId);
    record(instance.db, instance.clock(), { by, action: "org.restored", orgId, subject: orgId });
    return setState(instance, before, { state, deletedAt: null });
  });
}

/** For good: the folder, the row, and with it members and bindings of tokens. The id is never used again. */
export async function purge(instance: Instance, { by, orgId }: Named): Promise<{ purged: true }> {
  requireDeleted(getRow(instance, orgId));
  /* Somebody else's deletion may still be waiting for the actor. */
  await instance.actors.halt([orgId]);
  erase(instance, by, getRow(instance, orgId));
  return { purged: true };
}

/** One that is deleted stays so, and comes back suspended. */
export async function suspend(instance: Instance, { by, orgId }: Named): Promise<{ org: OrgEntry }> {
  requireNotDefault(orgId);
  const suspended = instance.write(() => {
    const before = getRow(instance, orgId);
    if (before.suspendedAt !== null) throw new DomainError("conflict", "It is suspended already.");
    const suspendedAt = instance.clock();
    record(instance.db, suspendedAt, { by, action: "org.suspended", orgId, subject: orgId });
    const state = before.state === "deleted" ? "deleted" : "suspended";
    return setState(instance, before, { state, suspendedAt });
  });
  await instance.actors.halt([orgId]);
  return suspended;
}

export async function resume(instance: Instance, { by, orgId }: Named): Promise<{ org: OrgEntry }> {
  requireNotDefault(orgId);
  const before = getRow(instance, orgId);
  if (before.suspendedAt === null) throw new DomainError("conflict", "It is not suspended.");
  const state = before.state === "deleted" ? "deleted" : "active";
  return comeBack(instance, before, state, () => {
    record(instance.db, instance.clock(), { by, action: "org.resumed", orgId, subject: orgId });
    return setState(instance, before, { state, suspendedAt: null });
  });
}

/** An org whose folder is not where it should be, and why it could not be brought there. */
export interface Unsettled {
  orgId: OrgId;
  error: unknown;
}

/**
 * Finishes what the process that was before did not, and purges what was deleted long enough ago. For
 * the start, when no actor runs yet. Trouble with one org's folder is told and does not stop the rest.
 */
export function settle(instance: Instance): Unsettled[] {
  const rows = instance.db.orm.select().from(orgTable).where(ne(orgTable.id, DEFAULT_ORG)).all();
  return rows.flatMap((row): Unsettled[] => {
    const orgId = OrgId.parse(row.id);
    try {
      if (isDue(instance, row)) erase(instance, { kind: "pulse" }, row);
      else if (row.state === "deleted") instance.orgFiles.trash(orgId, row.deletedAt ?? instance.clock());
      else if (instance.orgFiles.isTrashed(orgId)) instance.orgFiles.restore(orgId);
      return [];
    } catch (error) {
      return [{ orgId, error }];
    }
  });
}

/** Purges what was deleted long enough ago. For now and then, while actors run. */
export async function purgeDue(instance: Instance): Promise<Unsettled[]> {
  const unsettled: Unsettled[] = [];
  const rows = instance.db.orm.select().from(orgTable).where(eq(orgTable.state, "deleted")).all();
  for (const row of rows) {
    if (!isDue(instance, row)) continue;
    const orgId = OrgId.parse(row.id);
    await purge(instance, { by: { kind: "pulse" }, orgId }).catch(
      (error: unknown) => void unsettled.push({ orgId, error }),
    );
  }
  return unsettled;
}

/** Null gives a limit its standard value back. */
export function setLimits(
  instance: Instance,
  { by, orgId, limits }: Named & { limits: SetLimitsInput["limits"] },
): { org: OrgEntry } {
  requireBelowCeilings(limits);
  return instance.write(() => {
    const before = getRow(instance, orgId);
    const set: Record<string, number> = { ...before.limits };
    for (const [name, value] of Object.entries(limits)) {
      if (value === null) delete set[name];
      else if (value !== undefined) set[name] = value;
    }
    instance.db.orm.update(orgTable).set({ limits: set }).where(eq(orgTable.id, orgId)).run();
    record(instance.db, instance.clock(), {
      by,
      action: "org.limits_set",
      orgId,
      subject: orgId,
      details: limits,
    });
    return announced(instance, { ...before, limits: set });
  });
}

/** Whether anybody signed in may create an org, or operators only. */
export function setCreation(instance: Instance, { by, open }: { by: By; open: boolean }): void {
  instance.write(() => {
    setSetting(instance.db, "org_creation", open ? "everyone" : undefined);
    record(instance.db, instance.clock(), { by, action: "instance.org_creation_set", details: { open } });
    instance.announce([{ kind: "org_creation", open }]);
  });
}

export interface ListedOrg extends OrgEntry {
  members: number;
  /** E-mail address of its owner. */
  owner?: string;
}

/** Every org, for the operator's command. */
export function list(instance: Instance): { orgs: ListedOrg[] } {
  const rows = instance.db.orm.select().from(orgTable).orderBy(orgTable.createdAt, orgTable.id).all();
  const orgs = rows.map((row): ListedOrg => {
    const isMember = eq(membership.orgId, row.id);
    const counted = instance.db.orm.select({ total: count() }).from(membership).where(isMember).get();
    const owner = instance.db.orm
      .select({ email: user.email })
      .from(membership)
      .innerJoin(user, eq(user.id, membership.userId))
      .where(and(isMember, eq(membership.role, "owner")))
      .get();
    return { ...orgEntryOf(row), members: counted?.total ?? 0, ...(owner && { owner: owner.email }) };
  });
  return { orgs };
}

function setState(
  instance: Instance,
  before: OrgRow,
  change: { state: OrgState; deletedAt?: number | null; suspendedAt?: number | null },
): { org: OrgEntry } {
  instance.db.orm.update(orgTable).set(change).where(eq(orgTable.id, before.id)).run();
  return announced(instance, { ...before, ...change });
}

function announced(instance: Instance, row: OrgRow): { org: OrgEntry } {
  const org = orgEntryOf(row);
  instance.announce([{ kind: "org", org }]);
  return { org };
}

/**
 * The shards hear of it before the edge does: whoever is due is let in with the first word that it is there. All in
 * one tick, so what is halted later is told later. Switched off, nobody is let in.
 */
async function comeBack<Done>(
  instance: Instance,
  { id }: OrgRow,
  state: OrgState,
  work: () => Done,
): Promise<Done> {
  const orgId = OrgId.parse(id);
  const isLetIn = state === "active" && multiTenantStatus(instance).enabled;
  const admitted = isLetIn ? instance.actors.admit([orgId]) : undefined;
  try {
    return instance.write(work);
  } catch (error) {
    if (isLetIn) await instance.actors.halt([orgId]);
    throw error;
  } finally {
    await admitted;
  }
}

function isDue(instance: Instance, { state, deletedAt }: OrgRow): boolean {
  return state === "deleted" && deletedAt !== null && deletedAt + DELETED_KEPT_MS <= instance.clock();
}

/** Its actor has closed. The folder goes first: as long as something is left of it, there is a row that says so. */
function erase(instance: Instance, by: By, row: OrgRow): void {
  requireDeleted(row);
  const orgId = OrgId.parse(row.id);
  const { db, orgFiles } = instance;
  orgFiles.trash(orgId, row.deletedAt ?? instance.clock());
  orgFiles.purge(orgId);
  instance.write(() => {
    const bound = db.orm.delete(tokenOrg).where(eq(tokenOrg.orgId, orgId)).returning().all();
    db.orm.delete(orgTable).where(eq(orgTable.id, orgId)).run();
    const details = { slug: row.slug };
    record(db, instance.clock(), { by, action: "org.purged", orgId, subject: orgId, details });
    const tokens = bound.map(({ tokenId }) => unbound(instance, tokenId));
    instance.announce([{ kind: "org_purged", orgId }, ...tokens]);
  });
}

/** A token that lost an org: bound to no other it is good for nothing, and goes. */
function unbound({ db }: Instance, tokenId: string): DirectoryChange {
  const id = TokenId.parse(tokenId);
  const left = db.orm.select({ orgId: tokenOrg.orgId }).from(tokenOrg).where(eq(tokenOrg.tokenId, id)).all();
  const row = db.orm.select().from(token).where(eq(token.id, id)).get();
  if (!row || left.length === 0) {
    db.orm.delete(token).where(eq(token.id, id)).run();
    return { kind: "token_gone", id };
  }
  const { secretHash, madeBy, scopes, expiresAt, lastUsedAt } = row;
  return {
    kind: "token",
    token: {
      id,
      secretHash,
      madeBy: UserId.parse(madeBy),
      scopes: Scope.array().parse(scopes),
      orgIds: left.map(({ orgId }) => OrgId.parse(orgId)),
      ...(expiresAt !== null && { expiresAt }),
      ...(lastUsedAt !== null && { lastUsedAt }),
    },
  };
}

function endShares({ db }: Instance, orgId: OrgId): DirectoryChange[] {
  const rows = db.orm
    .delete(share)
    .where(or(eq(share.sourceOrgId, orgId), eq(share.targetOrgId, orgId)))
    .returning({ id: share.id, sourceOrgId: share.sourceOrgId })
    .all();
  return rows.map(({ id, sourceOrgId }) => ({
    kind: "share_gone",
    id: ShareId.parse(id),
    sourceOrgId: OrgId.parse(sourceOrgId),
  }));
}

function requireRoom({ db }: Instance, maxOrgs: number | undefined): void {
  if (maxOrgs === undefined) return;
  const counted = db.orm.select({ total: count() }).from(orgTable).where(ne(orgTable.id, DEFAULT_ORG)).get();
  const used = counted?.total ?? 0;
  if (used >= maxOrgs)
    throw new DomainError("limit_reached", `The licence allows ${maxOrgs}, and ${used} are there.`);
}

/** Whoever is no operator makes no more once they own so many. */
function requireFewOwn({ db }: Instance, maker: UserId): void {
  const person = db.orm.select({ operator: user.operator }).from(user).where(eq(user.id, maker)).get();
  if (person?.operator) return;
  const isOwn = and(eq(membership.userId, maker), eq(membership.role, "owner"));
  const used = db.orm.select({ total: count() }).from(membership).where(isOwn).get()?.total ?? 0;
  if (used >= MAX_OWN_ORGS)
    throw new DomainError("limit_reached", `${used} of at most ${MAX_OWN_ORGS} are owned already.`);
}

/** It may have been switched off while the call was on its way. */
function requireEnabled(instance: Instance): void {
  if (!multiTenantStatus(instance).enabled)
    throw new DomainError("feature_disabled", "This feature is not available.");
}

/** A deleted org keeps its slug and its domain until it is purged: it may come back. */
function requireFree(
  { db }: Instance,
  orgId: OrgId,
  wanted: { slug?: string | undefined; primaryDomain?: string | null | undefined },
): void {
  const taken = (column: typeof orgTable.slug | typeof orgTable.primaryDomain, value: string) =>
    db.orm
      .select({ id: orgTable.id })
      .from(orgTable)
      .where(and(eq(column, value), ne(orgTable.id, orgId)))
      .get() !== undefined;
  if (wanted.slug && taken(orgTable.slug, wanted.slug))
    throw new DomainError("already_exists", "This short name is taken.", { fields: { slug: "is taken" } });
  if (wanted.primaryDomain && taken(orgTable.primaryDomain, wanted.primaryDomain))
    throw new DomainError("already_exists", "This domain is taken.", {
      fields: { primaryDomain: "is taken" },
    });
}

function requireBelowCeilings(limits: SetLimitsInput["limits"]): void {
  for (const [name, value] of Object.entries(limits)) {
    const { ceiling } = ORG_LIMITS[name as OrgLimit];
    if (typeof value === "number" && value > ceiling)
      throw new DomainError("invalid_request", `At most ${ceiling}.`, {
        fields: { [`limits.${name}`]: `must be at most ${ceiling}` },
      });
  }
}

function requireNotDefault(orgId: OrgId): void {
  if (orgId === DEFAULT_ORG)
    throw new DomainError("default_org_immutable", "The first one stays as it is: it is always there.");
}

function requireDeleted(row: OrgRow): void {
  requireNotDefault(OrgId.parse(row.id));
  if (row.state !== "deleted") throw new DomainError("conflict", "It is not deleted.");
}

function getRow(instance: Instance, orgId: OrgId): OrgRow {
  const row = findRow(instance, orgId);
  if (!row) throw new DomainError("not_found", "There is no such organization.");
  return row;
}

function findRow({ db }: Instance, orgId: OrgId): OrgRow | undefined {
  return db.orm.select().from(orgTable).where(eq(orgTable.id, orgId)).get();
}

/** It has, or is about to have, sources that are asked: it is woken at every start from now on. */
export function markPolled(instance: Instance, { orgId }: { orgId: OrgId }): { polled: true } {
  const { db } = instance;
  return instance.write(() => {
    const row = db.orm.select().from(orgTable).where(eq(orgTable.id, orgId)).get();
    if (row && !row.polled) {
      db.orm.update(orgTable).set({ polled: true }).where(eq(orgTable.id, orgId)).run();
      instance.announce([{ kind: "org", org: orgEntryOf({ ...row, polled: true }) }]);
    }
    return { polled: true };
  });
}
