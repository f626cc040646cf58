import { eq, isNotNull } from "drizzle-orm";
import type { Database } from "../../db/driver.ts";
import { source as sourceTable } from "../../db/org/sources.ts";
import { keyNameOf, type OrgKeys, openSecrets, sealSecrets } from "../lib/sealed-secrets.ts";
import { rowOf } from "./source-book.ts";

/**
 * Seals with the key of now what an older one sealed, in one transaction; how many. Done twice it does
 * nothing the second time. Throws when a key is missing, and has changed nothing then.
 */
export function reseal(db: Database, keys: OrgKeys): number {
  const current = keys()?.name;
  const rows = db.orm
    .select({ id: sourceTable.id, secrets: sourceTable.secrets })
    .from(sourceTable)
    .where(isNotNull(sourceTable.secrets))
    .all();
  const old = rows.flatMap(({ id, secrets }) =>
    secrets && keyNameOf(secrets) !== current ? [{ id, secrets }] : [],
  );
  if (old.length === 0) return 0;
  db.transaction(() => {
    for (const { id, secrets } of old) {
      const sealed = sealSecrets(keys, rowOf(id), openSecrets(keys, rowOf(id), secrets));
      db.orm.update(sourceTable).set({ secrets: sealed }).where(eq(sourceTable.id, id)).run();
    }
  });
  return old.length;
}
