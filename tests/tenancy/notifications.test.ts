/** What the acceptance list says of messages: who is told of what, by whom, and in which words. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import type { Socket } from "node:net";
import { DEFAULT_ORG } from "../../server/contract/ids.ts";
import type { Channel, DeliveryList } from "../../server/contract/notifications.ts";
import type { Org } from "../../server/contract/orgs.ts";
import type { ReportedResource } from "../../server/contract/report.ts";
import type { RouteList } from "../../server/contract/routes.ts";
import { orgFile } from "../../server/tenancy/paths.ts";
import type { Visitor } from "../support/calls.ts";
import { temporaryDataDir } from "../support/data-dir.ts";
import { type InProcess, startInProcess } from "../support/in-process.ts";
import { type Receiver, startReceiver } from "../support/receivers/receiver.ts";
import { SERVICES } from "../support/receivers/services.ts";
import { type MailServer, startMailServer } from "../support/receivers/smtp.ts";
import { until } from "../support/until.ts";
import {
  ask,
  buildHouseInProcess,
  type House,
  marked,
  moved,
  must,
  newOrgFor,
  orgHeader,
  said,
  setUp,
} from "./house.ts";

setDefaultTimeout(120_000);

const CANARY = "of-beta-alone";
const outbound = { outboundAllow: ["127.0.0.0/8"], trustedProxies: ["127.0.0.1"] };
const temporary = temporaryDataDir();
let house: House<InProcess>;
let receiver: Receiver;
beforeAll(async () => {
  house = await buildHouseInProcess({ dataDir: temporary.path, ...outbound });
  receiver = startReceiver(SERVICES.webhook.service());
});
afterAll(async () => {
  await receiver.stop();
  await house.server.stop();
  temporary.remove();
});

/** Wrong at once, without a delay. */
const failing = (name: string): ReportedResource => ({
  ...marked(name, "x"),
  kind: "disk",
  key: name,
  status: "degraded",
});

const createChannel = async (who: Visitor, org: Org, config: object, type = "webhook") =>
  (
    await must<{ channel: Channel }>(
      ask(who, org, "notifications.createChannel", { name: "hook", type, config }),
    )
  ).channel;

/** Takes connections and says nothing. */
function startHanging(): { url: string; stop(): void } {
  const open = new Set<{ end(): unknown }>();
  const server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open: (socket) => void open.add(socket as unknown as Socket),
      close: (socket) => void open.delete(socket as unknown as Socket),
      data: () => {},
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, stop: () => server.stop(true) };
}

test("I03 ids of beta's channels and deliveries asked in acme: the same 404, or nothing, as of an id that never was", async () => {
  const { alice, bob, acme, beta, server } = house;
  const channel = await createChannel(bob, beta, SERVICES.webhook.config(receiver.url));
  await server.ingest([failing(`disk-${CANARY}`)], beta.id);
  const deliveries = () =>
    must<DeliveryList>(ask(bob, beta, "notifications.deliveries", {})).then((list) => list.deliveries);
  await until(async () => (await deliveries()).some(({ state }) => state === "sent"), { withinMs: 30_000 });
  const unknown = `c${"a".repeat(19)}`;
  const asked: [path: string, inputOf: (id: string) => object][] = [
    ["notifications.updateChannel", (id) => ({ id, name: "other" })],
    ["notifications.removeChannel", (id) => ({ id })],
    ["notifications.test", (id) => ({ id, type: "webhook", config: SERVICES.webhook.config(receiver.url) })],
  ];
  for (const [path, inputOf] of asked) {
    const headers = { ...orgHeader(acme), "x-request-id": "the-same-for-all" };
    const foreign = await alice.call(path, { input: inputOf(channel.id), headers });
    const none = await alice.call(path, { input: inputOf(unknown), headers });
    expect([path, ...said(foreign), foreign.body]).toEqual([path, 404, "not_found", none.body]);
  }
  /* A route of acme cannot name it, and learns nothing by trying. */
  const routed = async (id: string) => {
    const settings = { routes: [{ name: "x", match: {}, channels: [id] }], rest: { channels: "all" } };
    const headers = { ...orgHeader(acme), "x-request-id": "the-same-for-all" };
    return alice.call("notifications.setRoutes", { input: { revision: 0, settings }, headers });
  };
  const routedTo = await routed(channel.id);
  expect([...said(routedTo), routedTo.body]).toEqual([400, "invalid_request", (await routed(unknown)).body]);
  expect((await must<RouteList>(ask(alice, acme, "notifications.routes"))).settings.routes).toEqual([]);
  const { body } = await ask(alice, acme, "notifications.deliveries", { channelId: channel.id });
  expect([
    body.includes(CANARY),
    (await ask(alice, acme, "notifications.deliveries", { channelId: unknown })).body,
  ]).toEqual([false, body]);
  await must(ask(bob, beta, "notifications.removeChannel", { id: channel.id }));
});

test("I05 messages of acme name and count nothing of beta's, and fifty receivers of beta that hang delay none by a second", async () => {
  const { alice, bob, olga, server } = house;
  const mine = await newOrgFor(alice, olga, "i05-mine");
  const theirs = await newOrgFor(bob, olga, "i05-theirs");
  const hanging = startHanging();
  const own = startReceiver(SERVICES.webhook.service());
  try {
    /* As many as one org may have. */
    for (let nth = 0; nth < 50; nth++) await createChannel(bob, theirs, { url: `${hanging.url}/${nth}` });
    await createChannel(alice, mine, SERVICES.webhook.config(own.url));
    /** How long a message takes from the report on. */
    const tookMs = async (name: string) => {
      const before = own.taken.length;
      const startedAt = performance.now();
      await server.ingest([failing(name)], mine.id);
      await until(() => own.taken.length > before, { withinMs: 60_000 });
      return performance.now() - startedAt;
    };
    const alone = await tookMs("disk-of-acme-1");
    for (let nth = 0; nth < 10; nth++) await server.ingest([failing(`${CANARY}-${nth}`)], theirs.id);
    await until(
      async () =>
        (await must<DeliveryList>(ask(bob, theirs, "notifications.deliveries", {}))).deliveries.length >= 50,
      { withinMs: 30_000 },
    );
    /* The second message of a channel waits for what else happens: of another channel it is again the first. */
    const other = startReceiver(SERVICES.webhook.service());
    try {
      await createChannel(alice, mine, SERVICES.webhook.config(other.url));
      const startedAt = performance.now();
      await server.ingest([failing("disk-of-acme-2")], mine.id);
      await until(() => other.taken.length > 0, { withinMs: 60_000 });
      expect(performance.now() - startedAt - alone).toBeLessThan(1_000);
      const texts = JSON.stringify([...own.taken, ...other.taken]);
      expect([texts.includes("disk-of-acme-2"), texts.includes(CANARY)]).toEqual([true, false]);
      expect(other.taken.map(({ title }) => title)).toEqual([expect.not.stringMatching(/\d+ alerts/)]);
    } finally {
      await other.stop();
    }
    const { body } = await ask(alice, mine, "notifications.deliveries", {});
    expect(body).not.toContain(CANARY);
  } finally {
    hanging.stop();
    await own.stop();
  }
});

test("I04 acme's messages are sent while beta's file is unreadable", async () => {
  const own = temporaryDataDir();
  const heard = startReceiver(SERVICES.webhook.service());
  try {
    const first = await buildHouseInProcess({ dataDir: own.path, ...outbound });
    await createChannel(first.alice, first.acme, SERVICES.webhook.config(heard.url));
    await createChannel(first.bob, first.beta, SERVICES.webhook.config(heard.url));
    await first.server.stop();
    writeFileSync(orgFile(own.path, first.beta.id), randomBytes(50_000));
    await using again = await startInProcess({ dataDir: own.path, multiTenant: true, ...outbound });
    const back = moved(first, again);
    await again.ingest([failing("disk-of-acme")], back.acme.id, { boot: "another-start" });
    await until(() => heard.taken.length > 0, { withinMs: 30_000 });
    expect(JSON.stringify(heard.taken)).toContain("disk-of-acme");
  } finally {
    await heard.stop();
    own.remove();
  }
});

test("K05 while off no mail has a word of it", async () => {
  const own = temporaryDataDir();
  const mail: MailServer = await startMailServer({ security: "none" });
  try {
    await using server = await startInProcess({ dataDir: own.path, ...outbound });
    const olga = await setUp(server);
    const config = {
      host: "127.0.0.1",
      port: mail.port,
      security: "none",
      from: "pulse@example.org",
      to: ["somebody@example.org"],
    };
    await must(olga.call("notifications.createChannel", { input: { name: "mail", type: "email", config } }));
    await must(olga.call("notifications.test", { input: { type: "email", config } }));
    await server.ingest([failing("sda")], DEFAULT_ORG);
    await until(() => mail.taken.some((one) => JSON.stringify(one).includes("sda")), { withinMs: 30_000 });
    const words = JSON.stringify(mail.taken).match(
      /.{0,40}(?:organi[sz]ation|tenan|workspace|\borgs?\b(?!["./])).{0,40}/gi,
    );
    expect([mail.taken.length > 1, words, mail.faults]).toEqual([true, null, []]);
  } finally {
    mail.stop();
    own.remove();
  }
});
