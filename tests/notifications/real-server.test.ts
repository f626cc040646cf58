/**
 * From a machine that reports too much to a phone that rings, on a real server: every channel hears of it once, also
 * when the server is killed in between, and hears once that it is over.
 */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import type { Enrolled } from "../../server/contract/agents.ts";
import type { ChannelList, ChannelTest } from "../../server/contract/notifications.ts";
import type { ReportedResource } from "../../server/contract/report.ts";
import { postReport, reporterOf } from "../support/agents.ts";
import { call, must, signIn, signUp } from "../support/calls.ts";
import { temporaryDataDir } from "../support/data-dir.ts";
import { startReceiver } from "../support/receivers/receiver.ts";
import { SERVICES } from "../support/receivers/services.ts";
import { startMailServer } from "../support/receivers/smtp.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(120_000);

const directory = temporaryDataDir();
afterAll(() => directory.remove());
const TYPES = [
  "webhook",
  "discord",
  "slack",
  "teams",
  "telegram",
  "ntfy",
  "gotify",
  "matrix",
  "apprise",
] as const;
const receivers = TYPES.map((type) => ({ type, receiver: startReceiver(SERVICES[type].service()) }));
const mail = await startMailServer({ security: "none" });
afterAll(async () => {
  mail.stop();
  for (const { receiver } of receivers) await receiver.stop();
});

const REPORT_EVERY_MS = 1_500;

const start = () =>
  startServer({
    dataDir: directory.path,
    env: { PULSE_OUTBOUND_ALLOW: "127.0.0.0/8", PULSE_PUBLIC_URL: "https://pulse.example.org" },
  });

const machine = (memory: number): ReportedResource => ({
  kind: "host",
  key: "host",
  name: "cellar",
  status: "up",
  attributes: {},
  metrics: { memory_used_percent: memory },
});

const heard = () => [
  ...receivers.map(({ receiver }) => receiver.taken.map(({ title }) => title)),
  mail.taken.map(({ title }) => title),
];

test("a machine is short of memory: ten channels hear it once, and once that it is over", async () => {
  const first = await start();
  const owner = await signUp(first);
  for (const { type, receiver } of receivers) {
    const config = SERVICES[type].config(receiver.url);
    const tried = await must(owner.call<ChannelTest>("notifications.test", { input: { type, config } }));
    expect([type, tried.ok, tried.message]).toEqual([type, true, tried.message]);
    await must(owner.call("notifications.createChannel", { input: { name: type, type, config } }));
    receiver.taken.length = 0;
  }
  const config = {
    host: "127.0.0.1",
    port: mail.port,
    security: "none",
    from: "pulse@example.org",
    to: ["ada@example.org"],
  };
  await must(owner.call("notifications.createChannel", { input: { name: "mail", type: "email", config } }));

  const { token } = await must(owner.call<Enrolled>("agents.enroll", { input: { name: "cellar" } }));
  const levels = { warning: { trigger: 80, delayMs: 1_000 }, critical: null };
  const settings = { rules: { memory: { ...levels, clearAfterMs: 0 } }, overrides: [], own: [] };
  await must(owner.call("alerts.setRules", { input: { revision: 0, settings } }));
  const report = reporterOf();
  let saidAt = 0;
  /** As often as an agent may. */
  const says = async (server: TestServer, memory: number) => {
    if (Date.now() - saidAt < REPORT_EVERY_MS) return;
    saidAt = Date.now();
    const { status, body } = await postReport(server, token, report([machine(memory)]));
    if (status !== 200) throw new Error(body);
  };
  await until(
    async () => {
      await says(first, 92);
      return heard().every((titles) => titles.length > 0);
    },
    { withinMs: 60_000 },
  );
  for (const titles of heard())
    expect(titles).toEqual([expect.stringMatching(/^Warning: cellar has used 92\.0\s% of its memory$/)]);
  expect(receivers[0]?.receiver.taken[0]?.link).toMatch(/^https:\/\/pulse\.example\.org\/alerts\/l/);

  /* Killed while the answer is on its way it would send once more, under the same id. */
  await until(async () => {
    const { channels } = await must(owner.call<ChannelList>("notifications.channels"));
    return channels.every(({ waiting, lastSentAt }) => waiting === 0 && lastSentAt !== undefined);
  });
  await first.kill();
  await using second = await start();
  const again = await signIn(second);
  await until(
    async () => {
      await says(second, 20);
      return heard().every((titles) => titles.length > 1);
    },
    { withinMs: 90_000 },
  );
  for (const titles of heard())
    expect(titles.map((title) => title.split(":")[0])).toEqual(["Warning", "Resolved"]);
  expect([...mail.faults, ...receivers.flatMap(({ receiver }) => receiver.refused)]).toEqual([]);
  const { channels } = await must(again.call<ChannelList>("notifications.channels"));
  expect(channels.map(({ problem, waiting }) => [problem, waiting])).toEqual(
    channels.map(() => [undefined, 0]),
  );
  expect((await call(second, "notifications.channels")).status).toBe(401);
});
