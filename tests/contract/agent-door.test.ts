/**
 * The door of agents, answer by answer as the contract words it: what is taken, what is said twice, what is refused
 * for good and what is to be kept and sent again, how machines enrol, and two machines with one token.
 */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { gzipSync } from "node:zlib";
import type { AgentInfo, AgentList, Enrolled } from "../../server/contract/agents.ts";
import type { Report, ReportedResource } from "../../server/contract/report.ts";
import { REPORT_LIMITS } from "../../server/contract/report-limits.ts";
import type { Resource } from "../../server/contract/resource.ts";
import { type DoorAnswer, getAgentConfig, postEnrol, postReport, reporterOf } from "../support/agents.ts";
import { signUp } from "../support/calls.ts";
import { machine, startInProcess } from "../support/in-process.ts";

setDefaultTimeout(60_000);
const DAY_MS = 86_400_000;
let ahead = 0;
const server = await startInProcess({ multiTenant: true, clock: () => Date.now() + ahead });
const me = await signUp(server);
afterAll(() => server.stop());
await me.call("system.licenseInit");

async function newAgent(input: object = {}): Promise<Enrolled> {
  const { status, data, body } = await me.call<Enrolled>("agents.enroll", { input });
  if (status !== 200) throw new Error(body);
  return data;
}
const send = (agent: { token: string }, body: unknown, options?: Parameters<typeof postReport>[3]) =>
  postReport(server, agent.token, body, options);
const said = ({ status, error }: DoorAnswer<unknown>) => [status, error?.reason];
const agents = async () => (await me.call<AgentList>("agents.list")).data;
const agentNamed = async (id: string): Promise<AgentInfo | undefined> =>
  (await agents()).agents.find((agent) => agent.id === id);
const resources = async () => (await me.call<{ resources: Resource[] }>("resources.list")).data.resources;
const setLimits = (limits: object) =>
  me.call("orgs.setLimits", { input: { org: "default", limits } }).then(({ status }) => {
    if (status !== 200) throw new Error("limits are not set");
  });

describe("what is taken", () => {
  test("a report: 200 and exactly this", async () => {
    const report = reporterOf()([machine("one", 1)], { intervalMs: 30_000 });
    const { status, data, headers } = await send(await newAgent(), report);
    expect([status, data]).toEqual([200, { ok: true, stored: 1, duplicates: 0, intervalMs: 30_000 }]);
    expect(headers.get("x-request-id")).toMatch(/^[A-Za-z0-9_-]{8,64}$/);
    expect((await resources()).map(({ name }) => name)).toContain("one");
  });

  test("packed with gzip: the same", async () => {
    const { data } = await send(await newAgent(), reporterOf()([machine("packed", 1)]), { gzip: true });
    expect(data).toEqual({ ok: true, stored: 1, duplicates: 0, intervalMs: 10_000 });
  });

  test("a hundred after a time offline, oldest first; some of them again, with others", async () => {
    const agent = await newAgent();
    const make = reporterOf();
    const start = Date.now() - 1_000_000;
    const reports = Array.from({ length: 120 }, (_, nth) =>
      make([machine("offline", nth)], { at: start + nth * 5_000 }),
    );
    const first = await send(agent, { v: 1, reports: reports.slice(0, 100) });
    expect(first.data).toMatchObject({ stored: 100, duplicates: 0 });
    const second = await send(agent, { v: 1, reports: reports.slice(50, 120) });
    expect(second.data).toMatchObject({ stored: 20, duplicates: 50 });
    const shown = (await resources()).find(({ name }) => name === "offline");
    expect(shown?.metrics.cpu_percent).toBe(119);
  });

  test("what comes late takes its place, and changes nothing of what is shown", async () => {
    const agent = await newAgent();
    const make = reporterOf();
    const now = Date.now();
    const [zero, one, two] = [0, 1, 2].map((nth) => make([machine("late", nth)], { at: now + nth - 5_000 }));
    for (const [report, want] of [
      [zero, { stored: 1, duplicates: 0 }],
      [two, { stored: 1, duplicates: 0 }],
      [one, { stored: 1, duplicates: 0 }],
      [one, { stored: 0, duplicates: 1 }],
      [zero, { stored: 0, duplicates: 1 }],
    ] as const)
      expect((await send(agent, report)).data).toMatchObject(want);
    expect((await resources()).find(({ name }) => name === "late")?.metrics.cpu_percent).toBe(2);
  });

  test("the same twenty times at once is stored once, and nobody is told before it is on disk", async () => {
    const agent = await newAgent();
    const report = reporterOf()([machine("at once", 1)]);
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(agent, report)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(answers.reduce((sum, { data }) => sum + data.stored, 0)).toBe(1);
    expect(answers.reduce((sum, { data }) => sum + data.duplicates, 0)).toBe(19);
  });

  test("what is too old to be kept is let go of, and counted", async () => {
    const make = reporterOf();
    const old = make([machine("old", 1)], { at: Date.now() - 32 * DAY_MS });
    const { status, data } = await send(await newAgent(), {
      v: 1,
      reports: [old, make([machine("not old", 2)])],
    });
    expect([status, data]).toEqual([
      200,
      { ok: true, stored: 1, duplicates: 0, expired: 1, intervalMs: 10_000 },
    ]);
  });

  test("a clock that is a little ahead is no matter", async () => {
    const report = reporterOf()([machine("ahead", 1)], { at: Date.now() + 4 * 60_000 });
    expect((await send(await newAgent(), report)).data).toMatchObject({ stored: 1 });
  });

  test("whoever has something to check is told so, and is given it", async () => {
    const agent = await newAgent();
    const config = { host: "192.0.2.9", port: 80 };
    await me.call("sources.create", { input: { type: "tcp", name: "a port", config, from: agent.id } });
    const { data } = await send(agent, reporterOf()([machine("checks", 1)]));
    const { hash, checks } = (await getAgentConfig(server, agent.token)).data;
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    expect(data.config).toBe(hash);
    expect(checks).toMatchObject([{ name: "a port", config }]);
    expect((await getAgentConfig(server, (await newAgent()).token)).data.checks).toEqual([]);
  });
});

describe("what is refused for good, whole, with nothing of it taken:", () => {
  const one = machine("refused", 1);
  const many = (count: number, make: (nth: number) => ReportedResource) =>
    Array.from({ length: count }, (_, nth) => make(nth));
  const named = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, nth) => [`name_${nth}`, nth]));
  const wrong: [what: string, change: (report: Report) => unknown][] = [
    ["no version", ({ v: _, ...rest }) => rest],
    ["version 2", (report) => ({ ...report, v: 2 })],
    ["an unknown field", (report) => ({ ...report, org: "default" })],
    ["a boot that is too short", (report) => ({ ...report, boot: "short" })],
    ["a negative number", (report) => ({ ...report, seq: -1 })],
    ["a time that is no whole number", (report) => ({ ...report, at: 1.5 })],
    ["a time that is text", (report) => ({ ...report, at: "now" })],
    ["an interval of nothing", (report) => ({ ...report, intervalMs: 0 })],
    ["an interval of days", (report) => ({ ...report, intervalMs: DAY_MS })],
    ["a future of six minutes", (report) => ({ ...report, at: Date.now() + 6 * 60_000 })],
    ["a far future", (report) => ({ ...report, at: Number.MAX_SAFE_INTEGER })],
    ["resources that are no list", (report) => ({ ...report, resources: {} })],
    [
      "2,001 resources",
      (report) => ({
        ...report,
        resources: many(REPORT_LIMITS.resources + 1, (nth) => ({ ...one, key: `k${nth}`, metrics: {} })),
      }),
    ],
    ["65 metrics", (report) => ({ ...report, resources: [{ ...one, metrics: named(65) }] })],
    ["65 attributes", (report) => ({ ...report, resources: [{ ...one, attributes: named(65) }] })],
    [
      "attributes of 17 KiB",
      (report) => ({ ...report, resources: [{ ...one, attributes: { a: "x".repeat(17_000) } }] }),
    ],
    ["a metric that is text", (report) => ({ ...report, resources: [{ ...one, metrics: { a: "1" } }] })],
    ["a metric without a value", (report) => ({ ...report, resources: [{ ...one, metrics: { a: null } }] })],
    ["a name with a capital", (report) => ({ ...report, resources: [{ ...one, metrics: { Cpu: 1 } }] })],
    ["an unknown kind", (report) => ({ ...report, resources: [{ ...one, kind: "planet" }] })],
    ["an unknown status", (report) => ({ ...report, resources: [{ ...one, status: "fine" }] })],
    ["an empty key", (report) => ({ ...report, resources: [{ ...one, key: "" }] })],
    ["a key of 201 letters", (report) => ({ ...report, resources: [{ ...one, key: "k".repeat(201) }] })],
    ["a key twice", (report) => ({ ...report, resources: [one, one] })],
    ["an id of ours", (report) => ({ ...report, resources: [{ ...one, id: "raaaaaaaaaaaaaaaaaaa" }] })],
  ];

  for (const [what, change] of wrong) {
    test(`${what}: 400, alone and in the middle of others`, async () => {
      const agent = await newAgent();
      const make = reporterOf();
      const [good, bad, better] = [make([one]), change(make([one])), make([one])];
      for (const body of [bad, { v: 1, reports: [good, bad, better] }]) {
        const answer = await send(agent, body);
        expect(said(answer)).toEqual([400, "invalid_request"]);
        expect(Object.keys(answer.error?.fields ?? {}).length).toBeGreaterThan(0);
      }
      expect((await agentNamed(agent.id))?.state).toBe("waiting");
    });
  }

  test("101 at once, none at once, a list alone, something else: 400", async () => {
    const make = reporterOf();
    const reports = Array.from({ length: 101 }, () => make([one]));
    for (const body of [{ v: 1, reports }, { v: 1, reports: [] }, reports, [], null, 1, "a", {}, { v: 1 }])
      expect(said(await send(await newAgent(), JSON.stringify(body)))).toEqual([400, "invalid_request"]);
  });

  test("what is no JSON, or not what it says it is packed with: 400", async () => {
    const agent = await newAgent();
    const whole = gzipSync(JSON.stringify(reporterOf()([one])));
    for (const [body, headers] of [
      ["", {}],
      ["{", {}],
      ['{"v":1}}', {}],
      [whole, {}],
      ["{}", { "content-encoding": "gzip" }],
      [whole.subarray(0, whole.length - 9), { "content-encoding": "gzip" }],
    ] as [string | Uint8Array, Record<string, string>][])
      expect(said(await send(agent, body, { headers }))).toEqual([400, "invalid_request"]);
  });

  test("another type or packing: 415", async () => {
    const agent = await newAgent();
    for (const headers of [
      { "content-type": "text/plain" },
      { "content-type": "application/x-www-form-urlencoded" },
      { "content-encoding": "br" },
      { "content-encoding": "gzip, gzip" },
    ] as Record<string, string>[])
      expect(said(await send(agent, "{}", { headers }))).toEqual([415, "json_required"]);
  });

  test("more than 1 MiB as it is sent, more than 8 MiB unpacked: 413", async () => {
    const agent = await newAgent();
    const large = "x".repeat(REPORT_LIMITS.sentBytes);
    expect(said(await send(agent, JSON.stringify({ large })))).toEqual([413, "too_large"]);
    const bomb = "0".repeat(REPORT_LIMITS.unpackedBytes + 1);
    expect(said(await send(agent, bomb, { gzip: true }))).toEqual([413, "too_large"]);
    const just = " ".repeat(REPORT_LIMITS.unpackedBytes - 2);
    expect(said(await send(agent, `{}${just}`, { gzip: true }))).toEqual([400, "invalid_request"]);
  });
});

describe("what is to be kept and sent again", () => {
  const later = ({ headers }: DoorAnswer<unknown>) => Number(headers.get("retry-after"));

  test("more than a minute's worth of one agent: 429 with retry-after, and no other waits for it", async () => {
    const agent = await newAgent();
    const report = reporterOf()([machine("often", 1)]);
    const answers = await Promise.all(Array.from({ length: 63 }, () => send(agent, report)));
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused) {
      expect(said(answer)).toEqual([429, "rate_limited"]);
      expect(later(answer)).toBeGreaterThanOrEqual(1);
    }
    expect((await send(await newAgent(), reporterOf()([machine("other", 1)]))).status).toBe(200);
  });

  test("more than an org's agents may send a minute together: 429", async () => {
    await setLimits({ reportsPerMinute: 0 });
    const answer = await send(await newAgent(), reporterOf()([machine("over", 1)]));
    await setLimits({ reportsPerMinute: null });
    expect(said(answer)).toEqual([429, "rate_limited"]);
    expect(later(answer)).toBeGreaterThanOrEqual(1);
  });

  test("what may be stored is used up: 503 `storage_full`; raised again: 200", async () => {
    const agent = await newAgent();
    const report = reporterOf()([machine("full", 1)]);
    await setLimits({ storedMegabytes: 0 });
    const answer = await send(agent, report);
    await setLimits({ storedMegabytes: null });
    expect(said(answer)).toEqual([503, "storage_full"]);
    expect(later(answer)).toBeGreaterThanOrEqual(1);
    expect((await send(agent, report)).data).toMatchObject({ stored: 1 });
  });

  test("more resources than an org may have: 402, and nothing of it is taken", async () => {
    const agent = await newAgent();
    const report = reporterOf()([machine("too many", 1)]);
    await setLimits({ resources: 0 });
    const answer = await send(agent, report);
    await setLimits({ resources: null });
    expect(said(answer)).toEqual([402, "limit_reached"]);
    expect((await resources()).map(({ name }) => name)).not.toContain("too many");
    expect((await send(agent, report)).data).toMatchObject({ stored: 1 });
  });
});

describe("the first check that fails answers", () => {
  test("form of the request, form of the org, token, contradiction, pace, input", async () => {
    const agent = await newAgent();
    const tired = await newAgent();
    await Promise.all(Array.from({ length: 61 }, () => send(tired, "{")));
    const ask = (token: string | undefined, headers: Record<string, string>) =>
      postReport(server, token, "{", { headers });
    const badOrg = { "x-pulse-org-id": "Not An Org" };
    const otherOrg = { "x-pulse-org-id": "another" };
    const text = { "content-type": "text/plain" };
    for (const [token, headers, want] of [
      ["pulse_agent_nobody", { ...text, ...badOrg }, [415, "json_required"]],
      ["pulse_agent_nobody", badOrg, [400, "invalid_org"]],
      [agent.token, badOrg, [400, "invalid_org"]],
      [undefined, {}, [401, "authentication_required"]],
      ["pulse_agent_nobody", otherOrg, [401, "token_invalid"]],
      [tired.token, otherOrg, [403, "org_mismatch"]],
      [tired.token, {}, [429, "rate_limited"]],
      [agent.token, {}, [400, "invalid_request"]],
    ] as [string | undefined, Record<string, string>, unknown][])
      expect([token, headers, said(await ask(token, headers))]).toEqual([token, headers, want as never]);
  });

  test("whatever is sent as a token and is none is the same 401", async () => {
    const agent = await newAgent();
    for (const token of [
      "pulse_agent_",
      "pulse_agent_enroll_",
      `${agent.token}a`,
      agent.token.slice(0, -1),
      agent.token.toUpperCase(),
      `pulse_agent_${"a".repeat(40)}`,
      `pulse_agent_${"a".repeat(5_000)}`,
      "null",
      "__proto__",
    ])
      expect([token.slice(0, 40), ...said(await postReport(server, token, {}))]).toEqual([
        token.slice(0, 40),
        401,
        "token_invalid",
      ]);
    const session = await postReport(server, undefined, {}, { headers: { cookie: me.cookie ?? "" } });
    expect(said(session)).toEqual([401, "authentication_required"]);
  });
});

describe("enrolling", () => {
  test("50 machines at once with one token: 50 of their own, each of which reports, and they are counted", async () => {
    const { id, token } = await newAgent({ universal: true, name: "for the rack" });
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, nth) => postEnrol(server, token, { v: 1, name: `rack ${nth}` })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ data }) => data.agentId)).size).toBe(50);
    expect(new Set(answers.map(({ data }) => data.token)).size).toBe(50);
    const list = await agents();
    expect(list.enrolments.find((enrolment) => enrolment.id === id)?.used).toBe(50);
    expect(list.agents.filter(({ name }) => name.startsWith("rack ")).length).toBe(50);
    const reported = await Promise.all(
      answers.map(({ data }) => send(data, reporterOf()([machine("host", 1)]))),
    );
    expect(reported.map(({ data }) => data.stored)).toEqual(Array(50).fill(1));
  });

  test("the token itself reports nothing and is told nothing", async () => {
    const { token } = await newAgent({ universal: true });
    expect(said(await postReport(server, token, reporterOf()([])))).toEqual([401, "token_invalid"]);
    expect(said(await getAgentConfig(server, token))).toEqual([401, "token_invalid"]);
  });

  test("an agent's own token enrols nobody", async () => {
    expect(said(await postEnrol(server, (await newAgent()).token))).toEqual([401, "token_invalid"]);
  });

  test("what is not in the form of the contract is 400, and makes no agent", async () => {
    const { id, token } = await newAgent({ universal: true });
    for (const body of [
      "",
      "{",
      "null",
      {},
      { v: 1 },
      { v: 2, name: "x" },
      { v: 1, name: "" },
      { v: 1, name: "x".repeat(81) },
      { v: 1, name: "a\u001b[31mb" },
      { v: 1, name: "a\u202eb" },
      { v: 1, name: 5 },
      { v: 1, name: "x", orgId: "default" },
    ])
      expect([body, ...said(await postEnrol(server, token, body))]).toEqual([body, 400, "invalid_request"]);
    expect((await agents()).enrolments.find((enrolment) => enrolment.id === id)?.used).toBe(0);
  });

  test("no more agents than an org may have: 402, for those who ask and those who come", async () => {
    const { token } = await newAgent({ universal: true });
    await setLimits({ agents: 0 });
    const came = await postEnrol(server, token);
    const asked = await me.call("agents.enroll");
    await setLimits({ agents: null });
    expect([said(came), asked.status, asked.error?.reason]).toEqual([
      [402, "limit_reached"],
      402,
      "limit_reached",
    ]);
  });

  test("revoked: worth nothing from the answer on, and what enrolled with it goes on", async () => {
    const many = await newAgent({ universal: true });
    const { data: enrolled } = await postEnrol(server, many.token);
    const single = await newAgent();
    expect((await send(single, reporterOf()([machine("revoked", 1)]))).status).toBe(200);
    for (const { id } of [many, single]) await me.call("agents.revoke", { input: { id } });
    expect(said(await postEnrol(server, many.token))).toEqual([401, "token_invalid"]);
    expect(said(await send(single, reporterOf()([])))).toEqual([401, "token_invalid"]);
    expect((await send(enrolled, reporterOf()([machine("goes on", 1)]))).status).toBe(200);
    expect((await resources()).map(({ name }) => name)).toContain("revoked");
  });

  test("a token for one machine that nobody used in time is over; one that was used is not", async () => {
    const [used, unused] = [await newAgent(), await newAgent()];
    const make = reporterOf();
    await send(used, make([machine("used", 1)]));
    ahead = 7 * DAY_MS + 1_000;
    const answers = [await send(used, make([machine("used", 2)])), await send(unused, make([]))];
    ahead = 0;
    expect(answers.map(said)).toEqual([
      [200, undefined],
      [401, "token_invalid"],
    ]);
  });
});

describe("two machines with one token", () => {
  test("the second is told 409, the first goes on, and the list says so", async () => {
    const agent = await newAgent();
    const [first, second] = [reporterOf(), reporterOf()];
    const start = Date.now() - 60_000;
    const at = (seconds: number) => ({ at: start + seconds * 1_000 });
    expect((await send(agent, first([machine("host", 1)], at(0)))).status).toBe(200);
    /* A new start of the same machine, as far as anybody can tell. */
    expect((await send(agent, second([machine("host", 2)], at(10)))).status).toBe(200);
    expect((await send(agent, first([machine("host", 3)], at(20)))).status).toBe(200);
    const refused = await send(agent, second([machine("host", 4)], at(30)));
    expect(said(refused)).toEqual([409, "conflict"]);
    expect((await send(agent, first([machine("host", 5)], at(40)))).status).toBe(200);
    const { state, clonedAt } = (await agentNamed(agent.id)) ?? {};
    expect(state).toBe("refused");
    expect(Math.abs((clonedAt ?? 0) - Date.now())).toBeLessThan(60_000);
  });

  test("a machine that was only started again is no second machine", async () => {
    const agent = await newAgent();
    for (let start = 0; start < 4; start++)
      expect((await send(agent, reporterOf()([machine("again", start)]))).status).toBe(200);
    expect((await agentNamed(agent.id))?.clonedAt).toBeUndefined();
  });
});
