/** One org in a file, sending over the real way out, for programs that are killed; time passes faster there. */
import type { Database } from "../../db/driver.ts";
import { DEFAULT_ORG } from "../../server/contract/ids.ts";
import { Egress } from "../../server/lib/egress.ts";
import { Log } from "../../server/lib/log.ts";
import { create } from "../../server/notifications/manage.ts";
import { SendingRoom } from "../../server/notifications/sending-room.ts";
import { OrgRuntime, UNHEARD } from "../../server/runtime/org-runtime.ts";
import { loadMigrations } from "../../server/tenancy/migrate.ts";
import { openMigrated } from "../../server/tenancy/open.ts";

export interface SendingOrg {
  org: OrgRuntime;
  db: Database;
  clock: () => number;
}

export function openSendingOrg(path: string, began: number, faster: number): SendingOrg {
  process.umask(0o077);
  const clock = () => Math.round(began + (Date.now() - began) * faster);
  const db = openMigrated(path, "create", loadMigrations("org"));
  const org = new OrgRuntime(
    DEFAULT_ORG,
    { use: () => db, sizeBytes: () => 0 },
    {
      ...UNHEARD,
      clock,
      log: new Log(() => {}),
      keysOf: () => () => ({ name: "0a1b2c3d", key: Buffer.alloc(32, 1) }),
      messenger: {
        egress: new Egress({ allow: ["127.0.0.0/8"], reach: "public" }),
        room: new SendingRoom(),
        clock,
        publicUrl: undefined,
        onAttempt: () => {},
      },
      outside: { home: undefined, notificationsPerHour: 10_000 },
    },
  );
  return { org, db, clock };
}

/** Webhooks, in this order; nothing where they are there already. */
export function addHooks({ org }: SendingOrg, urls: Record<string, string>): void {
  if (org.channels.size > 0) return;
  for (const [name, url] of Object.entries(urls))
    create(org, { input: { type: "webhook", name, config: { url } }, limit: 10 });
}
