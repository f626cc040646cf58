import { eq } from "drizzle-orm";
import type { Database } from "../../db/driver.ts";
import { org as orgTable } from "../../db/instance/orgs.ts";
import { DEFAULT_ORG, type OrgId } from "../contract/ids.ts";

/**
 * `default` exists from the first start on; it is an org like any other. Its file is made before its
 * row, and only then: a file that is missing later is a loss to be told of, not to be papered over.
 */
export function ensureDefaultOrg(db: Database, now: number, createFile: (orgId: OrgId) => void): void {
  db.transaction(() => {
    const found = db.orm.select({ id: orgTable.id }).from(orgTable).where(eq(orgTable.id, DEFAULT_ORG)).get();
    if (found) return;
    createFile(DEFAULT_ORG);
    db.orm
      .insert(orgTable)
      .values({ id: DEFAULT_ORG, slug: "default", name: "Default", state: "active", createdAt: now })
      .run();
  });
}
