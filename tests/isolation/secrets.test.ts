/**
 * Credentials of sources: sealed in their org's own file, sent to the one address they were entered for, and shown to
 * nobody again, whoever asks and whatever is answered over there.
 */
import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Source, SourceTest } from "../../server/contract/sources.ts";
import { until } from "../support/until.ts";
import { startWorld } from "./world.ts";

const world = await startWorld();
const SECRET = "CNRY-a-bearer-nobody-sees-again";
const BODY = "CNRY-what-is-answered-over-there";

interface Listening {
  url: string;
  heard: string[];
  answer: () => Response;
  stop(): Promise<void>;
}

/** Keeps what it was sent, and answers whatever it is told to. */
function listen(): Listening {
  const own: Listening = { url: "", heard: [], answer: () => new Response("up 1\n"), stop: async () => {} };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request): Response {
      own.heard.push(JSON.stringify([...request.headers]));
      return own.answer();
    },
  });
  own.url = `http://127.0.0.1:${server.port}/metrics`;
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
  theirs.answer = () => new Response("up 1\n");
});

const made = await world.call<{ source: Source }>("admin", "sources.create", {
  input: {
    type: "prometheus",
    name: "an exporter",
    config: { url: theirs.url },
    secrets: { bearer: SECRET },
    enabled: false,
  },
});
const { id } = made.data.source;

const tryOut = (config: object, more: object = {}) =>
  world.call<SourceTest>("admin", "sources.test", { input: { id, type: "prometheus", config, ...more } });

test("a source is asked with its own credentials, and nobody is told which they are", async () => {
  const { status, data, body } = await tryOut({ url: theirs.url });
  expect([status, data.ok]).toEqual([200, true]);
  expect(theirs.heard.join()).toContain(SECRET);
  const list = await world.call<{ sources: Source[] }>("admin", "sources.list");
  const audit = await world.call("admin", "audit.list");
  expect(list.data.sources.find((source) => source.id === id)?.secretsSet).toEqual(["bearer"]);
  for (const text of [made.body, body, list.body, audit.body]) expect(text).not.toContain(SECRET);
});

describe("credentials go to no other address than the one they were entered for", () => {
  const other = new URL(elsewhere.url);
  const { port } = new URL(theirs.url);
  const ways: [how: string, url: string][] = [
    ["another port", elsewhere.url],
    ["another name of the same machine", `http://localhost:${port}/metrics`],
    ["another address of the same machine", `http://127.0.0.2:${other.port}/metrics`],
    ["another protocol", `https://127.0.0.1:${other.port}/metrics`],
  ];
  for (const [how, url] of ways) {
    test(how, async () => {
      const tried = await tryOut({ url });
      const changed = await world.call("admin", "sources.update", {
        input: { id, config: { url }, enabled: true },
      });
      for (const { status, error } of [tried, changed])
        expect([status, error?.reason, Object.keys(error?.fields ?? {})]).toEqual([
          400,
          "invalid_request",
          ["secrets.bearer"],
        ]);
      expect([...theirs.heard, ...elsewhere.heard]).toEqual([]);
    });
  }

  test("entered again, they go there, and the old ones are gone", async () => {
    const { data } = await tryOut({ url: elsewhere.url }, { secrets: { bearer: "entered-again" } });
    expect(data.ok).toBe(true);
    expect(elsewhere.heard.join()).toContain("entered-again");
    expect(elsewhere.heard.join()).not.toContain(SECRET);
  });

  test("a redirect is not followed with them", async () => {
    theirs.answer = () => Response.redirect(elsewhere.url, 302);
    const { status, data } = await tryOut({ url: theirs.url });
    expect([status, data.ok]).toEqual([200, false]);
    expect(elsewhere.heard).toEqual([]);
  });
});

describe("nothing of what is answered over there comes back", () => {
  const answers: [what: string, answer: () => Response][] = [
    ["a page", () => new Response(`<p>${BODY}</p>`, { headers: { "content-type": "text/html" } })],
    ["no metrics", () => new Response(`{"token":"${BODY}"}`)],
    ["a name of a metric that is none", () => new Response(`${BODY} 1 2 3\n`)],
    ["a refusal", () => new Response(BODY, { status: 403 })],
    ["a failure", () => new Response(BODY, { status: 500, headers: { "x-said": BODY } })],
    ["nothing there", () => new Response(BODY, { status: 404 })],
    ["somewhere else", () => new Response(null, { status: 302, headers: { location: `/${BODY}` } })],
    ["packed oddly", () => new Response(BODY, { headers: { "content-encoding": "br" } })],
  ];
  for (const [what, answer] of answers) {
    test(what, async () => {
      theirs.answer = answer;
      const { status, data, body } = await tryOut({ url: theirs.url });
      expect([what, status, data?.ok]).toEqual([what, 200, false]);
      expect(data.message).toMatch(/^[A-Z].*\.$|\?$/);
      const check = await world.call<SourceTest>("admin", "sources.test", {
        input: { type: "http", config: { url: theirs.url, contains: "never there" } },
      });
      expect([check.status, check.data?.ok]).toEqual([200, false]);
      for (const text of [body, check.body]) expect(text).not.toContain(BODY);
    });
  }

  test("nor by being asked for good: the state of the source, the log", async () => {
    theirs.answer = () => new Response(`<p>${BODY}</p>`, { headers: { "content-type": "text/html" } });
    await world.call("admin", "sources.update", { input: { id, enabled: true } });
    const state = async () => {
      const { data } = await world.call<{ sources: Source[] }>("viewer", "sources.list");
      return data.sources.find((source) => source.id === id)?.state;
    };
    const failing = await until(async () => {
      const now = await state();
      return now?.status === "failing" && now;
    });
    await world.call("admin", "sources.update", { input: { id, enabled: false } });
    expect(theirs.heard.join()).toContain(SECRET);
    for (const text of [JSON.stringify(failing), JSON.stringify(world.server.logs)]) {
      expect(text).not.toContain(BODY);
      expect(text).not.toContain(SECRET);
    }
  });
});

test("no file holds one that can be read, neither where it is kept nor beside it", async () => {
  const holding = readdirSync(world.server.dataDir, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(join(world.server.dataDir, name)).isFile())
    .filter((name) => readFileSync(join(world.server.dataDir, name)).includes(SECRET));
  expect(holding).toEqual([]);
});
