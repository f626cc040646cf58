/**
 * From a machine's report to somebody's phone, on a real server and with a real receiver: what is wrong is told once,
 * that it got worse once, that it is over once, also when the server is killed in between; what is silenced is not.
 */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import type { Enrolled } from "../../server/contract/agents.ts";
import type { DeliveryList } from "../../server/contract/notifications.ts";
import type { ReportedResource } from "../../server/contract/report.ts";
import { postReport, reporterOf } from "../support/agents.ts";
import { must, signIn, signUp } from "../support/calls.ts";
import { temporaryDataDir } from "../support/data-dir.ts";
import { startReceiver } from "../support/receivers/receiver.ts";
import { SERVICES } from "../support/receivers/services.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { until } from "../support/until.ts";

setDefaultTimeout(180_000);

const directory = temporaryDataDir();
const receiver = startReceiver(SERVICES.webhook.service());
afterAll(async () => {
  await receiver.stop();
  directory.remove();
});

const env = { PULSE_OUTBOUND_ALLOW: "127.0.0.1/32", PULSE_PUBLIC_URL: "https://pulse.example.org" };
const PATIENT = { withinMs: 60_000 };
/** An agent may not report much faster than it is meant to. */
const REPORT_EVERY_MS = 1_000;

const machine = (name: string, memory: number): ReportedResource => ({
  kind: "host",
  key: "host",
  name,
  status: "up",
  attributes: {},
  metrics: { memory_used_percent: memory },
});

/** Reports until it has happened: rules look at what comes. */
async function saysUntil(
  server: TestServer,
  { token, name, memory }: { token: string; name: string; memory: number },
  happened: () => boolean | Promise<boolean>,
): Promise<void> {
  const report = reporterOf();
  let nextAt = 0;
  await until(async () => {
    if (performance.now() >= nextAt) {
      nextAt = performance.now() + REPORT_EVERY_MS;
      const { status, body } = await postReport(server, token, report([machine(name, memory)]));
      if (status !== 200) throw new Error(body);
    }
    return happened();
  }, PATIENT);
}

test("fired, worse and over are told once each, a restart repeats nothing, and a silence keeps quiet", async () => {
  const first = await startServer({ dataDir: directory.path, env });
  const owner = await signUp(first);
  const enrolled = async (name: string) =>
    (await must(owner.call<Enrolled>("agents.enroll", { input: { name } }))).token;
  const cellar = { token: await enrolled("cellar"), name: "cellar" };
  const attic = { token: await enrolled("attic"), name: "attic" };
  const delay = { delayMs: 500 };
  const rules = {
    memory: { warning: { trigger: 80, ...delay }, critical: { trigger: 98, ...delay }, clearAfterMs: 500 },
  };
  await must(
    owner.call("alerts.setRules", { input: { revision: 0, settings: { rules, overrides: [], own: [] } } }),
  );
  await must(
    owner.call("notifications.createChannel", {
      input: { name: "hook", type: "webhook", config: SERVICES.webhook.config(receiver.url) },
    }),
  );

  await saysUntil(first, { ...cellar, memory: 91 }, () => receiver.taken.length >= 1);
  expect(receiver.taken[0]).toMatchObject({ title: expect.stringMatching(/^Warning: cellar has used 91/) });
  expect(receiver.taken[0]?.link).toMatch(/^https:\/\/pulse\.example\.org\/alerts\/l[a-z2-7]{19}$/);

  /* It gets worse, and the server is killed as soon as that is decided. */
  const active = async () =>
    (await must(owner.call<{ alerts: { level: string }[] }>("alerts.active"))).alerts;
  await saysUntil(first, { ...cellar, memory: 99 }, async () => (await active())[0]?.level === "critical");
  await first.kill();
  await using second = await startServer({ dataDir: directory.path, env });
  const again = await signIn(second);
  await saysUntil(second, { ...cellar, memory: 99 }, () => receiver.taken.length >= 2);
  expect(receiver.taken[1]?.title).toMatch(/^Critical: cellar has used 99/);

  /* Another machine is silenced for as long as it is in trouble. */
  const when = { type: "once", from: 0, to: Date.now() + 3_600_000 };
  const { resources } = await must(
    again.call<{ resources: { id: string; name: string }[] }>("resources.list"),
  );
  expect(resources.map(({ name }) => name)).toContain("cellar");
  await saysUntil(second, { ...attic, memory: 20 }, async () => {
    const { data } = await again.call<{ resources: { name: string }[] }>("resources.list");
    return data.resources.some(({ name }) => name === "attic");
  });
  const all = await must(again.call<{ resources: { id: string; name: string }[] }>("resources.list"));
  const resourceIds = all.resources.filter(({ name }) => name === "attic").map(({ id }) => id);
  await must(again.call("alerts.createSilence", { input: { name: "moving", scope: { resourceIds }, when } }));
  const open = async () =>
    (await must(again.call<{ alerts: { subject: { name: string } }[] }>("alerts.active"))).alerts;
  await saysUntil(second, { ...attic, memory: 91 }, async () =>
    (await open()).some(({ subject }) => subject.name === "attic"),
  );

  await saysUntil(second, { ...cellar, memory: 20 }, () => receiver.taken.length >= 3);
  expect(receiver.taken[2]?.title).toMatch(/^Resolved: cellar has used 99/);
  await saysUntil(second, { ...attic, memory: 20 }, async () => (await open()).length === 0);
  const deliveries = await must(again.call<DeliveryList>("notifications.deliveries", { input: {} }));
  expect(deliveries.deliveries.map(({ state }) => state)).toEqual(["sent", "sent", "sent"]);
  expect(receiver.refused).toEqual([]);
  expect(receiver.taken.length).toBe(3);
  expect(new Set(receiver.taken.map(({ headers }) => headers.get("x-pulse-event-id"))).size).toBe(3);
});
