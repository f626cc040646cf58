/**
 * Days of a fleet through the real thing: reports into the pipeline, the picture, history, rules, the org's file, the
 * queue, and messages that are sent to a webhook on loopback. The time is ours, chance is seeded: the same again gives
 * the same. What is told is judged by what was injected.
 */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_ORG, type ResourceId } from "../../../server/contract/ids.ts";
import type { ToldAlert } from "../../../server/contract/notifications.ts";
import type { Report } from "../../../server/contract/report.ts";
import { Egress } from "../../../server/lib/egress.ts";
import { Log } from "../../../server/lib/log.ts";
import { create } from "../../../server/notifications/manage.ts";
import { SendingRoom } from "../../../server/notifications/sending-room.ts";
import { OrgRuntime, UNHEARD } from "../../../server/runtime/org-runtime.ts";
import { ingest } from "../../../server/runtime/pipeline.ts";
import { loadMigrations } from "../../../server/tenancy/migrate.ts";
import { openMigrated } from "../../../server/tenancy/open.ts";
import { jsonOf, type Service, startReceiver } from "../../support/receivers/receiver.ts";
import { WEBHOOK_SECRET, webhookService } from "../../support/receivers/webhook.ts";
import { Seeded } from "../../support/seeded.ts";
import { type Reporter, SimulatedChecks, SimulatedCluster } from "./cluster.ts";
import { byChance, DAY, HOUR, SECOND, type Span, Spans } from "./days.ts";
import { Judge, type Score } from "./judge.ts";
import { SimulatedMachine } from "./machine.ts";
import { type Fault, planFaults } from "./plan.ts";

export interface ReplayOptions {
  seed: number;
  days: number;
  machines: number;
  faults: number;
  /** Between two reports of a machine. */
  intervalMs: number;
}

/** A Thursday: four days hold the night in which machines are started anew. */
const BEGINS_AT = Date.UTC(2026, 3, 2);
/** So often the server looks at what time alone changes. */
const STEP_MS = 10 * SECOND;
const SENT_AFTER_MS = SECOND;
const COMMIT_EVERY_MS = 10 * 60 * SECOND;
const UPKEEP_EVERY_MS = 6 * HOUR;

interface Reporting {
  reporter: Reporter;
  /** Undefined: asked by the server itself. */
  machine: number | undefined;
  report: Omit<Report, "at" | "resources">;
  /** The way to the server is away for a moment: what is reported then comes together when it is back. */
  blips: Spans;
  kept: Report[];
}

export async function replay(options: ReplayOptions): Promise<Score> {
  const { days, intervalMs, seed } = options;
  const random = new Seeded(seed);
  const span = { from: BEGINS_AT, to: BEGINS_AT + days * DAY };
  const faults = planFaults(random, { ...options, span });
  const reporting = fleetOf(random, options, span, faults);
  const time = { now: span.from };
  await using house = openHouse(time);
  const { org } = house;
  const judge = new Judge(
    faults,
    intervalMs,
    reporting.map(({ reporter }) => reporter.name),
  );

  for (let step = 0; span.from + step * STEP_MS < span.to; step++) {
    const at = span.from + step * STEP_MS;
    time.now = at;
    for (const [nth, one] of reporting.entries())
      if ((step + nth) % (intervalMs / STEP_MS) === 0) report(org, one, at, faults, judge);
    org.judgeSilence();
    await org.trends.settled();
    const isTime = (interval: number) => (step * STEP_MS) % interval === 0;
    if (org.alerts.hasUnwritten || isTime(COMMIT_EVERY_MS)) org.commit.flush();
    if (isTime(UPKEEP_EVERY_MS)) org.upkeep.finish();
    if (!org.deliveries.isBusy) continue;
    time.now = at + SENT_AFTER_MS;
    org.deliveries.look();
    await org.deliveries.settled();
    for (const told of house.heard.splice(0)) judge.hear(told, time.now, whatOf(org));
  }
  return judge.score();
}

function fleetOf(
  random: Seeded,
  { machines, intervalMs }: ReplayOptions,
  span: Span,
  faults: readonly Fault[],
): Reporting[] {
  /* The network hiccups for half of the machines at once now and then. */
  const shared = byChance(random, span, { daily: 0.15, lasts: [20 * SECOND, 80 * SECOND] });
  const reportOf = (name: string) => ({ v: 1 as const, boot: `boot-of-${name}`, seq: 0, intervalMs });
  const fleet = Array.from({ length: machines }, (_, nth): Reporting => {
    /* Nobody updates what is broken. */
    const isQuiet = (when: Span) =>
      faults.every((fault) => !fault.machines.includes(nth) || fault.from > when.to || fault.to < when.from);
    const machine = new SimulatedMachine(nth, random, span, isQuiet);
    const own = byChance(random, span, { daily: 0.2, lasts: [15 * SECOND, 80 * SECOND] });
    const blips = new Spans(nth % 2 === 0 ? [...own, ...shared] : own);
    return { reporter: machine, machine: nth, report: reportOf(machine.name), blips, kept: [] };
  });
  for (const reporter of [new SimulatedCluster(random, span), new SimulatedChecks(random)])
    fleet.push({
      reporter,
      machine: undefined,
      report: reportOf(reporter.name),
      blips: new Spans([]),
      kept: [],
    });
  return fleet;
}

function report(org: OrgRuntime, one: Reporting, at: number, faults: readonly Fault[], judge: Judge): void {
  const { reporter, machine, blips, kept } = one;
  const parts = reporter.report(at);
  const active = faults.filter(({ from, to }) => from <= at && at < to);
  const own = active.filter((fault) =>
    machine === undefined
      ? fault.kind.on === reporter.name || isOfCluster(fault, reporter)
      : fault.machines.includes(machine),
  );
  if (own.some(({ kind }) => kind.isSilent)) {
    for (const fault of own) if (fault.kind.isSilent) judge.silent(fault, at);
    if (reporter instanceof SimulatedMachine) reporter.bootsAt(at);
    return;
  }
  if (!parts) return;
  for (const fault of own) judge.show(fault, parts, at);
  one.report.seq++;
  const made: Report = { ...one.report, at, resources: [...parts.values()] };
  if (blips.at(at)) {
    kept.push(made);
    return;
  }
  const delivered = [...kept.splice(0), made];
  for (const [index, each] of delivered.entries())
    ingest(org, {
      source: reporter.source,
      report: each,
      receivedAt: at,
      isJournaled: true,
      isCurrent: delivered.length === 1,
      isLast: index === delivered.length - 1,
    });
}

function isOfCluster({ kind }: Fault, reporter: Reporter): boolean {
  return kind.on === "cluster" && reporter instanceof SimulatedCluster;
}

/** Who reports the resource of an alert, how they call it, and by which rule it is one. */
function whatOf(org: OrgRuntime) {
  return (alert: ToldAlert) => {
    const origin = alert.resource && org.inventory.originsOf(alert.resource.id as ResourceId)[0];
    const rule = org.alerts.find(alert.id as never)?.rule;
    return { rule: rule ?? "", source: origin?.source ?? "", key: origin?.key ?? "" };
  };
}

interface House {
  org: OrgRuntime;
  /** The alerts of each message, as they came. */
  heard: ToldAlert[][];
  [Symbol.asyncDispose](): Promise<void>;
}

function openHouse(time: { now: number }): House {
  const folder = mkdtempSync(join(tmpdir(), "pulse-replay-"));
  const db = openMigrated(join(folder, "org.db"), "create", loadMigrations("org"));
  const key = { name: "0a1b2c3d", key: randomBytes(32) };
  const heard: ToldAlert[][] = [];
  const hook = webhookService(() => time.now);
  const service: Service = {
    ...hook,
    take(request) {
      const shown = hook.take(request);
      heard.push((jsonOf(request) as { alerts: ToldAlert[] }).alerts);
      return shown;
    },
  };
  const receiver = startReceiver(service);
  const org = new OrgRuntime(
    DEFAULT_ORG,
    { use: () => db, sizeBytes: () => 0 },
    {
      ...UNHEARD,
      clock: () => time.now,
      log: new Log(() => {}),
      keysOf: () => () => key,
      outside: { home: undefined, notificationsPerHour: 10_000 },
      messenger: {
        egress: new Egress({ allow: ["127.0.0.0/8"], reach: "public" }),
        room: new SendingRoom(),
        clock: () => time.now,
        publicUrl: undefined,
        onAttempt: () => {},
      },
    },
  );
  const config = { url: `${receiver.url}/hook`, secret: WEBHOOK_SECRET };
  create(org, { input: { type: "webhook", name: "hook", config }, limit: 10 });
  return {
    org,
    heard,
    async [Symbol.asyncDispose]() {
      if (receiver.refused.length > 0) throw new Error(`a message was refused: ${receiver.refused[0]}`);
      org.close();
      db.close();
      await receiver.stop();
      rmSync(folder, { recursive: true });
    },
  };
}
