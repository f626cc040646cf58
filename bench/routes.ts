/**
 * What 5,000 open alerts cost that are all told at once, repeated at once and escalated at once, by twenty routes that
 * do not fit and the rest: in milliseconds of one core, with everything that is written.
 *
 *   bun bench/routes.ts
 */
import type { Report, ReportedResource } from "../server/contract/report.ts";
import * as routes from "../server/notifications/routes.ts";
import { ingest } from "../server/runtime/pipeline.ts";
import { HOUR, MINUTE, testOrg } from "../tests/notifications/org.ts";
import { printTable } from "./table.ts";

const MACHINES = 500;
const PARTS = 9;
const REPEATS = 5;

let messages = 0;
using sink = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch() {
    messages++;
    return new Response(null, { status: 204 });
  },
});
const own = testOrg();
const url = `http://127.0.0.1:${sink.port}/`;
const [phone, mail, boss] = ["phone", "mail", "boss"].map(
  (name) => own.addChannel("webhook", { url }, name).id,
);
if (!phone || !mail || !boss) throw new Error("a channel is missing");
routes.set(own.org, {
  revision: 0,
  settings: {
    routes: Array.from({ length: 20 }, (_, nth) => ({
      name: `route ${nth}`,
      match: { tags: [`tag-${nth}`] },
      channels: [phone],
    })),
    rest: {
      channels: [phone, mail],
      repeatMs: HOUR,
      escalate: { afterMs: HOUR, channels: [boss] },
    },
  },
});

const { now: at } = own.time;
for (let nth = 0; nth < MACHINES; nth++) {
  const host = { kind: "host", key: "host", name: `m${nth}`, metrics: { memory_used_percent: 99 } } as const;
  const parts = Array.from({ length: PARTS }, (_, part) => ({
    kind: "filesystem" as const,
    key: `fs${part}`,
    parent: "host",
    name: `/v${part}`,
    metrics: { filesystem_used_percent: 99 },
  }));
  const resources = [host, ...parts].map(
    (one): ReportedResource => ({ ...one, status: "up", attributes: {} }),
  );
  const report = { v: 1, at, boot: "boot-0001", seq: 1, intervalMs: 60_000, resources };
  ingest(own.org, { source: `agent:m${nth}`, report: report as Report, receivedAt: at });
}
const now = { delayMs: 0 };
const rules = { memory: { warning: now, critical: now }, filesystem: { warning: now, critical: now } };
own.org.alerts.setRules({ rules, overrides: [], own: [] }, at);

function measured(act: () => void): number {
  const before = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

const rows: string[][] = [];
const add = (what: string, ms: number) => rows.push([what, `${ms.toFixed(0)} ms`, String(messages)]);
const firing = measured(() => own.org.commit.flush());
await own.pass(1_000);
add(
  `${own.org.alerts.open().length} alerts fire: they, their timelines and all that is told written`,
  firing,
);
await own.pass(MINUTE);
for (let nth = 0; nth < REPEATS; nth++) {
  own.time.now += HOUR;
  const ms = measured(() => own.org.deliveries.look());
  await own.org.deliveries.settled();
  await own.pass(1_000);
  add(nth === 0 ? "all are repeated, and escalated" : "all are repeated", ms);
}
const { revision, settings } = routes.list(own.org);
add(
  "the routes are set anew",
  measured(() => void routes.set(own.org, { revision, settings })),
);
printTable("Alerts of one org, told by routes", ["", "of one core", "messages sent by then"], rows);
own.stop();
