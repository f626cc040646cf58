/**
 * Decides on alerts, sends them, and says each on standard output once it is decided on; killed by tests in
 * the middle of it. `drain`: decides on nothing, and ends when nothing waits. Time passes a hundred times as fast.
 */
import { DEFAULT_ORG } from "../../server/contract/ids.ts";
import { Egress } from "../../server/lib/egress.ts";
import { Log } from "../../server/lib/log.ts";
import { create } from "../../server/notifications/manage.ts";
import { SendingRoom } from "../../server/notifications/sending-room.ts";
import { OrgRuntime, UNHEARD } from "../../server/runtime/org-runtime.ts";
import { loadMigrations } from "../../server/tenancy/migrate.ts";
import { openMigrated } from "../../server/tenancy/open.ts";
import { transitionOf } from "../notifications/org.ts";

process.umask(0o077);
const [path = "", url = "", run = "", began = "0"] = process.argv.slice(2);
const FASTER = 100;
const clock = () => Math.round(Number(began) + (Date.now() - Number(began)) * FASTER);
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
if (org.channels.size === 0)
  create(org, { input: { type: "webhook", name: "sink", config: { url } }, limit: 1 });

let decided = 0;
setInterval(() => {
  if (run !== "drain") {
    const id = `${run}-${decided++}`;
    org.deliveries.enqueue([transitionOf(id)]);
    console.log(`fired ${id}`);
    const over = `${run}-${decided - 10}`;
    if (decided > 10 && decided % 2 === 0) org.deliveries.enqueue([transitionOf(over, "resolved")]);
  }
  org.deliveries.look();
  if (run === "drain" && org.deliveries.waiting().size === 0) process.exit(0);
}, 10);
