/**
 * The clock of a machine that runs Pulse, and an agent beside it, is set again and again while reports come: back, ahead,
 * by days, across both ends of summer time. Nothing is told that is not so, nothing twice, and what waits for its delay
 * waits for as long as it would have. `PULSE_TEST_LONG=1` makes it 200 jumps; `PULSE_TEST_SEED` repeats a run.
 */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "../../db/driver.ts";
import { alert } from "../../db/org/alerts.ts";
import type { Enrolled } from "../../server/contract/agents.ts";
import { DEFAULT_ORG } from "../../server/contract/ids.ts";
import type { ToldAlert } from "../../server/contract/notifications.ts";
import type { ReportedResource } from "../../server/contract/report.ts";
import { orgFile } from "../../server/tenancy/paths.ts";
import { postReport, reporterOf } from "../support/agents.ts";
import { must, signUp } from "../support/calls.ts";
import { temporaryDataDir } from "../support/data-dir.ts";
import { jsonOf, type Service, startReceiver } from "../support/receivers/receiver.ts";
import { WEBHOOK_SECRET, webhookService } from "../support/receivers/webhook.ts";
import { Seeded } from "../support/seeded.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { findFaketime } from "../support/system-tools.ts";
import { until } from "../support/until.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const IS_LONG = Number(process.env.PULSE_TEST_LONG ?? 0) > 0;
const DELAY_MS = 2_000;
/** No more often than an agent may, for as long as it takes. */
const REPORT_EVERY_MS = IS_LONG ? 1_100 : 400;
/** The server looks at what waits when a report comes. */
const LATE_MS = 4_000;
const PATIENCE = { withinMs: 60_000 };

setDefaultTimeout(IS_LONG ? 60 * MINUTE : 3 * MINUTE);

const directory = temporaryDataDir();
const beside = mkdtempSync(join(tmpdir(), "pulse-clock-"));
afterAll(() => {
  directory.remove();
  rmSync(beside, { recursive: true });
});

/** How far the clock is ahead of the real one, for the server and for whatever talks to it. */
const clock = {
  file: join(beside, "ahead"),
  aheadMs: 0,
  set(aheadMs: number) {
    clock.aheadMs = aheadMs;
    writeFileSync(clock.file, `${aheadMs < 0 ? "-" : "+"}${Math.abs(aheadMs) / 1_000}`);
  },
  now: () => Date.now() + clock.aheadMs,
};

/** To just before a moment, so that it passes. */
const before = (moment: string) => Date.parse(moment) - 1_000 - Date.now();

const random = new Seeded();
const JUMPS: [name: string, aheadMs: () => number][] = IS_LONG
  ? Array.from({ length: 200 }, (_, nth) => [`jump ${nth}`, () => clock.aheadMs + anyJump()])
  : [
      ["an hour back", () => clock.aheadMs - HOUR],
      ["an hour ahead", () => clock.aheadMs + HOUR],
      ["two days ahead", () => clock.aheadMs + 2 * DAY],
      ["thirty days back", () => clock.aheadMs - 30 * DAY],
      ["summer time begins in Berlin", () => before("2027-03-28T01:00:00Z")],
      ["and ends", () => before("2027-10-31T01:00:00Z")],
    ];

function anyJump(): number {
  /* Never out of the years in which a file's times make sense. */
  const far = clock.aheadMs > 300 * DAY ? -1 : clock.aheadMs < -300 * DAY ? 1 : random.pick([-1, 1]);
  /* What comes and goes four times within half an hour is flapping, which is another story. */
  return far * random.pick([HOUR, 2 * DAY, 30 * DAY, HOUR + random.below(DAY)]);
}

const machine = (name: string, memory: number): ReportedResource => ({
  kind: "host",
  key: "host",
  name,
  status: "up",
  attributes: {},
  metrics: { memory_used_percent: memory },
});

/** Machines that go on saying how much of their memory they use. */
class Fleet {
  readonly memory = new Map([
    ["always", 99],
    ["never", 50],
    ["waiting", 50],
  ]);
  readonly #server: TestServer;
  readonly #tokens: Map<string, string>;
  readonly #reports = new Map([...this.memory.keys()].map((name) => [name, reporterOf()]));
  #stopped = false;
  readonly #talking: Promise<void>;

  constructor(server: TestServer, tokens: Map<string, string>) {
    this.#server = server;
    this.#tokens = tokens;
    this.#talking = this.#talk();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await this.#talking;
  }

  async #talk(): Promise<void> {
    while (!this.#stopped) {
      for (const [name, memory] of this.memory) {
        const report = this.#reports.get(name)?.([machine(name, memory)], { at: clock.now() });
        const { status, body } = await postReport(this.#server, this.#tokens.get(name), report);
        /* The clock was set back while it was on its way. */
        const isOvertaken = status === 400 && body.includes("from the future");
        if (status !== 200 && !isOvertaken) throw new Error(`${status} ${body}`);
      }
      await Bun.sleep(REPORT_EVERY_MS);
    }
  }
}

/** What stands in the org's file: of each machine its alerts, "open" or "over". */
function alertsOf(name: string): string[] {
  const db = openDatabase(orgFile(directory.path, DEFAULT_ORG), "readonly");
  try {
    const rows = db.orm.select().from(alert).orderBy(alert.firedAt).all();
    return rows
      .filter(({ facts }) => (facts["resource"] as { name?: string })?.name === name)
      .map(({ rule, resolvedAt }) => `${rule} ${resolvedAt === null ? "open" : "over"}`);
  } finally {
    db.close();
  }
}

function hookThatKeeps(heard: ToldAlert[]): Service {
  const hook = webhookService(clock.now);
  return {
    ...hook,
    take(request) {
      heard.push(...(jsonOf(request) as { alerts: ToldAlert[] }).alerts);
      return hook.take(request);
    },
  };
}

test(`the clock is set ${JUMPS.length} times: nothing is told twice, too soon or for no reason`, async () => {
  const faketime = findFaketime();
  if (!faketime) throw new Error("this test needs libfaketime (Debian: apt-get install faketime)");
  clock.set(0);
  const heard: ToldAlert[] = [];
  const receiver = startReceiver(hookThatKeeps(heard));
  await using server = await startServer({
    dataDir: directory.path,
    env: {
      LD_PRELOAD: faketime,
      FAKETIME_TIMESTAMP_FILE: clock.file,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      TZ: "Europe/Berlin",
      PULSE_OUTBOUND_ALLOW: "127.0.0.0/8",
    },
  });
  const owner = await signUp(server);
  const config = { url: `${receiver.url}/hook`, secret: WEBHOOK_SECRET };
  await must(owner.call("notifications.createChannel", { input: { name: "hook", type: "webhook", config } }));
  const memory = { warning: { trigger: 80, delayMs: DELAY_MS }, critical: null };
  const settings = { rules: { memory }, overrides: [], own: [] };
  await must(owner.call("alerts.setRules", { input: { revision: 0, settings } }));
  const tokens = new Map<string, string>();
  for (const name of ["always", "never", "waiting"])
    tokens.set(name, (await must(owner.call<Enrolled>("agents.enroll", { input: { name } }))).token);

  await using fleet = new Fleet(server, tokens);
  await until(() => alertsOf("always").length > 0, { ...PATIENCE, what: "the first alert" });
  /* Until the server has looked at its clock of itself once: before that it has just started. */
  await Bun.sleep(11_000);
  for (const [nth, [name, aheadMs]] of JUMPS.entries()) {
    fleet.memory.set("waiting", 99);
    const beganAt = performance.now();
    await Bun.sleep(REPORT_EVERY_MS * 2);
    clock.set(aheadMs());
    const past = Array.from({ length: nth }, () => "memory over");
    await until(() => alertsOf("waiting").length > nth, { ...PATIENCE, what: `an alert after ${name}` });
    const tookMs = performance.now() - beganAt;
    expect(alertsOf("waiting").sort()).toEqual(["memory open", ...past]);
    expect([name, tookMs >= DELAY_MS]).toEqual([name, true]);
    if (!IS_LONG) expect(tookMs).toBeLessThan(DELAY_MS + LATE_MS);
    fleet.memory.set("waiting", 50);
    await until(() => alertsOf("waiting").every((one) => one === "memory over"), PATIENCE);
  }
  expect([alertsOf("always"), alertsOf("never")]).toEqual([["memory open"], []]);
  const told = heard.map(({ id, event }) => `${event} ${id}`);
  expect(told).toEqual([...new Set(told)]);
  expect(heard.filter(({ resource }) => resource?.name === "always").map(({ event }) => event)).toEqual([
    "fired",
  ]);
  expect(heard.some(({ resource }) => resource?.name === "never")).toBe(false);
  await receiver.stop();
});
