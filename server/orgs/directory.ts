import { eq } from "drizzle-orm";
import type { Database } from "../../db/driver.ts";
import { membership as membershipTable, org as orgTable } from "../../db/instance/orgs.ts";
import type { DirectoryChange, OrgEntry } from "../contract/directory.ts";
import { OrgId, UserId } from "../contract/ids.ts";
import type { SetLimits } from "../contract/limits.ts";
import type { Instance } from "../instance/instance.ts";
import { findSetting } from "../instance/settings.ts";

export type OrgRow = typeof orgTable.$inferSelect;

/** Every org and who belongs to it, for the edge. */
export function entries({ db }: Instance): DirectoryChange[] {
  const orgs = db.orm.select().from(orgTable).all();
  const memberships = db.orm.select().from(membershipTable).all();
  return [
    ...orgs.map((row): DirectoryChange => ({ kind: "org", org: orgEntryOf(row) })),
    ...memberships.map(
      ({ orgId, userId, role, createdAt }): DirectoryChange => ({
        kind: "member",
        member: { orgId: OrgId.parse(orgId), userId: UserId.parse(userId), role, since: createdAt },
      }),
    ),
    { kind: "org_creation", open: findSetting(db, "org_creation") === "everyone" },
  ];
}

/** What an operator set for an org. */
export function limitsOf(db: Database, orgId: OrgId): SetLimits {
  const row = db.orm.select({ limits: orgTable.limits }).from(orgTable).where(eq(orgTable.id, orgId)).get();
  return row?.limits ?? {};
}

export function orgEntryOf(row: OrgRow): OrgEntry {
  const { slug, name, primaryDomain, state, createdAt, deletedAt, limits, polled } = row;
  return {
    id: OrgId.parse(row.id),
    slug,
    name,
    state,
    createdAt,
    limits: limits ?? {},
    ...(primaryDomain !== null && { primaryDomain }),
    ...(deletedAt !== null && { deletedAt }),
    ...(polled && { polled }),
  };
}
