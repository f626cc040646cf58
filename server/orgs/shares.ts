/**
 * Resources of one org shown to another. The source offers, the target accepts; either can end it.
 * Both orgs are told in their audit.
 */
import { and, count, desc, eq, or } from "drizzle-orm";
import { org as orgTable, share as shareTable } from "../../db/instance/orgs.ts";
import { record } from "../audit/record.ts";
import type { By } from "../contract/audit.ts";
import type { DirectoryChange } from "../contract/directory.ts";
import { OrgId, ResourceId, ShareId } from "../contract/ids.ts";
import { type Role, roleCovers } from "../contract/roles.ts";
import type { Share, ShareEntry, ShareRole } from "../contract/shares.ts";
import type { Instance } from "../instance/instance.ts";
import { DomainError } from "../lib/domain-error.ts";
import { mintId } from "../lib/random-id.ts";
import { requireRole } from "./members.ts";

type Row = typeof shareTable.$inferSelect;

interface OtherSide {
  slug: string;
  name: string;
}

/**
 * Sharing the same with the same org again changes role and end. What was accepted stays so, unless
 * the new role may do more than the target agreed to, or the time had run out.
 */
export function create(
  instance: Instance,
  input: {
    by: By;
    byRole: Role;
    sourceOrgId: OrgId;
    /** Id or slug. */
    targetOrg: string;
    resource: { id: ResourceId; name: string; kind: string };
    role: ShareRole;
    expiresAt?: number | undefined;
    shareLimit: number;
  },
): { share: Share } {
  const { by, byRole, sourceOrgId, targetOrg, resource, role, shareLimit } = input;
  const { db } = instance;
  const expiresAt = input.expiresAt ?? null;
  return instance.write(() => {
    const now = instance.clock();
    requireRole(db, by, sourceOrgId, "admin");
    if (!roleCovers(byRole, role)) {
      throw new DomainError("role_required", "A share cannot give a higher role than your own.");
    }
    if (expiresAt !== null && expiresAt <= now) throw invalid("expiresAt", "must be in the future");
    const target = findOrg(instance, targetOrg);
    if (target?.id === sourceOrgId) throw invalid("targetOrg", "is the organization it would be shared by");
    if (target?.state !== "active") {
      throw new DomainError("not_found", "There is no such organization.", {
        fields: { targetOrg: "is not known" },
      });
    }
    const found = db.orm
      .select()
      .from(shareTable)
      .where(
        and(
          eq(shareTable.sourceOrgId, sourceOrgId),
          eq(shareTable.targetOrgId, target.id),
          eq(shareTable.resourceId, resource.id),
        ),
      )
      .get();
    const described = { resourceName: resource.name, resourceKind: resource.kind, role, expiresAt };
    if (found) return { share: change(instance, by, found, described, target) };
    requireRoom(instance, sourceOrgId, shareLimit);
    requirePatience(instance, target.id);
    const row: Row = {
      ...described,
      id: mintId("h"),
      sourceOrgId,
      targetOrgId: target.id,
      resourceId: resource.id,
      state: "pending",
      createdAt: now,
      acceptedAt: null,
    };
    db.orm.insert(shareTable).values(row).run();
    recordInBoth(instance, by, "share.created", row);
    tell(instance, row);
    return { share: shareOf(row, target, now) };
  });
}

/** What this org shows to others, newest first. */
export function list(
  instance: Instance,
  { orgId, withPending }: { orgId: OrgId; withPending: boolean },
): { shares: Share[] } {
  const rows = instance.db.orm
    .select({ share: shareTable, other: { slug: orgTable.slug, name: orgTable.name } })
    .from(shareTable)
    .innerJoin(orgTable, eq(orgTable.id, shareTable.targetOrgId))
    .where(eq(shareTable.sourceOrgId, orgId))
    .orderBy(desc(shareTable.createdAt), shareTable.id)
    .all();
  return { shares: visible(instance, rows, withPending) };
}

/** What others show to this org, newest first. A source that is suspended or deleted shows nothing. */
export function incoming(
  instance: Instance,
  { orgId, withPending }: { orgId: OrgId; withPending: boolean },
): { shares: Share[] } {
  const rows = instance.db.orm
    .select({ share: shareTable, other: { slug: orgTable.slug, name: orgTable.name } })
    .from(shareTable)
    .innerJoin(orgTable, and(eq(orgTable.id, shareTable.sourceOrgId), eq(orgTable.state, "active")))
    .where(eq(shareTable.targetOrgId, orgId))
    .orderBy(desc(shareTable.createdAt), shareTable.id)
    .all();
  return { shares: visible(instance, rows, withPending) };
}

/** Accepting what is accepted already changes nothing. */
export function accept(
  instance: Instance,
  { by, orgId, id }: { by: By; orgId: OrgId; id: ShareId },
): { share: Share } {
  return instance.write(() => {
    const now = instance.clock();
    requireRole(instance.db, by, orgId, "admin");
    const row = getRow(instance, and(eq(shareTable.id, id), eq(shareTable.targetOrgId, orgId)));
    const source = findOrg(instance, row.sourceOrgId);
    if (source?.state !== "active") throw unknown();
    if (isExpired(row, now)) throw new DomainError("conflict", "The time of this share has run out.");
    if (row.state === "accepted") return { share: shareOf(row, source, now) };
    const accepted: Row = { ...row, state: "accepted", acceptedAt: now };
    put(instance, accepted);
    recordInBoth(instance, by, "share.accepted", accepted);
    tell(instance, accepted);
    return { share: shareOf(accepted, source, now) };
  });
}

/** Also after it was accepted: the target gives it back. */
export function decline(
  instance: Instance,
  { by, orgId, id }: { by: By; orgId: OrgId; id: ShareId },
): { declined: true } {
  return instance.write(() => {
    requireRole(instance.db, by, orgId, "admin");
    end(instance, by, "share.declined", and(eq(shareTable.id, id), eq(shareTable.targetOrgId, orgId)));
    return { declined: true };
  });
}

/** The source takes it back. */
export function remove(
  instance: Instance,
  { by, orgId, id }: { by: By; orgId: OrgId; id: ShareId },
): { removed: true } {
  return instance.write(() => {
    requireRole(instance.db, by, orgId, "admin");
    end(instance, by, "share.withdrawn", and(eq(shareTable.id, id), eq(shareTable.sourceOrgId, orgId)));
    return { removed: true };
  });
}

/** Every share, for the edge. */
export function entries(instance: Instance): DirectoryChange[] {
  const rows = instance.db.orm.select().from(shareTable).all();
  return rows.map((row) => ({ kind: "share", share: entryOf(row) }));
}

function change(
  instance: Instance,
  by: By,
  before: Row,
  described: Pick<Row, "resourceName" | "resourceKind" | "role" | "expiresAt">,
  target: OtherSide,
): Share {
  const now = instance.clock();
  const standsAnew = isExpired(before, now) || !roleCovers(before.role, described.role);
  const row: Row = {
    ...before,
    ...described,
    ...(standsAnew && { state: "pending", createdAt: now, acceptedAt: null }),
  };
  put(instance, row);
  const isTheSame = row.role === before.role && row.expiresAt === before.expiresAt && !standsAnew;
  if (!isTheSame) {
    recordInBoth(instance, by, "share.changed", row, { from: before.role, state: row.state });
    tell(instance, row);
  }
  return shareOf(row, target, now);
}

function end(instance: Instance, by: By, action: string, which: ReturnType<typeof and>): void {
  const row = getRow(instance, which);
  instance.db.orm.delete(shareTable).where(eq(shareTable.id, row.id)).run();
  recordInBoth(instance, by, action, row);
  instance.announce([
    { kind: "share_gone", id: ShareId.parse(row.id), sourceOrgId: OrgId.parse(row.sourceOrgId) },
  ]);
}

function put({ db }: Instance, row: Row): void {
  db.orm.update(shareTable).set(row).where(eq(shareTable.id, row.id)).run();
}

function tell(instance: Instance, row: Row): void {
  instance.announce([{ kind: "share", share: entryOf(row) }]);
}

/**
 * Each side reads in its own audit what it is called on the other. An offer that nobody has answered
 * stands in the source's only: nobody writes what they like into another's.
 */
function recordInBoth(
  instance: Instance,
  by: By,
  action: string,
  row: Row,
  more: Record<string, unknown> = {},
): void {
  const { id, resourceName, role, expiresAt } = row;
  const [source, target] = [row.sourceOrgId, row.targetOrgId].map((orgId) => OrgId.parse(orgId)) as [
    OrgId,
    OrgId,
  ];
  const concernsBoth = row.state === "accepted" || action === "share.declined";
  const sides = [[source, target], ...(concernsBoth ? [[target, source]] : [])] as [OrgId, OrgId][];
  for (const [orgId, other] of sides) {
    const details = {
      org: findOrg(instance, other)?.slug,
      resource: resourceName,
      role,
      ...(expiresAt !== null && { expiresAt }),
      ...more,
    };
    record(instance.db, instance.clock(), { by, action, orgId, subject: id, details });
  }
}

/** What waits to be answered by one org. */
const MAX_PENDING = 100;

function requirePatience({ db }: Instance, targetOrgId: string): void {
  const waits = and(eq(shareTable.targetOrgId, targetOrgId), eq(shareTable.state, "pending"));
  const waiting = db.orm.select({ total: count() }).from(shareTable).where(waits).get()?.total ?? 0;
  if (waiting >= MAX_PENDING)
    throw new DomainError("limit_reached", `${waiting} of at most ${MAX_PENDING} offers wait there already.`);
}

function requireRoom({ db }: Instance, sourceOrgId: OrgId, limit: number): void {
  const found = db.orm
    .select({ total: count() })
    .from(shareTable)
    .where(eq(shareTable.sourceOrgId, sourceOrgId))
    .get();
  const used = found?.total ?? 0;
  if (used >= limit) {
    throw new DomainError(
      "limit_reached",
      `${used} of at most ${limit} shares are taken. Withdraw one that is not needed any more.`,
    );
  }
}

function getRow({ db }: Instance, which: ReturnType<typeof and>): Row {
  const row = db.orm.select().from(shareTable).where(which).get();
  if (!row) throw unknown();
  return row;
}

function findOrg({ db }: Instance, reference: string) {
  const { id, slug, name, state } = orgTable;
  return db.orm
    .select({ id, slug, name, state })
    .from(orgTable)
    .where(or(eq(id, reference), eq(slug, reference)))
    .get();
}

function visible(
  instance: Instance,
  rows: { share: Row; other: OtherSide }[],
  withPending: boolean,
): Share[] {
  const now = instance.clock();
  const shares = rows.map(({ share, other }) => shareOf(share, other, now));
  return withPending ? shares : shares.filter(({ state }) => state === "accepted");
}

function shareOf(row: Row, { slug, name }: OtherSide, now: number): Share {
  return {
    id: ShareId.parse(row.id),
    org: { slug, name },
    resource: { id: ResourceId.parse(row.resourceId), name: row.resourceName, kind: row.resourceKind },
    role: row.role,
    state: isExpired(row, now) ? "expired" : row.state,
    createdAt: row.createdAt,
    ...(row.acceptedAt !== null && { acceptedAt: row.acceptedAt }),
    ...(row.expiresAt !== null && { expiresAt: row.expiresAt }),
  };
}

function entryOf(row: Row): ShareEntry {
  return {
    id: ShareId.parse(row.id),
    sourceOrgId: OrgId.parse(row.sourceOrgId),
    targetOrgId: OrgId.parse(row.targetOrgId),
    resourceId: ResourceId.parse(row.resourceId),
    role: row.role,
    accepted: row.state === "accepted",
    ...(row.expiresAt !== null && { expiresAt: row.expiresAt }),
  };
}

function isExpired({ expiresAt }: Row, now: number): boolean {
  return expiresAt !== null && expiresAt <= now;
}

function invalid(field: string, why: string): DomainError {
  return new DomainError("invalid_request", `The share cannot be made: ${field} ${why}.`, {
    fields: { [field]: why },
  });
}

function unknown(): DomainError {
  return new DomainError("not_found", "There is no such share.");
}
