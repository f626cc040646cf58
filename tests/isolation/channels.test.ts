/**
 * Where messages go: the tokens for it are sealed in their org's own file, sent to the one address they were entered
 * for, and shown to nobody again, whoever asks and whatever is answered over there.
 */
import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Channel, ChannelTest } from "../../server/contract/notifications.ts";
import { startWorld } from "./world.ts";

const world = await startWorld();
const TOKEN = "CNRY-a-token-nobody-sees-again";
const HEADER = "CNRY-a-header-nobody-sees-again";
const BODY = "CNRY-what-is-answered-over-there";

interface Listening {
  url: string;
  heard: string[];
  answer: () => Response;
  stop(): Promise<void>;
}

/** Keeps what it was sent, and answers whatever it is told to. */
function listen(): Listening {
  const own: Listening = { url: "", heard: [], answer: () => new Response("ok"), stop: async () => {} };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request): Promise<Response> {
      own.heard.push(JSON.stringify([...request.headers]) + (await request.text()));
      return own.answer();
    },
  });
  own.url = `http://127.0.0.1:${server.port}`;
  own.stop = () => server.stop(true);
  return own;
}
const theirs = listen();
const elsewhere = listen();
afterAll(async () => {
  await Promise.all([theirs.stop(), elsewhere.stop()]);
  await world.stop();
});
beforeEach(() => {
  for (const one of [theirs, elsewhere]) one.heard.length = 0;
  theirs.answer = () => new Response("ok");
});

const config = { server: theirs.url, topic: "alerts", token: TOKEN };
const made = await world.call<{ channel: Channel }>("admin", "notifications.createChannel", {
  input: { type: "ntfy", name: "a phone", config },
});
const { id } = made.data.channel;
const hook = await world.call<{ channel: Channel }>("admin", "notifications.createChannel", {
  input: { type: "webhook", name: "a hook", config: { url: theirs.url, headers: { "x-key": HEADER } } },
});

const tryOut = (asked: object) =>
  world.call<ChannelTest>("admin", "notifications.test", { input: { id, type: "ntfy", config: asked } });

const change = (input: object) =>
  world.call<{ channel: Channel }>("admin", "notifications.updateChannel", { input: { id, ...input } });

test("a channel is sent to with its own token, and nobody is told which it is", async () => {
  const { status, data, body } = await tryOut({ server: theirs.url, topic: "alerts" });
  expect([status, data.ok]).toEqual([200, true]);
  expect(theirs.heard.join()).toContain(TOKEN);
  const list = await world.call<{ channels: Channel[] }>("admin", "notifications.channels");
  const audit = await world.call("admin", "audit.list");
  const found = list.data.channels.filter((channel) => [id, hook.data.channel.id].includes(channel.id));
  expect(found.map(({ secretsSet, config: shown }) => [secretsSet, shown])).toEqual([
    [["headers"], { url: theirs.url }],
    [["token"], { server: theirs.url, topic: "alerts" }],
  ]);
  for (const text of [made.body, hook.body, body, list.body, audit.body]) {
    expect(text).not.toContain(TOKEN);
    expect(text).not.toContain(HEADER);
  }
});

describe("a token goes to no other address than the one it was entered for", () => {
  const { port } = new URL(theirs.url);
  const ways: [how: string, server: string][] = [
    ["another port", elsewhere.url],
    ["another name of the same machine", `http://localhost:${port}`],
    ["another protocol", `https://127.0.0.1:${port}`],
    ["another folder", `${theirs.url}/other`],
  ];
  for (const [how, server] of ways) {
    test(how, async () => {
      const next = { server, topic: "alerts" };
      for (const { status, error } of [await tryOut(next), await change({ config: next })])
        expect([status, error?.reason, Object.keys(error?.fields ?? {})]).toEqual([
          400,
          "invalid_request",
          ["config.token"],
        ]);
      expect([...theirs.heard, ...elsewhere.heard]).toEqual([]);
    });
  }

  test("another path of a webhook, at a host where others have theirs too", async () => {
    const input = { id: hook.data.channel.id, config: { url: `${theirs.url}/somebody/else` } };
    for (const { status, error } of [
      await world.call("admin", "notifications.test", { input: { ...input, type: "webhook" } }),
      await change(input),
    ])
      expect([status, Object.keys(error?.fields ?? {})]).toEqual([400, ["config.headers"]]);
    expect(theirs.heard).toEqual([]);
  });

  test("a folder of another bot server", async () => {
    const telegram = { token: `12345678:${"CNRY".repeat(8)}`, chatId: "1", server: `${theirs.url}/bots` };
    const bot = await world.call<{ channel: Channel }>("admin", "notifications.createChannel", {
      input: { type: "telegram", name: "a bot", config: telegram },
    });
    const moved = { chatId: "1", server: `${theirs.url}/others` };
    const { status, error } = await change({ id: bot.data.channel.id, config: moved });
    expect([status, Object.keys(error?.fields ?? {})]).toEqual([400, ["config.token"]]);
    await world.call("admin", "notifications.removeChannel", { input: { id: bot.data.channel.id } });
  });

  test("entered again, it goes there, and the old one is gone", async () => {
    const next = { server: elsewhere.url, topic: "alerts", token: "entered-again" };
    expect((await change({ config: next })).status).toBe(200);
    const { data } = await tryOut({ server: elsewhere.url, topic: "alerts" });
    expect(data.ok).toBe(true);
    expect(elsewhere.heard.join()).toContain("entered-again");
    expect(elsewhere.heard.join()).not.toContain(TOKEN);
    expect((await change({ config })).status).toBe(200);
  });

  test("what is left out stays, what is null goes", async () => {
    await change({ config: { server: theirs.url, topic: "other" } });
    await tryOut({ server: theirs.url, topic: "other" });
    expect(theirs.heard.join()).toContain(TOKEN);
    theirs.heard.length = 0;
    const { data } = await change({ config: { server: theirs.url, topic: "other", token: null } });
    expect(data.channel.secretsSet).toEqual([]);
    await tryOut({ server: theirs.url, topic: "other" });
    expect(theirs.heard.length).toBe(1);
    expect(theirs.heard.join()).not.toContain(TOKEN);
    await change({ config });
  });

  test("a redirect is not followed with it", async () => {
    theirs.answer = () => Response.redirect(elsewhere.url, 307);
    const { status, data } = await tryOut(config);
    expect([status, data.ok, data.failure]).toEqual([200, false, "configuration"]);
    expect(elsewhere.heard).toEqual([]);
  });
});

describe("nothing of what is answered over there comes back", () => {
  const answers: [what: string, answer: () => Response][] = [
    ["a refusal", () => new Response(BODY, { status: 403 })],
    ["a failure", () => new Response(BODY, { status: 500, headers: { "x-said": BODY } })],
    ["nothing there", () => new Response(BODY, { status: 404 })],
    ["too many", () => new Response(BODY, { status: 429, headers: { "retry-after": BODY } })],
    ["somewhere else", () => new Response(null, { status: 302, headers: { location: `/${BODY}` } })],
  ];
  for (const [what, answer] of answers) {
    test(what, async () => {
      theirs.answer = answer;
      const { status, data, body } = await tryOut(config);
      expect([what, status, data?.ok]).toEqual([what, 200, false]);
      expect(data.message).toMatch(/^[A-Z].*\.$/);
      expect(data.fix).toMatch(/^[A-Z].*\.$/);
      for (const text of [body, JSON.stringify(world.server.logs)]) expect(text).not.toContain(BODY);
    });
  }
});

test("a private network is not looked around in, unless the operator allows it", async () => {
  for (const url of [
    "http://10.1.2.3/",
    "http://192.168.1.1/",
    "http://[fd00::1]/",
    "http://169.254.169.254/",
  ]) {
    const { data } = await world.call<ChannelTest>("dualMember", "notifications.test", {
      org: "gamma",
      input: { type: "webhook", config: { url } },
    });
    expect([url, data.ok, data.failure]).toEqual([url, false, "configuration"]);
    expect(data.message).toContain("PULSE_OUTBOUND_ALLOW");
  }
});

test("no file holds one that can be read, neither where it is kept nor beside it", async () => {
  const holding = readdirSync(world.server.dataDir, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(join(world.server.dataDir, name)).isFile())
    .filter((name) => {
      const bytes = readFileSync(join(world.server.dataDir, name));
      return bytes.includes(TOKEN) || bytes.includes(HEADER);
    });
  expect(holding).toEqual([]);
});

test("somebody who sends many by hand is asked to wait", async () => {
  const statuses = await Promise.all(
    Array.from({ length: 30 }, () =>
      world
        .call("foreignOwner", "notifications.test", {
          org: "beta",
          input: { type: "webhook", config: { url: theirs.url } },
        })
        .then(({ status }) => status),
    ),
  );
  expect(statuses.filter((status) => status === 200).length).toBeLessThanOrEqual(10);
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(20);
});
