import { eq } from "drizzle-orm";
import type { Database } from "../../db/driver.ts";
import { setting } from "../../db/instance/system.ts";

/** What can be set; each value is a text. */
export type SettingKey =
  /** Minted once: names this instance to whoever issues licences. */
  | "instance_id"
  | "license"
  /** 32 random bytes in base64, minted once: the addresses of heartbeats are made with it. */
  | "heartbeat_key"
  /** `off` while the kill switch is thrown. */
  | "multi_tenant_switch"
  /** `everyone` or, when absent, operators only. */
  | "org_creation";

export function findSetting(db: Database, key: SettingKey): string | undefined {
  return db.orm.select().from(setting).where(eq(setting.key, key)).get()?.value;
}

/** Inside the caller's transaction. Undefined takes it away. */
export function setSetting(db: Database, key: SettingKey, value: string | undefined): void {
  if (value === undefined) {
    db.orm.delete(setting).where(eq(setting.key, key)).run();
    return;
  }
  db.orm
    .insert(setting)
    .values({ key, value })
    .onConflictDoUpdate({ target: setting.key, set: { value } })
    .run();
}
