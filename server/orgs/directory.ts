import type { Database } from "../../db/driver.ts";
import { membership as membershipTable, org as orgTable } from "../../db/instance/orgs.ts";
import type { DirectoryChange } from "../contract/directory.ts";
import { OrgId, UserId } from "../contract/ids.ts";

/** Every org and who belongs to it, for the edge. */
export function entries(db: Database): DirectoryChange[] {
  const orgs = db.orm
    .select({ id: orgTable.id, slug: orgTable.slug, state: orgTable.state })
    .from(orgTable)
    .all();
  const memberships = db.orm.select().from(membershipTable).all();
  return [
    ...orgs.map((row): DirectoryChange => ({ kind: "org", org: { ...row, id: OrgId.parse(row.id) } })),
    ...memberships.map(
      ({ orgId, userId, role }): DirectoryChange => ({
        kind: "member",
        orgId: OrgId.parse(orgId),
        userId: UserId.parse(userId),
        role,
      }),
    ),
  ];
}
