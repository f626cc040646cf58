/** What the acceptance list says of agents and sources. The agents are real ones, which keep what is not taken. */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join as joinPath } from "node:path";
import type { AgentList, Enrolled } from "../../server/contract/agents.ts";
import { DEFAULT_ORG } from "../../server/contract/ids.ts";
import type { Org } from "../../server/contract/orgs.ts";
import type { ResourceList } from "../../server/contract/resource.ts";
import type { Source } from "../../server/contract/sources.ts";
import { orgDir, trashDir } from "../../server/tenancy/paths.ts";
import { collectorOf, HOST, newMachine } from "../agent/machine.ts";
import { postEnrol, postReport, reporterOf } from "../support/agents.ts";
import type { Target, Visitor } from "../support/calls.ts";
import { temporaryDataDir } from "../support/data-dir.ts";
import { type InProcess, machine, startInProcess } from "../support/in-process.ts";
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
  PATIENCE,
  said,
} from "./house.ts";

setDefaultTimeout(60_000);

const temporary = temporaryDataDir();
const dataDir = temporary.path;
const shared = { dataDir, trustedProxies: ["127.0.0.1"], outboundAllow: ["127.0.0.0/8"] };
let house: House<InProcess> = await buildHouseInProcess(shared);
const relays: Relay[] = [];
afterAll(async () => {
  await Promise.all(relays.map((relay) => relay.stop()));
  await house.server.stop();
  temporary.remove();
});

const enrol = (who: Visitor, org: Pick<Org, "id"> | string, input: object = {}) =>
  must<Enrolled>(ask(who, org, "agents.enroll", input));
const namesIn = async (who: Visitor, org: Pick<Org, "id"> | string) =>
  (await must<ResourceList>(ask(who, org, "resources.list"))).resources.map(({ name }) => name);
const report = (token: string, name = "late-nas", headers = {}) =>
  postReport(house.server, token, reporterOf()([machine(name, 1)]), { headers });
const createSource = async (who: Visitor, org: Org, input: object) =>
  (await must<{ source: Source }>(ask(who, org, "sources.create", input))).source;

/** One address for whatever server is there, by which an agent is told to come back sooner than it would be. */
interface Relay {
  url: string;
  answered: { status: number; reason?: string; retryAfter: number }[];
  stop(): Promise<void>;
}

function relayTo(target: () => Target): Relay {
  const answered: Relay["answered"] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request): Promise<Response> {
      const headers = new Headers(request.headers);
      headers.delete("host");
      const body = await request.arrayBuffer();
      const { pathname } = new URL(request.url);
      try {
        const answer = await fetch(target().url + pathname, { method: request.method, headers, body });
        const text = await answer.text();
        const reason = /"reason":"(\w+)"/.exec(text)?.[1];
        const retryAfter = Number(answer.headers.get("retry-after"));
        answered.push({ status: answer.status, ...(reason && { reason }), retryAfter });
        return new Response(text, {
          status: answer.status,
          headers: { ...(retryAfter > 0 && { "retry-after": "0" }) },
        });
      } catch {
        return new Response("", { status: 502 });
      }
    },
  });
  const relay = { url: `http://127.0.0.1:${server.port}`, answered, stop: () => server.stop(true) };
  relays.push(relay);
  return relay;
}

test("I01 one machine with an agent of acme and one of beta: two resources, each invisible to the other", async () => {
  const { server, alice, bob, acme, beta } = house;
  using one = newMachine();
  using two = newMachine();
  const twin = { ...HOST, name: "i01-twin", attributes: { ...HOST.attributes, machine_id: "f00d" } };
  const options = { collectors: [collectorOf(twin)] };
  const agents = [
    one.start(server, { ...options, token: (await enrol(alice, acme)).token }),
    two.start(server, { ...options, token: (await enrol(bob, beta)).token }),
  ];
  const seen = async (who: Visitor, org: Org) =>
    (await must<ResourceList>(ask(who, org, "resources.list"))).resources.filter(
      ({ name }) => name === "i01-twin",
    );
  await until(async () => (await seen(alice, acme)).length + (await seen(bob, beta)).length === 2, PATIENCE);
  const [inAcme] = await seen(alice, acme);
  const [inBeta] = await seen(bob, beta);
  expect(inAcme?.id).not.toBe(inBeta?.id as never);
  expect(said(await ask(alice, acme, "resources.get", { id: inBeta?.id }))).toEqual([404, "not_found"]);
  expect(said(await ask(bob, beta, "resources.get", { id: inAcme?.id }))).toEqual([404, "not_found"]);
  await Promise.all(agents.map((agent) => agent.stop()));
});

test("I02 a report in order by an agent of acme, naming beta: 403, nothing in beta, and as it was without", async () => {
  const { alice, bob, acme, beta } = house;
  const { token } = await enrol(alice, acme);
  for (const org of [beta.id, beta.slug, "never-was", DEFAULT_ORG]) {
    const { status, error } = await report(token, "i02-nas", orgHeader(org));
    expect([org, status, error?.reason]).toEqual([org, 403, "org_mismatch"]);
  }
  expect(await namesIn(bob, beta)).not.toContain("i02-nas");
  expect(await namesIn(alice, acme)).not.toContain("i02-nas");
  expect((await report(token, "i02-nas")).status).toBe(200);
  expect(await namesIn(alice, acme)).toContain("i02-nas");
  expect(await namesIn(bob, beta)).not.toContain("i02-nas");
});

test("I03 ids of beta's sources, agents and merges asked in acme: the same 404 as an unknown id", async () => {
  const { alice, bob, acme, beta } = house;
  const agent = await enrol(bob, beta);
  const many = await enrol(bob, beta, { universal: true });
  const config = { host: "192.0.2.9", port: 80 };
  const source = await createSource(bob, beta, { type: "tcp", name: "of beta", config, enabled: false });
  const tcp = { type: "tcp", name: "of acme", config, enabled: false };
  const own = await createSource(alice, acme, tcp);
  const asked: [path: string, inputOf: (id: string) => object, theirs: string, prefix: string][] = [
    ["sources.update", (id) => ({ id, enabled: true }), source.id, "p"],
    ["sources.remove", (id) => ({ id }), source.id, "p"],
    ["sources.test", (id) => ({ id, type: "tcp", config }), source.id, "p"],
    ["sources.create", (from) => ({ ...tcp, from }), agent.id, "a"],
    ["sources.update", (from) => ({ id: own.id, from }), agent.id, "a"],
    ["agents.revoke", (id) => ({ id }), agent.id, "a"],
    ["agents.revoke", (id) => ({ id }), many.id, "e"],
  ];
  for (const [path, inputOf, theirs, prefix] of asked) {
    const headers = { ...orgHeader(acme), "x-request-id": "the-same-for-all" };
    const foreign = await alice.call(path, { input: inputOf(theirs), headers });
    const none = await alice.call(path, { input: inputOf(`${prefix}${"a".repeat(19)}`), headers });
    expect([path, ...said(foreign), foreign.body]).toEqual([path, 404, "not_found", none.body]);
  }
  expect((await report(agent.token)).status).toBe(200);
  expect((await postEnrol(house.server, many.token)).status).toBe(200);
  expect((await must<{ sources: Source[] }>(ask(bob, beta, "sources.list"))).sources).toMatchObject([
    { id: source.id, enabled: false },
  ]);
});

test("O08 agents and sources: 402 naming used and limit, also for a machine that comes to enrol", async () => {
  const { server, alice, olga } = house;
  const org = await newOrgFor(alice, olga, "o08-machines");
  const many = await enrol(alice, org, { universal: true });
  await enrol(alice, org);
  await must(olga.call("orgs.setLimits", { input: { org: org.id, limits: { agents: 1, sources: 0 } } }));
  const added = await ask(alice, org, "agents.enroll");
  const came = await postEnrol(server, many.token);
  for (const { status, error } of [added, came])
    expect([status, error?.reason, /1 .*1/.test(error?.message ?? "")]).toEqual([402, "limit_reached", true]);
  const config = { periodMs: 60_000 };
  const source = await ask(alice, org, "sources.create", { type: "heartbeat", name: "x", config });
  expect([...said(source), /0 .*0/.test(source.error?.message ?? "")]).toEqual([402, "limit_reached", true]);
  expect((await must<AgentList>(ask(alice, org, "agents.list"))).agents).toHaveLength(1);
});

describe("O09 delete, with machines that do not know", () => {
  /** Every file that holds these bytes. */
  const holding = (...words: string[]) =>
    readdirSync(dataDir, { recursive: true })
      .map(String)
      .filter((name) => {
        const path = joinPath(dataDir, name);
        if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return false;
        const bytes = readFileSync(path);
        return words.some((word) => bytes.includes(word));
      });

  test("100 go on reporting: refused, nothing re-creates the folder; purge leaves no byte, in no journal either", async () => {
    const { server, alice, bob, beta, olga } = house;
    const org = await newOrgFor(alice, olga, "o09-machines");
    const many = await enrol(alice, org, { universal: true });
    const neighbour = (await enrol(bob, beta)).token;
    const tokens = await Promise.all(
      Array.from({ length: 100 }, async () => (await postEnrol(server, many.token)).data.token),
    );
    const word = "canary-o09-5b1f";
    let sending = true;
    const late: Record<string, number> = {};
    const hammering = tokens.map(async (token, nth) => {
      const make = reporterOf();
      while (sending) {
        const body = make([marked(`${word}-${nth}`, word)]);
        const { status, error } = await postReport(server, token, body);
        late[error?.reason ?? status] = (late[error?.reason ?? status] ?? 0) + 1;
      }
    });
    try {
      await until(() => (late["200"] ?? 0) >= 100, PATIENCE);
      /* Shares a journal with the others. */
      expect((await report(neighbour, "o09-neighbour")).status).toBe(200);
      await must(ask(alice, org, "orgs.delete"));
      expect(existsSync(orgDir(dataDir, org.id))).toBe(false);
      const soFar = late.access_denied ?? 0;
      await until(() => (late.access_denied ?? 0) > soFar + 300, PATIENCE);
    } finally {
      sending = false;
      await Promise.all(hammering);
    }
    const known = ["200", "access_denied", "org_unavailable", "rate_limited"];
    expect(Object.keys(late).filter((what) => !known.includes(what))).toEqual([]);
    expect(existsSync(orgDir(dataDir, org.id))).toBe(false);
    expect((await postEnrol(server, many.token)).error?.reason).toBe("access_denied");
    expect(holding(word).every((name) => name.startsWith("trash/"))).toBe(true);
    await must(olga.call("orgs.purge", { input: { org: org.id } }));
    expect(holding(word)).toEqual([]);
    expect(readdirSync(trashDir(dataDir)).filter((name) => name.startsWith(org.id))).toEqual([]);
    /* Nothing is left that they could be known by, and the neighbour lost nothing. */
    expect((await report(tokens[0] ?? "")).error?.reason).toBe("token_invalid");
    expect(await namesIn(bob, beta)).toContain("o09-neighbour");
  });
});

test("O10 suspended: agents are told to keep it and come back; resumed they deliver all of it by themselves", async () => {
  const { server, alice, olga } = house;
  const org = await newOrgFor(alice, olga, "o10-machines");
  const heartbeat = await createSource(alice, org, {
    type: "heartbeat",
    name: "a script",
    config: { periodMs: 60_000 },
  });
  const beat = () => fetch(new URL(new URL(heartbeat.heartbeatUrl ?? "").pathname, server.url));
  expect((await beat()).status).toBe(200);
  const relay = relayTo(() => server);
  using box = newMachine();
  let cpu = 0;
  const counting = { name: "counting", collect: async () => [{ ...HOST, metrics: { cpu_percent: ++cpu } }] };
  const { token } = await enrol(alice, org);
  const agent = box.start(relay, { token, collectors: [counting] });
  await until(async () => (await namesIn(alice, org)).includes(HOST.name) && agent.waiting === 0, PATIENCE);

  await must(olga.call("orgs.suspend", { input: { org: org.id } }));
  relay.answered.length = 0;
  for (let nth = 0; nth < 5; nth++) await agent.report();
  await until(() => relay.answered.length >= 2, PATIENCE);
  for (const { status, reason, retryAfter } of relay.answered)
    expect([status, reason, retryAfter > 0]).toEqual([403, "org_suspended", true]);
  expect(agent.waiting).toBeGreaterThanOrEqual(5);
  expect((await beat()).status).toBe(404);

  await must(olga.call("orgs.resume", { input: { org: org.id } }));
  await until(() => agent.waiting === 0, PATIENCE);
  await agent.stop();
  const [shown] = (await must<ResourceList>(ask(alice, org, "resources.list"))).resources.filter(
    ({ name }) => name === HOST.name,
  );
  expect(shown?.metrics.cpu_percent).toBe(cpu);
  expect((await beat()).status).toBe(200);
});

describe("the kill switch, with machines that report and sources that are asked:", () => {
  /** Something that is asked, and hears how often. */
  const asked = { times: 0, url: "" };
  const exporter = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(): Response {
      asked.times++;
      return new Response("up 1\n");
    },
  });
  asked.url = `http://127.0.0.1:${exporter.port}/metrics`;
  afterAll(() => exporter.stop(true));

  const box = newMachine();
  afterAll(() => box[Symbol.dispose]());
  let cpu = 0;
  const counting = { name: "counting", collect: async () => [{ ...HOST, metrics: { cpu_percent: ++cpu } }] };
  const relay = relayTo(() => house.server);

  async function expectStopped(agent: { waiting: number; report(): Promise<void> }): Promise<void> {
    const { olga } = house;
    relay.answered.length = 0;
    const askedBefore = asked.times;
    for (let nth = 0; nth < 3; nth++) await agent.report();
    await until(() => relay.answered.length >= 2, PATIENCE);
    for (const { status, reason, retryAfter } of relay.answered)
      expect([status, reason, retryAfter > 0]).toEqual([501, "feature_disabled", true]);
    expect(agent.waiting).toBeGreaterThanOrEqual(3);
    const own = await must<Enrolled>(olga.call("agents.enroll"));
    expect((await report(own.token, "own-nas")).status).toBe(200);
    expect(asked.times).toBe(askedBefore);
  }

  async function expectAllThere(agent: { waiting: number }, agentId: string): Promise<void> {
    await until(() => agent.waiting === 0, PATIENCE);
    const { alice, acme } = house;
    const host = (await must<ResourceList>(ask(alice, acme, "resources.list"))).resources.find(
      ({ sources }) => sources.includes(`agent:${agentId}`),
    );
    expect(host?.metrics.cpu_percent).toBe(cpu);
    const { series } = await must<{ series: { max: (number | null)[] }[] }>(
      ask(alice, acme, "history.range", {
        resourceId: host?.id,
        metrics: ["cpu_percent"],
        from: Date.now() - 600_000,
        to: Date.now() + 60_000,
      }),
    );
    expect(Math.max(...(series[0]?.max ?? []).map(Number))).toBe(cpu);
    const askedBefore = asked.times;
    await until(() => asked.times > askedBefore, { withinMs: 20_000, what: "the source is asked again" });
  }

  test("K01 K04 off while running: late reports 501, nothing is asked any more; on again: all of it is delivered", async () => {
    const { olga, alice, acme, server } = house;
    const { id, token } = await enrol(alice, acme);
    const agent = box.start(relay, { token, collectors: [counting] });
    await createSource(alice, acme, {
      type: "prometheus",
      name: "an exporter",
      config: { url: asked.url },
      intervalMs: 10_000,
    });
    await until(() => asked.times > 0 && cpu > 1 && agent.waiting === 0, PATIENCE);
    await must(olga.call("system.switchOffMultiTenant"));
    await expectStopped(agent);
    await server.edge.shards.instance.multiTenant.switch({ by: { kind: "command" }, on: true });
    await expectAllThere(agent, id);
    await agent.stop();
  });

  test("K02 K04 off by the environment and a restart: the same", async () => {
    const { alice, acme } = house;
    const { id, token } = await enrol(alice, acme);
    const before = cpu;
    const agent = box.start(relay, { token, collectors: [counting] });
    await until(() => cpu > before + 1 && agent.waiting === 0, PATIENCE);
    await house.server.stop();
    house = moved(house, await startInProcess({ ...shared, multiTenant: false }));
    await expectStopped(agent);
    await house.server.stop();
    house = moved(house, await startInProcess({ ...shared, multiTenant: true }));
    await expectAllThere(agent, id);
    await agent.stop();
  });
});
