/** One org with the real file, the real way out and time that is ours. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Database } from "../../db/driver.ts";
import type { RuleSettings } from "../../server/contract/alerts.ts";
import { DEFAULT_ORG } from "../../server/contract/ids.ts";
import type { AlertTransition, Channel, ChannelType } from "../../server/contract/notifications.ts";
import type { OrgOutside } from "../../server/contract/outside.ts";
import type { Report } from "../../server/contract/report.ts";
import { Egress, type EgressRequest, type EgressResponse } from "../../server/lib/egress.ts";
import { Log } from "../../server/lib/log.ts";
import { create } from "../../server/notifications/manage.ts";
import { SendingRoom } from "../../server/notifications/sending-room.ts";
import { OrgRuntime, UNHEARD } from "../../server/runtime/org-runtime.ts";
import { ingest } from "../../server/runtime/pipeline.ts";
import { loadMigrations } from "../../server/tenancy/migrate.ts";
import { openMigrated } from "../../server/tenancy/open.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export interface TestOrg {
  org: OrgRuntime;
  db: Database;
  time: { now: number };
  outside: OrgOutside;
  /** Events that open pages were sent. */
  heard: { type: string; data: unknown }[];
  attempts: string[];
  addChannel(type: ChannelType, config: Record<string, unknown>, name?: string): Channel;
  /** A machine reports how much of its memory is used: from 80 % that is a warning, from 98 % critical. */
  says(machine: string, memory: number): void;
  /** So much time passes, and what is due by then is sent. */
  pass(ms: number): Promise<void>;
  /** Services that are in one place only are played at this one. */
  redirect(url: string): void;
  /** As after a crash: what was in memory is gone, what is in the file is not. */
  restart(): void;
  stop(): void;
}

export interface TestOrgOptions {
  room?: SendingRoom;
  perHour?: number;
}

class Redirected extends Egress {
  target: string | undefined;

  override request(request: EgressRequest): Promise<EgressResponse> {
    const { target } = this;
    return super.request(
      target === undefined ? request : { ...request, url: request.url.replace(/^https?:\/\/[^/]+/, target) },
    );
  }
}

const at = (trigger: number) => ({ trigger, clear: trigger, delayMs: 0 });
const RULES: RuleSettings = {
  rules: { memory: { warning: at(80), critical: at(98), clearAfterMs: 0 } },
  overrides: [],
  own: [],
};
let said = 0;

export function testOrg(options: TestOrgOptions = {}): TestOrg {
  const folder = mkdtempSync(join(tmpdir(), "pulse-notifications-"));
  const db: Database = openMigrated(join(folder, "org.db"), "create", loadMigrations("org"));
  const key = { name: "0a1b2c3d", key: randomBytes(32) };
  const time = { now: Date.now() };
  const outside = {
    home: "https://pulse.example.org",
    notificationsPerHour: options.perHour ?? 500,
  };
  const heard: TestOrg["heard"] = [];
  const attempts: string[] = [];
  const room = options.room ?? new SendingRoom();
  const egress = new Redirected({ allow: ["127.0.0.0/8"], reach: "public" });
  const open = () =>
    new OrgRuntime(
      DEFAULT_ORG,
      { use: () => db, sizeBytes: () => 0 },
      {
        ...UNHEARD,
        clock: () => time.now,
        log: new Log(() => {}),
        keysOf: () => () => key,
        outside,
        publish: (_, type, __, json) => void heard.push({ type, data: JSON.parse(json) as unknown }),
        messenger: {
          egress,
          room,
          clock: () => time.now,
          publicUrl: "https://pulse.example.org",
          onAttempt: (type, result) => void attempts.push(`${type} ${result}`),
        },
      },
    );
  const own: TestOrg = {
    org: open(),
    db,
    time,
    outside,
    heard,
    attempts,
    addChannel(type, config, name: string = type) {
      return create(own.org, { input: { type, name, config }, limit: 500 }).channel;
    },
    says(machine, memory) {
      const { now } = time;
      own.org.alerts.setRules(RULES, now);
      const resource = {
        kind: "host",
        key: "host",
        name: machine,
        status: "up",
        attributes: {},
        metrics: { memory_used_percent: memory },
      } as const;
      const report = {
        v: 1,
        at: now,
        boot: "boot-0001",
        seq: ++said,
        intervalMs: 60_000,
        resources: [resource],
      };
      if (ingest(own.org, { source: `agent:${machine}`, report: report as Report }) !== "stored")
        throw new Error(`what ${machine} says was not taken`);
      own.org.commit.flush();
    },
    async pass(ms) {
      time.now += ms;
      own.org.deliveries.look();
      await own.org.deliveries.settled();
    },
    redirect(url) {
      egress.target = url;
    },
    restart() {
      own.org.close();
      own.org = open();
    },
    stop() {
      own.org.close();
      db.close();
      rmSync(folder, { recursive: true });
    },
  };
  return own;
}

export function transitionOf(
  id: string,
  event: AlertTransition["event"] = "fired",
  more: Partial<AlertTransition> = {},
): AlertTransition {
  return {
    id,
    event,
    level: "critical",
    title: `${id} is down`,
    lines: [],
    resource: { id: "raaaaaaaaaaaaaaaaaaa", name: id },
    since: Date.now(),
    ...more,
  };
}
