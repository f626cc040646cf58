/**
 * From a machine's report to a phone that rings, on a real server and with real receivers: what is wrong is told once,
 * that it got worse once, that it is over once, also when the server is killed in between; what is silenced is not, and
 * whoever asks why is told.
 */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import type { Enrolled } from "../../server/contract/agents.ts";
import type { AlertList } from "../../server/contract/alerts.ts";
import type { ChannelList, ChannelTest } from "../../server/contract/notifications.ts";
import type { ReportedResource } from "../../server/contract/report.ts";
import type { Diagnosis, RouteList } from "../../server/contract/routes.ts";
import { postReport, reporterOf } from "../support/agents.ts";
import { call, must, signIn, signUp } from "../support/calls.ts";
import { temporaryDataDir } from "../support/data-dir.ts";
import { startReceiver } from "../support/receivers/receiver.ts";
import { SERVICES } from "../support/receivers/services.ts";
import { startMailServer } from "../support/receivers/smtp.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(240_000);

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

interface Resources {
  resources: { id: string; name: string }[];
}

const start = () =>
  startServer({
    dataDir: directory.path,
    env: { PULSE_OUTBOUND_ALLOW: "127.0.0.0/8", PULSE_PUBLIC_URL: "https://pulse.example.org" },
  });

interface Reporting {
  token: string;
  name: string;
}

const PATIENT = { withinMs: 90_000 };

/** Reports until it has happened, as often as an agent may: rules look at what comes. */
async function saysUntil(
  server: TestServer,
  { token, name }: Reporting,
  memory: number,
  happened: () => boolean | Promise<boolean>,
): Promise<void> {
  const metrics = { memory_used_percent: memory };
  const machine: ReportedResource = {
    kind: "host",
    key: "host",
    name,
    status: "up",
    attributes: {},
    metrics,
  };
  const report = reporterOf();
  let nextAt = 0;
  await until(async () => {
    if (performance.now() >= nextAt) {
      nextAt = performance.now() + REPORT_EVERY_MS;
      const { status, body } = await postReport(server, token, report([machine]));
      if (status !== 200) throw new Error(body);
    }
    return happened();
  }, PATIENT);
}

const heard = () => [
  ...receivers.map(({ receiver }) => receiver.taken.map(({ title }) => title)),
  mail.taken.map(({ title }) => title),
];

/** How many messages everybody has heard. */
const heardBy = (count: number) => () => heard().every((titles) => titles.length >= count);

test("ten channels hear once that a machine is short of memory, that it gets worse, and that it is over", async () => {
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
  const enrolled = async (name: string): Promise<Reporting> => {
    const { token } = await must(owner.call<Enrolled>("agents.enroll", { input: { name } }));
    return { token, name };
  };
  const [cellar, attic] = [await enrolled("cellar"), await enrolled("attic")];
  const level = (trigger: number) => ({ trigger, delayMs: 500 });
  const rules = { memory: { warning: level(80), critical: level(98), clearAfterMs: 500 } };
  await must(
    owner.call("alerts.setRules", { input: { revision: 0, settings: { rules, overrides: [], own: [] } } }),
  );
  await saysUntil(first, attic, 20, async () => {
    const { resources } = await must(owner.call<Resources>("resources.list"));
    return resources.some(({ name }) => name === "attic");
  });
  const { resources } = await must(owner.call<Resources>("resources.list"));
  const resourceIds = resources.filter(({ name }) => name === "attic").map(({ id }) => id);
  const when = { type: "once", from: 0, to: Date.now() + 3_600_000 };
  await must(owner.call("alerts.createSilence", { input: { name: "moving", scope: { resourceIds }, when } }));

  /* Nobody is told while the rules are only observed; when that ends, what is still so. */
  const active = async (caller = owner) => (await must(caller.call<AlertList>("alerts.active"))).alerts;
  const setRoutes = (revision: number, observed: { observeUntil?: number }) => {
    const settings = { routes: [], rest: { channels: "all", togetherMs: 0 }, ...observed };
    return must(owner.call<RouteList>("notifications.setRoutes", { input: { revision, settings } }));
  };
  await setRoutes(0, { observeUntil: Date.now() + 3_600_000 });
  await saysUntil(first, cellar, 92, async () => (await active()).length === 1);
  const [held] = await active();
  const notYet = await must(
    owner.call<Diagnosis>("notifications.diagnose", { input: { alertId: held?.id } }),
  );
  expect(notYet.answer).toMatch(
    /^Not yet\. .*: Observing until .* UTC\. It is told then if it is still so\.$/,
  );
  expect(heard().flat()).toEqual([]);
  await setRoutes(1, {});
  await saysUntil(first, cellar, 92, heardBy(1));
  for (const titles of heard())
    expect(titles).toEqual([expect.stringMatching(/^Warning: cellar has used 92\.0\s% of its memory$/)]);
  expect(receivers[0]?.receiver.taken[0]?.link).toMatch(
    /^https:\/\/pulse\.example\.org\/alerts\/l[a-z2-7]{19}$/,
  );
  /* Killed while the answer is on its way it would send once more, under the same id. */
  await until(async () => {
    const { channels } = await must(owner.call<ChannelList>("notifications.channels"));
    return channels.every(({ waiting, lastSentAt }) => waiting === 0 && lastSentAt !== undefined);
  });

  /* It gets worse, and the server is killed as soon as that is decided. */
  await saysUntil(first, cellar, 99, async () => (await active())[0]?.level === "critical");
  await first.kill();
  await using second = await start();
  const again = await signIn(second);
  await saysUntil(second, cellar, 99, heardBy(2));
  await saysUntil(second, attic, 92, async () =>
    (await active(again)).some(({ subject }) => subject.name === "attic"),
  );
  const silenced = (await active(again)).find(({ subject }) => subject.name === "attic");
  const why = await must(
    again.call<Diagnosis>("notifications.diagnose", { input: { alertId: silenced?.id } }),
  );
  expect(why.answer).toBe("Nobody was told. It is silenced by “moving”.");
  await saysUntil(second, attic, 20, async () => (await active(again)).length === 1);

  const [open] = await active(again);
  await saysUntil(second, cellar, 20, heardBy(3));
  for (const titles of heard())
    expect(titles.map((title) => title.split(":")[0])).toEqual(["Warning", "Critical", "Resolved"]);
  const told = await must(again.call<Diagnosis>("notifications.diagnose", { input: { alertId: open?.id } }));
  expect(told.moments.map(({ event }) => event)).toEqual(["fired", "fired", "updated", "resolved"]);
  expect(told.answer).toMatch(/^Told to .* and .* at once\.$/);
  expect([...mail.faults, ...receivers.flatMap(({ receiver }) => receiver.refused)]).toEqual([]);
  const ids = receivers[0]?.receiver.taken.map(({ headers }) => headers.get("x-pulse-event-id"));
  expect(new Set(ids).size).toBe(3);
  const { channels } = await must(again.call<ChannelList>("notifications.channels"));
  expect(channels.map(({ problem, waiting }) => [problem, waiting])).toEqual(
    channels.map(() => [undefined, 0]),
  );
  expect((await call(second, "notifications.channels")).status).toBe(401);
});
