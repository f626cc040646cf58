import { eq, isNotNull } from "drizzle-orm";
import type { Database } from "../../db/driver.ts";
import { channel as channelTable, pushKey as pushKeyTable } from "../../db/org/notifications.ts";
import { keyNameOf, type OrgKeys, openSecrets, sealSecrets } from "../lib/sealed-secrets.ts";
import { PUSH_KEY_ROW, rowOf } from "./channel-book.ts";

/**
 * Seals with the key of now what an older one sealed, in one transaction; how many. Done twice it does
 * nothing the second time. Throws when a key is missing, and has changed nothing then.
 */
export function reseal(db: Database, keys: OrgKeys): number {
  const current = keys()?.name;
  const isOld = (sealed: Buffer | null): sealed is Buffer => sealed !== null && keyNameOf(sealed) !== current;
  const again = (row: string, sealed: Buffer) => sealSecrets(keys, row, openSecrets(keys, row, sealed));
  return db.transaction(() => {
    let count = 0;
    const channels = db.orm.select().from(channelTable).where(isNotNull(channelTable.secrets)).all();
    for (const { id, secrets } of channels) {
      if (!isOld(secrets)) continue;
      db.orm
        .update(channelTable)
        .set({ secrets: again(rowOf(id), secrets) })
        .where(eq(channelTable.id, id))
        .run();
      count++;
    }
    for (const { id, key } of db.orm.select().from(pushKeyTable).all()) {
      if (!isOld(key)) continue;
      db.orm
        .update(pushKeyTable)
        .set({ key: again(PUSH_KEY_ROW, key) })
        .where(eq(pushKeyTable.id, id))
        .run();
      count++;
    }
    return count;
  });
}
