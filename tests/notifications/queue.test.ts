/** What is decided on is sent: once where that can be told, as few as possible, and never to the wrong end. */
import { afterEach, describe, expect, test } from "bun:test";
import type { Channel } from "../../server/contract/notifications.ts";
import { deliveries, list, remove, test as tryOut, update } from "../../server/notifications/manage.ts";
import { pagerDutyService } from "../support/receivers/pagerduty.ts";
import { type Receiver, startReceiver } from "../support/receivers/receiver.ts";
import { startMailServer } from "../support/receivers/smtp.ts";
import { WEBHOOK_SECRET, webhookService } from "../support/receivers/webhook.ts";
import { HOUR, MINUTE, type TestOrg, type TestOrgOptions, testOrg, transitionOf } from "./org.ts";

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

function start(options?: TestOrgOptions): TestOrg {
  const own = testOrg(options);
  stops.push(() => own.stop());
  return own;
}

function listen(own: TestOrg): Receiver {
  const receiver = startReceiver(webhookService(() => own.time.now));
  stops.push(() => receiver.stop());
  return receiver;
}

function startWithHook(options?: TestOrgOptions): { own: TestOrg; hook: Receiver; channel: Channel } {
  const own = start(options);
  const hook = listen(own);
  const channel = own.addChannel("webhook", { url: `${hook.url}/hook`, secret: WEBHOOK_SECRET });
  return { own, hook, channel };
}

const titles = ({ taken }: Receiver) => taken.map(({ title }) => title);
const states = ({ org }: TestOrg) => deliveries(org, { input: {} }).deliveries.map(({ state }) => state);
const waiting = ({ org }: TestOrg) => list(org).channels.map((channel) => channel.waiting);

test("the first message goes out within a second, what follows goes out together", async () => {
  const { own, hook } = startWithHook();
  own.org.deliveries.enqueue([transitionOf("nas")]);
  await own.pass(1_000);
  expect(hook.taken.length).toBe(1);
  for (const id of ["web", "db", "dns"]) {
    own.org.deliveries.enqueue([transitionOf(id)]);
    await own.pass(5_000);
  }
  expect(titles(hook)).toEqual(["Critical: nas is down"]);
  await own.pass(30_000);
  expect(titles(hook)).toEqual(["Critical: nas is down", "3 alerts: 3 critical"]);
  expect(hook.refused).toEqual([]);
});

test("a message links to where it can be looked at", async () => {
  const { own, hook } = startWithHook();
  own.org.deliveries.enqueue([transitionOf("nas"), transitionOf("web", "fired", { path: "/alerts/1" })]);
  await own.pass(1_000);
  own.org.deliveries.enqueue([transitionOf("db", "fired", { path: "/alerts/2" })]);
  await own.pass(MINUTE);
  expect(hook.taken.map(({ link }) => link)).toEqual([
    "https://pulse.example.org",
    "https://pulse.example.org/alerts/2",
  ]);
});

test("that an alert is over is told to those who were told of it, and to nobody else", async () => {
  const { own, hook } = startWithHook();
  own.org.deliveries.enqueue([transitionOf("nas")]);
  await own.pass(1_000);
  own.org.deliveries.enqueue([transitionOf("web")]);
  own.org.deliveries.enqueue([transitionOf("web", "resolved")]);
  await own.pass(MINUTE);
  const late = listen(own);
  own.addChannel("webhook", { url: `${late.url}/hook`, secret: WEBHOOK_SECRET });
  own.org.deliveries.enqueue([transitionOf("nas", "resolved")]);
  await own.pass(MINUTE);
  expect(titles(hook)).toEqual(["Critical: nas is down", "Resolved: nas is down"]);
  expect(titles(late)).toEqual([]);
  expect(states(own)).toEqual(["sent", "cancelled", "sent"]);
});

test("what is rolled back was never decided on", async () => {
  const { own, hook } = startWithHook();
  expect(() =>
    own.db.transaction(() => {
      own.org.deliveries.enqueue([transitionOf("nas")]);
      throw new Error("the rest could not be written");
    }),
  ).toThrow("the rest could not be written");
  await own.pass(MINUTE);
  expect([titles(hook), states(own)]).toEqual([[], []]);
});

describe("a service that is away", () => {
  test("gets everything in two messages when it is back, under the id of before", async () => {
    const { own, hook } = startWithHook();
    const ids: (string | null)[] = [];
    hook.instead(() => new Response("", { status: 503 }), 3);
    own.org.deliveries.enqueue([transitionOf("nas")]);
    await own.pass(1_000);
    for (let nth = 0; nth < 50; nth++) own.org.deliveries.enqueue([transitionOf(`container-${nth}`)]);
    for (let nth = 0; nth < 4; nth++) await own.pass(15 * MINUTE);
    await own.pass(MINUTE);
    for (const { headers } of hook.taken) ids.push(headers.get("x-pulse-event-id"));
    expect(titles(hook)).toEqual(["Critical: nas is down", "50 alerts: 20 critical, 30 more"]);
    expect(new Set(ids).size).toBe(2);
    expect(own.attempts).toEqual([
      "webhook failed",
      "webhook failed",
      "webhook failed",
      "webhook sent",
      "webhook sent",
    ]);
  });

  test("is asked again when it says, not before", async () => {
    const { own, hook } = startWithHook();
    hook.instead(() => new Response("", { status: 429, headers: { "retry-after": "600" } }));
    own.org.deliveries.enqueue([transitionOf("nas")]);
    await own.pass(1_000);
    await own.pass(9 * MINUTE);
    expect(titles(hook)).toEqual([]);
    await own.pass(MINUTE);
    expect(titles(hook)).toEqual(["Critical: nas is down"]);
  });

  test("is given up after a day, and it is said what to do", async () => {
    const { own, hook } = startWithHook();
    hook.instead(() => new Response("", { status: 401 }), 10_000);
    own.org.deliveries.enqueue([transitionOf("nas")]);
    await own.pass(1_000);
    for (let hours = 0; hours < 26; hours++) await own.pass(HOUR);
    const [delivery] = deliveries(own.org, { input: {} }).deliveries;
    expect(delivery).toMatchObject({
      state: "dead",
      title: "Critical: nas is down",
      status: 401,
      problem: { failure: "authentication", fix: expect.stringContaining("enter it again") },
    });
    expect(list(own.org).channels[0]?.problem).toMatchObject({ failure: "authentication" });
    expect(
      own.heard.map(({ type, data }) => [type, (data as { delivery: { state: string } }).delivery.state]),
    ).toEqual([
      ["delivery.failed", "waiting"],
      ["delivery.failed", "dead"],
    ]);
    expect(JSON.stringify(own.heard)).not.toContain(hook.url);
  });

  test("and whose config is mended gets at once what waited", async () => {
    const { own, hook, channel } = startWithHook();
    hook.instead(() => new Response("", { status: 404 }));
    own.org.deliveries.enqueue([transitionOf("nas")]);
    await own.pass(1_000);
    expect(titles(hook)).toEqual([]);
    own.time.now += 1_000;
    update(own.org, {
      input: { id: channel.id, config: { url: `${hook.url}/hook`, secret: WEBHOOK_SECRET } },
    });
    await own.org.deliveries.settled();
    expect(titles(hook)).toEqual(["Critical: nas is down"]);
    expect(list(own.org).channels[0]?.problem).toBeUndefined();
  });

  test("one message that is not taken stops nobody", async () => {
    const { own, hook } = startWithHook();
    hook.instead(() => new Response("", { status: 422 }));
    own.org.deliveries.enqueue([transitionOf("odd")]);
    await own.pass(1_000);
    own.org.deliveries.enqueue([transitionOf("nas")]);
    await own.pass(31_000);
    await own.pass(2_000);
    expect(titles(hook)).toContain("Critical: nas is down");
  });
});

test("a mail that is not taken for one of its recipients is sent to the others once, and the log says to whom it was not", async () => {
  const own = start();
  const instead = { "RCPT TO:<left@example.org>": "550 nobody" };
  const server = await startMailServer({ security: "none", instead });
  stops.push(server.stop);
  const to = ["ada@example.org", "left@example.org", "bob@example.org"];
  const config = { host: "127.0.0.1", port: server.port, security: "none", from: "pulse@example.org", to };
  const { id } = own.addChannel("email", config);
  own.org.deliveries.enqueue([transitionOf("nas")]);
  await own.pass(1_000);
  await own.pass(HOUR);
  expect(server.taken.map((mail) => mail.to)).toEqual([["ada@example.org", "bob@example.org"]]);
  const message = "The mail server took it, but not for left@example.org (550).";
  const [delivery] = deliveries(own.org, { input: {} }).deliveries;
  expect(delivery).toMatchObject({ state: "sent", problem: { failure: "configuration", message } });
  expect(list(own.org).channels[0]?.problem).toBeUndefined();
  expect(await tryOut(own.org, { input: { id, type: "email", config } })).toMatchObject({
    ok: true,
    message,
  });
});

test("tests that are refused use up nothing of what an org may send in an hour", async () => {
  const { own, hook, channel } = startWithHook({ perHour: 100 });
  const input = { id: channel.id, type: "webhook", config: { url: `${hook.url}/hook` } } as const;
  const answers = Array.from({ length: 200 }, () => tryOut(own.org, { input }).catch(() => "refused"));
  const refused = (await Promise.all(answers)).filter((answer) => answer === "refused").length;
  expect(refused).toBeGreaterThan(100);
  const tried = hook.taken.length;
  own.org.deliveries.enqueue([transitionOf("nas")]);
  await own.pass(1_000);
  expect(titles(hook).slice(tried)).toEqual(["Critical: nas is down"]);
});

test("a message that may have arrived before a crash is sent again under the same id, the others once", async () => {
  const { own, hook } = startWithHook();
  const asked = Promise.withResolvers<void>();
  hook.instead(() => {
    asked.resolve();
    return new Promise<Response>(() => {});
  });
  own.org.deliveries.enqueue([transitionOf("nas")]);
  own.time.now += 1_000;
  own.org.deliveries.look();
  await asked.promise;
  own.restart();
  /* It may have been heard of: that it is over is told. */
  own.org.deliveries.enqueue([transitionOf("nas", "resolved")]);
  await own.pass(MINUTE);
  await own.pass(MINUTE);
  expect(titles(hook)).toEqual(["Critical: nas is down", "Resolved: nas is down"]);
  const rows = deliveries(own.org, { input: {} }).deliveries;
  expect(rows.map(({ state, attempts }) => [state, attempts])).toEqual([
    ["sent", 1],
    ["sent", 2],
  ]);
  own.restart();
  await own.pass(HOUR);
  expect(hook.taken.length).toBe(2);
});

test("a channel that is turned off or removed is sent nothing more", async () => {
  const { own, hook, channel } = startWithHook();
  own.org.deliveries.enqueue([transitionOf("nas")]);
  update(own.org, { input: { id: channel.id, enabled: false } });
  own.org.deliveries.enqueue([transitionOf("web")]);
  await own.pass(MINUTE);
  update(own.org, { input: { id: channel.id, enabled: true } });
  own.org.deliveries.enqueue([transitionOf("db")]);
  remove(own.org, { id: channel.id });
  await own.pass(MINUTE);
  expect([titles(hook), states(own), waiting(own)]).toEqual([[], [], []]);
});

test("what is on its way when a channel is turned off is not tried again", async () => {
  const { own, hook, channel } = startWithHook();
  const answer = Promise.withResolvers<Response>();
  const asked = Promise.withResolvers<void>();
  hook.instead(() => {
    asked.resolve();
    return answer.promise;
  });
  own.org.deliveries.enqueue([transitionOf("nas")]);
  own.time.now += 1_000;
  own.org.deliveries.look();
  await asked.promise;
  update(own.org, { input: { id: channel.id, enabled: false } });
  answer.resolve(new Response("", { status: 503 }));
  await own.org.deliveries.settled();
  update(own.org, { input: { id: channel.id, enabled: true } });
  await own.pass(HOUR);
  expect([titles(hook), states(own)]).toEqual([[], ["cancelled"]]);
});

test("a clock that is set back delays nothing that is due", async () => {
  const { own, hook } = startWithHook();
  own.org.deliveries.enqueue([transitionOf("nas")]);
  await own.pass(1_000);
  own.time.now -= 24 * HOUR;
  own.org.deliveries.enqueue([transitionOf("web")]);
  await own.pass(MINUTE);
  expect(titles(hook)).toEqual(["Critical: nas is down", "Critical: web is down"]);
});

test("a clock that is set back delays nothing that waits, for the first time or once more", async () => {
  for (const isWatched of [true, false]) {
    const { own, hook } = startWithHook();
    hook.instead(() => new Response("", { status: 503 }), 1);
    own.org.deliveries.enqueue([transitionOf("nas")]);
    await own.pass(1_000);
    own.org.deliveries.enqueue([transitionOf("web")]);
    own.time.now -= 30 * 24 * HOUR;
    if (!isWatched) own.restart();
    for (let nth = 0; nth < 3; nth++) await own.pass(MINUTE);
    expect(titles(hook)).toEqual(["Critical: nas is down", "Critical: web is down"]);
  }
});

test("a clock that jumps ahead gives up nothing that was never tried", async () => {
  const { own, hook } = startWithHook();
  own.org.deliveries.enqueue([transitionOf("nas")]);
  await own.pass(48 * HOUR);
  expect(titles(hook)).toEqual(["Critical: nas is down"]);
});

test("that it is over is told however long it lasted", async () => {
  const { own, hook } = startWithHook();
  own.says("nas", 99);
  await own.pass(1_000);
  await own.pass(100 * 24 * HOUR);
  own.says("nas", 10);
  await own.pass(MINUTE);
  expect(titles(hook).map((title) => title.split(":")[0])).toEqual(["Critical", "Resolved"]);
});

test("what a message only counts is told when what it names is over before it is sent", async () => {
  const { own, hook } = startWithHook();
  hook.instead(() => new Response("", { status: 503 }), 1);
  own.says("first", 99);
  await own.pass(1_000);
  const names = Array.from({ length: 25 }, (_, nth) => `m${nth}`);
  for (const name of names) own.says(name, 99);
  for (const name of names.slice(0, 20)) own.says(name, 10);
  for (let nth = 0; nth < 3; nth++) await own.pass(MINUTE);
  expect(titles(hook).slice(1)).toEqual(["5 alerts: 5 critical"]);
});

test("where an alert is an incident there, each opens one and closes it", async () => {
  const own = start();
  const open = new Map<string, string>();
  const receiver = startReceiver(pagerDutyService(open));
  stops.push(() => receiver.stop());
  own.addChannel("pagerduty", { routingKey: "b".repeat(32) });
  own.redirect(receiver.url);
  own.org.deliveries.enqueue([transitionOf("nas"), transitionOf("web", "fired", { level: "warning" })]);
  for (let nth = 0; nth < 3; nth++) await own.pass(2_000);
  expect([...open]).toEqual([
    ["nas", "critical"],
    ["web", "warning"],
  ]);
  own.org.deliveries.enqueue([transitionOf("nas", "resolved")]);
  for (let nth = 0; nth < 3; nth++) await own.pass(2_000);
  expect([...open.keys()]).toEqual(["web"]);
  expect(receiver.refused).toEqual([]);
});

test("an org sends no more than it may in an hour; what it may not is told together later", async () => {
  const { own, hook } = startWithHook({ perHour: 3 });
  for (let nth = 0; nth < 20; nth++) {
    own.org.deliveries.enqueue([transitionOf(`storm-${nth}`)]);
    await own.pass(MINUTE);
  }
  expect(hook.taken.length).toBe(3);
  await own.pass(HOUR);
  const told = hook.taken.length;
  expect(told).toBeGreaterThan(3);
  expect(titles(hook).at(-1)).toMatch(/^1\d alerts: /);
});

test("10,000 alerts at once are one message, and deciding on them takes no time", async () => {
  const { own, hook } = startWithHook();
  const storm = Array.from({ length: 10_000 }, (_, nth) => transitionOf(`container-${nth}`));
  const startedAt = performance.now();
  own.org.deliveries.enqueue(storm);
  expect(performance.now() - startedAt).toBeLessThan(10_000);
  await own.pass(1_000);
  expect(titles(hook)).toEqual(["10000 alerts: 20 critical, 9980 more"]);
});

test("a channel for what is critical is told of nothing less, and of its end", async () => {
  const { own, hook, channel } = startWithHook();
  update(own.org, { input: { id: channel.id, leastLevel: "critical" } });
  own.org.deliveries.enqueue([transitionOf("disk", "fired", { level: "warning" })]);
  await own.pass(1_000);
  own.org.deliveries.enqueue([transitionOf("disk", "updated", { level: "critical" })]);
  await own.pass(1_000);
  own.org.deliveries.enqueue([transitionOf("disk", "resolved", { level: "warning" })]);
  await own.pass(MINUTE);
  expect(titles(hook)).toEqual(["Critical: disk is down", "Resolved: disk is down"]);
});

test("lines are thrown away when nobody looks at them any more", async () => {
  const { own } = startWithHook();
  own.org.deliveries.enqueue([transitionOf("nas")]);
  await own.pass(1_000);
  expect(states(own)).toEqual(["sent"]);
  await own.pass(8 * 24 * HOUR);
  expect(states(own)).toEqual([]);
});
