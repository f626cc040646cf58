import { describe, expect, test } from "bun:test";
import { until } from "../support/until.ts";
import { Ingest, refusal } from "./ingest.ts";
import { collectorOf, HOST, newMachine, TOKEN } from "./machine.ts";

/** `count` reports, one after the other; right after its start the agent makes the first by itself. */
async function report(agent: { report(): Promise<void> }, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await agent.report();
}

const sequences = (ingest: Ingest) => ingest.reports.map(({ seq }) => seq);
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index);

test("a report is what the contract says, and nothing is written while it is acknowledged", async () => {
  await using ingest = new Ingest();
  using machine = newMachine();
  const agent = machine.start(ingest);
  await until(() => ingest.stored.size === 1);
  await report(agent, 2);
  await until(() => ingest.stored.size === 3 && agent.waiting === 0);
  expect(machine.spoolFiles()).toEqual([]);
  await agent.stop();
  expect(machine.spoolFiles()).toEqual([]);

  const [first] = ingest.requests;
  expect(first?.token).toBe(TOKEN);
  expect(Object.fromEntries(first?.headers ?? [])).toMatchObject({
    "content-type": "application/json",
    "content-encoding": "gzip",
    "user-agent": "pulse-agent/0.1.0",
  });
  expect(ingest.reports).toEqual(
    upTo(3).map((seq) => ({
      v: 1,
      boot: expect.stringMatching(/^[a-z2-7]{20}$/),
      seq,
      at: expect.any(Number),
      intervalMs: 3_600_000,
      resources: [{ ...HOST, attributes: { ...HOST.attributes, agent_version: "0.1.0" } }],
    })),
  );
  const times = ingest.reports.map(({ at }) => at);
  expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
});

test("a name that was given is the host's", async () => {
  await using ingest = new Ingest();
  using machine = newMachine();
  const agent = machine.start(ingest, { name: "cellar" });
  await until(() => ingest.stored.size === 1);
  expect(ingest.reports[0]?.resources[0]?.name).toBe("cellar");
  await agent.stop();
});

describe("while the server is away", () => {
  test("reports are kept over restarts and delivered once each, in order, a hundred at a time", async () => {
    await using ingest = new Ingest();
    using machine = newMachine();
    await ingest.away();
    const first = machine.start(ingest);
    await report(first, 120);
    await first.stop();
    const second = machine.start(ingest);
    await until(() => second.waiting >= 121);
    ingest.back();
    await until(() => second.waiting === 0);
    await second.stop();

    const boots = [...new Set(ingest.reports.map(({ boot }) => boot))];
    expect(boots).toHaveLength(2);
    const ofFirst = ingest.reports.filter(({ boot }) => boot === boots[0]);
    expect(ofFirst.map(({ seq }) => seq)).toEqual(upTo(ofFirst.length));
    expect(ofFirst.length).toBeGreaterThanOrEqual(120);
    expect(ingest.requests.map(({ reports }) => reports.length)[0]).toBe(100);
    expect(ingest.duplicates).toBe(0);
    expect(machine.spoolFiles()).toEqual([]);
  });

  test("it says so once, and once that it is over", async () => {
    await using ingest = new Ingest();
    using machine = newMachine();
    await ingest.away();
    const agent = machine.start(ingest);
    await report(agent, 5);
    const failing = performance.now();
    await until(() => performance.now() - failing > 100); // several attempts
    ingest.back();
    await until(() => agent.waiting === 0);
    await agent.stop();
    const told = machine.messages().filter((message) => message.includes("deliver"));
    expect(told).toEqual(["reports are not delivered; they are kept", "reports are delivered again"]);
  });

  test("what no longer fits leaves a gap that the first report after it tells of, once", async () => {
    await using ingest = new Ingest();
    using machine = newMachine();
    await ingest.away();
    let now = 1_790_000_000_000;
    ingest.clock = () => now;
    const agent = machine.start(ingest, {
      spoolLimitBytes: 40_000,
      clock: () => {
        now += 1_000;
        return now;
      },
      pace: { later: { firstMs: 300, mostMs: 300 }, notNow: { firstMs: 300, mostMs: 300 } },
    });
    await report(agent, 200);
    ingest.back();
    await until(() => agent.waiting === 0);
    await report(agent, 1);
    await until(() => agent.waiting === 0);
    await agent.stop();

    const [first, ...others] = ingest.reports;
    const lost = first?.seq ?? 0;
    expect(lost).toBeGreaterThan(0);
    expect(sequences(ingest)).toEqual(upTo(lost + ingest.stored.size).slice(lost));
    const gap = first?.resources[0]?.attributes.agent_gap as { from: number; to: number; reports: number };
    expect(gap.reports).toBe(lost);
    expect(gap.from).toBeLessThan(gap.to);
    expect(gap.to).toBeLessThan(first?.at ?? 0);
    expect(others.filter(({ resources }) => "agent_gap" in (resources[0]?.attributes ?? {}))).toEqual([]);
  });
});

describe("an answer that is lost", () => {
  test("makes the agent send the same again, and the server takes it once", async () => {
    await using ingest = new Ingest();
    using machine = newMachine();
    let attempts = 0;
    ingest.answer = ({ reports }) => {
      if (++attempts % 2 === 0) return undefined;
      for (const taken of reports) {
        const key = `${taken.boot}/${taken.seq}`;
        if (!ingest.stored.has(key)) ingest.stored.set(key, taken);
      }
      return new Response("the answer is lost", { status: 502 });
    };
    const agent = machine.start(ingest);
    await report(agent, 5);
    await until(() => agent.waiting === 0 && ingest.stored.size >= 5);
    await agent.stop();
    expect(sequences(ingest)).toEqual(upTo(ingest.stored.size));
    const sent = ingest.requests.flatMap(({ reports }) => reports);
    expect(sent.length).toBeGreaterThan(ingest.stored.size);
    for (const again of sent) expect(ingest.stored.get(`${again.boot}/${again.seq}`)).toEqual(again);
  });
});

describe("a refusal for good", () => {
  test("of one report in a batch costs that one only", async () => {
    await using ingest = new Ingest();
    using machine = newMachine();
    await ingest.away();
    ingest.answer = ({ reports }) =>
      reports.some(({ seq }) => seq === 3) ? refusal(400, "invalid_request") : undefined;
    const agent = machine.start(ingest);
    await report(agent, 9);
    ingest.back();
    await until(() => agent.waiting === 0);
    await agent.stop();
    expect(sequences(ingest)).toEqual(upTo(ingest.stored.size + 1).filter((seq) => seq !== 3));
    expect(machine.lines.filter(({ level }) => level === "error")).toEqual([
      {
        level: "error",
        message: "the server refuses a report for good; it is dropped",
        fields: { reason: "refused: invalid_request" },
      },
    ]);
  });

  test("is believed of Pulse only: what a proxy refuses is kept", async () => {
    await using ingest = new Ingest();
    using machine = newMachine();
    ingest.answer = () => new Response("<html>400 Bad Request</html>", { status: 400 });
    const agent = machine.start(ingest);
    await until(() => ingest.requests.length >= 3);
    expect(agent.waiting).toBeGreaterThanOrEqual(1);
    ingest.answer = () => undefined;
    await until(() => agent.waiting === 0);
    expect(sequences(ingest)[0]).toBe(0);
    await agent.stop();
  });
});

describe("what a person has to look at", () => {
  test.each([
    [401, "token_invalid"],
    [402, "license_required"],
    [403, "org_suspended"],
    [404, "not_found"],
    [409, "conflict"],
    [501, "feature_disabled"],
  ])(
    "%d %s keeps every report, says it once in the server's words, and goes on when it is settled",
    async (status, reason) => {
      await using ingest = new Ingest();
      using machine = newMachine();
      ingest.answer = () => refusal(status, reason);
      const agent = machine.start(ingest);
      await report(agent, 3);
      await until(() => ingest.requests.length >= 4);
      expect(agent.waiting).toBeGreaterThanOrEqual(3);
      const told = machine.lines.filter(({ message }) => message.includes("not delivered"));
      expect(told).toHaveLength(1);
      expect(told[0]?.fields).toMatchObject({
        reason: `refused: ${reason}`,
        to_do: expect.stringMatching(/\w/),
      });
      ingest.answer = () => undefined;
      await until(() => agent.waiting === 0);
      await agent.stop();
      expect(sequences(ingest)).toEqual(upTo(ingest.stored.size));
    },
  );
});

test.each([
  [429, "rate_limited"],
  [503, "shutting_down"],
])("%d is waited out for as long as the server asked", async (status, reason) => {
  await using ingest = new Ingest();
  using machine = newMachine();
  const at: number[] = [];
  ingest.answer = () => {
    at.push(performance.now());
    return at.length === 1 ? refusal(status, reason, { "retry-after": "1" }) : undefined;
  };
  const agent = machine.start(ingest);
  await until(() => agent.waiting === 0 && ingest.stored.size > 0);
  await agent.stop();
  expect((at[1] as number) - (at[0] as number)).toBeGreaterThanOrEqual(1_000);
  expect(sequences(ingest)).toEqual(upTo(ingest.stored.size));
});

describe("an answer of no sense", () => {
  const ODD: [name: string, answer: () => Response][] = [
    ["empty", () => new Response("")],
    ["a page", () => new Response("<!doctype html><title>Sign in to the hotel's network</title>")],
    ["JSON of another kind", () => Response.json([1, 2, 3])],
    ["null", () => Response.json(null)],
    ["ok as a word", () => Response.json({ ok: "true", stored: 1 })],
    ["bytes", () => new Response(crypto.getRandomValues(new Uint8Array(1_000)))],
    ["endless", () => new Response(new Uint8Array(3_000_000).fill(32))],
    [
      "packed without being asked",
      () => new Response(Bun.gzipSync('{"ok":true}'), { headers: { "content-encoding": "gzip" } }),
    ],
    ["a redirect", () => new Response("", { status: 307, headers: { location: "http://127.0.0.1:1/" } })],
    ["nothing to say", () => new Response(null, { status: 204 })],
    [
      "a refusal of wrong types",
      () => Response.json({ error: { message: 1, data: { reason: {} } } }, { status: 400 }),
    ],
    ["a deep refusal", () => new Response(`{"error":${"[".repeat(100_000)}`, { status: 403 })],
  ];
  test.each(ODD)("(%s) lets go of nothing", async (_, answer) => {
    await using ingest = new Ingest();
    using machine = newMachine();
    ingest.answer = answer;
    const agent = machine.start(ingest);
    await until(() => ingest.requests.length >= 3);
    expect(agent.waiting).toBeGreaterThanOrEqual(1);
    ingest.answer = () => undefined;
    await until(() => agent.waiting === 0);
    await agent.stop();
    expect(sequences(ingest)).toEqual(upTo(ingest.stored.size));
    expect(machine.messages()).not.toContain("no report");
  });

  test("in what else it holds changes nothing", async () => {
    await using ingest = new Ingest();
    using machine = newMachine();
    ingest.answer = () =>
      Response.json({
        ok: true,
        stored: -1,
        intervalMs: "soon",
        config: { a: 1 },
        extra: "x".repeat(100_000),
      });
    const agent = machine.start(ingest);
    await until(() => ingest.requests.length > 0 && agent.waiting === 0);
    await agent.stop();
    expect(machine.messages()).toEqual(["the server has the first report"]);
  });
});

test("a server that takes its time is not asked twice at once, and what came meanwhile follows", async () => {
  await using ingest = new Ingest();
  using machine = newMachine();
  const gate = Promise.withResolvers<undefined>();
  ingest.answer = () => gate.promise as unknown as Promise<Response>;
  const agent = machine.start(ingest);
  await until(() => ingest.requests.length === 1);
  await report(agent, 3);
  expect(ingest.requests).toHaveLength(1);
  expect(machine.spoolFiles()).toEqual([]);
  gate.resolve(undefined);
  ingest.answer = () => undefined;
  await until(() => agent.waiting === 0);
  await agent.stop();
  expect(sequences(ingest)).toEqual(upTo(ingest.stored.size));
  expect(ingest.requests[1]?.reports.length).toBeGreaterThanOrEqual(3);
});

test("a stop while the server does not answer leaves the report in the spool, within five seconds", async () => {
  await using ingest = new Ingest();
  using machine = newMachine();
  ingest.answer = () => new Promise<Response>(() => {});
  const agent = machine.start(ingest);
  await until(() => ingest.requests.length === 1);
  const began = performance.now();
  await agent.stop();
  expect(performance.now() - began).toBeLessThan(4_000);
  expect(machine.spoolFiles().some((name) => name.endsWith(".seg"))).toBe(true);
  ingest.answer = () => undefined;
  const next = machine.start(ingest);
  await until(() => next.waiting === 0 && ingest.stored.size >= 2);
  await next.stop();
  expect(ingest.requests[1]?.reports[0]).toEqual(ingest.requests[0]?.reports[0] as never);
});

describe("the interval", () => {
  const disk = { ...HOST, kind: "disk" as const, key: "host/disk/sda", parent: "host", name: "sda" };
  const glancing = (glance = async () => [structuredClone(HOST)]) => ({
    collectors: [{ ...collectorOf(HOST, disk), glance }],
  });
  const glances = (ingest: Ingest) => ingest.reports.filter(({ resources }) => resources.length === 1);

  test("is the server's to say, within bounds, and what it asks for beyond the agent's own are glances", async () => {
    await using ingest = new Ingest();
    using machine = newMachine();
    ingest.intervalMs = 10;
    const agent = machine.start(ingest, { ...glancing(), intervalMs: 10_000 });
    await until(() => glances(ingest).length >= 3, { withinMs: 40_000 });
    const times = glances(ingest).map(({ at }) => at);
    expect((times[2] as number) - (times[0] as number)).toBeGreaterThan(1_500);
    expect(ingest.reports.map(({ intervalMs }) => intervalMs)).toEqual(ingest.reports.map(() => 10_000));
    expect(ingest.reports[0]?.resources[0]?.attributes["agent_fastest_interval_ms"]).toBe(1_000);

    ingest.intervalMs = undefined;
    const asked = ingest.requests.length;
    await until(() => ingest.requests.length > asked, { withinMs: 15_000 });
    await until(() => agent.waiting === 0);
    const made = glances(ingest).length;
    await Bun.sleep(2_500);
    expect(glances(ingest)).toHaveLength(made);
    await agent.stop();
  }, 60_000);

  test("is the agent's own while a report waits, and while the machine has other things to do", async () => {
    await using ingest = new Ingest();
    using machine = newMachine();
    ingest.intervalMs = 1_000;
    let busy = false;
    let looks = 0;
    const glance = async () => {
      looks++;
      if (busy) await Bun.sleep(150);
      return [structuredClone(HOST)];
    };
    const agent = machine.start(ingest, glancing(glance));
    /* The machine of the tests may be busy itself: then a whole report gives the next glance its turn. */
    const moreThan = (count: number) =>
      until(
        async () => {
          await Bun.sleep(looks > count ? 0 : 1_700);
          if (looks > count) return true;
          await agent.report();
          return false;
        },
        { withinMs: 30_000 },
      );
    await moreThan(0);

    const gate = Promise.withResolvers<undefined>();
    ingest.answer = () => gate.promise as unknown as Promise<Response>;
    const open = ingest.requests.length;
    await agent.report();
    await until(() => ingest.requests.length > open);
    const before = looks;
    await Bun.sleep(2_500);
    expect(looks).toBe(before);
    gate.resolve(undefined);
    ingest.answer = () => undefined;
    await until(() => agent.waiting === 0);

    busy = true;
    await moreThan(looks);
    await until(() => agent.waiting === 0);
    const slow = looks;
    await Bun.sleep(2_500);
    expect(looks).toBe(slow);
    busy = false;
    await moreThan(slow);
    await agent.stop();
  }, 90_000);
});

describe("a clock that is wrong", () => {
  test.each([
    ["behind", -86_400_000],
    ["ahead", 3_600_000],
  ])("(%s) is told, and reports carry the server's time from then on", async (_, offsetMs) => {
    await using ingest = new Ingest();
    using machine = newMachine();
    const agent = machine.start(ingest, { clock: () => Date.now() + offsetMs });
    await until(() => ingest.stored.size === 1 && agent.waiting === 0);
    await report(agent, 2);
    await until(() => agent.waiting === 0);
    await agent.stop();
    const last = ingest.reports.at(-1);
    expect(Math.abs((last?.at ?? 0) - Date.now())).toBeLessThan(10_000);
    const told = last?.resources[0]?.attributes.agent_clock_offset_ms as number;
    expect(Math.abs(told - offsetMs)).toBeLessThan(3_000);
    expect(machine.messages().filter((message) => message.includes("clock"))).toHaveLength(1);
  });

  test("a little is left alone", async () => {
    await using ingest = new Ingest();
    using machine = newMachine();
    const agent = machine.start(ingest, { clock: () => Date.now() - 20_000 });
    await until(() => ingest.stored.size === 1 && agent.waiting === 0);
    await report(agent, 1);
    await until(() => agent.waiting === 0);
    await agent.stop();
    expect(ingest.reports.at(-1)?.resources[0]?.attributes).not.toHaveProperty("agent_clock_offset_ms");
  });
});

test("a spool of another token is left until this one has proved itself", async () => {
  await using ingest = new Ingest();
  using machine = newMachine();
  ingest.answer = () => refusal(401, "token_invalid");
  const first = machine.start(ingest);
  await until(() => ingest.requests.length > 0);
  await first.stop();
  expect(machine.spoolFiles()).not.toEqual([]);
  const second = machine.start(ingest, { token: "pulse_agent_another-token" });
  await until(() => ingest.requests.some(({ token }) => token === "pulse_agent_another-token"));
  expect(machine.spoolFiles().length).toBeGreaterThanOrEqual(2);
  ingest.answer = () => undefined;
  await until(() => second.waiting === 0);
  await second.stop();
  expect(machine.spoolFiles()).toEqual([]);
  expect(new Set(ingest.reports.map(({ boot }) => boot)).size).toBe(1);
});

test("one agent at a time uses a folder", async () => {
  await using ingest = new Ingest();
  using machine = newMachine();
  const agent = machine.start(ingest);
  expect(() => machine.start(ingest)).toThrow(/Another agent/);
  await agent.stop();
  await machine.start(ingest).stop();
});
