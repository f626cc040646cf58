/**
 * A machine that is short of memory, told to one channel again and again, and to another once nobody has acknowledged
 * it; killed by tests in the middle of it. Time passes a thousand times as fast. `drain`: all of it is over, and it
 * ends when nothing waits.
 */
import type { Report } from "../../server/contract/report.ts";
import * as routes from "../../server/notifications/routes.ts";
import { ingest } from "../../server/runtime/pipeline.ts";
import { addHooks, openSendingOrg } from "./sending-org.ts";

const MINUTE = 60_000;
const MOST = 8;
const [path = "", url = "", run = "", began = "0"] = process.argv.slice(2);
const sending = openSendingOrg(path, Number(began), 1_000);
const { org, clock } = sending;
const delay = { trigger: 80, delayMs: 0 };
if (org.alerts.settings.revision === 0)
  org.alerts.setRules(
    { rules: { memory: { warning: delay, critical: null } }, overrides: [], own: [] },
    clock(),
  );
addHooks(sending, { phone: `${url}phone`, boss: `${url}boss` });
const [phone, boss] = [...org.channels.all()].map(({ id }) => id);
if (phone && boss && routes.list(org).revision === 0)
  routes.set(org, {
    revision: 0,
    settings: {
      routes: [],
      rest: {
        channels: [phone],
        togetherMs: 0,
        repeatMs: 10 * MINUTE,
        escalate: { afterMs: 15 * MINUTE, channels: [boss] },
      },
    },
  });

let seq = 0;
function says(name: string, memory: number): void {
  const metrics = { memory_used_percent: memory };
  const resource = { kind: "host", key: "host", name, status: "up", attributes: {}, metrics } as const;
  const report = {
    v: 1,
    at: clock(),
    boot: `boot-${run}`,
    seq: ++seq,
    intervalMs: 60_000,
    resources: [resource],
  };
  ingest(org, { source: `agent:${name}`, report: report as Report });
  org.commit.flush();
}

if (run === "drain") for (const { subject } of org.alerts.open()) says(subject.name, 10);
else {
  /* As few as one message names. */
  for (const { subject } of org.alerts.open().slice(MOST - 1)) says(subject.name, 10);
  says(run, 91);
}
for (const { id } of org.alerts.open()) console.log(`open ${id}`);
setInterval(() => {
  org.deliveries.look();
  if (run === "drain" && org.deliveries.waiting().size === 0) process.exit(0);
}, 5);
